//! One event and what became of it, and figures about ingestion (spec 02 §3.5, §3.8, §3.9).

use serde_json::{Value, json};

use crate::support::Server;

async fn look_up(server: &Server) -> Value {
    server.get("/v1/events/lookup?id=a%2Fb").await.expect(200)
}

fn failure(found: &Value) -> &Value {
    assert_eq!(found["status"], "failed", "{found}");
    assert_eq!(found["debug_tracker"]["failure_point"]["error"]["code"], "not_found");
    &found["debug_tracker"]["failure_point"]["failure_point_type"]
}

#[tokio::test]
async fn an_event_is_followed_to_its_line() {
    let server = Server::start().await;
    server.ingest(&[("a/b", "2026-01-05T10:00:00Z", json!({"v": 3}))]).await;
    server
        .get("/v1/events/lookup")
        .await
        .expect_error(400, "validation_error");
    server
        .get("/v1/events/lookup?id=unknown")
        .await
        .expect_error(404, "not_found");
    let found = look_up(&server).await;
    assert_eq!(failure(&found), "customer_lookup");
    assert_eq!(found["debug_tracker"]["customer_lookup"]["status"], "error");
    assert_eq!(found["debug_tracker"]["price_lookup"]["status"], "unprocessed");
    assert_eq!(
        (&found["event"]["id"], &found["event"]["properties"]),
        (&json!("a/b"), &json!({"v": 3}))
    );
    server
        .post("/v1/customers", &json!({"external_id": "cust_2", "name": "Second"}))
        .await
        .expect(201);
    server.set_time("2026-01-20T13:00:00Z");
    let feature = server.feature("Calls", json!({"type": "SUM", "field": "v"})).await;
    server
        .subscribe(&feature, json!({"billing_model": "FLAT_FEE", "amount": "0.000002"}))
        .await;
    // The event came before the meter, so a line is there but nothing was recorded.
    let found = look_up(&server).await;
    assert_eq!(found["status"], "processing", "{found}");
    assert_eq!(found["debug_tracker"]["attributed_to_customer"]["status"], "processing");
    assert_eq!(
        found["debug_tracker"]["meter_matching"]["matched_meters"][0]["meter_id"],
        feature["meter_id"]
    );
    server
        .ingest(&[("a/b", "2026-01-05T10:00:00Z", json!({"v": 1500}))])
        .await;
    let found = look_up(&server).await;
    assert_eq!(found["status"], "processed", "{found}");
    assert!(found.get("debug_tracker").is_none());
    let record = &found["processed_events"][0];
    assert_eq!(
        (&record["qty_total"], &record["feature_id"]),
        (&json!("1500"), &feature["id"])
    );
    assert_eq!(
        (&record["meter_id"], &record["processed_at"]),
        (&feature["meter_id"], &json!("2026-01-20T13:00:00Z"))
    );
    assert_eq!(server.get("/v1/events/a%2Fb").await.expect(200), found);
    for path in ["/v1/events/huggingface-inference", "/v1/events/huggingface-billing"] {
        let costs = server
            .post(path, &json!({"requestIds": ["unknown", "a/b"]}))
            .await
            .expect(200);
        let expected =
            json!([{"requestId": "unknown", "costNanoUsd": "0"}, {"requestId": "a/b", "costNanoUsd": "3000000"}]);
        assert_eq!(costs["requests"], expected);
        server
            .post(path, &json!({"requestIds": []}))
            .await
            .expect_error(400, "validation_error");
    }
}

