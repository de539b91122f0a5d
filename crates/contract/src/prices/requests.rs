//! What makes, changes or ends a price (spec 03 §4.2, §5.7).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    BillingModel, BillingPeriod, InvoiceCadence, PriceEntityType, PriceType, PriceUnitType, RoundType, TierMode,
};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::metadata::Metadata;
use crate::price_terms::{PriceTerms, check_amount, check_tiers};
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::{INVALID_FORMAT_MESSAGE, blank_as_none};

/// A new price.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreatePriceRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// How a quantity becomes money.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_model: Option<BillingModel>,
    /// Length of a billing period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub billing_period: Option<BillingPeriod>,
    /// Number of billing periods per invoice.
    pub billing_period_count: Option<i64>,
    /// Lower-case ISO 4217 code.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    #[schema(required = true)]
    pub entity_id: Option<String>,
    /// Kind of the owning record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub entity_type: Option<PriceEntityType>,
    /// Accepted and not used; filtering belongs to the meter.
    pub filter_values: Option<BTreeMap<String, Vec<String>>>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// Whether the charge is invoiced before or after its period.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub invoice_cadence: Option<InvoiceCadence>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Quantity used when none is given; not a floor.
    pub min_quantity: Option<i64>,
    /// How the price is expressed in a custom unit.
    pub price_unit_config: Option<PriceUnitConfig>,
    /// Priced in a currency or in a custom unit.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub price_unit_type: Option<PriceUnitType>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// How the tiers apply.
    #[serde(deserialize_with = "blank_as_none")]
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    pub tiers: Option<Vec<CreatePriceTier>>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantityInput>,
    /// Days without charge at the start.
    pub trial_period_days: Option<i64>,
    /// Kind of price.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<PriceType>,
}

/// A tier of a new price.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreatePriceTier {
    /// Price of the tier as a whole.
    pub flat_amount: Option<Decimal>,
    /// Price of one unit.
    #[schema(required = true)]
    pub unit_amount: Option<Decimal>,
    /// Upper bound of the tier, inclusive; absent on the last one.
    #[schema(value_type = Option<i64>)]
    pub up_to: Option<u64>,
}

/// How a price is expressed in a custom unit.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct PriceUnitConfig {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// Code of the custom unit.
    #[schema(required = true)]
    pub price_unit: Option<String>,
    /// Tiers in the custom unit, by ascending bound.
    pub price_unit_tiers: Option<Vec<CreatePriceTier>>,
}

/// How units are packed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = price::TransformQuantity)]
pub struct TransformQuantityInput {
    /// Units in a package, at least 1.
    pub divide_by: Option<i64>,
    /// How a broken package is rounded.
    #[serde(deserialize_with = "blank_as_none")]
    pub round: Option<RoundType>,
}

/// Several new prices at once: all are created, or none.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, from = "BulkItems")]
pub struct CreateBulkPriceRequest {
    /// The records.
    #[schema(required = true, min_items = 1, max_items = 100)]
    pub items: Option<Vec<CreatePriceRequest>>,
    /// Position of the first item that is no such record at all, for example because of an unknown word.
    #[serde(skip)]
    misfit: Option<usize>,
}

/// The items as sent, so that one of them cannot make the rest unreadable.
#[derive(Default, Deserialize)]
#[serde(default)]
struct BulkItems {
    items: Option<Vec<Value>>,
}

impl From<BulkItems> for CreateBulkPriceRequest {
    fn from(sent: BulkItems) -> Self {
        // A derived decoder would also read an array as the members in order.
        let decoded = |item: Value| serde_json::from_value(Some(item).filter(Value::is_object)?).ok();
        let items: Option<Vec<Option<CreatePriceRequest>>> =
            sent.items.map(|items| items.into_iter().map(decoded).collect());
        Self {
            misfit: items.iter().flatten().position(Option::is_none),
            items: items.map(|items| items.into_iter().map(Option::unwrap_or_default).collect()),
        }
    }
}

/// A change of a price; a change of its terms makes a new version.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdatePriceRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// How a quantity becomes money.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_model: Option<BillingModel>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// When it takes effect.
    #[schema(value_type = Option<String>)]
    pub effective_from: Option<DateTime>,
    /// Id of the group.
    pub group_id: Option<String>,
    /// The caller's own key, unique among published records.
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Amount in the custom unit.
    pub price_unit_amount: Option<Decimal>,
    /// Tiers in the custom unit, by ascending bound.
    pub price_unit_tiers: Option<Vec<CreatePriceTier>>,
    /// How the tiers apply.
    #[serde(deserialize_with = "blank_as_none")]
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    pub tiers: Option<Vec<CreatePriceTier>>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantityInput>,
}

/// Ends a price.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DeletePriceRequest {
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
}

