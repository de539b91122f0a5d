//! Usage events on the wire: ingestion and raw lists (spec 02 §2.4, §3.3, §3.4).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_with::skip_serializing_none;
use tariff_core::aggregation::number_out_of_range;
use tariff_core::{Decimal, Timestamp};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::validate::FieldErrors;

/// One usage event.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct IngestEventRequest {
    /// Name of the events.
    #[schema(required = true)]
    pub event_name: Option<String>,
    /// The caller's idempotency key of the event.
    pub event_id: Option<String>,
    /// Stored as it is; never resolved.
    pub customer_id: Option<String>,
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
    /// The events. A `null` is refused by the check, so that the answer can tell its place.
    #[schema(value_type = Option<Vec<IngestEventRequest>>, required = true, min_items = 1, max_items = 1000)]
    pub events: Option<Vec<Option<IngestEventRequest>>>,
}

/// Which raw events to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GetEventsRequest {
    /// Name of the events.
    pub event_name: Option<String>,
    /// The caller's idempotency key of the event.
    pub event_id: Option<String>,
    /// End of the range.
    pub end_time: Option<DateTime>,
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
    /// Id of the record.
    pub id: String,
    /// Name of the events.
    pub event_name: String,
    /// Id of the customer.
    pub customer_id: String,
    /// The caller's own id of the customer.
    pub external_customer_id: String,
    /// Free members of the event: a JSON object, as it was sent.
    #[serialize_always]
    #[schema(value_type = Option<Object>)]
    pub properties: Option<Box<RawValue>>,
    /// Where the events come from.
    pub source: String,
    /// When it happened.
    #[schema(value_type = String)]
    pub timestamp: DateTime,
    /// Environment of the record.
    pub environment_id: String,
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

/// Most events of one batch.
pub const BATCH_EVENTS_MAX: usize = 1000;

/// Longest name of an event, in bytes: 255 characters of four bytes.
const EVENT_NAME_BYTES_MAX: usize = 1_020;
/// Longest event id and external customer id of an event, in bytes.
const EVENT_KEY_BYTES_MAX: usize = 4_096;

/// Says that events are accepted and durable.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IngestEventResponse {
    /// What happened.
    pub message: String,
    /// Of a single event: the key that was sent, or a new one.
    pub event_id: Option<String>,
}

impl IngestEventRequest {
    /// Checks the field rules (spec 02 §2.4).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        self.check(&mut errors);
        errors.finish()
    }

    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        let name = self.event_name.as_deref().map(str::trim);
        errors.check(name.is_some_and(|name| !name.is_empty()), "event_name", "is required");
        errors.required("external_customer_id", self.external_customer_id.as_ref());
        for (field, text, bytes_max) in [
            ("event_name", name, EVENT_NAME_BYTES_MAX),
            ("event_id", self.event_id.as_deref(), EVENT_KEY_BYTES_MAX),
            (
                "external_customer_id",
                self.external_customer_id.as_deref(),
                EVENT_KEY_BYTES_MAX,
            ),
        ] {
            if text.is_some_and(|text| text.len() > bytes_max) {
                errors.add(field, format!("must have at most {bytes_max} bytes"));
            }
        }
        Self::check_properties("properties", self.properties.as_deref(), errors);
    }

    /// Records what is wrong with the free members of an event, sent as `field`.
    pub(crate) fn check_properties(field: &str, sent: Option<&RawValue>, errors: &mut FieldErrors) {
        let Some(sent) = sent.map(RawValue::get) else { return };
        errors.check(sent.starts_with('{'), field, "must be a JSON object");
        if let Some(key) = number_out_of_range(sent) {
            errors.add(format!("{field}.{key}"), "is a number out of range");
        }
    }

    /// When the event happened, in whole milliseconds: what was sent, or `received` when the member is absent or the
    /// zero time `0001-01-01T00:00:00Z`. Finer digits are cut (spec 02 §2.4).
    #[must_use]
    pub fn occurred_at(&self, received: Timestamp) -> Timestamp {
        let sent = self
            .timestamp
            .map(|time| time.0)
            .filter(|time| time.as_nanosecond() != ZERO_TIME_NANOSECOND);
        let instant = sent.unwrap_or(received);
        Timestamp::from_millisecond(
            instant
                .as_nanosecond()
                .div_euclid(1_000_000)
                .try_into()
                .unwrap_or(i64::MAX),
        )
        .unwrap_or(instant)
    }
}

/// Unix nanosecond of `0001-01-01T00:00:00Z`, which some clients send for "not set".
const ZERO_TIME_NANOSECOND: i128 = -62_135_596_800_000_000_000;

impl BulkIngestEventRequest {
    /// Checks the size of the batch and every event, so that all or none are accepted.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("events", self.events.as_ref());
        let count = self.events.as_ref().map_or(0, Vec::len);
        errors.check(count <= BATCH_EVENTS_MAX, "events", "must have at most 1000 items");
        // Not by `FieldErrors::each`, which makes a name for every event: almost all of them are valid.
        for (index, event) in self.events.iter().flatten().enumerate() {
            let mut inner = FieldErrors::new();
            match event {
                Some(event) => event.check(&mut inner),
                None => errors.add(format!("events[{index}]"), "is required"),
            }
            if !inner.is_empty() {
                errors.nested(&format!("events[{index}]"), inner);
            }
        }
        errors.finish()
    }
}

