//! Usage with cost over time (spec 02 §3.7, §4.10).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{AggregationType, BillingPeriod, CommitmentType, WindowSize};
use utoipa::ToSchema;

use crate::addons::Addon;
use crate::error::ApiError;
use crate::features::{Feature, ReportingUnit};
use crate::groups::Group;
use crate::line_items::{SubscriptionLineItem, TimeOfDay};
use crate::metadata::Metadata;
use crate::meters::Meter;
use crate::plans::Plan;
use crate::prices::PriceResponse;
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

/// Usage and cost per meter over time.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetUsageAnalyticsRequest {
    /// Adds what each time bucket contributes.
    pub breakdown_bucket: Option<bool>,
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Related records to embed.
    pub expand: Option<Vec<String>>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Only these features.
    pub feature_ids: Option<Vec<String>>,
    /// Property keys to split by.
    pub group_by: Option<Vec<String>>,
    /// Adds the usage of inherited subscriptions.
    pub include_children: Option<bool>,
    /// Accepted values by property; all properties must match.
    pub property_filters: Option<BTreeMap<String, Vec<String>>>,
    /// Where the quantities come from.
    pub sources: Option<Vec<String>>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// Width of the windows of the answer.
    #[serde(deserialize_with = "blank_as_none")]
    pub window_size: Option<WindowSize>,
}

/// Usage and cost per meter over time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetUsageAnalyticsResponse {
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Custom analytics.
    pub custom_analytics: Vec<CustomAnalyticItem>,
    /// The records.
    pub items: Vec<UsageAnalyticItem>,
    /// Sum before discounts, credits and taxes.
    pub subtotal: Decimal,
    /// Cost after discounts.
    pub total_cost: Decimal,
    /// Discounts of lines and of the invoice.
    pub total_discount: Decimal,
}

/// Usage and cost of one row.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageAnalyticItem {
    /// Name shown to people.
    pub name: String,
    /// Name of the events.
    pub event_name: String,
    /// Id of the add on.
    pub add_on_id: Option<String>,
    /// The addon.
    pub addon: Option<Addon>,
    /// How events become one quantity.
    pub aggregation_type: AggregationType,
    /// Bucket summaries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bucket_summaries: Vec<BucketSummary>,
    /// How a commitment changed the charge.
    pub commitment_info: Option<CommitmentInfo>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Number of events.
    pub event_count: i64,
    /// The feature.
    pub feature: Option<Feature>,
    /// Id of the feature.
    pub feature_id: String,
    /// The group.
    pub group: Option<Group>,
    /// The meter.
    pub meter: Option<Meter>,
    /// Id of the meter.
    pub meter_id: String,
    /// The plan.
    pub plan: Option<Plan>,
    /// Id of the plan.
    pub plan_id: Option<String>,
    /// Points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<UsageAnalyticPoint>,
    /// The price.
    pub price: Option<PriceResponse>,
    /// Id of the price.
    pub price_id: String,
    /// Free members of the event.
    #[serialize_always]
    pub properties: Option<Metadata>,
    /// Unit in which usage is shown.
    pub reporting_unit: Option<ReportingUnit>,
    /// Where the events come from.
    pub source: String,
    /// Where the quantities come from.
    pub sources: Vec<String>,
    /// Id of the subscription line item.
    pub sub_line_item_id: Option<String>,
    /// Id of the subscription.
    pub subscription_id: Option<String>,
    /// Subscription line item.
    pub subscription_line_item: Option<SubscriptionLineItem>,
    /// Sum before discounts, credits and taxes.
    pub subtotal: Decimal,
    /// Cost after discounts.
    pub total_cost: Decimal,
    /// Discounts of lines and of the invoice.
    pub total_discount: Decimal,
    /// Total usage.
    pub total_usage: Decimal,
    /// Total usage display.
    pub total_usage_display: String,
    /// Unit.
    pub unit: String,
    /// Name of several units.
    pub unit_plural: String,
    /// Width of the windows of the answer.
    pub window_size: Option<WindowSize>,
}

/// Usage and cost in one window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageAnalyticPoint {
    /// Buckets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buckets: Vec<PointBucket>,
    /// Part of the commitment that was used.
    pub computed_commitment_utilized_amount: Decimal,
    /// Charge for what exceeds the commitment.
    pub computed_overage_amount: Decimal,
    /// Charge for the unused rest of the commitment.
    pub computed_true_up_amount: Decimal,
    /// Cost.
    pub cost: Decimal,
    /// Discount.
    pub discount: Decimal,
    /// Number of events.
    pub event_count: i64,
    /// Sum before discounts, credits and taxes.
    pub subtotal: Decimal,
    /// When it happened.
    #[schema(value_type = String)]
    pub timestamp: DateTime,
    /// Usage.
    pub usage: Decimal,
}