#[tokio::test]
async fn the_step_that_fails_is_named() {
    let server = Server::start().await;
    server
        .post("/v1/customers", &json!({"external_id": "cust_2", "name": "Second"}))
        .await
        .expect(201);
    let feature = server.feature("Calls", json!({"type": "COUNT"})).await;
    let event = |name: &str| {
        json!({
            "event_id": "a/b", "event_name": name, "external_customer_id": "cust_2", "timestamp": "2026-01-05T10:00:00Z",
        })
    };
    server.post("/v1/events", &event("other")).await.expect(202);
    assert_eq!(failure(&look_up(&server).await), "meter_lookup");
    server.post("/v1/events", &event("api_call")).await.expect(202);
    assert_eq!(failure(&look_up(&server).await), "price_lookup");
    server
        .subscribe(&feature, json!({"billing_model": "FLAT_FEE", "amount": "1"}))
        .await;
    let found = look_up(&server).await;
    assert_eq!(failure(&found), "subscription_line_item_lookup");
    // Only the customer's own lines are candidates.
    assert!(
        found["debug_tracker"]["subscription_line_item_lookup"]
            .get("matched_line_items")
            .is_none()
    );
    assert_eq!(found["debug_tracker"]["price_lookup"]["status"], "found");
    let mut early = event("api_call");
    early["external_customer_id"] = json!("cust_1");
    early["timestamp"] = json!("2025-12-31T23:59:59Z");
    server.post("/v1/events", &early).await.expect(202);
    let found = look_up(&server).await;
    assert_eq!(failure(&found), "subscription_line_item_lookup");
    let lines = &found["debug_tracker"]["subscription_line_item_lookup"]["matched_line_items"];
    assert_eq!(
        (&lines[0]["timestamp_within_range"], lines.as_array().unwrap().len()),
        (&json!(false), 1)
    );
}

#[tokio::test]
async fn ingestion_is_counted() {
    let server = Server::start().await;
    let event = |id, timestamp| (id, timestamp, json!({}));
    server
        .ingest(&[
            event("e1", "2026-01-19T12:00:00Z"),
            event("e2", "2026-01-19T13:30:00Z"),
            event("e3", "2026-01-19T13:40:00Z"),
            event("e4", "2026-01-18T00:00:00Z"),
        ])
        .await;
    let last_day = server.get("/v1/events/monitoring").await.expect(200);
    assert_eq!(
        last_day,
        json!({"total_count": 3, "consumption_lag": 0, "post_processing_lag": 0})
    );
    let path = "/v1/events/monitoring?start_time=2026-01-19T00:00:00Z&end_time=2026-01-20T00:00:00Z&window_size=HOUR";
    let hourly = server.get(path).await.expect(200);
    let expected = json!([
        {"timestamp": "2026-01-19T12:00:00Z", "event_count": 1},
        {"timestamp": "2026-01-19T13:00:00Z", "event_count": 2},
    ]);
    assert_eq!(hourly["points"], expected);
    for bad in ["start_time=2026-01-19T00:00:00Z", "window_size=YEAR"] {
        server
            .get(&format!("/v1/events/monitoring?{bad}"))
            .await
            .expect_error(400, "validation_error");
    }
}

#[tokio::test]
async fn an_event_may_create_its_customer() {
    let server = Server::start().await;
    server.feature("Calls", json!({"type": "COUNT"})).await;
    server.ingest(&[("e1", "2026-01-05T10:00:00Z", json!({}))]).await;
    server
        .get("/v1/customers/external/cust_1")
        .await
        .expect_error(404, "not_found");
    let setting = json!({"value": {"actions": [{"action": "create_customer"}]}});
    server
        .put("/v1/settings/customer_onboarding", &setting)
        .await
        .expect(200);
    let unmeasured = json!({"event_name": "other", "external_customer_id": "cust_2"});
    server.post("/v1/events", &unmeasured).await.expect(202);
    server
        .get("/v1/customers/external/cust_2")
        .await
        .expect_error(404, "not_found");
    for id in ["e2", "e3"] {
        server.ingest(&[(id, "2026-01-05T10:00:00Z", json!({}))]).await;
    }
    let customer = server.get("/v1/customers/external/cust_1").await.expect(200);
    assert_eq!((&customer["name"], &customer["email"]), (&json!("cust_1"), &json!("")));
    let metadata = json!({"created_by_workflow": "true", "workflow_type": "customer_onboarding"});
    assert_eq!(customer["metadata"], metadata);
}