impl GetEventsRequest {
    /// Checks the field rules (spec 02 §3.4). Defaults of the time range need a clock and are applied elsewhere.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let word = |value: &Option<String>, allowed: &[&str]| {
            value
                .as_deref()
                .is_none_or(|value| value.is_empty() || allowed.contains(&value))
        };
        errors.check(
            word(&self.sort, &["timestamp", "event_name"]),
            "sort",
            "must be timestamp or event_name",
        );
        errors.check(word(&self.order, &["asc", "desc"]), "order", "must be asc or desc");
        errors.time_range(self.start_time, self.end_time);
        errors.property_filters("property_filters", self.property_filters.as_ref());
        for (field, key) in [
            ("iter_first_key", &self.iter_first_key),
            ("iter_last_key", &self.iter_last_key),
        ] {
            let key = key.as_deref().filter(|key| !key.is_empty());
            errors.check(
                key.is_none_or(|key| EventKey::parse(key).is_some()),
                field,
                "is not a key of a page",
            );
        }
        errors.finish()
    }
}

/// Place of an event in a list: `<unix nanoseconds>::<event id>` (spec 02 §3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventKey {
    /// When the event happened.
    pub nanoseconds: i128,
    /// The event's id, which may itself contain `::`.
    pub event_id: String,
}

impl EventKey {
    /// Reads a key; `None` when its shape is wrong.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (nanoseconds, event_id) = text.split_once("::")?;
        Some(Self {
            nanoseconds: nanoseconds.parse().ok()?,
            event_id: event_id.to_owned(),
        })
    }
}

impl std::fmt::Display for EventKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}::{}", self.nanoseconds, self.event_id)
    }
}

/// Property filters in the form of a query string, `key1:v1,v2;key2:v3`. A group without exactly one `:` is ignored
/// (spec 02 §3.4).
#[must_use]
pub fn parse_property_filters(text: &str) -> BTreeMap<String, Vec<String>> {
    let groups = text.split(';').filter_map(|group| {
        let (key, values) = group.split_once(':')?;
        let well_formed = !key.trim().is_empty() && !values.contains(':');
        well_formed.then(|| {
            (
                key.trim().to_owned(),
                values.split(',').map(|value| value.trim().to_owned()).collect(),
            )
        })
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_customers_are_mandatory() {
        for (body, valid) in [
            (r#"{"event_name":"api_call","external_customer_id":"c"}"#, true),
            (r#"{"event_name":" ","external_customer_id":"c"}"#, false),
            (r#"{"event_name":"api_call","customer_id":"c"}"#, false),
            (
                r#"{"event_name":"api_call","external_customer_id":"c","properties":[]}"#,
                false,
            ),
            (
                r#"{"event_name":"api_call","external_customer_id":"c","properties":null}"#,
                true,
            ),
            (
                r#"{"event_name":"api_call","external_customer_id":"c","properties": {"a":1}}"#,
                true,
            ),
        ] {
            let request: IngestEventRequest = serde_json::from_str(body).unwrap();
            assert_eq!(request.validate().is_ok(), valid, "{body}");
        }
        for body in [r#"{"timestamp":""}"#, r#"{"timestamp":"2024-01-01"}"#] {
            assert!(serde_json::from_str::<IngestEventRequest>(body).is_err(), "{body}");
        }
    }

    #[test]
    fn times_are_cut_to_milliseconds_and_default_to_receipt() {
        let received: Timestamp = "2024-05-01T10:00:00.9999Z".parse().unwrap();
        for (body, instant) in [
            ("{}", "2024-05-01T10:00:00.999Z"),
            (r#"{"timestamp":null}"#, "2024-05-01T10:00:00.999Z"),
            (r#"{"timestamp":"0001-01-01T00:00:00Z"}"#, "2024-05-01T10:00:00.999Z"),
            (
                r#"{"timestamp":"0001-01-01T02:00:00+02:00"}"#,
                "2024-05-01T10:00:00.999Z",
            ),
            (
                r#"{"timestamp":"0001-01-01T00:00:00.001Z"}"#,
                "0001-01-01T00:00:00.001Z",
            ),
            (
                r#"{"timestamp":"2024-01-01T02:00:00.1239+02:00"}"#,
                "2024-01-01T00:00:00.123Z",
            ),
        ] {
            let request: IngestEventRequest = serde_json::from_str(body).unwrap();
            assert_eq!(request.occurred_at(received), instant.parse().unwrap(), "{body}");
        }
    }

    #[test]
    fn a_batch_names_its_bad_events() {
        let body = r#"{"events":[{"event_name":"a","external_customer_id":"c"},{"event_name":"a"},null]}"#;
        let request: BulkIngestEventRequest = serde_json::from_str(body).unwrap();
        let error = request.validate().unwrap_err();
        assert_eq!(
            error.details.into_keys().collect::<Vec<_>>(),
            ["events[1].external_customer_id", "events[2]"]
        );
        assert!(BulkIngestEventRequest::default().validate().is_err());
    }

    #[test]
    fn keys_are_split_at_the_first_separator() {
        let key = EventKey::parse("1700000000000000000::a::b").unwrap();
        assert_eq!(
            (key.nanoseconds, key.event_id.as_str()),
            (1_700_000_000_000_000_000, "a::b")
        );
        assert_eq!(key.to_string(), "1700000000000000000::a::b");
        assert!(EventKey::parse("x::a").is_none() && EventKey::parse("1").is_none());
    }

    #[test]
    fn property_filters_of_query_strings() {
        let filters = parse_property_filters("model:a,b;region:eu;bad;x:y:z");
        assert_eq!(filters.keys().collect::<Vec<_>>(), ["model", "region"]);
        assert_eq!(filters["model"], ["a", "b"]);
    }
}
