//! Field rules of what a subscription changes of its plan's lines: overrides, commitments, coupons (spec 03 §5.6,
//! §5.12, spec 04 §3.2, §3.6).

use std::collections::{BTreeMap, BTreeSet};

use tariff_core::Decimal;
use tariff_core::pricing::check_quantity;
use tariff_core::vocabulary::BillingModel;

use crate::line_items::{Commitment, CommitmentBucketRequest};
use crate::number::JsonNumber;
use crate::price_terms::{check_amount, check_tiers};
use crate::subscriptions::{
    CreateSubscriptionRequest, LineItemCommitmentConfig, OverrideLineItemRequest, SubscriptionCouponInput,
};
use crate::validate::FieldErrors;

/// Most lines that one request overrides or commits: as many as a plan has prices.
pub const LINE_TERMS_MAX: usize = 5_000;

/// Most time buckets of one line: one every five minutes.
pub const TIME_BUCKETS_MAX: usize = 288;

/// Most coupons of one kind that one request redeems.
pub const COUPONS_MAX: usize = 100;

impl CreateSubscriptionRequest {
    /// Records the members about the plan's lines that break a rule which needs no stored record.
    pub fn check_line_terms(&self, errors: &mut FieldErrors) {
        check_overrides(self.override_line_items.as_deref(), errors);
        check_commitments(self.line_item_commitments.as_ref(), errors);
        self.check_one_kind_of_commitment(errors);
        errors.each(
            "subscription_coupons",
            self.subscription_coupons.as_deref(),
            SubscriptionCouponInput::check,
        );
        let too_many = "must have at most 100 coupons";
        let on_lines = self.line_item_coupons.iter().flatten();
        let on_lines: usize = on_lines.map(|(_, coupons)| coupons.len()).sum();
        errors.check(on_lines <= COUPONS_MAX, "line_item_coupons", too_many);
        errors.at_most(
            "subscription_coupons",
            self.subscription_coupons.as_deref(),
            COUPONS_MAX,
        );
        errors.at_most("coupons", self.coupons.as_deref(), COUPONS_MAX);
    }

    /// A commitment of the subscription as a whole excludes those of its lines, also of the lines of addons.
    fn check_one_kind_of_commitment(&self, errors: &mut FieldErrors) {
        if !self.has_commitment() {
            return;
        }
        let reason = "exclude a commitment of the subscription";
        let committed = promises_any(self.line_item_commitments.as_ref());
        errors.check(!committed, "line_item_commitments", reason);
        for (index, addon) in self.addons.iter().flatten().enumerate() {
            if promises_any(addon.line_item_commitments.as_ref()) {
                errors.add(format!("addons[{index}].line_item_commitments"), reason);
            }
        }
    }

    /// Whether a commitment of the subscription as a whole is in force (spec 04 §2.2).
    fn has_commitment(&self) -> bool {
        let over_one = |factor: &Decimal| *factor > Decimal::one();
        self.commitment_amount.as_ref().is_some_and(Decimal::is_positive)
            && self.overage_factor.as_ref().is_some_and(over_one)
    }
}

fn promises_any(commitments: Option<&BTreeMap<String, LineItemCommitmentConfig>>) -> bool {
    let mut commitments = commitments.into_iter().flatten();
    commitments.any(|(_, commitment)| commitment.promises())
}

/// Records overrides that break a rule, and prices that are overridden twice.
pub fn check_overrides(overrides: Option<&[OverrideLineItemRequest]>, errors: &mut FieldErrors) {
    errors.at_most("override_line_items", overrides, LINE_TERMS_MAX);
    errors.each("override_line_items", overrides, OverrideLineItemRequest::check);
    let mut seen = BTreeSet::new();
    for (index, line) in overrides.unwrap_or_default().iter().enumerate() {
        let price_id = line.price_id.as_deref().unwrap_or_default();
        if !price_id.is_empty() && !seen.insert(price_id) {
            errors.add(format!("override_line_items[{index}].price_id"), "is overridden twice");
        }
    }
}

/// Records commitments that break a rule.
pub fn check_commitments(commitments: Option<&BTreeMap<String, LineItemCommitmentConfig>>, errors: &mut FieldErrors) {
    let Some(commitments) = commitments else { return };
    let few = commitments.len() <= LINE_TERMS_MAX;
    errors.check(few, "line_item_commitments", "must have at most 5000 items");
    for (price_id, commitment) in commitments {
        let mut inner = FieldErrors::new();
        commitment.check(&mut inner);
        errors.nested(&format!("line_item_commitments.{price_id}"), inner);
    }
}

