//! Prices (spec 03 §3.2, §5.7).

use tariff_core::Decimal;
use tariff_core::vocabulary::{BillingModel, BillingPeriod, InvoiceCadence, PriceEntityType, PriceType, PriceUnitType};

use super::tiers::{check_package, check_tiers};
use crate::error::ApiError;
use crate::prices::{CreateBulkPriceRequest, CreatePriceRequest, PriceUnitConfig, UpdatePriceRequest};
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// Integer digits that an amount may have (spec 03 §2.1).
const AMOUNT_INTEGER_DIGITS_MAX: u32 = 10;

/// Characters of the code of a price unit that prices can use.
const PRICE_UNIT_CODE_CHARS: usize = 3;

impl CreatePriceRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        self.check_required(&mut errors);
        self.check_charge(&mut errors);
        self.check_terms(&mut errors);
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        errors.length("display_name", self.display_name.as_deref(), 0, NAME_CHARS_MAX);
        if let Some((start, end)) = self.start_date.zip(self.end_date) {
            errors.check(end.0 >= start.0, "end_date", "must not be before start_date");
        }
        if let Some(metadata) = &self.metadata {
            metadata.check_tax_keys(&mut errors);
        }
        errors.finish()
    }

    /// How the price is expressed; in its currency unless the request says otherwise.
    #[must_use]
    pub fn unit_type(&self) -> PriceUnitType {
        self.price_unit_type.unwrap_or(PriceUnitType::Fiat)
    }

    fn check_required(&self, errors: &mut FieldErrors) {
        errors.present("entity_type", self.entity_type.as_ref());
        let owned_by_price = self.entity_type == Some(PriceEntityType::Price);
        errors.check(
            !owned_by_price,
            "entity_type",
            "must be PLAN, ADDON, SUBSCRIPTION or COSTSHEET",
        );
        errors.required("entity_id", self.entity_id.as_ref());
        errors.required("currency", self.currency.as_ref());
        errors.currency("currency", self.currency.as_deref());
        errors.present("type", self.r#type.as_ref());
        errors.present("billing_model", self.billing_model.as_ref());
        errors.present("billing_period", self.billing_period.as_ref());
        errors.present("invoice_cadence", self.invoice_cadence.as_ref());
        let counted = self.billing_period_count.is_some_and(|count| count >= 1);
        errors.check(counted, "billing_period_count", "must be at least 1");
    }

    /// What the kind of charge demands: meter, cadence, trial, default quantity.
    fn check_charge(&self, errors: &mut FieldErrors) {
        let onetime = self.billing_period == Some(BillingPeriod::Onetime);
        let trial_days = self.trial_period_days.unwrap_or_default();
        errors.check(trial_days >= 0, "trial_period_days", "must not be negative");
        let min_quantity = self.min_quantity.unwrap_or_default();
        errors.check(min_quantity >= 0, "min_quantity", "must not be negative");
        if self.r#type == Some(PriceType::Usage) {
            errors.required("meter_id", self.meter_id.as_ref());
            let in_advance = self.invoice_cadence == Some(InvoiceCadence::Advance);
            errors.check(!in_advance, "invoice_cadence", "must be ARREAR for USAGE");
            errors.check(self.min_quantity.is_none(), "min_quantity", "is only for FIXED");
            errors.check(trial_days == 0, "trial_period_days", "is only for FIXED");
        }
        if onetime {
            let in_arrear = self.invoice_cadence == Some(InvoiceCadence::Arrear);
            errors.check(!in_arrear, "invoice_cadence", "must be ADVANCE for ONETIME");
            errors.check(trial_days == 0, "trial_period_days", "is not for ONETIME");
        }
    }

    /// What the billing model demands, in the currency or in the custom unit.
    fn check_terms(&self, errors: &mut FieldErrors) {
        check_amount(errors, "amount", self.amount.as_ref());
        check_tiers(errors, "tiers", self.tiers.as_deref());
        check_package(errors, self.transform_quantity.as_ref());
        match self.billing_model {
            Some(BillingModel::Package) => {
                errors.present("transform_quantity", self.transform_quantity.as_ref());
            }
            Some(BillingModel::Tiered) => errors.present("tier_mode", self.tier_mode.as_ref()),
            Some(BillingModel::FlatFee) | None => {}
        }
        match (self.unit_type(), &self.price_unit_config) {
            (PriceUnitType::Fiat, Some(_)) => errors.add("price_unit_config", "is only for CUSTOM"),
            (PriceUnitType::Custom, None) => errors.add("price_unit_config", "is required for CUSTOM"),
            (PriceUnitType::Fiat, None) => {
                let tiered = self.tiers.as_ref();
                check_model_amounts(
                    errors,
                    self.billing_model,
                    ("amount", self.amount.as_ref()),
                    ("tiers", tiered),
                );
            }
            (PriceUnitType::Custom, Some(config)) => {
                errors.check(
                    self.tiers.is_none() || config.price_unit_tiers.is_none(),
                    "tiers",
                    "must not be given together with price_unit_tiers",
                );
                let mut inner = FieldErrors::new();
                config.check(self.billing_model, &mut inner);
                errors.nested("price_unit_config", inner);
            }
        }
    }
}

