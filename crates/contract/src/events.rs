//! Usage events on the wire: ingestion and raw lists (spec 02 §2.4, §3.3, §3.4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use utoipa::ToSchema;

use crate::metadata::Metadata;
use crate::time::DateTime;

/// One usage event.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct IngestEventRequest {
    /// Stored as it is; never resolved.
    pub customer_id: Option<String>,
    /// The caller's idempotency key of the event.
    pub event_id: Option<String>,
    /// Name of the events.
    #[schema(required = true)]
    pub event_name: Option<String>,
    /// The caller's own id of the customer; the customer need not exist yet.
    #[schema(required = true)]
    pub external_customer_id: Option<String>,
    /// Free members of the event.
    #[schema(value_type = Option<Metadata>)]
    pub properties: Option<Map<String, Value>>,
    /// Where the events come from.
    pub source: Option<String>,
    /// When it happened; absent means now.
    #[schema(value_type = Option<String>)]
    pub timestamp: Option<DateTime>,
}

/// A batch of usage events: all are accepted, or none.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct BulkIngestEventRequest {
    /// The events.
    #[schema(required = true, min_items = 1, max_items = 1000)]
    pub events: Option<Vec<IngestEventRequest>>,
}

/// Which raw events to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetEventsRequest {
    /// End of the range.
    pub end_time: Option<DateTime>,
    /// The caller's idempotency key of the event.
    pub event_id: Option<String>,
    /// Name of the events.
    pub event_name: Option<String>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Only events newer than this key.
    pub iter_first_key: Option<String>,
    /// Only events older than this key.
    pub iter_last_key: Option<String>,
    /// Items to skip.
    pub offset: Option<i64>,
    /// `asc` or `desc`.
    pub order: Option<String>,
    /// Events of a page.
    pub page_size: Option<i64>,
    /// Accepted values by property; all properties must match.
    pub property_filters: Option<BTreeMap<String, Vec<String>>>,
    /// `timestamp` or `event_name`.
    pub sort: Option<String>,
    /// Where the events come from.
    pub source: Option<String>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
}

/// A page of raw events.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetEventsResponse {
    /// The events.
    pub events: Vec<Event>,
    /// Whether another page follows.
    pub has_more: bool,
    /// Key of the newest event of the page.
    pub iter_first_key: Option<String>,
    /// Key of the oldest event of the page.
    pub iter_last_key: Option<String>,
    /// Offset of the next page; absent when paging by keys.
    pub offset: Option<i64>,
    /// Matching events.
    pub total_count: Option<i64>,
}

/// A raw event.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// Id of the customer.
    pub customer_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Name of the events.
    pub event_name: String,
    /// The caller's own id of the customer.
    pub external_customer_id: String,
    /// Id of the record.
    pub id: String,
    /// Free members of the event.
    #[serialize_always]
    pub properties: Option<Map<String, Value>>,
    /// Where the events come from.
    pub source: String,
    /// When it happened.
    #[schema(value_type = String)]
    pub timestamp: DateTime,
}

/// Which inference requests to price.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetHuggingFaceBillingDataRequest {
    /// Ids of the inference requests.
    #[serde(rename = "requestIds")]
    #[schema(required = true, min_items = 1)]
    pub request_ids: Option<Vec<String>>,
}

/// The cost of each inference request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetHuggingFaceBillingDataResponse {
    /// Requests.
    pub requests: Vec<EventCostInfo>,
}

/// What one inference request costs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventCostInfo {
    /// Cost in billionths of a US dollar.
    #[serde(rename = "costNanoUsd")]
    pub cost_nano_usd: Decimal,
    /// Id of the inference request.
    #[serde(rename = "requestId")]
    pub request_id: String,
}
