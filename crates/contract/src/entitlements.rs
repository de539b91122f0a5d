//! Entitlements on the wire (spec 03 §3.5).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{
    EntitlementAggregationMode, EntitlementEntityType, FeatureType, Status, UsageResetPeriod,
};
use utoipa::ToSchema;

use crate::addons::AddonResponse;
use crate::features::FeatureResponse;
use crate::list::{list_filter, list_response};
use crate::plans::PlanResponse;
use crate::time::DateTime;
use crate::wire::{blank_as_none, present};

pub use tariff_core::vocabulary::{
    EntitlementGrantAllocationBehavior, EntitlementGrantDurationUnit, EntitlementGrantMeasure,
};

mod rules;

pub use rules::kept_quota;

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
    /// What the feature is.
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

/// The new entitlements.
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
    /// Included units; null and 0 make it unlimited (spec 03 Q5).
    #[serde(deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub usage_limit: Option<Option<i64>>,
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
    /// What the feature is.
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
        /// What the feature is.
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
