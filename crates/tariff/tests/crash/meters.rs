//! Usage per meter against a fold over the raw list (spec 02 §4.6).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tariff_core::Timestamp;

use crate::ledger::Content;
use crate::support::client::{Client, text};

/// Name of the metered events.
pub const EVENT_NAME: &str = "call";
/// A range that holds every event.
pub const START: &str = "2025-01-01T00:00:00Z";
pub const END: &str = "2035-01-01T00:00:00Z";

/// The aggregations, with the fields they need.
const AGGREGATIONS: [(&str, Option<&str>); 5] = [
    ("SUM", Some("v")),
    ("COUNT", None),
    ("MAX", Some("v")),
    ("LATEST", Some("v")),
    ("COUNT_UNIQUE", Some("user")),
];

/// A meter per aggregation, by its id.
pub struct Meters(BTreeMap<String, &'static str>);

impl Meters {
    /// Creates the meters, each with a feature.
    pub fn create(api: &Client) -> Self {
        let create = |(kind, field): (&'static str, Option<&str>)| {
            let body = json!({
                "name": kind, "type": "metered",
                "meter": {
                    "name": kind, "event_name": EVENT_NAME, "reset_usage": "BILLING_PERIOD",
                    "aggregation": { "type": kind, "field": field },
                },
            });
            (text(&api.post("/v1/features", &body).expect(201), "/meter_id"), kind)
        };
        Self(AGGREGATIONS.into_iter().map(create).collect())
    }

    /// Says where the usage of one customer, or of all, differs from that of these events, which are all there are.
    pub fn differences(&self, api: &Client, customer: Option<&str>, events: &[Content]) -> Vec<String> {
        let metered: Vec<&Content> = events.iter().filter(|event| event.event_name == EVENT_NAME).collect();
        let mut wrong = self.raw(api, customer, &metered);
        wrong.extend(self.recorded(api, customer, &metered));
        wrong
    }

    /// Raw usage: numbers as they are, the outcome never below zero.
    fn raw(&self, api: &Client, customer: Option<&str>, events: &[&Content]) -> Vec<String> {
        let mut wrong = Vec::new();
        for (id, kind) in &self.0 {
            let question = json!({
                "meter_id": id, "external_customer_id": customer, "start_time": START, "end_time": END,
            });
            let answer = api.post("/v1/events/usage/meter", &question).expect(200);
            let value = answer["value"].as_i64().unwrap_or_default();
            let expected: BTreeSet<i64> = fold(kind, events).into_iter().map(|value| value.max(0)).collect();
            if !expected.contains(&value) {
                wrong.push(format!("{kind} of {customer:?} is {answer}, not {expected:?}"));
            }
        }
        wrong
    }

    /// Recorded usage, in all and by day: no number is below zero to begin with.
    fn recorded(&self, api: &Client, customer: Option<&str>, events: &[&Content]) -> Vec<String> {
        let question = json!({
            "external_customer_id": customer, "start_time": START, "end_time": END, "window_size": "DAY",
        });
        let answer = api.post("/v1/events/analytics", &question).expect(200);
        let items = answer["items"].as_array().unwrap();
        let clamped: Vec<Content> = events
            .iter()
            .map(|event| Content {
                value: event.value.max(0),
                ..(*event).clone()
            })
            .collect();
        let mut days: BTreeMap<Timestamp, Vec<&Content>> = BTreeMap::new();
        for event in &clamped {
            days.entry(day_of(event.at)).or_default().push(event);
        }
        let all: Vec<&Content> = clamped.iter().collect();
        let mut wrong = Vec::new();
        for (id, kind) in &self.0 {
            let item = items.iter().find(|item| item["meter_id"] == id.as_str());
            let Some(item) = item else {
                if !events.is_empty() {
                    wrong.push(format!("analytics of {customer:?} have no {kind}"));
                }
                continue;
            };
            let points = item["points"].as_array().map(Vec::as_slice).unwrap_or_default();
            let labels: Vec<Timestamp> = points
                .iter()
                .map(|point| text(point, "/timestamp").parse().unwrap())
                .collect();
            let is_right = agrees(kind, &item["total_usage"], &item["event_count"], &all)
                && labels.iter().eq(days.keys())
                && points
                    .iter()
                    .zip(days.values())
                    .all(|(point, events)| agrees(kind, &point["usage"], &point["event_count"], events));
            if !is_right {
                let expected: Vec<_> = days
                    .iter()
                    .map(|(day, events)| (day, fold(kind, events), events.len()))
                    .collect();
                wrong.push(format!(
                    "analytics of {customer:?} say {item}, not {:?} with {expected:?}",
                    fold(kind, &all)
                ));
            }
        }
        wrong
    }
}

fn agrees(kind: &str, usage: &Value, event_count: &Value, events: &[&Content]) -> bool {
    let usage = usage.as_str().and_then(|usage| usage.parse().ok());
    usage.is_some_and(|usage| fold(kind, events).contains(&usage))
        && event_count.as_u64() == u64::try_from(events.len()).ok()
}

/// What these events amount to; several answers where the order of delivery would have to decide.
fn fold(kind: &str, events: &[&Content]) -> BTreeSet<i64> {
    let values = events.iter().map(|event| event.value);
    let count = |count: usize| i64::try_from(count).unwrap();
    match kind {
        "SUM" => [values.sum()].into(),
        "COUNT" => [count(events.len())].into(),
        "MAX" => [values.max().unwrap_or_default()].into(),
        "COUNT_UNIQUE" => {
            let users: BTreeSet<&str> = events.iter().map(|event| event.user.as_str()).collect();
            [count(users.len())].into()
        }
        "LATEST" => match events.iter().map(|event| event.at).max() {
            None => [0].into(),
            Some(newest) => {
                let newest = events.iter().filter(|event| event.at == newest);
                newest.map(|event| event.value).collect()
            }
        },
        _ => panic!("no fold for {kind}"),
    }
}

/// Midnight before it, UTC.
fn day_of(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second().div_euclid(86_400) * 86_400).unwrap()
}
