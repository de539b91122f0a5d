//! Events as collectors send them (spec 02 §3.9).
//!
//! The specification leaves the collectors' format open. Two are read, told apart object by object: a CloudEvents 1.0
//! event in its JSON form, which has the member `specversion`, and an event's own members as at `POST /v1/events`.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::events::{BATCH_EVENTS_MAX, IngestEventRequest};
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::decode_body;

/// A batch of events as a collector sends them: all are accepted, or none.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RawEventsRequest {
    /// JSON objects: CloudEvents 1.0, or events as at `POST /v1/events`.
    #[schema(value_type = Option<Vec<Object>>, required = true, min_items = 1, max_items = 1000)]
    pub events: Option<Vec<Option<Box<RawValue>>>>,
}

/// Says that a batch is accepted and durable.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RawEventsResponse {
    /// What happened.
    pub message: String,
    /// Objects of the batch, also those that the tenant's filter drops.
    pub batch_size: usize,
}

/// Which raw events to feed again.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReprocessRawEventsRequest {
    /// Earliest instant, inclusive.
    #[schema(required = true)]
    pub start_date: Option<DateTime>,
    /// Latest instant; absent means now.
    pub end_date: Option<DateTime>,
    /// Only of these customers.
    pub external_customer_ids: Option<Vec<String>>,
    /// Only of these names.
    pub event_names: Option<Vec<String>>,
    /// Only these events.
    pub event_ids: Option<Vec<String>>,
    /// Events of one step; 0 or absent means 1000.
    pub batch_size: Option<i64>,
}

impl RawEventsRequest {
    /// The events of the batch, each checked by the rules of spec 02 §2.4.
    ///
    /// # Errors
    /// `validation_error` with every failing field, for a batch of none or too many and for any object that is no event.
    pub fn into_events(self) -> Result<Vec<IngestEventRequest>, ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("events", self.events.as_ref());
        let mut objects = self.events.unwrap_or_default();
        if objects.len() > BATCH_EVENTS_MAX {
            errors.add("events", "must have at most 1000 items");
            // Not even looked at.
            objects.clear();
        }
        let mut events = Vec::with_capacity(objects.len());
        for (index, object) in objects.into_iter().enumerate() {
            let place = format!("events[{index}]");
            let mut inner = FieldErrors::new();
            match object.as_deref().map(|object| event(object, &mut inner)) {
                Some(Ok(event)) => events.push(event),
                Some(Err(_)) => errors.add(&place, "is not an event"),
                None => errors.add(&place, "is required"),
            }
            errors.nested(&place, inner);
        }
        errors.finish()?;
        Ok(events)
    }
}

impl ReprocessRawEventsRequest {
    /// Checks the field rules (spec 02 §3.9), given what "now" is.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self, now: DateTime) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.present("start_date", self.start_date.as_ref());
        let end = self.end_date.unwrap_or(now);
        let ordered = self.start_date.is_none_or(|start| start <= end);
        errors.check(ordered, "start_date", "must not be after end_date");
        let size = self.batch_size.unwrap_or_default();
        errors.check(size >= 0, "batch_size", "must not be negative");
        errors.finish()
    }
}

/// Tells the two formats apart.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Marks {
    specversion: Option<IgnoredAny>,
}

/// The members of a CloudEvent that mean something here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct CloudEvent {
    specversion: Option<String>,
    id: Option<String>,
    source: Option<String>,
    r#type: Option<String>,
    subject: Option<String>,
    time: Option<DateTime>,
    data: Option<Box<RawValue>>,
    data_base64: Option<IgnoredAny>,
}

fn event(object: &RawValue, errors: &mut FieldErrors) -> Result<IngestEventRequest, ApiError> {
    let json = object.get().as_bytes();
    let marks: Marks = decode_body(json)?;
    if marks.specversion.is_some() {
        let event: CloudEvent = decode_body(json)?;
        event.check(errors);
        let event: IngestEventRequest = event.into();
        if errors.is_empty() {
            // The lengths, by the names that both formats share.
            event.check(errors);
        }
        return Ok(event);
    }
    let event: IngestEventRequest = decode_body(json)?;
    event.check(errors);
    Ok(event)
}

impl CloudEvent {
    fn check(&self, errors: &mut FieldErrors) {
        errors.check(self.specversion.as_deref() == Some("1.0"), "specversion", "must be 1.0");
        errors.required("id", self.id.as_ref());
        errors.required("source", self.source.as_ref());
        let named = self.r#type.as_ref().is_some_and(|name| !name.trim().is_empty());
        errors.check(named, "type", "is required");
        errors.required("subject", self.subject.as_ref());
        errors.check(self.data_base64.is_none(), "data_base64", "is not supported; send data");
        IngestEventRequest::check_properties("data", self.data.as_deref(), errors);
    }
}