impl OverrideLineItemRequest {
    /// Records the members that break a rule (spec 03 §5.6).
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required("price_id", self.price_id.as_ref());
        let changes = self.quantity.is_some() || self.changes_price();
        errors.check(changes, "price_id", "is given without any change");
        let fiat = self.amount.is_some() || self.tiers.is_some();
        let unit = self.price_unit_amount.is_some() || self.price_unit_tiers.is_some();
        errors.check(!(fiat && unit), "price_unit_amount", "excludes amount and tiers");
        let counted = self
            .quantity
            .as_ref()
            .is_none_or(|quantity| check_quantity(quantity).is_ok());
        errors.check(
            counted,
            "quantity",
            "must be from 0 to 10^18, with at most 15 decimal places",
        );
        check_amount("amount", self.amount.as_ref(), errors);
        check_amount("price_unit_amount", self.price_unit_amount.as_ref(), errors);
        check_tiers("tiers", self.tiers.as_deref(), errors);
        check_tiers("price_unit_tiers", self.price_unit_tiers.as_deref(), errors);
        if let Some(package) = &self.transform_quantity {
            let divides = package.divide_by.is_some_and(|units| units >= 1);
            errors.check(divides, "transform_quantity", "needs divide_by of at least 1");
        }
        self.check_model(errors);
    }

    /// A model that is sent brings its own terms along.
    fn check_model(&self, errors: &mut FieldErrors) {
        let some = |tiers: &Option<Vec<_>>| tiers.as_ref().is_some_and(|tiers: &Vec<_>| !tiers.is_empty());
        match self.billing_model {
            None => {}
            Some(BillingModel::FlatFee | BillingModel::Package) => {
                let priced = self.amount.is_some() || self.price_unit_amount.is_some();
                errors.check(priced, "amount", "is required for the billing model");
                if self.billing_model == Some(BillingModel::Package) {
                    errors.present("transform_quantity", self.transform_quantity.as_ref());
                }
            }
            Some(BillingModel::Tiered) => {
                let tiered = some(&self.tiers) || some(&self.price_unit_tiers);
                errors.check(tiered, "tiers", "are required for the billing model");
                errors.present("tier_mode", self.tier_mode.as_ref());
            }
        }
    }

    /// Whether anything but the quantity changes.
    #[must_use]
    pub fn changes_price(&self) -> bool {
        self.amount.is_some()
            || self.billing_model.is_some()
            || self.price_unit_amount.is_some()
            || self.price_unit_tiers.is_some()
            || self.tier_mode.is_some()
            || self.tiers.is_some()
            || self.transform_quantity.is_some()
    }
}

impl LineItemCommitmentConfig {
    /// Records the members that break a rule (spec 03 §5.12, spec 04 §3.6).
    pub fn check(&self, errors: &mut FieldErrors) {
        Commitment {
            commitment_type: self.commitment_type,
            amount: self.commitment_amount.as_ref(),
            quantity: self.commitment_quantity.as_ref(),
            overage_factor: self.overage_factor.as_ref(),
        }
        .check("overage_factor", errors);
        let windowed = self.is_window_commitment.unwrap_or_default();
        let bucketed = self.has_time_buckets();
        errors.check(
            windowed || !bucketed,
            "is_window_commitment",
            "must be true for commitment_time_buckets",
        );
        let qualified =
            self.commitment_type.is_some() || self.overage_factor.is_some() || self.enable_true_up.unwrap_or_default();
        let sized = self.has_size();
        errors.check(
            sized || !(qualified || windowed && !bucketed),
            "commitment_amount",
            "is required, or else commitment_quantity",
        );
        let buckets = self.commitment_time_buckets.as_deref();
        errors.at_most("commitment_time_buckets", buckets, TIME_BUCKETS_MAX);
        errors.each("commitment_time_buckets", buckets, CommitmentBucketRequest::check);
    }

    /// Whether it promises anything; zero promises nothing.
    #[must_use]
    pub fn promises(&self) -> bool {
        self.has_size() || self.has_time_buckets()
    }

    fn has_size(&self) -> bool {
        let set = |size: &Option<JsonNumber>| size.as_ref().is_some_and(|size| !size.is_zero());
        set(&self.commitment_amount) || set(&self.commitment_quantity)
    }

