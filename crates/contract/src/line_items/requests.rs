//! What adds, changes or ends a subscription line item (spec 04 §3.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    BillingModel, BillingPeriod, CommitmentType, InvoiceCadence, PriceType, PriceUnitType, ProrationBehavior, TierMode,
};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::price_terms::PriceTerms;
use crate::prices::{CreatePriceRequest, CreatePriceTier, PriceUnitConfig, TransformQuantityInput};
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

/// A new subscription line item.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateSubscriptionLineItemRequest {
    /// Money promised per commitment period.
    pub commitment_amount: Option<JsonNumber>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Factor of what exceeds the commitment, at least 1.
    pub commitment_overage_factor: Option<JsonNumber>,
    /// Units promised per commitment period.
    pub commitment_quantity: Option<JsonNumber>,
    /// Times of day with commitments of their own.
    pub commitment_time_buckets: Option<Vec<CommitmentBucketRequest>>,
    /// Whether the unused rest of the commitment is charged.
    pub commitment_true_up_enabled: Option<bool>,
    /// Whether money or units are promised.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_type: Option<CommitmentType>,
    /// Whether the commitment holds for each time window.
    pub commitment_windowed: Option<bool>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// The price.
    pub price: Option<SubscriptionPriceCreateRequest>,
    /// Id of the price.
    pub price_id: Option<String>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
    /// Number of units.
    pub quantity: Option<JsonNumber>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Phase the line belongs to.
    pub subscription_phase_id: Option<String>,
}

/// A price that belongs to one subscription.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SubscriptionPriceCreateRequest {
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
    /// Text shown to people.
    pub description: Option<String>,
    /// Name shown on invoices.
    pub display_name: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Accepted and not used; filtering belongs to the meter.
    pub filter_values: Option<BTreeMap<String, Vec<String>>>,
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
    /// Kind of subscription price create.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<PriceType>,
}

/// A time of day with a commitment of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CommitmentBucketRequest {
    /// Id of the record.
    pub id: Option<String>,
    /// Whether money or units are promised.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_type: Option<CommitmentType>,
    /// Commitment value.
    pub commitment_value: Option<Decimal>,
    /// End of the time of day, exclusive.
    pub end: Option<TimeOfDay>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// The price.
    pub price: Option<CreatePriceRequest>,
    /// Start of the time of day, inclusive.
    pub start: Option<TimeOfDay>,
    /// Whether true up is on.
    pub true_up_enabled: Option<bool>,
}

/// A change of a subscription line item: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateSubscriptionLineItemRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// How a quantity becomes money.
    #[serde(deserialize_with = "blank_as_none")]
    pub billing_model: Option<BillingModel>,
    /// Money promised per commitment period.
    pub commitment_amount: Option<JsonNumber>,
    /// Length of a commitment period.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_duration: Option<BillingPeriod>,
    /// Factor of what exceeds the commitment, at least 1.
    pub commitment_overage_factor: Option<JsonNumber>,
    /// Units promised per commitment period.
    pub commitment_quantity: Option<JsonNumber>,
    /// Times of day with commitments of their own.
    pub commitment_time_buckets: Option<Vec<CommitmentBucketRequest>>,
    /// Whether the unused rest of the commitment is charged.
    pub commitment_true_up_enabled: Option<bool>,
    /// Whether money or units are promised.
    #[serde(deserialize_with = "blank_as_none")]
    pub commitment_type: Option<CommitmentType>,
    /// Whether the commitment holds for each time window.
    pub commitment_windowed: Option<bool>,
    /// When it takes effect.
    #[schema(value_type = Option<String>)]
    pub effective_from: Option<DateTime>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// How the tiers apply.
    #[serde(deserialize_with = "blank_as_none")]
    pub tier_mode: Option<TierMode>,
    /// Tiers in the price's currency, by ascending bound.
    pub tiers: Option<Vec<CreatePriceTier>>,
    /// How units are packed; for packages.
    pub transform_quantity: Option<TransformQuantityInput>,
}

/// Ends a subscription line item.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct DeleteSubscriptionLineItemRequest {
    /// When it takes effect.
    #[schema(value_type = Option<String>)]
    pub effective_from: Option<DateTime>,
    /// Whether a change inside a period is prorated.
    #[serde(deserialize_with = "blank_as_none")]
    pub proration_behavior: Option<ProrationBehavior>,
}

/// A time of day with a commitment of its own.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::TimeOfDayBucket)]
pub struct TimeOfDayBucket {
    /// Id of the record.
    pub id: String,
    /// Whether money or units are promised.
    pub commitment_type: Option<CommitmentType>,
    /// Commitment value.
    pub commitment_value: Option<Decimal>,
    /// End of the time of day, exclusive.
    pub end: Option<TimeOfDay>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<JsonNumber>,
    /// Id of the price.
    pub price_id: String,
    /// Start of the time of day, inclusive.
    pub start: Option<TimeOfDay>,
    /// Whether true up is on.
    pub true_up_enabled: bool,
}