impl From<CloudEvent> for IngestEventRequest {
    fn from(event: CloudEvent) -> Self {
        Self {
            event_name: event.r#type,
            event_id: event.id,
            external_customer_id: event.subject,
            timestamp: event.time,
            source: event.source,
            properties: event.data,
            customer_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<IngestEventRequest>, Vec<String>> {
        let request: RawEventsRequest = decode_body(json.as_bytes()).unwrap();
        request
            .into_events()
            .map_err(|error| error.details.into_keys().collect())
    }

    #[test]
    fn both_formats_are_read() {
        let own =
            r#"{"event_name":"call","external_customer_id":"c","event_id":"e1","type":7,"properties":{"v":1.50}}"#;
        let cloud = r#"{"specversion":"1.0","id":"e2","source":"/gateway","type":"call","subject":"c",
            "time":"2026-01-01T00:00:00Z","datacontenttype":"application/json","data":{"v":"2"},"extension":1}"#;
        let events = read(&format!(r#"{{"events":[{own},{cloud}],"more":1}}"#)).unwrap();
        let ids: Vec<_> = events.iter().map(|event| event.event_id.as_deref().unwrap()).collect();
        assert_eq!(ids, ["e1", "e2"]);
        assert_eq!(events[1].event_name.as_deref(), Some("call"));
        assert_eq!(events[1].external_customer_id.as_deref(), Some("c"));
        assert_eq!(events[1].source.as_deref(), Some("/gateway"));
        assert_eq!(events[1].timestamp.unwrap().to_string(), "2026-01-01T00:00:00Z");
        let properties = |index: usize| events[index].properties.as_ref().unwrap().get();
        assert_eq!((properties(0), properties(1)), (r#"{"v":1.50}"#, r#"{"v":"2"}"#));
    }

    #[test]
    fn every_failing_member_is_named() {
        let cloud = |members: &str| {
            format!(
                r#"{{"events":[{{"specversion":"1.0","id":"e","source":"s","type":"t","subject":"c",{members}}}]}}"#
            )
        };
        for (json, fields) in [
            ("{}".to_owned(), &["events"][..]),
            (r#"{"events":[]}"#.to_owned(), &["events"]),
            (
                r#"{"events":[1,null,[]]}"#.to_owned(),
                &["events[0]", "events[1]", "events[2]"],
            ),
            (
                r#"{"events":[{"event_name":" "}]}"#.to_owned(),
                &["events[0].event_name", "events[0].external_customer_id"],
            ),
            (
                r#"{"events":[{"specversion":"0.3"}]}"#.to_owned(),
                &[
                    "events[0].id",
                    "events[0].source",
                    "events[0].specversion",
                    "events[0].subject",
                    "events[0].type",
                ],
            ),
            (cloud(r#""data":"text""#), &["events[0].data"]),
            (cloud(r#""data":{"v":1e999}"#), &["events[0].data.v"]),
            (cloud(r#""data_base64":"AA==""#), &["events[0].data_base64"]),
            (cloud(r#""time":"yesterday""#), &["events[0]"]),
        ] {
            assert_eq!(read(&json).unwrap_err(), fields, "{json}");
        }
        let many = vec![r#"{"event_name":"a","external_customer_id":"c"}"#; BATCH_EVENTS_MAX + 1].join(",");
        assert_eq!(read(&format!(r#"{{"events":[{many}]}}"#)).unwrap_err(), ["events"]);
    }

    #[test]
    fn a_range_to_feed_again_is_in_order() {
        let now: DateTime = "2026-01-20T00:00:00Z".parse().unwrap();
        for (json, valid) in [
            ("{}", false),
            (r#"{"start_date":"2026-01-20T00:00:00Z"}"#, true),
            (r#"{"start_date":"2026-01-20T00:00:01Z"}"#, false),
            (
                r#"{"start_date":"2026-02-01T00:00:00Z","end_date":"2026-02-01T00:00:00Z","batch_size":0}"#,
                true,
            ),
            (
                r#"{"start_date":"2026-02-02T00:00:00Z","end_date":"2026-02-01T00:00:00Z"}"#,
                false,
            ),
            (r#"{"start_date":"2026-01-01T00:00:00Z","batch_size":-1}"#, false),
        ] {
            let request: ReprocessRawEventsRequest = serde_json::from_str(json).unwrap();
            assert_eq!(request.validate(now).is_ok(), valid, "{json}");
        }
    }
}
