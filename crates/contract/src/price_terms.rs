//! The rules that the members of every new price share, whoever owns it (spec 03 §3.2).

use std::collections::BTreeSet;

use tariff_core::Decimal;
use tariff_core::vocabulary::{BillingModel, BillingPeriod, InvoiceCadence, PriceType, PriceUnitType, TierMode};

use crate::metadata::Metadata;
use crate::prices::{CreatePriceTier, PriceUnitConfig, TransformQuantityInput};
use crate::time::DateTime;
use crate::validate::FieldErrors;

/// Integer digits that an amount may have (spec 03 §2.1).
const AMOUNT_INTEGER_DIGITS_MAX: u32 = 10;

/// Most billing periods of one charge: a century of months. Without a bound its next boundary may have no date.
const BILLING_PERIODS_MAX: i64 = 1_200;

/// Longest trial, a century.
const TRIAL_DAYS_MAX: i64 = 36_500;

/// Most tiers of a price.
const TIERS_MAX: usize = 1_000;

/// The members of a new price that decide what is charged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PriceTerms<'a> {
    pub price_type: Option<PriceType>,
    pub billing_model: Option<BillingModel>,
    pub billing_period: Option<BillingPeriod>,
    pub billing_period_count: Option<i64>,
    pub invoice_cadence: Option<InvoiceCadence>,
    pub price_unit_type: Option<PriceUnitType>,
    pub price_unit_config: Option<&'a PriceUnitConfig>,
    pub amount: Option<&'a Decimal>,
    pub tier_mode: Option<TierMode>,
    pub tiers: Option<&'a [CreatePriceTier]>,
    pub transform_quantity: Option<&'a TransformQuantityInput>,
    pub meter_id: Option<&'a str>,
    pub min_quantity: Option<i64>,
    pub trial_period_days: Option<i64>,
    pub start_date: Option<DateTime>,
    pub end_date: Option<DateTime>,
    pub metadata: Option<&'a Metadata>,
}

