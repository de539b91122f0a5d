//! Cost sheets and cost analytics on the wire (spec 03 §3.9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::Status;
use utoipa::ToSchema;

use crate::filter::{FilterCondition, SortCondition, SortDirection};
use crate::list::list_response;
use crate::metadata::Metadata;
use crate::meters::Meter;
use crate::prices::{Price, PriceResponse};
use crate::time::DateTime;
use crate::wire::blank_as_none;

/// A new costsheet.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateCostsheetRequest {
    /// Name shown to people.
    #[schema(required = true, min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// The caller's own key, unique among published records.
    #[schema(min_length = 1, max_length = 255)]
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// Answer about a costsheet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateCostsheetResponse {
    /// Costsheet.
    pub costsheet: Option<CostsheetResponse>,
}

/// A change of a costsheet: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateCostsheetRequest {
    /// Name shown to people.
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// The caller's own key, unique among published records.
    #[schema(min_length = 1, max_length = 255)]
    pub lookup_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// Answer about a costsheet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateCostsheetResponse {
    /// Costsheet.
    pub costsheet: Option<CostsheetResponse>,
}

/// Answer about a costsheet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DeleteCostsheetResponse {
    /// Id of the record.
    pub id: String,
    /// What happened.
    pub message: String,
}

/// A costsheet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostsheetResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Text shown to people.
    pub description: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// The prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<PriceResponse>,
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

/// Answer about a costsheet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetCostsheetResponse {
    /// Costsheet.
    pub costsheet: Option<CostsheetResponse>,
}

list_response! {
    /// A page of costsheet.
    ListCostsheetResponse of CostsheetResponse
}

/// Filter.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = costsheet::Filter)]
pub struct CostsheetFilter {
    /// Name shown to people.
    pub name: Option<String>,
    /// Costsheet i ds.
    #[serde(rename = "costsheetIDs")]
    pub costsheet_ids: Option<Vec<String>>,
    /// Environment ID.
    #[serde(rename = "environmentID")]
    pub environment_id: Option<String>,
    /// Accepted values by property.
    pub filters: Option<Vec<FilterCondition>>,
    /// Lookup key.
    #[serde(rename = "lookupKey")]
    pub lookup_key: Option<String>,
    /// Query filter.
    #[serde(rename = "queryFilter")]
    pub query_filter: Option<QueryFilter>,
    /// Sort.
    pub sort: Option<Vec<SortCondition>>,
    /// Tenant ID.
    #[serde(rename = "tenantID")]
    pub tenant_id: Option<String>,
    /// Time range filter.
    #[serde(rename = "timeRangeFilter")]
    pub time_range_filter: Option<TimeRangeFilter>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub status: Option<Status>,
}

/// The members that every list shares, without a time range.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::QueryFilter)]
pub struct QueryFilter {
    /// Related records to embed, separated by commas.
    pub expand: Option<String>,
    /// Limit.
    #[schema(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
    /// Items to skip.
    #[schema(minimum = 0)]
    pub offset: Option<i64>,
    /// `asc` or `desc`.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(inline)]
    pub order: Option<SortDirection>,
    /// Sort.
    pub sort: Option<String>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub status: Option<Status>,
}

/// A time range, both bounds inclusive.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::TimeRangeFilter)]
pub struct TimeRangeFilter {
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
}

/// A get cost analytics request.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetCostAnalyticsRequest {
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Related records to embed, separated by commas.
    pub expand: Option<Vec<String>>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Only these features.
    pub feature_ids: Option<Vec<String>>,
    /// Adds the usage of inherited subscriptions.
    pub include_children: Option<bool>,
    /// Limit.
    pub limit: Option<i64>,
    /// Items to skip.
    pub offset: Option<i64>,
    /// Accepted values by property; all properties must match.
    pub property_filters: Option<BTreeMap<String, Vec<String>>>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
}

/// Answer about a detailed cost analytics.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetDetailedCostAnalyticsResponse {
    /// Cost analytics.
    pub cost_analytics: Vec<CostAnalyticItem>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Margin.
    pub margin: Decimal,
    /// Margin percent.
    pub margin_percent: Decimal,
    /// Roi.
    pub roi: Decimal,
    /// Roi percent.
    pub roi_percent: Decimal,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// Cost after discounts.
    pub total_cost: Decimal,
    /// Total revenue.
    pub total_revenue: Decimal,
}

/// Cost analytic item.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostAnalyticItem {
    /// Cost by period.
    pub cost_by_period: Vec<CostPoint>,
    /// Id of the costsheet.
    pub costsheet_id: Option<String>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the customer.
    pub customer_id: String,
    /// The caller's own id of the customer.
    pub external_customer_id: String,
    /// The meter.
    pub meter: Option<Meter>,
    /// Id of the meter.
    pub meter_id: Option<String>,
    /// Meter name.
    pub meter_name: String,
    /// The price.
    pub price: Option<Price>,
    /// Id of the price.
    pub price_id: String,
    /// Free members of the event.
    #[serialize_always]
    pub properties: Option<Metadata>,
    /// Where the events come from.
    pub source: String,
    /// Cost after discounts.
    pub total_cost: Decimal,
    /// Total events.
    pub total_events: i64,
    /// Total quantity.
    pub total_quantity: Decimal,
}

/// Cost point.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostPoint {
    /// Cost.
    pub cost: Decimal,
    /// Number of events.
    pub event_count: i64,
    /// Number of units.
    pub quantity: Decimal,
    /// When it happened.
    #[schema(value_type = String)]
    pub timestamp: DateTime,
}
