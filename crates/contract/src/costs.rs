//! Cost sheets and cost analytics on the wire (spec 03 §3.9).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::Status;
use utoipa::ToSchema;

use crate::analytics::IDS_MAX;
use crate::error::ApiError;
use crate::filter::{FilterCondition, Sort, SortCondition, SortDirection};
use crate::list::{ListOptions, ListQuery, StatusFilter, list_response, resolve_limit, resolve_offset};
use crate::metadata::Metadata;
use crate::meters::Meter;
use crate::prices::{Price, PriceResponse};
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::{blank_as_none, in_any_letter_case};

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

/// An answer about a costsheet.
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

/// An answer about a costsheet.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateCostsheetResponse {
    /// Costsheet.
    pub costsheet: Option<CostsheetResponse>,
}

/// An answer about a costsheet.
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

/// An answer about a costsheet.
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

/// Which costsheets to list. Unlike in other filters the names of members are in camel case, and read in any letter case
/// (spec 03 §4.7).
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, remote = "Self")]
#[schema(as = costsheet::Filter)]
pub struct CostsheetFilter {
    /// Name shown to people.
    pub name: Option<String>,
    /// Only these costsheets.
    #[serde(rename = "costsheetIDs")]
    pub costsheet_ids: Option<Vec<String>>,
    /// Only of this environment; another than the caller's matches nothing.
    #[serde(rename = "environmentID")]
    pub environment_id: Option<String>,
    /// Conditions that must all hold.
    pub filters: Option<Vec<FilterCondition>>,
    /// The caller's own key.
    #[serde(rename = "lookupKey")]
    pub lookup_key: Option<String>,
    /// Paging, order, status and what to embed.
    #[serde(rename = "queryFilter")]
    pub query_filter: Option<QueryFilter>,
    /// Keys of the order.
    pub sort: Option<Vec<SortCondition>>,
    /// Only of this tenant; another than the caller's matches nothing.
    #[serde(rename = "tenantID")]
    pub tenant_id: Option<String>,
    /// When they were created.
    #[serde(rename = "timeRangeFilter")]
    pub time_range_filter: Option<TimeRangeFilter>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(value_type = Option<Status>)]
    pub status: Option<StatusFilter>,
}

/// The members that every list shares, without a time range.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, remote = "Self")]
#[schema(as = types::QueryFilter)]
pub struct QueryFilter {
    /// Related records to embed, separated by commas.
    pub expand: Option<String>,
    /// Items of a page; 0 or absent means 50.
    #[schema(minimum = 1, maximum = 1000)]
    pub limit: Option<i64>,
    /// Items to skip.
    #[schema(minimum = 0)]
    pub offset: Option<i64>,
    /// `asc` or `desc`.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(inline)]
    pub order: Option<SortDirection>,
    /// Field to order by.
    pub sort: Option<String>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(value_type = Option<Status>)]
    pub status: Option<StatusFilter>,
}

/// A time range, both bounds inclusive.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, remote = "Self")]
#[schema(as = types::TimeRangeFilter)]
pub struct TimeRangeFilter {
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
}

in_any_letter_case! {
    CostsheetFilter: "name", "costsheetIDs", "environmentID", "filters", "lookupKey", "queryFilter", "sort", "tenantID",
        "timeRangeFilter", "status";
    QueryFilter: "expand", "limit", "offset", "order", "sort", "status";
    TimeRangeFilter: "end_time", "start_time";
}

/// Which part of the usage to hold against which revenue.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetCostAnalyticsRequest {
    /// End of the range; goes with its start.
    pub end_time: Option<DateTime>,
    /// Related records to embed: `meter`, `price`.
    pub expand: Option<Vec<String>>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Only these features.
    pub feature_ids: Option<Vec<String>>,
    /// Adds the usage of inherited subscriptions.
    pub include_children: Option<bool>,
    /// Most items that the answer lists; 0 or absent lists them all. Totals are of all.
    pub limit: Option<i64>,
    /// Items to skip.
    pub offset: Option<i64>,
    /// Accepted values by property; all properties must match.
    pub property_filters: Option<BTreeMap<String, Vec<String>>>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
}

/// What usage cost and what it brought in.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetDetailedCostAnalyticsResponse {
    /// One item per meter, or per line of a customer with subscriptions.
    pub cost_analytics: Vec<CostAnalyticItem>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// Revenue less cost.
    pub margin: Decimal,
    /// The margin in per cent of the revenue.
    pub margin_percent: Decimal,
    /// The margin as a part of the cost.
    pub roi: Decimal,
    /// The same in per cent.
    pub roi_percent: Decimal,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// Sum of the costs in the currency of the answer.
    pub total_cost: Decimal,
    /// What usage analytics charge for the same usage.
    pub total_revenue: Decimal,
}

/// What the usage of one meter cost.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostAnalyticItem {
    /// One point per bucket of a bucketed meter.
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
    /// Name of the meter.
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
    /// What it cost.
    pub total_cost: Decimal,
    /// Number of events.
    pub total_events: i64,
    /// Number of units.
    pub total_quantity: Decimal,
}

