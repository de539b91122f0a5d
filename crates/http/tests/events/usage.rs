//! Ad-hoc aggregates (spec 02 §3.6).

use serde_json::{Value, json};

use crate::support::Server;

async fn with_usage() -> Server {
    let server = Server::start().await;
    server
        .ingest(&[
            ("e1", "2026-01-15T10:05:00Z", json!({"v": 10, "krn": "a"})),
            ("e2", "2026-01-15T10:20:00Z", json!({"v": -4, "krn": "b"})),
            ("e3", "2026-01-16T10:40:00Z", json!({"v": "8", "krn": "b"})),
        ])
        .await;
    server
}

fn asked(more: Value) -> Value {
    let mut request = json!({"event_name": "api_call", "aggregation_type": "SUM", "property_name": "v"});
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

#[tokio::test]
async fn an_aggregate_by_name() {
    let server = with_usage().await;
    for (more, expected) in [
        (json!({}), json!({"event_name": "api_call", "type": "SUM", "value": 14})),
        (
            json!({"aggregation_type": "max"}),
            json!({"event_name": "api_call", "type": "MAX", "value": 10}),
        ),
        (
            json!({"property_name": ""}),
            json!({"event_name": "api_call", "type": "COUNT", "value": 3}),
        ),
        (
            json!({"external_customer_id": "nobody"}),
            json!({"event_name": "api_call", "type": "SUM"}),
        ),
        (
            json!({"customer_id": "literal"}),
            json!({"event_name": "api_call", "type": "SUM"}),
        ),
        (
            json!({"filters": {"krn": ["b"]}}),
            json!({"event_name": "api_call", "type": "SUM", "value": 4}),
        ),
        (
            json!({"window_size": "DAY"}),
            json!({"event_name": "api_call", "type": "SUM", "results": [
                {"window_size": "2026-01-15T00:00:00Z", "value": 6},
                {"window_size": "2026-01-16T00:00:00Z", "value": 8},
            ]}),
        ),
        (
            json!({"aggregation_type": "MAX", "bucket_size": "DAY", "group_by": ["properties.krn"], "window_size": "HOUR"}),
            json!({"event_name": "api_call", "type": "MAX", "value": 18, "results": [
                {"window_size": "2026-01-15T00:00:00Z", "value": 10},
                {"window_size": "2026-01-15T00:00:00Z", "value": 0},
                {"window_size": "2026-01-16T00:00:00Z", "value": 8},
            ]}),
        ),
        (
            json!({"aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": "0.5"}),
            json!({"event_name": "api_call", "type": "SUM_WITH_MULTIPLIER", "value": 7}),
        ),
    ] {
        let answer = server.post("/v1/events/usage", &asked(more.clone())).await.expect(200);
        assert_eq!(answer, expected, "{more}");
    }
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let server = Server::start().await;
    for more in [
        json!({"event_name": ""}),
        json!({"aggregation_type": null}),
        json!({"aggregation_type": "MEDIAN"}),
        json!({"multiplier": 2}),
        json!({"aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": 2, "property_name": ""}),
        json!({"aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": 0}),
        json!({"window_size": "FORTNIGHT"}),
        json!({"bucket_size": "day"}),
        json!({"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}),
    ] {
        server
            .post("/v1/events/usage", &asked(more))
            .await
            .expect_error(400, "validation_error");
    }
    server
        .post("/v1/events/usage/meter", &json!({}))
        .await
        .expect_error(400, "validation_error");
    server
        .post("/v1/events/usage/meter", &json!({"meter_id": "meter_x"}))
        .await
        .expect_error(404, "not_found");
}

#[tokio::test]
async fn an_archived_meter_still_answers() {
    let server = with_usage().await;
    let meter = json!({
        "name": "m", "event_name": "api_call", "reset_usage": "BILLING_PERIOD",
        "aggregation": {"type": "SUM", "expression": "v * 2"}, "filters": [{"key": "krn", "values": ["a"]}],
    });
    let meter = server.post("/v1/meters", &meter).await.expect(201);
    server
        .post(
            &format!("/v1/meters/{}/disable", meter["id"].as_str().unwrap()),
            &json!({}),
        )
        .await
        .expect(200);
    let answer = server
        .post("/v1/events/usage/meter", &json!({"meter_id": meter["id"]}))
        .await
        .expect(200);
    assert_eq!(answer, json!({"event_name": "api_call", "type": "SUM", "value": 20}));
}