/// A time of day.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::Bucket)]
pub struct TimeOfDay {
    /// Hour of the day, 0 to 24.
    #[schema(minimum = 0, maximum = 24)]
    pub hour: Option<i64>,
    /// Minute of the hour, 0 to 59.
    #[schema(minimum = 0, maximum = 59)]
    pub minute: Option<i64>,
}

impl CreateSubscriptionLineItemRequest {
    /// Checks the rules that need no stored record (spec 04 §3.6).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        self.check(&mut errors);
        errors.finish()
    }

    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        let by_id = self.price_id.as_ref().is_some_and(|id| !id.is_empty());
        errors.check(
            by_id != self.price.is_some(),
            "price_id",
            "is required, or else price, not both",
        );
        if let Some(price) = &self.price {
            let mut inner = FieldErrors::new();
            price.terms().check(&mut inner);
            errors.nested("price", inner);
        }
        errors.not_negative("quantity", self.quantity.as_ref().map(|quantity| &quantity.0));
        let ordered = self
            .start_date
            .zip(self.end_date)
            .is_none_or(|(start, end)| start <= end);
        errors.check(ordered, "end_date", "must not be before start_date");
        Commitment {
            commitment_type: self.commitment_type,
            amount: self.commitment_amount.as_ref(),
            quantity: self.commitment_quantity.as_ref(),
            overage_factor: self.commitment_overage_factor.as_ref(),
        }
        .check("commitment_overage_factor", errors);
        errors.each(
            "commitment_time_buckets",
            self.commitment_time_buckets.as_deref(),
            CommitmentBucketRequest::check,
        );
    }
}

impl UpdateSubscriptionLineItemRequest {
    /// Checks the rules that need no stored record (spec 04 §3.6).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let critical = self.changes_terms();
        errors.check(
            self.effective_from.is_none() || critical,
            "effective_from",
            "needs a changed term",
        );
        errors.not_negative("amount", self.amount.as_ref());
        errors.each("tiers", self.tiers.as_deref(), CreatePriceTier::check);
        if self.changes_commitment() {
            errors.present("commitment_type", self.commitment_type.as_ref());
        }
        Commitment {
            commitment_type: self.commitment_type,
            amount: self.commitment_amount.as_ref(),
            quantity: self.commitment_quantity.as_ref(),
            overage_factor: self.commitment_overage_factor.as_ref(),
        }
        .check("commitment_overage_factor", &mut errors);
        errors.each(
            "commitment_time_buckets",
            self.commitment_time_buckets.as_deref(),
            CommitmentBucketRequest::check,
        );
        errors.finish()
    }

    /// Whether the line is ended and a successor started; else only its metadata changes.
    #[must_use]
    pub fn changes_terms(&self) -> bool {
        self.amount.as_ref().is_some_and(|amount| !amount.is_zero())
            || self.billing_model.is_some()
            || self.tier_mode.is_some()
            || self.tiers.is_some()
            || self.transform_quantity.is_some()
            || self.changes_commitment()
    }

    /// Whether any member of the commitment is sent.
    #[must_use]
    pub fn changes_commitment(&self) -> bool {
        self.commitment_amount.is_some()
            || self.commitment_duration.is_some()
            || self.commitment_overage_factor.is_some()
            || self.commitment_quantity.is_some()
            || self.commitment_time_buckets.is_some()
            || self.commitment_true_up_enabled.is_some()
            || self.commitment_type.is_some()
            || self.commitment_windowed.is_some()
    }
}

impl SubscriptionPriceCreateRequest {
    pub(crate) fn terms(&self) -> PriceTerms<'_> {
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

/// The members of a commitment whose rules concern each other.
pub(crate) struct Commitment<'a> {
    pub commitment_type: Option<CommitmentType>,
    pub amount: Option<&'a JsonNumber>,
    pub quantity: Option<&'a JsonNumber>,
    pub overage_factor: Option<&'a JsonNumber>,
}

impl Commitment<'_> {
    /// Records broken rules; `factor_field` is the JSON name of the overage factor, which differs between requests.
    pub(crate) fn check(&self, factor_field: &str, errors: &mut FieldErrors) {
        let set = |value: Option<&JsonNumber>| value.is_some_and(|value| !value.0.is_zero());
        errors.not_negative("commitment_amount", self.amount.map(|amount| &amount.0));
        errors.not_negative("commitment_quantity", self.quantity.map(|quantity| &quantity.0));
        let (amount, quantity) = (set(self.amount), set(self.quantity));
        errors.check(
            !(amount && quantity),
            "commitment_quantity",
            "excludes commitment_amount",
        );
        match self.commitment_type {
            Some(CommitmentType::Amount) => errors.check(!quantity, "commitment_type", "does not match the quantity"),
            Some(CommitmentType::Quantity) => errors.check(!amount, "commitment_type", "does not match the amount"),
            None => {}
        }
        let factor_holds = self.overage_factor.is_some_and(|factor| factor.0 >= Decimal::one());
        if amount || quantity || self.overage_factor.is_some() {
            errors.check(factor_holds, factor_field, "must be at least 1");
        }
        check_commitment_size("commitment_amount", self.amount.map(|amount| &amount.0), errors);
        check_commitment_size("commitment_quantity", self.quantity.map(|quantity| &quantity.0), errors);
        check_overage_factor(factor_field, self.overage_factor.map(|factor| &factor.0), errors);
    }
}

