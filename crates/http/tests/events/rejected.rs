//! Reports of events that no meter records (spec 02 §3.3, `event.rejected`).

use std::time::Duration;

use serde_json::{Value, json};
use tariff_http::HttpOptions;
use tariff_usage::EmbeddedOptions;

use crate::support::Server;

const WINDOW: Duration = Duration::from_secs(600);

fn event(id: &str, name: &str, properties: Value) -> Value {
    json!({"event_id": id, "event_name": name, "external_customer_id": "cust_1", "properties": properties})
}

async fn reporting() -> Server {
    Server::start_with(EmbeddedOptions::default(), HttpOptions::default(), |config| {
        config.rejected_event_window = Some(WINDOW);
    })
    .await
}

/// Event id and reason of each report, the reports of one moment by event id.
async fn reports(server: &Server) -> Vec<(String, String)> {
    let mut reports = server.outbox("event.rejected").await;
    reports.sort_by_key(|report| (report.created_at.0, report.entity_id.clone()));
    let text = |payload: &Value, pointer: &str| payload.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    reports
        .iter()
        .map(|report| (report.entity_id.clone(), text(&report.payload.0, "/reason")))
        .collect()
}

fn report(id: &str, reason: &str) -> (String, String) {
    (id.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn nothing_is_reported_unless_it_is_turned_on() {
    let server = Server::start().await;
    server
        .post("/v1/events", &event("e1", "unknown", json!({})))
        .await
        .expect(202);
    assert!(reports(&server).await.is_empty());
}

#[tokio::test]
async fn each_name_is_reported_once_in_a_window() {
    let server = reporting().await;
    let first = event("e1", "unknown", json!({"model": "m", "tokens": 5}));
    server.post("/v1/events", &first).await.expect(202);
    for id in ["e2", "e3"] {
        server
            .post("/v1/events", &event(id, "unknown", json!({})))
            .await
            .expect(202);
    }
    let found = server.outbox("event.rejected").await;
    assert_eq!(found.len(), 1);
    let payload = &found[0].payload.0;
    assert_eq!(payload["reason"], "no_meter_for_event_name");
    assert_eq!(payload["event"]["id"], "e1");
    assert_eq!(payload["event"]["properties"], first["properties"]);
    assert_eq!(payload["event"]["external_customer_id"], "cust_1");
    // The events are stored and listed all the same.
    assert_eq!(server.listed(&json!({})).await.len(), 3);
    // A batch reports each of its names; the next window reports them again.
    let batch = json!({"events": [event("b1", "unknown", json!({})), event("b2", "other", json!({}))]});
    server.post("/v1/events/bulk", &batch).await.expect(202);
    let both = ["b2", "e1"].map(|id| report(id, "no_meter_for_event_name"));
    assert_eq!(reports(&server).await, both);
    server.set_time("2026-01-20T12:10:00Z");
    let raw = json!({"events": [event("r1", "unknown", json!({}))]});
    server.post("/v1/events/raw/bulk", &raw).await.expect(202);
    assert_eq!(reports(&server).await.len(), 3);
}

#[tokio::test]
async fn the_reason_tells_a_missing_meter_from_one_that_does_not_match() {
    let server = reporting().await;
    let meter = json!({
        "name": "m", "event_name": "api_call", "aggregation": {"type": "SUM", "expression": "v * 2"},
        "filters": [{"key": "region", "values": ["eu"]}], "reset_usage": "BILLING_PERIOD",
    });
    let meter = server.post("/v1/meters", &meter).await.expect(201);
    let send = |id: &'static str, properties: Value| {
        let (server, event) = (&server, event(id, "api_call", properties));
        async move { server.post("/v1/events", &event).await.expect(202) }
    };
    send("recorded", json!({"region": "eu", "v": 1})).await;
    assert!(reports(&server).await.is_empty());
    send("filtered", json!({"region": "us", "v": 1})).await;
    server.set_time("2026-01-20T12:10:00Z");
    send("no_value", json!({"region": "eu", "v": true})).await;
    let path = format!("/v1/meters/{}/disable", meter["id"].as_str().unwrap());
    server.post(&path, &json!({})).await.expect(200);
    server.set_time("2026-01-20T12:20:00Z");
    send("archived", json!({"region": "eu", "v": 1})).await;
    assert_eq!(
        reports(&server).await,
        [
            report("filtered", "no_matching_meter"),
            report("no_value", "no_matching_meter"),
            report("archived", "no_meter_for_event_name"),
        ]
    );
}
