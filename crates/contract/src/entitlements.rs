//! Entitlements on the wire (spec 03 §3.5).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{
    EntitlementAggregationMode, EntitlementEntityType, FeatureType, Status, UsageResetPeriod,
};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::addons::AddonResponse;
use crate::error::ApiError;
use crate::expand::Allowed;
use crate::features::FeatureResponse;
use crate::list::{list_filter, list_response};
use crate::plans::PlanResponse;
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

/// A new entitlement.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateEntitlementRequest {
    /// How several entitlements of one feature combine.
    #[serde(deserialize_with = "blank_as_none")]
    pub aggregation_mode: Option<EntitlementAggregationMode>,
    /// Value of a config feature.
    pub config_value: Option<Map<String, Value>>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: Option<String>,
    /// Kind of the owning record.
    #[serde(deserialize_with = "blank_as_none")]
    pub entity_type: Option<EntitlementEntityType>,
    /// Id of the feature.
    #[schema(required = true)]
    pub feature_id: Option<String>,
    /// Feature type.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub feature_type: Option<FeatureType>,
    /// When a grant opens.
    #[serde(deserialize_with = "blank_as_none")]
    pub grant_allocation_behavior: Option<EntitlementGrantAllocationBehavior>,
    /// Unit of a grant's duration.
    #[serde(deserialize_with = "blank_as_none")]
    pub grant_duration_unit: Option<EntitlementGrantDurationUnit>,
    /// Duration of a grant in its unit, at least 1.
    pub grant_duration_value: Option<i64>,
    /// Whether the grant counts units or money.
    #[serde(deserialize_with = "blank_as_none")]
    pub grant_measure: Option<EntitlementGrantMeasure>,
    /// Size of each grant, greater than 0.
    pub grant_quota: Option<Decimal>,
    /// Whether the feature may be used.
    pub is_enabled: Option<bool>,
    /// Whether use beyond the limit is tolerated; information only.
    pub is_soft_limit: Option<bool>,
    /// The entitlement that this one overrides.
    pub parent_entitlement_id: Option<String>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Value of a static feature.
    pub static_value: Option<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
    /// When the allowance starts again.
    #[serde(deserialize_with = "blank_as_none")]
    pub usage_reset_period: Option<UsageResetPeriod>,
}

/// Several new entitlements at once: all are created, or none.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateBulkEntitlementRequest {
    /// The records.
    #[schema(required = true, min_items = 1, max_items = 100)]
    pub items: Option<Vec<CreateEntitlementRequest>>,
}

/// Answer about a bulk entitlement.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateBulkEntitlementResponse {
    /// The records.
    pub items: Vec<EntitlementResponse>,
}

/// A change of an entitlement: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateEntitlementRequest {
    /// How several entitlements of one feature combine.
    #[serde(deserialize_with = "blank_as_none")]
    pub aggregation_mode: Option<EntitlementAggregationMode>,
    /// Removes the grant configuration.
    pub clear_grant_config: Option<bool>,
    /// Value of a config feature.
    pub config_value: Option<Map<String, Value>>,
    /// When a grant opens.
    #[serde(deserialize_with = "blank_as_none")]
    pub grant_allocation_behavior: Option<EntitlementGrantAllocationBehavior>,
    /// Unit of a grant's duration.
    #[serde(deserialize_with = "blank_as_none")]
    pub grant_duration_unit: Option<EntitlementGrantDurationUnit>,
    /// Duration of a grant in its unit, at least 1.
    pub grant_duration_value: Option<i64>,
    /// Whether the grant counts units or money.
    #[serde(deserialize_with = "blank_as_none")]
    pub grant_measure: Option<EntitlementGrantMeasure>,
    /// Size of each grant, greater than 0.
    pub grant_quota: Option<Decimal>,
    /// Whether the feature may be used.
    pub is_enabled: Option<bool>,
    /// Whether use beyond the limit is tolerated; information only.
    pub is_soft_limit: Option<bool>,
    /// Value of a static feature.
    pub static_value: Option<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
    /// When the allowance starts again.
    #[serde(deserialize_with = "blank_as_none")]
    pub usage_reset_period: Option<UsageResetPeriod>,
}