impl PriceTerms<'_> {
    /// Records the members that break a rule.
    pub(crate) fn check(&self, errors: &mut FieldErrors) {
        self.check_body(errors);
        self.check_charge(errors);
    }

    /// The rules of the members by themselves, which come before the owner is looked at (spec 03 §4.2 "Check order").
    pub(crate) fn check_body(&self, errors: &mut FieldErrors) {
        errors.present("type", self.price_type.as_ref());
        errors.present("billing_model", self.billing_model.as_ref());
        errors.present("billing_period", self.billing_period.as_ref());
        errors.present("invoice_cadence", self.invoice_cadence.as_ref());
        let counted = |count| (1..=BILLING_PERIODS_MAX).contains(&count);
        errors.check(
            self.billing_period_count.is_none_or(counted),
            "billing_period_count",
            "must be from 1 to 1200",
        );
        self.check_type(errors);
        self.check_unit(errors);
        let packed = self.billing_model == Some(BillingModel::Package);
        let divides = match self.transform_quantity.and_then(|transform| transform.divide_by) {
            Some(units) => units >= 1,
            None => !packed,
        };
        errors.check(divides, "transform_quantity", "needs divide_by of at least 1");
        if self.billing_model == Some(BillingModel::Tiered) {
            // Without a mode everything would cost nothing (spec 03 Q1).
            errors.present("tier_mode", self.tier_mode.as_ref());
        }
        check_tiers("tiers", self.tiers, errors);
        let ordered = self
            .start_date
            .zip(self.end_date)
            .is_none_or(|(start, end)| start <= end);
        errors.check(ordered, "end_date", "must not be before start_date");
        if let Some(metadata) = self.metadata {
            metadata.check_tax_keys(errors);
        }
    }

    /// Amount, trial and cadence, which come after the owner is found (spec 03 §4.2 "Check order").
    pub(crate) fn check_charge(&self, errors: &mut FieldErrors) {
        check_amount("amount", self.amount, errors);
        self.check_trial(errors);
        self.check_cadence(errors);
    }

    fn check_type(&self, errors: &mut FieldErrors) {
        let not_negative = self.min_quantity.is_none_or(|quantity| quantity >= 0);
        errors.check(not_negative, "min_quantity", "must not be negative");
        match self.price_type {
            Some(PriceType::Usage) => {
                let metered = self.meter_id.is_some_and(|id| !id.is_empty());
                errors.check(metered, "meter_id", "is required for USAGE");
                errors.check(self.min_quantity.is_none(), "min_quantity", "is only for FIXED");
            }
            Some(PriceType::Fixed) | None => {}
        }
    }

    fn check_trial(&self, errors: &mut FieldErrors) {
        let trial = self.trial_period_days.unwrap_or(0);
        let days = (0..=TRIAL_DAYS_MAX).contains(&trial);
        errors.check(days, "trial_period_days", "must be from 0 to 36500");
        match self.price_type {
            Some(PriceType::Usage) => errors.check(trial <= 0, "trial_period_days", "is only for FIXED"),
            Some(PriceType::Fixed) => {
                let recurs = self.billing_period != Some(BillingPeriod::Onetime);
                errors.check(trial <= 0 || recurs, "trial_period_days", "is not for ONETIME");
            }
            None => {}
        }
    }

    fn check_cadence(&self, errors: &mut FieldErrors) {
        let Some(cadence) = self.invoice_cadence else { return };
        if self.price_type == Some(PriceType::Usage) {
            let arrear = cadence == InvoiceCadence::Arrear;
            errors.check(arrear, "invoice_cadence", "must be ARREAR for USAGE");
        }
        if self.billing_period == Some(BillingPeriod::Onetime) {
            let advance = cadence == InvoiceCadence::Advance;
            errors.check(advance, "invoice_cadence", "must be ADVANCE for ONETIME");
        }
    }

    fn check_unit(&self, errors: &mut FieldErrors) {
        let Some(billing_model) = self.billing_model else {
            return;
        };
        let tiered = billing_model == BillingModel::Tiered;
        match (
            self.price_unit_type.unwrap_or(PriceUnitType::Fiat),
            self.price_unit_config,
        ) {
            (PriceUnitType::Fiat, None) if tiered => {
                let some = self.tiers.is_some_and(|tiers| !tiers.is_empty());
                errors.check(some, "tiers", "are required for TIERED");
            }
            (PriceUnitType::Fiat, None) => errors.present("amount", self.amount),
            (PriceUnitType::Fiat, Some(_)) => errors.add("price_unit_config", "is only for CUSTOM"),
            (PriceUnitType::Custom, None) => errors.add("price_unit_config", "is required for CUSTOM"),
            (PriceUnitType::Custom, Some(config)) => {
                let mut inner = FieldErrors::new();
                let code = config.price_unit.as_deref().unwrap_or_default();
                inner.check(
                    code.chars().count() == 3,
                    "price_unit",
                    "must have exactly three characters",
                );
                let some = |tiers: Option<&[CreatePriceTier]>| tiers.is_some_and(|tiers| !tiers.is_empty());
                let both = some(self.tiers) && some(config.price_unit_tiers.as_deref());
                inner.check(!both, "price_unit_tiers", "exclude tiers");
                if tiered {
                    inner.required("price_unit_tiers", config.price_unit_tiers.as_ref());
                } else {
                    inner.present("amount", config.amount.as_ref());
                }
                check_amount("amount", config.amount.as_ref(), &mut inner);
                check_tiers("price_unit_tiers", config.price_unit_tiers.as_deref(), &mut inner);
                errors.nested("price_unit_config", inner);
            }
        }
    }
}

/// Records an amount that is negative or too large to be stored.
pub(crate) fn check_amount(field: &str, amount: Option<&Decimal>, errors: &mut FieldErrors) {
    errors.not_negative(field, amount);
    errors.integer_digits(field, amount, AMOUNT_INTEGER_DIGITS_MAX);
}

/// Records too many tiers, those with bad amounts, and bounds that stand twice, two open ends included. Order, gaps and
/// an end are free (spec 03 Q1).
pub(crate) fn check_tiers(field: &str, tiers: Option<&[CreatePriceTier]>, errors: &mut FieldErrors) {
    errors.at_most(field, tiers, TIERS_MAX);
    errors.each(field, tiers, CreatePriceTier::check);
    let mut bounds = BTreeSet::new();
    let distinct = tiers.unwrap_or_default().iter().all(|tier| bounds.insert(tier.up_to));
    errors.check(distinct, field, "must not have two tiers with the same up_to");
}

#[cfg(test)]
mod tests {
    use crate::prices::CreatePriceRequest;

