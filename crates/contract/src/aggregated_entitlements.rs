//! What a customer or subscription may use, all sources combined (spec 03 §5.10).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{BillingPeriod, EntitlementAggregationMode, UsageResetPeriod};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::entitlements::{EntitlementGrantDurationUnit, EntitlementGrantMeasure};
use crate::features::FeatureResponse;
use crate::list::Pagination;
use crate::subscriptions::SubscriptionResponse;
use crate::time::DateTime;

/// What a customer may use, over all subscriptions.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerEntitlementsResponse {
    /// Id of the customer.
    pub customer_id: String,
    /// Features.
    pub features: Vec<AggregatedFeature>,
    /// Subscriptions.
    pub subscriptions: Vec<SubscriptionResponse>,
}

/// What a subscription may use.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SubscriptionEntitlementsResponse {
    /// Features.
    pub features: Vec<AggregatedFeature>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Id of the subscription.
    pub subscription_id: String,
}

/// A feature and what may be used of it.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AggregatedFeature {
    /// Entitlement.
    pub entitlement: Option<AggregatedEntitlement>,
    /// The feature.
    pub feature: Option<FeatureResponse>,
    /// Where the quantities come from.
    pub sources: Vec<EntitlementSource>,
}

/// The allowances of one feature combined.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AggregatedEntitlement {
    /// How several entitlements of one feature combine.
    pub aggregation_mode: Option<EntitlementAggregationMode>,
    /// Buckets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<AggregatedEntitlementBucket>,
    /// Config values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub config_values: Vec<Map<String, Value>>,
    /// Whether the feature may be used.
    pub is_enabled: bool,
    /// Whether use beyond the limit is tolerated; information only.
    pub is_soft_limit: bool,
    /// Static values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub static_values: Vec<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
    /// When the allowance starts again.
    pub usage_reset_period: Option<UsageResetPeriod>,
}

/// One of several allowances that run in parallel.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AggregatedEntitlementBucket {
    /// Id of the entitlement.
    pub entitlement_id: String,
    /// Unit of a grant's duration.
    pub grant_duration_unit: Option<EntitlementGrantDurationUnit>,
    /// Duration of a grant in its unit, at least 1.
    pub grant_duration_value: Option<i64>,
    /// Whether the grant counts units or money.
    pub grant_measure: Option<EntitlementGrantMeasure>,
    /// Size of each grant, greater than 0.
    pub grant_quota: Option<Decimal>,
    /// Id of the source entity.
    pub source_entity_id: Option<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
}

/// One origin of an allowance.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EntitlementSource {
    /// Value of a config feature.
    #[serialize_always]
    pub config_value: Option<Map<String, Value>>,
    /// Id of the entitlement.
    pub entitlement_id: String,
    /// Id of the owning record.
    pub entity_id: String,
    /// Entity name.
    pub entity_name: String,
    /// Kind of the owning record.
    pub entity_type: EntitlementSourceEntityType,
    /// Whether the feature may be used.
    pub is_enabled: bool,
    /// Number of units.
    pub quantity: Option<i64>,
    /// Value of a static feature.
    pub static_value: Option<String>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Included units; absent means unlimited, 0 nothing.
    pub usage_limit: Option<i64>,
    /// When the allowance starts again.
    pub usage_reset_period: Option<BillingPeriod>,
}

wire_enum! {
    /// Kind of record that an allowance comes from.
    EntitlementSourceEntityType, "EntitlementSourceEntityType" {
        /// `plan`.
        Plan = "plan",
        /// `addon`.
        Addon = "addon",
        /// `subscription`.
        Subscription = "subscription",
    }
}

/// What a customer has used of each feature in the current period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomerUsageSummaryResponse {
    /// Id of the customer.
    pub customer_id: String,
    /// Features.
    pub features: Vec<FeatureUsageSummary>,
    /// Where the page stands among all matches.
    pub pagination: Pagination,
    /// Period.
    pub period: BillingPeriodInfo,
}

/// What has been used of one feature.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeatureUsageSummary {
    /// Units used in the current period.
    pub current_usage: Decimal,
    /// The feature.
    pub feature: Option<FeatureResponse>,
    /// Whether the feature may be used.
    pub is_enabled: bool,
    /// Whether use beyond the limit is tolerated; information only.
    pub is_soft_limit: bool,
    /// Whether there is no limit.
    pub is_unlimited: bool,
    /// When the allowance starts again.
    pub next_usage_reset_at: Option<DateTime>,
    /// Where the quantities come from.
    pub sources: Vec<EntitlementSource>,
    /// Included units of all sources; absent when unlimited.
    pub total_limit: Option<i64>,
    /// Use as a ratio of the limit: 1 is fully used. 0 without a limit, 100 for a limit of zero (spec 03 Q17).
    pub usage_percent: Decimal,
}

/// A billing period.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BillingPeriodInfo {
    /// End of the range.
    pub end_time: DateTime,
    /// Period.
    pub period: String,
    /// Start of the range, inclusive.
    pub start_time: DateTime,
}
