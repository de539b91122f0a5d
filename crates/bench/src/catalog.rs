//! The three features whose meters every event of the workload touches, and the questions about them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Result;
use crate::cli::ThirdMeter;
use crate::http::Connection;
use crate::request::Head;
use crate::workload::{EVENT_NAME, MONTH_END, MONTH_START, STATUSES, customer_name};

/// A feature with its meter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Feature {
    /// What it measures, for people.
    pub name: String,
    /// `feat_…`
    pub feature_id: String,
    /// `meter_…`
    pub meter_id: String,
}

/// Where a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `POST /v1/events/usage/meter`
    Meter,
    /// `POST /v1/events/analytics`, limited to one feature.
    Analytics,
}

impl Route {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Meter, Self::Analytics];

    /// The path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Meter => "/v1/events/usage/meter",
            Self::Analytics => "/v1/events/analytics",
        }
    }

    /// The request for the month's usage of a customer.
    pub fn question(self, head: &Head, feature: &Feature, customer: u32) -> Vec<u8> {
        let customer = customer_name(customer);
        let body = match self {
            Self::Meter => json!({
                "meter_id": feature.meter_id, "external_customer_id": customer,
                "start_time": MONTH_START, "end_time": MONTH_END,
            }),
            Self::Analytics => json!({
                "feature_ids": [feature.feature_id], "external_customer_id": customer,
                "start_time": MONTH_START, "end_time": MONTH_END,
            }),
        };
        head.post(self.path(), body.to_string().as_bytes())
    }

    /// The quantity in an answer.
    pub fn quantity(self, answer: &Value) -> f64 {
        let value = match self {
            Self::Meter => &answer["value"],
            Self::Analytics => &answer["items"][0]["total_usage"],
        };
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.parse().unwrap_or_default()
    }
}

/// The request for the month's usage of a customer on all meters.
pub fn question_of_all_meters(head: &Head, customer: u32) -> Vec<u8> {
    let body = json!({
        "external_customer_id": customer_name(customer), "start_time": MONTH_START, "end_time": MONTH_END,
    });
    head.post(Route::Analytics.path(), body.to_string().as_bytes())
}

/// Creates the features: a sum of tokens, a count with a filter, and the third one.
pub async fn create(head: &Head, connection: &mut Connection, third: ThirdMeter) -> Result<Vec<Feature>> {
    let third = match third {
        ThirdMeter::Unique => ("Users", json!({"type": "COUNT_UNIQUE", "field": "user"})),
        ThirdMeter::Max => ("Largest request", json!({"type": "MAX", "field": "tokens"})),
    };
    let filter = json!([{"key": "status", "values": [STATUSES[0]]}]);
    let mut features = Vec::new();
    for (name, aggregation, filters) in [
        ("Tokens", json!({"type": "SUM", "field": "tokens"}), json!([])),
        ("Requests", json!({"type": "COUNT"}), filter),
        (third.0, third.1, json!([])),
    ] {
        let body = json!({
            "name": name, "type": "metered",
            "meter": {
                "name": name, "event_name": EVENT_NAME, "aggregation": aggregation, "filters": filters,
                "reset_usage": "BILLING_PERIOD",
            },
        });
        let created = connection
            .json(&head.post("/v1/features", body.to_string().as_bytes()), 201)
            .await?;
        let text = |name: &str| {
            created[name]
                .as_str()
                .map(str::to_owned)
                .ok_or(format!("a feature without {name}"))
        };
        features.push(Feature {
            name: name.to_owned(),
            feature_id: text("id")?,
            meter_id: text("meter_id")?,
        });
    }
    Ok(features)
}