    fn failing(changes: &str) -> Vec<String> {
        let mut price = serde_json::json!({
            "entity_type": "PLAN", "entity_id": "plan_1", "currency": "usd", "type": "FIXED", "billing_model": "FLAT_FEE",
            "billing_period": "MONTHLY", "billing_period_count": 1, "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
            "amount": "10",
        });
        let changes: serde_json::Map<String, serde_json::Value> = serde_json::from_str(changes).unwrap();
        price.as_object_mut().unwrap().extend(changes);
        let request: CreatePriceRequest = serde_json::from_value(price).unwrap();
        let refusals = [request.validate().err(), request.validate_charge().err()];
        let fields = refusals
            .into_iter()
            .flatten()
            .flat_map(|error| error.details.into_keys());
        fields.collect()
    }

    #[test]
    fn rules() {
        for (changes, expected) in [
            ("{}", vec![]),
            (r#"{"amount":null}"#, vec!["amount"]),
            (r#"{"amount":"-1"}"#, vec!["amount"]),
            (r#"{"currency":"usdt"}"#, vec!["currency"]),
            (r#"{"entity_type":"PRICE"}"#, vec!["entity_type"]),
            (r#"{"billing_period_count":null}"#, vec!["billing_period_count"]),
            (r#"{"billing_period_count":0}"#, vec!["billing_period_count"]),
            (r#"{"billing_period_count":1200,"trial_period_days":36500}"#, vec![]),
            (r#"{"billing_period_count":1201}"#, vec!["billing_period_count"]),
            (r#"{"trial_period_days":36501}"#, vec!["trial_period_days"]),
            (r#"{"type":"USAGE","invoice_cadence":"ARREAR"}"#, vec!["meter_id"]),
            (r#"{"type":"USAGE","meter_id":"meter_1"}"#, vec!["invoice_cadence"]),
            (
                r#"{"billing_period":"ONETIME","invoice_cadence":"ARREAR"}"#,
                vec!["invoice_cadence"],
            ),
            (
                r#"{"billing_period":"ONETIME","trial_period_days":7}"#,
                vec!["trial_period_days"],
            ),
            (r#"{"amount":"12345678901"}"#, vec!["amount"]),
            (r#"{"billing_model":"TIERED","tier_mode":"SLAB"}"#, vec!["tiers"]),
            (
                r#"{"billing_model":"TIERED","amount":null,"tiers":[{"unit_amount":"1"}]}"#,
                vec!["tier_mode"],
            ),
            (
                r#"{"billing_model":"TIERED","tier_mode":"SLAB","amount":null,"tiers":[{"unit_amount":"1"}]}"#,
                vec![],
            ),
            (
                r#"{"billing_model":"TIERED","tier_mode":"VOLUME","tiers":[{"unit_amount":"-1","flat_amount":"-1"}]}"#,
                vec!["tiers[0].flat_amount", "tiers[0].unit_amount"],
            ),
            (
                r#"{"billing_model":"TIERED","tier_mode":"VOLUME","tiers":[{"unit_amount":"1"},{"unit_amount":"2"}]}"#,
                vec!["tiers"],
            ),
            (r#"{"billing_model":"PACKAGE"}"#, vec!["transform_quantity"]),
            (
                r#"{"billing_model":"PACKAGE","transform_quantity":{}}"#,
                vec!["transform_quantity"],
            ),
            (r#"{"transform_quantity":{"divide_by":0}}"#, vec!["transform_quantity"]),
            (r#"{"transform_quantity":{"divide_by":-1}}"#, vec!["transform_quantity"]),
            (r#"{"transform_quantity":{}}"#, vec![]),
            (
                r#"{"billing_model":"PACKAGE","transform_quantity":{"divide_by":10}}"#,
                vec![],
            ),
            (r#"{"price_unit_type":"CUSTOM"}"#, vec!["price_unit_config"]),
            (
                r#"{"price_unit_type":"CUSTOM","price_unit_config":{"price_unit":"token"}}"#,
                vec!["price_unit_config.amount", "price_unit_config.price_unit"],
            ),
            (
                r#"{"start_date":"2024-02-01T00:00:00Z","end_date":"2024-01-01T00:00:00Z"}"#,
                vec!["end_date"],
            ),
        ] {
            assert_eq!(failing(changes), expected, "{changes}");
        }
    }
}