impl CreatePriceRequest {
    /// Checks the rules of the members by themselves, before the owner is looked at (spec 03 §3.2, §4.2).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        self.check_body(&mut errors);
        errors.finish()
    }

    /// Records every failing field, those of the charge too; for a price inside another request.
    pub fn check(&self, errors: &mut FieldErrors) {
        self.check_body(errors);
        self.terms().check_charge(errors);
    }

    fn check_body(&self, errors: &mut FieldErrors) {
        errors.present("entity_type", self.entity_type.as_ref());
        let ownable = self.entity_type != Some(PriceEntityType::Price);
        errors.check(ownable, "entity_type", "must be PLAN, SUBSCRIPTION, ADDON or COSTSHEET");
        errors.required("entity_id", self.entity_id.as_ref());
        errors.required("currency", self.currency.as_ref());
        errors.currency("currency", self.currency.as_deref());
        errors.present("billing_period_count", self.billing_period_count.as_ref());
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        errors.length("display_name", self.display_name.as_deref(), 0, NAME_CHARS_MAX);
        self.terms().check_body(errors);
    }

    /// Checks amount, trial and cadence, once the owner is found (spec 03 §4.2).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate_charge(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        self.terms().check_charge(&mut errors);
        errors.finish()
    }

    fn terms(&self) -> PriceTerms<'_> {
        PriceTerms {
            price_type: self.r#type,
            billing_model: self.billing_model,
            billing_period: self.billing_period,
            billing_period_count: self.billing_period_count,
            invoice_cadence: self.invoice_cadence,
            price_unit_type: self.price_unit_type,
            price_unit_config: self.price_unit_config.as_ref(),
            amount: self.amount.as_ref(),
            tier_mode: self.tier_mode,
            tiers: self.tiers.as_deref(),
            transform_quantity: self.transform_quantity.as_ref(),
            meter_id: self.meter_id.as_deref(),
            min_quantity: self.min_quantity,
            trial_period_days: self.trial_period_days,
            start_date: self.start_date,
            end_date: self.end_date,
            metadata: self.metadata.as_ref(),
        }
    }
}

impl CreatePriceRequest {
    /// How the price is expressed; in its currency unless the request says otherwise.
    #[must_use]
    pub fn unit_type(&self) -> PriceUnitType {
        self.price_unit_type.unwrap_or(PriceUnitType::Fiat)
    }
}

impl CreateBulkPriceRequest {
    /// Checks the number of items and every item; the first bad one is named by `index`, all or nothing (spec 03 §4.2).
    ///
    /// # Errors
    /// `validation_error`, with the failing fields of the first bad item and its `index`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let items = self.items.as_deref().unwrap_or_default();
        let mut errors = FieldErrors::new();
        errors.check(
            (1..=BULK_ITEMS_MAX).contains(&items.len()),
            "items",
            "must have 1 to 100 items",
        );
        errors.finish()?;
        for (index, item) in items.iter().enumerate() {
            let checked = if self.misfit == Some(index) {
                Err(ApiError::validation(INVALID_FORMAT_MESSAGE))
            } else {
                item.validate()
            };
            checked.map_err(|error| error.detail("index", index))?;
        }
        Ok(())
    }
}

/// Most items of a bulk request.
pub const BULK_ITEMS_MAX: usize = 100;

impl UpdatePriceRequest {
    /// Checks the rules that need no stored record (spec 03 §5.7).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let mixed = self.has_fiat_terms() && self.has_unit_terms();
        errors.check(!mixed, "price_unit_amount", "excludes amount and tiers");
        let versioned = self.changes_terms();
        errors.check(
            self.effective_from.is_none() || versioned,
            "effective_from",
            "needs a changed pricing field",
        );
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        errors.length("display_name", self.display_name.as_deref(), 0, NAME_CHARS_MAX);
        check_amount("amount", self.amount.as_ref(), &mut errors);
        check_amount("price_unit_amount", self.price_unit_amount.as_ref(), &mut errors);
        check_tiers("tiers", self.tiers.as_deref(), &mut errors);
        check_tiers("price_unit_tiers", self.price_unit_tiers.as_deref(), &mut errors);
        if let Some(transform) = &self.transform_quantity {
            let divides = transform.divide_by.is_some_and(|units| units >= 1);
            errors.check(divides, "transform_quantity", "needs divide_by of at least 1");
        }
        if let Some(metadata) = &self.metadata {
            metadata.check_tax_keys(&mut errors);
        }
        errors.finish()
    }

    /// Whether amounts in the currency are sent.
    #[must_use]
    pub fn has_fiat_terms(&self) -> bool {
        self.amount.is_some() || self.tiers.is_some()
    }

    /// Whether amounts in the custom unit are sent.
    #[must_use]
    pub fn has_unit_terms(&self) -> bool {
        self.price_unit_amount.is_some() || self.price_unit_tiers.is_some()
    }

    /// Whether a new version of the price is needed.
    #[must_use]
    pub fn changes_terms(&self) -> bool {
        self.has_fiat_terms()
            || self.has_unit_terms()
            || self.billing_model.is_some()
            || self.tier_mode.is_some()
            || self.transform_quantity.is_some()
    }
}

impl CreatePriceTier {
    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.not_negative("unit_amount", self.unit_amount.as_ref());
        errors.not_negative("flat_amount", self.flat_amount.as_ref());
    }
}
