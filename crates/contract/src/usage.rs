//! Questions about raw usage (spec 02 §3.6), and the usage of a customer or subscription.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tariff_core::Decimal;
use tariff_core::vocabulary::{AggregationType, WindowSize};
use utoipa::ToSchema;

use crate::number::JsonNumber;
use crate::time::AnchorDay;
use crate::time::DateTime;
use crate::wire::{any_case_word, blank_as_none};

/// An aggregate over raw events of one name.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetUsageRequest {
    /// How events become one quantity, in any letter case.
    #[serde(deserialize_with = "any_case_word")]
    #[schema(required = true)]
    pub aggregation_type: Option<AggregationType>,
    /// Instant on whose calendar day months start.
    #[schema(value_type = Option<DateTime>)]
    pub billing_anchor: Option<AnchorDay>,
    /// Width of the windows that are aggregated one by one.
    #[serde(deserialize_with = "blank_as_none")]
    pub bucket_size: Option<WindowSize>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Name of the events.
    #[schema(required = true)]
    pub event_name: Option<String>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Accepted values by property.
    pub filters: Option<BTreeMap<String, Vec<String>>>,
    /// Property keys to split by.
    pub group_by: Option<Vec<String>>,
    /// Group by property.
    pub group_by_property: Option<String>,
    /// Factor of the result; for `SUM_WITH_MULTIPLIER`.
    pub multiplier: Option<Decimal>,
    /// Property name.
    pub property_name: Option<String>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// Width of the windows of the answer.
    #[serde(deserialize_with = "blank_as_none")]
    pub window_size: Option<WindowSize>,
}

/// An aggregate over the raw events of a meter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetUsageByMeterRequest {
    /// Instant on whose calendar day months start.
    #[schema(value_type = Option<DateTime>)]
    pub billing_anchor: Option<AnchorDay>,
    /// Width of the windows that are aggregated one by one.
    #[serde(deserialize_with = "blank_as_none")]
    pub bucket_size: Option<WindowSize>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Accepted values by property.
    pub filters: Option<BTreeMap<String, Vec<String>>>,
    /// Id of the meter.
    #[schema(required = true)]
    pub meter_id: Option<String>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// Width of the windows of the answer.
    #[serde(deserialize_with = "blank_as_none")]
    pub window_size: Option<WindowSize>,
}

/// An aggregate over raw events.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetUsageResponse {
    /// Name of the events.
    pub event_name: String,
    /// One value per window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub results: Vec<UsageResult>,
    /// Aggregation that was applied.
    pub r#type: AggregationType,
    /// Aggregate of the whole range; absent when 0.
    #[serde(default, skip_serializing_if = "JsonNumber::is_zero")]
    pub value: JsonNumber,
}

/// The aggregate of one window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageResult {
    /// Aggregate of the window.
    pub value: JsonNumber,
    /// Start of the window.
    pub window_size: String,
}