/// A time bucket that a window falls in.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PointBucket {
    /// Id of the bucket.
    pub bucket_id: Option<String>,
    /// Id of the price.
    pub price_id: String,
}

/// Usage and cost of one commitment time bucket.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BucketSummary {
    /// Base charge.
    pub base_charge: Decimal,
    /// Id of the bucket.
    pub bucket_id: Option<String>,
    /// Whether money or units are promised.
    pub commitment_type: String,
    /// Commitment value.
    pub commitment_value: Option<Decimal>,
    /// Computed overage.
    pub computed_overage: Decimal,
    /// Computed true up.
    pub computed_true_up: Decimal,
    /// Computed utilized.
    pub computed_utilized: Decimal,
    /// End of the time of day, exclusive.
    pub end: Option<TimeOfDay>,
    /// Id of the price.
    pub price_id: String,
    /// Start of the time of day, inclusive.
    pub start: Option<TimeOfDay>,
    /// Id of the subscription line item.
    pub subscription_line_item_id: Option<String>,
    /// Total usage.
    pub total_usage: Decimal,
}

/// A commitment and how it changed a charge.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::CommitmentInfo)]
pub struct CommitmentInfo {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// Part of the commitment that was used.
    pub computed_commitment_utilized_amount: Option<Decimal>,
    /// Charge for what exceeds the commitment.
    pub computed_overage_amount: Option<Decimal>,
    /// Charge for the unused rest of the commitment.
    pub computed_true_up_amount: Option<Decimal>,
    /// Duration.
    #[serde(deserialize_with = "blank_as_none")]
    pub duration: Option<BillingPeriod>,
    /// Whether it is windowed.
    pub is_windowed: Option<bool>,
    /// Factor of what exceeds the commitment, at least 1.
    pub overage_factor: Option<Decimal>,
    /// Number of units.
    pub quantity: Option<Decimal>,
    /// Whether true up is on.
    pub true_up_enabled: Option<bool>,
    /// Kind of commitment info.
    #[serde(deserialize_with = "blank_as_none")]
    pub r#type: Option<CommitmentType>,
}

/// A figure derived by a rule of the tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CustomAnalyticItem {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Feature name.
    pub feature_name: String,
    /// Kind of custom analytic.
    pub r#type: String,
    /// The value.
    pub value: Decimal,
}

/// Most ids or sources of one question.
pub const IDS_MAX: usize = 1_000;

/// Most entries of `group_by`.
pub const GROUPS_MAX: usize = 10;

impl GetUsageAnalyticsRequest {
    /// Checks the field rules (spec 02 §3.7).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.time_range(self.start_time, self.end_time);
        errors.at_most("feature_ids", self.feature_ids.as_deref(), IDS_MAX);
        errors.at_most("sources", self.sources.as_deref(), IDS_MAX);
        errors.at_most("group_by", self.group_by.as_deref(), GROUPS_MAX);
        errors.at_most("expand", self.expand.as_deref(), IDS_MAX);
        errors.property_filters("property_filters", self.property_filters.as_ref());
        errors.finish()?;
        match self.group_by.iter().flatten().find(|entry| !is_group(entry)) {
            // The hint names the entry (spec 02 §3.7).
            Some(entry) => {
                let message =
                    format!("group_by does not allow '{entry}': use feature_id, meter_id, source or properties.<name>");
                Err(ApiError::validation(message).detail("group_by", "has an entry that is not allowed"))
            }
            None => Ok(()),
        }
    }
}

/// Whether rows may be split by `entry`: `feature_id`, `meter_id`, `source` or `properties.<name>`.
fn is_group(entry: &str) -> bool {
    let name_character = |character: char| character.is_ascii_alphanumeric() || "_.".contains(character);
    match entry.strip_prefix("properties.") {
        Some(name) => !name.is_empty() && name.chars().all(name_character),
        None => matches!(entry, "feature_id" | "meter_id" | "source"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_entries() {
        for good in [
            "feature_id",
            "meter_id",
            "source",
            "properties.model",
            "properties.a.b_1",
        ] {
            assert!(is_group(good), "{good}");
        }
        for bad in ["", "properties.", "properties.a-b", "customer_id"] {
            assert!(!is_group(bad), "{bad}");
        }
    }
}