/// What one bucket cost.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostPoint {
    /// Cost.
    pub cost: Decimal,
    /// Number of events.
    pub event_count: i64,
    /// Number of units.
    pub quantity: Decimal,
    /// Start of the bucket.
    #[schema(value_type = String)]
    pub timestamp: DateTime,
}

/// What `expand` of cost analytics may name (spec 03 §4.7).
const ANALYTICS_EXPAND: [&str; 2] = ["meter", "price"];

impl CreateCostsheetRequest {
    /// Checks the field rules (spec 03 §3.9).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        // An empty key is none.
        errors.length("lookup_key", self.lookup_key.as_deref(), 0, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl UpdateCostsheetRequest {
    /// Checks the field rules (spec 03 §3.9).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.length("lookup_key", self.lookup_key.as_deref(), 1, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl CostsheetFilter {
    /// The members that every list shares, checked and with defaults applied.
    ///
    /// # Errors
    /// `validation_error` when one is out of bounds (spec 01 A10, A11).
    pub fn list_options(&self) -> Result<ListOptions, ApiError> {
        let query = self.query_filter.clone().unwrap_or_default();
        let range = self.time_range_filter.clone().unwrap_or_default();
        let conditions = self.sort.clone().filter(|keys| !keys.is_empty());
        ListQuery {
            limit: query.limit,
            offset: query.offset,
            order: query.order,
            status: self.status.or(query.status),
            expand: query.expand,
            sort: conditions.map(Sort::Conditions).or(query.sort.map(Sort::Field)),
            filters: self.filters.clone(),
            start_time: range.start_time,
            end_time: range.end_time,
        }
        .resolve()
    }
}

impl GetCostAnalyticsRequest {
    /// Checks the field rules (spec 03 §4.7).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.time_range(self.start_time, self.end_time);
        if self.start_time.is_some() != self.end_time.is_some() {
            let missing = if self.start_time.is_none() {
                "start_time"
            } else {
                "end_time"
            };
            errors.add(missing, "is required with the other bound");
        }
        errors.at_most("feature_ids", self.feature_ids.as_deref(), IDS_MAX);
        errors.property_filters("property_filters", self.property_filters.as_ref());
        let known = |entry: &String| ANALYTICS_EXPAND.contains(&entry.as_str());
        errors.check(
            self.expand.iter().flatten().all(known),
            "expand",
            "must name meter or price",
        );
        errors.finish()?;
        resolve_limit(self.limit)?;
        resolve_offset(self.offset).map(drop)
    }

    /// Whether `expand` names `entry`.
    #[must_use]
    pub fn expands(&self, entry: &str) -> bool {
        self.expand.iter().flatten().any(|asked| asked == entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_a_filter_are_read_in_any_letter_case() {
        for body in [
            r#"{"queryFilter":{"limit":2,"offset":1},"costsheetIDs":["a"],"timeRangeFilter":{"start_time":"2026-01-01T00:00:00Z"}}"#,
            r#"{"QueryFilter":{"Limit":2,"OFFSET":1},"costsheetids":["a"],"TimeRangeFilter":{"Start_Time":"2026-01-01T00:00:00Z"}}"#,
        ] {
            let filter: CostsheetFilter = serde_json::from_str(body).unwrap();
            let options = filter.list_options().unwrap();
            assert_eq!((options.limit, options.offset), (2, 1), "{body}");
            assert_eq!(
                filter.costsheet_ids.as_deref(),
                Some(["a".to_owned()].as_slice()),
                "{body}"
            );
            assert!(options.start_time.is_some(), "{body}");
        }
    }

    #[test]
    fn paging_beside_the_query_filter_has_no_effect() {
        let filter: CostsheetFilter = serde_json::from_str(r#"{"limit":2,"offset":7,"status":"gone"}"#).unwrap();
        let options = filter.list_options().unwrap();
        assert_eq!((options.limit, options.offset), (50, 0));
        assert_eq!(options.status, Some(StatusFilter::Nothing));
    }

    #[test]
    fn analytics_take_both_bounds_or_none() {
        for (body, failing) in [
            ("{}", None),
            (
                r#"{"start_time":"2026-01-01T00:00:00Z","end_time":"2026-01-01T00:00:00Z"}"#,
                None,
            ),
            (r#"{"start_time":"2026-01-01T00:00:00Z"}"#, Some("end_time")),
            (r#"{"end_time":"2026-01-01T00:00:00Z"}"#, Some("start_time")),
            (
                r#"{"start_time":"2026-01-02T00:00:00Z","end_time":"2026-01-01T00:00:00Z"}"#,
                Some("end_time"),
            ),
            (r#"{"expand":["meter","price"]}"#, None),
            (r#"{"expand":["plan"]}"#, Some("expand")),
            (r#"{"limit":1001}"#, Some("limit")),
            (r#"{"offset":-1}"#, Some("offset")),
        ] {
            let request: GetCostAnalyticsRequest = serde_json::from_str(body).unwrap();
            let field = request
                .validate()
                .err()
                .and_then(|error| error.details.into_keys().next());
            assert_eq!(field.as_deref(), failing, "{body}");
        }
    }
}
