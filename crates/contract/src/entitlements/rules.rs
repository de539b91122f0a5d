//! Field rules of entitlements (spec 03 §3.5).

use tariff_core::Decimal;
use tariff_core::vocabulary::{EntitlementAggregationMode, EntitlementEntityType, FeatureType};

use crate::entitlements::{CreateBulkEntitlementRequest, CreateEntitlementRequest, EntitlementGrantDurationUnit};
use crate::error::ApiError;
use crate::validate::FieldErrors;

/// Most items of a bulk request.
const BULK_ITEMS_MAX: usize = 100;
/// Fractional digits of a quota that are kept (spec 03 §2.1).
const GRANT_QUOTA_FRACTION_DIGITS: u32 = 15;
/// Most digits before the point of a quota (spec 03 §2.1).
const QUOTA_INTEGER_DIGITS_MAX: u32 = 10;
/// Longest grant, in its unit: more hours than ten years have. Longer ones would never be shorter than a billing period.
const GRANT_DURATION_MAX: i64 = 100_000;

impl CreateEntitlementRequest {
    /// Checks the rules that need no stored record (spec 03 §3.5).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let named = self.entity_type.is_some() && set(&self.entity_id);
        // The older member names plans only.
        let by_plan = set(&self.plan_id) && self.entity_type.is_none_or(|kind| kind == EntitlementEntityType::Plan);
        let owned = named || by_plan;
        errors.check(owned, "entity_id", "is required together with entity_type");
        errors.required("feature_id", self.feature_id.as_ref());
        errors.present("feature_type", self.feature_type.as_ref());
        if self.feature_type == Some(FeatureType::Static) {
            errors.required("static_value", self.static_value.as_ref());
        }
        if let Some(config) = &self.config_value {
            let fits = self.feature_type == Some(FeatureType::Config);
            errors.check(fits, "config_value", "is only for config features");
            errors.check(
                config.keys().all(|key| !key.trim().is_empty()),
                "config_value",
                "must not have blank keys",
            );
        }
        let counted = self.usage_limit.is_none_or(|limit| limit >= 0);
        errors.check(counted, "usage_limit", "must not be negative");
        let ordered = self
            .start_date
            .zip(self.end_date)
            .is_none_or(|(start, end)| start.0 <= end.0);
        errors.check(ordered, "end_date", "must not be before start_date");
        self.check_grant(&mut errors);
        errors.finish()
    }

    /// The grant configuration is all or nothing, and for metered features only.
    fn check_grant(&self, errors: &mut FieldErrors) {
        let any = self.grant_measure.is_some()
            || self.grant_quota.is_some()
            || self.grant_duration_unit.is_some()
            || self.grant_duration_value.is_some()
            || self.grant_allocation_behavior.is_some();
        if !any {
            let parallel = self.aggregation_mode == Some(EntitlementAggregationMode::Parallel);
            errors.check(!parallel, "aggregation_mode", "may be parallel only with a grant");
            return;
        }
        let metered = self.feature_type == Some(FeatureType::Metered);
        errors.check(metered, "grant_measure", "is only for metered features");
        errors.present("grant_measure", self.grant_measure.as_ref());
        errors.present("grant_quota", self.grant_quota.as_ref());
        // What counts is the quota that is kept.
        let kept = self.grant_quota.as_ref().map(kept_quota);
        errors.positive("grant_quota", kept.as_ref());
        let fits = kept.is_none_or(|quota| quota.integer_digits() <= QUOTA_INTEGER_DIGITS_MAX);
        errors.check(fits, "grant_quota", "must have at most 10 integer digits");
        errors.present("grant_duration_unit", self.grant_duration_unit.as_ref());
        if self.grant_duration_unit == Some(EntitlementGrantDurationUnit::SubscriptionPeriod) {
            let field = "grant_duration_value";
            errors.check(
                self.grant_duration_value.is_none(),
                field,
                "is not for subscription_period",
            );
            let field = "grant_allocation_behavior";
            errors.check(
                self.grant_allocation_behavior.is_none(),
                field,
                "is not for subscription_period",
            );
        } else {
            let value = self.grant_duration_value;
            let fits = value.is_some_and(|value| (1..=GRANT_DURATION_MAX).contains(&value));
            errors.check(fits, "grant_duration_value", "must be from 1 to 100000");
        }
    }
}

/// A quota as it is stored.
#[must_use]
pub fn kept_quota(quota: &Decimal) -> Decimal {
    quota.round(GRANT_QUOTA_FRACTION_DIGITS)
}

impl CreateBulkEntitlementRequest {
    /// Checks the number of items and every item; the first bad one is named by `index` (spec 03 §4.4).
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
            item.validate().map_err(|error| error.detail("index", index))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        for (body, failed) in [
            (
                r#"{"entity_type":"PLAN","entity_id":"p","feature_id":"f","feature_type":"boolean"}"#,
                None,
            ),
            (
                r#"{"plan_id":"p","feature_id":"f","feature_type":"metered","usage_limit":0}"#,
                None,
            ),
            (
                r#"{"entity_id":"p","feature_id":"f","feature_type":"boolean"}"#,
                Some("entity_id"),
            ),
            (
                r#"{"plan_id":"p","feature_id":"f","feature_type":"static"}"#,
                Some("static_value"),
            ),
            (
                r#"{"plan_id":"p","feature_id":"f","feature_type":"boolean","config_value":{"a":1}}"#,
                Some("config_value"),
            ),
            (
                r#"{"plan_id":"p","feature_id":"f","feature_type":"metered","aggregation_mode":"parallel"}"#,
                Some("aggregation_mode"),
            ),
            (
                r#"{"plan_id":"p","feature_id":"f","feature_type":"metered","grant_measure":"quantity","grant_quota":"5",
                    "grant_duration_unit":"day"}"#,
                Some("grant_duration_value"),
            ),
            (
                r#"{"plan_id":"p","entity_type":"ADDON","feature_id":"f","feature_type":"boolean"}"#,
                Some("entity_id"),
            ),
            (
                r#"{"plan_id":"p","feature_id":"f","feature_type":"metered","grant_measure":"quantity","grant_duration_unit":"day",
                    "grant_duration_value":1,"grant_quota":"0.0000000000000005"}"#,
                None,
            ),
            // Nothing is left of it once it is stored.
            (
                r#"{"plan_id":"p","feature_id":"f","feature_type":"metered","grant_measure":"quantity","grant_duration_unit":"day",
                    "grant_duration_value":1,"grant_quota":"0.0000000000000004"}"#,
                Some("grant_quota"),
            ),
            (
                r#"{"plan_id":"p","feature_id":"f","feature_type":"metered","grant_measure":"quantity","grant_duration_unit":"day",
                    "grant_duration_value":1,"grant_quota":"9999999999.9999999999999999"}"#,
                Some("grant_quota"),
            ),
        ] {
            let request: CreateEntitlementRequest = serde_json::from_str(body).unwrap();
            let failing = request
                .validate()
                .err()
                .and_then(|error| error.details.into_keys().next());
            assert_eq!(failing.as_deref(), failed, "{body}");
        }
    }
}