impl CommitmentBucketRequest {
    /// Records the members that break a rule (spec 04 §3.6). Overlaps concern several buckets and the meter's window.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.present("start", self.start.as_ref());
        errors.present("end", self.end.as_ref());
        for (field, time) in [("start", self.start.as_ref()), ("end", self.end.as_ref())] {
            errors.check(
                time.is_none_or(TimeOfDay::is_valid),
                field,
                "must be a time of day up to 24:00",
            );
        }
        if let Some((start, end)) = self.start.as_ref().zip(self.end.as_ref()) {
            // A start at 24:00 is the next day's midnight.
            let empty = start.minutes() == end.minutes() || start.minutes() % TimeOfDay::DAY_MINUTES == end.minutes();
            errors.check(!empty, "end", "must differ from start");
        }
        errors.present("commitment_value", self.commitment_value.as_ref());
        errors.positive("commitment_value", self.commitment_value.as_ref());
        check_commitment_size("commitment_value", self.commitment_value.as_ref(), errors);
        let factor_holds = self
            .overage_factor
            .as_ref()
            .is_some_and(|factor| *factor >= Decimal::one());
        errors.check(factor_holds, "overage_factor", "must be at least 1");
        check_overage_factor("overage_factor", self.overage_factor.as_ref(), errors);
    }
}

/// Integer digits that an amount or quantity of a commitment may have.
const COMMITMENT_INTEGER_DIGITS_MAX: u32 = 12;

/// Integer digits that an overage factor may have.
const FACTOR_INTEGER_DIGITS_MAX: u32 = 6;

/// Records an amount or quantity of a commitment that is too large to be stored (spec 04 §2.3).
pub(crate) fn check_commitment_size(field: &str, size: Option<&Decimal>, errors: &mut FieldErrors) {
    let fits = size.is_none_or(|size| size.integer_digits() <= COMMITMENT_INTEGER_DIGITS_MAX);
    errors.check(fits, field, "must have at most 12 integer digits");
}

/// Records an overage factor that is too large to be stored (spec 04 §2.3).
pub(crate) fn check_overage_factor(field: &str, factor: Option<&Decimal>, errors: &mut FieldErrors) {
    let fits = factor.is_none_or(|factor| factor.integer_digits() <= FACTOR_INTEGER_DIGITS_MAX);
    errors.check(fits, field, "must have at most 6 integer digits");
}

impl TimeOfDay {
    /// Minutes of a day.
    pub const DAY_MINUTES: i64 = 24 * 60;

    /// Minutes since midnight; 1440 for 24:00.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.hour
            .unwrap_or(0)
            .saturating_mul(60)
            .saturating_add(self.minute.unwrap_or(0))
    }

    fn is_valid(&self) -> bool {
        let (hour, minute) = (self.hour.unwrap_or(0), self.minute.unwrap_or(0));
        (0..=23).contains(&hour) && (0..=59).contains(&minute) || (hour, minute) == (24, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commitment_rules() {
        for (body, failed) in [
            (r#"{"price_id":"p"}"#, None),
            (r#"{}"#, Some("price_id")),
            (
                r#"{"price_id":"p","commitment_amount":10,"commitment_overage_factor":1.5}"#,
                None,
            ),
            (
                r#"{"price_id":"p","commitment_amount":10}"#,
                Some("commitment_overage_factor"),
            ),
            (
                r#"{"price_id":"p","commitment_amount":10,"commitment_quantity":1,"commitment_overage_factor":1}"#,
                Some("commitment_quantity"),
            ),
            (
                r#"{"price_id":"p","commitment_quantity":1,"commitment_type":"amount","commitment_overage_factor":1}"#,
                Some("commitment_type"),
            ),
            (
                r#"{"price_id":"p","commitment_time_buckets":[{"start":{"hour":24,"minute":1},"end":{"hour":2},
                    "commitment_value":"1","overage_factor":"1"}]}"#,
                Some("commitment_time_buckets[0].start"),
            ),
        ] {
            let request: CreateSubscriptionLineItemRequest = serde_json::from_str(body).unwrap();
            let failing = request
                .validate()
                .err()
                .and_then(|error| error.details.into_keys().next());
            assert_eq!(failing.as_deref(), failed, "{body}");
        }
    }
}
