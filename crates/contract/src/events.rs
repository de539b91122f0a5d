//! Usage events on the wire: ingestion and raw lists (spec 02 §2.4, §3.3, §3.4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use utoipa::ToSchema;

use crate::error::{ApiError, VALIDATION_MESSAGE};
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
    /// Free members of the event: a JSON object, kept as the text that was sent.
    #[schema(value_type = Option<Metadata>)]
    pub properties: Option<Box<RawValue>>,
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
    /// The events. A `null` is refused by [`BulkIngestEventRequest::check`], so that the answer can name its place.
    #[schema(value_type = Vec<IngestEventRequest>, required = true, min_items = 1, max_items = 1000)]
    pub events: Option<Vec<Option<IngestEventRequest>>>,
}

/// Most events of a batch (spec 02 §3.3).
pub const BATCH_EVENTS_MAX: usize = 1_000;

impl IngestEventRequest {
    /// Checks the field rules (spec 02 §2.4).
    ///
    /// # Errors
    /// `validation_error` with one detail per failing field.
    pub fn check(&self) -> Result<(), ApiError> {
        let mut failures = self.failures().peekable();
        if failures.peek().is_none() {
            return Ok(());
        }
        let error = ApiError::validation(VALIDATION_MESSAGE);
        Err(failures.fold(error, |error, (field, reason)| error.detail(field, reason)))
    }

    /// The failing fields, each with its reason. Costs nothing for an event without any.
    fn failures(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        let empty = |text: &Option<String>| text.as_deref().is_none_or(str::is_empty);
        let no_object = |properties: &Box<RawValue>| !properties.get().starts_with('{');
        [
            (blank(&self.event_name), "event_name", "is required"),
            (empty(&self.external_customer_id), "external_customer_id", "is required"),
            (
                self.properties.as_ref().is_some_and(no_object),
                "properties",
                "must be a JSON object",
            ),
        ]
        .into_iter()
        .filter_map(|(fails, field, reason)| fails.then_some((field, reason)))
    }
}

impl BulkIngestEventRequest {
    /// Checks the number of events, and the field rules of each (spec 02 §3.3).
    ///
    /// # Errors
    /// `validation_error` with one detail per failing field, such as `events[3].event_name`.
    pub fn check(self) -> Result<Vec<IngestEventRequest>, ApiError> {
        let events = self.events.unwrap_or_default();
        if events.is_empty() || events.len() > BATCH_EVENTS_MAX {
            let reason = format!("must have 1 to {BATCH_EVENTS_MAX} items");
            return Err(ApiError::validation(VALIDATION_MESSAGE).detail("events", reason));
        }
        let mut error = ApiError::validation(VALIDATION_MESSAGE);
        let mut checked = Vec::with_capacity(events.len());
        for (index, event) in events.into_iter().enumerate() {
            let Some(event) = event else {
                error = error.detail(format!("events[{index}]"), "is required");
                continue;
            };
            for (field, reason) in event.failures() {
                error = error.detail(format!("events[{index}].{field}"), reason);
            }
            checked.push(event);
        }
        if error.details.is_empty() {
            Ok(checked)
        } else {
            Err(error)
        }
    }
}

/// The answer to ingestion: accepted and durable.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventsAccepted {
    /// Text for people.
    pub message: String,
    /// Id of the single event, sent or generated.
    pub event_id: Option<String>,
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

impl GetEventsRequest {
    /// Reads property filters from the form they have in a query string, `key1:v1,v2;key2:v3`. A group without exactly
    /// one colon is ignored.
    #[must_use]
    pub fn property_filters_of(text: &str) -> BTreeMap<String, Vec<String>> {
        let group = |group: &str| {
            let (key, values) = group.split_once(':').filter(|(_, values)| !values.contains(':'))?;
            Some((
                key.trim().to_owned(),
                values.split(',').map(|value| value.trim().to_owned()).collect(),
            ))
        };
        text.split(';').filter_map(group).collect()
    }
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
    /// Free members of the event: a JSON object, as it was sent.
    #[serialize_always]
    #[schema(value_type = Option<Metadata>)]
    pub properties: Option<Box<RawValue>>,
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