impl PriceUnitConfig {
    fn check(&self, model: Option<BillingModel>, errors: &mut FieldErrors) {
        let code = self.price_unit.as_deref().unwrap_or_default();
        let usable = code.chars().count() == PRICE_UNIT_CODE_CHARS;
        errors.check(usable, "price_unit", "must have exactly 3 characters");
        check_amount(errors, "amount", self.amount.as_ref());
        check_tiers(errors, "price_unit_tiers", self.price_unit_tiers.as_deref());
        let tiers = ("price_unit_tiers", self.price_unit_tiers.as_ref());
        check_model_amounts(errors, model, ("amount", self.amount.as_ref()), tiers);
    }
}

fn check_amount(errors: &mut FieldErrors, field: &str, amount: Option<&Decimal>) {
    errors.not_negative(field, amount);
    let fits = amount.is_none_or(|amount| amount.integer_digits() <= AMOUNT_INTEGER_DIGITS_MAX);
    errors.check(fits, field, "must have at most 10 integer digits");
}

fn check_model_amounts<Tier>(
    errors: &mut FieldErrors,
    model: Option<BillingModel>,
    amount: (&str, Option<&Decimal>),
    tiers: (&str, Option<&Vec<Tier>>),
) {
    match model {
        Some(BillingModel::FlatFee | BillingModel::Package) => errors.present(amount.0, amount.1),
        Some(BillingModel::Tiered) => {
            let any = tiers.1.is_some_and(|tiers| !tiers.is_empty());
            errors.check(any, tiers.0, "needs at least one tier");
        }
        None => {}
    }
}

impl CreateBulkPriceRequest {
    /// Checks the number of items and the field rules of each.
    ///
    /// # Errors
    /// `validation_error`; for a fault of an item with its `index`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let items = self.items.as_deref().unwrap_or_default();
        super::check_bulk_size(items.len())?;
        items
            .iter()
            .enumerate()
            .try_for_each(|(index, item)| item.validate().map_err(|error| super::at_index(error, index)))
    }
}

impl UpdatePriceRequest {
    /// Checks the field rules. How the terms fit the price they change is checked once they are laid over it.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        check_amount(&mut errors, "amount", self.amount.as_ref());
        check_amount(&mut errors, "price_unit_amount", self.price_unit_amount.as_ref());
        check_tiers(&mut errors, "tiers", self.tiers.as_deref());
        check_tiers(&mut errors, "price_unit_tiers", self.price_unit_tiers.as_deref());
        check_package(&mut errors, self.transform_quantity.as_ref());
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        let mixed = self.has_fiat_terms() && self.has_unit_terms();
        errors.check(
            !mixed,
            "price_unit_amount",
            "must not be given together with amount or tiers",
        );
        let effective = self.effective_from.is_none() || self.changes_terms();
        errors.check(effective, "effective_from", "needs a change of the price's terms");
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

    /// Whether amounts in a custom unit are sent.
    #[must_use]
    pub fn has_unit_terms(&self) -> bool {
        self.price_unit_amount.is_some() || self.price_unit_tiers.is_some()
    }

    /// Whether the request makes a new version of the price (spec 03 §5.7).
    #[must_use]
    pub fn changes_terms(&self) -> bool {
        self.has_fiat_terms()
            || self.has_unit_terms()
            || self.billing_model.is_some()
            || self.tier_mode.is_some()
            || self.transform_quantity.is_some()
    }
}