/// An entitlement.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EntitlementResponse {
    /// Id of the record.
    pub id: String,
    /// The addon.
    #[schema(no_recursion)]
    pub addon: Option<Box<AddonResponse>>,
    /// How several entitlements of one feature combine.
    pub aggregation_mode: Option<EntitlementAggregationMode>,
    /// Value of a config feature.
    #[serialize_always]
    pub config_value: Option<Map<String, Value>>,
    /// Position in lists shown to people, lowest first.
    pub display_order: i64,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: EntitlementEntityType,
    /// The feature.
    pub feature: Option<FeatureResponse>,
    /// Id of the feature.
    pub feature_id: String,
    /// Feature type.
    pub feature_type: FeatureType,
    /// When a grant opens.
    pub grant_allocation_behavior: Option<EntitlementGrantAllocationBehavior>,
    /// Unit of a grant's duration.
    pub grant_duration_unit: Option<EntitlementGrantDurationUnit>,
    /// Duration of a grant in its unit, at least 1.
    pub grant_duration_value: Option<i64>,
    /// Whether the grant counts units or money.
    pub grant_measure: Option<EntitlementGrantMeasure>,
    /// Size of each grant, greater than 0.
    pub grant_quota: Option<Decimal>,
    /// Whether the feature may be used.
    pub is_enabled: bool,
    /// Whether use beyond the limit is tolerated; information only.
    pub is_soft_limit: bool,
    /// The entitlement that this one overrides.
    pub parent_entitlement_id: Option<String>,
    /// The plan.
    #[schema(no_recursion)]
    pub plan: Option<Box<PlanResponse>>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Value of a static feature.
    pub static_value: Option<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
    /// When the allowance starts again.
    pub usage_reset_period: Option<UsageResetPeriod>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

list_response! {
    /// A page of entitlements.
    ListEntitlementsResponse of EntitlementResponse
}

list_filter! {
    /// Which entitlements to list.
    EntitlementFilter as types::EntitlementFilter {
        /// Only with these owners.
        pub entity_ids: Option<Vec<String>>,
        /// Kind of the owning record.
        #[serde(deserialize_with = "blank_as_none")]
        pub entity_type: Option<EntitlementEntityType>,
        /// Only these features.
        pub feature_ids: Option<Vec<String>>,
        /// Feature type.
        #[serde(deserialize_with = "blank_as_none")]
        pub feature_type: Option<FeatureType>,
        /// Only with, or only without, a grant configuration.
        pub has_grant_config: Option<bool>,
        /// Whether the feature may be used.
        pub is_enabled: Option<bool>,
        /// Only of these plans.
        pub plan_ids: Option<Vec<String>>,
    }
}

wire_enum! {
    /// When a grant opens.
    EntitlementGrantAllocationBehavior, "types.EntitlementGrantAllocationBehavior" {
        /// `first_usage`.
        FirstUsage = "first_usage",
        /// `unit_start`.
        UnitStart = "unit_start",
    }
}

wire_enum! {
    /// Unit of a grant's duration.
    EntitlementGrantDurationUnit, "types.EntitlementGrantDurationUnit" {
        /// `hour`.
        Hour = "hour",
        /// `day`.
        Day = "day",
        /// `week`.
        Week = "week",
        /// `subscription_period`.
        SubscriptionPeriod = "subscription_period",
    }
}

wire_enum! {
    /// What a grant counts.
    EntitlementGrantMeasure, "types.EntitlementGrantMeasure" {
        /// `quantity`.
        Quantity = "quantity",
        /// `amount`.
        Amount = "amount",
    }
}

/// What `expand` allows on entitlements; unknown names are ignored (spec 01 A12).
pub const ENTITLEMENT_EXPAND: Allowed = &[("features", &[])];

/// Most items of a bulk request.
const BULK_ITEMS_MAX: usize = 100;

impl CreateEntitlementRequest {
    /// Checks the rules that need no stored record (spec 03 §3.5).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let set = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
        let owned = set(&self.plan_id) || (self.entity_type.is_some() && set(&self.entity_id));
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
        errors.positive("grant_quota", self.grant_quota.as_ref());
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
            let long_enough = self.grant_duration_value.is_some_and(|value| value >= 1);
            errors.check(long_enough, "grant_duration_value", "must be at least 1");
        }
    }
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