    fn has_time_buckets(&self) -> bool {
        self.commitment_time_buckets
            .as_ref()
            .is_some_and(|buckets| !buckets.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn failing(request: Value) -> Vec<String> {
        let request: CreateSubscriptionRequest = serde_json::from_value(request).unwrap();
        let mut errors = FieldErrors::new();
        request.check_line_terms(&mut errors);
        errors.fields().map(str::to_owned).collect()
    }

    #[test]
    fn overrides() {
        for (changes, failed) in [
            (json!({ "quantity": 2 }), vec![]),
            (
                json!({ "amount": "2", "price_unit_amount": "2" }),
                vec!["price_unit_amount"],
            ),
            (json!({}), vec!["price_id"]),
            (json!({ "quantity": "-1" }), vec!["quantity"]),
            (json!({ "billing_model": "FLAT_FEE" }), vec!["amount"]),
            (
                json!({ "billing_model": "PACKAGE", "amount": "1" }),
                vec!["transform_quantity"],
            ),
            (
                json!({ "billing_model": "TIERED", "amount": "1" }),
                vec!["tier_mode", "tiers"],
            ),
            (json!({ "amount": "-1" }), vec!["amount"]),
            (json!({ "transform_quantity": {} }), vec!["transform_quantity"]),
            (
                json!({ "tiers": [{ "unit_amount": "-1" }] }),
                vec!["tiers[0].unit_amount"],
            ),
        ] {
            let mut line = changes;
            line["price_id"] = json!("p");
            let expected: Vec<String> = failed
                .iter()
                .map(|field| format!("override_line_items[0].{field}"))
                .collect();
            assert_eq!(failing(json!({ "override_line_items": [line] })), expected, "{line}");
        }
    }

    #[test]
    fn commitments() {
        let bucket = |changes: Value| {
            let mut bucket = json!({
                "start": { "hour": 9 }, "end": { "hour": 17 }, "commitment_value": "1", "overage_factor": "1",
            });
            bucket
                .as_object_mut()
                .unwrap()
                .extend(changes.as_object().unwrap().clone());
            json!({ "is_window_commitment": true, "commitment_time_buckets": [bucket] })
        };
        for (commitment, failed) in [
            (json!({}), vec![]),
            (json!({ "commitment_amount": 10, "overage_factor": 1.5 }), vec![]),
            (json!({ "commitment_amount": 10 }), vec!["overage_factor"]),
            (
                json!({ "commitment_amount": 0, "overage_factor": 2 }),
                vec!["commitment_amount"],
            ),
            (json!({ "enable_true_up": true }), vec!["commitment_amount"]),
            (json!({ "is_window_commitment": true }), vec!["commitment_amount"]),
            (
                json!({ "commitment_amount": "1e13", "overage_factor": 1 }),
                vec!["commitment_amount"],
            ),
            (
                json!({ "commitment_amount": 1, "overage_factor": "1e7" }),
                vec!["overage_factor"],
            ),
            (bucket(json!({})), vec![]),
            (
                bucket(json!({ "end": { "hour": 9 } })),
                vec!["commitment_time_buckets[0].end"],
            ),
            (
                bucket(json!({ "start": { "hour": 24 }, "end": { "hour": 0 } })),
                vec!["commitment_time_buckets[0].end"],
            ),
            (
                bucket(json!({ "commitment_value": "0" })),
                vec!["commitment_time_buckets[0].commitment_value"],
            ),
            (
                bucket(json!({ "overage_factor": "0.5" })),
                vec!["commitment_time_buckets[0].overage_factor"],
            ),
        ] {
            let expected: Vec<String> = failed
                .iter()
                .map(|field| format!("line_item_commitments.p.{field}"))
                .collect();
            let request = json!({ "line_item_commitments": { "p": commitment } });
            assert_eq!(failing(request), expected, "{commitment}");
        }
        let mut plain = bucket(json!({}));
        plain["is_window_commitment"] = json!(false);
        let request = json!({ "line_item_commitments": { "p": plain } });
        assert_eq!(failing(request), ["line_item_commitments.p.is_window_commitment"]);
        let both = json!({
            "commitment_amount": "10", "overage_factor": "1.5",
            "line_item_commitments": { "p": { "commitment_amount": 10, "overage_factor": 1 } },
        });
        assert_eq!(failing(both), ["line_item_commitments"]);
        let on_an_addon = json!({
            "commitment_amount": "10", "overage_factor": "1.5", "addons": [
                { "addon_id": "a", "line_item_commitments": { "p": {} } },
                { "addon_id": "a", "line_item_commitments": { "p": { "commitment_amount": 10, "overage_factor": 1 } } },
            ],
        });
        assert_eq!(failing(on_an_addon), ["addons[1].line_item_commitments"]);
    }
}
