//! Taking events in (spec 02 §2.4, §3.3).

use serde_json::{Value, json};
use tariff_usage::UsageLog;

use crate::support::{NOW, Server};

fn event(id: &str) -> Value {
    json!({"event_id": id, "event_name": "api_call", "external_customer_id": "cust_1"})
}

#[tokio::test]
async fn one_event_is_accepted_and_can_be_read_at_once() {
    let server = Server::start().await;
    let big: Value = serde_json::from_str("12345678901234567890123").unwrap();
    let sent = json!({
        "event_name": "  api_call ", "external_customer_id": "cust_1", "customer_id": "literal", "source": "sdk",
        "timestamp": "2026-01-19T12:00:00.1239+02:00", "unknown": {"is": "ignored"},
        "properties": {"a.b": "x", "big": big, "nested": {"deep": [1, null]}},
    });
    let answer = server.post("/v1/events", &sent).await.expect(202);
    assert_eq!(answer["message"], "Event accepted for processing");
    let id = answer["event_id"].as_str().unwrap();
    assert!(id.starts_with("event_"), "{id}");
    let page = server.post("/v1/events/query", &json!({})).await.expect(200);
    let listed = &page["events"][0];
    assert_eq!(listed["id"], id);
    assert_eq!(listed["event_name"], "api_call");
    assert_eq!(listed["timestamp"], "2026-01-19T10:00:00.123Z");
    assert_eq!(listed["properties"], sent["properties"]);
    assert_eq!(
        (&listed["customer_id"], &listed["source"]),
        (&json!("literal"), &json!("sdk"))
    );
    assert!(listed["environment_id"].as_str().unwrap().starts_with("env_"));
}

#[tokio::test]
async fn what_is_left_out_gets_defaults() {
    let server = Server::start().await;
    for timestamp in [Value::Null, json!("0001-01-01T00:00:00Z")] {
        let mut sent = event("");
        sent["timestamp"] = timestamp;
        server.post("/v1/events", &sent).await.expect(202);
    }
    let page = server.post("/v1/events/query", &json!({})).await.expect(200);
    for listed in page["events"].as_array().unwrap() {
        assert_eq!(listed["timestamp"], NOW);
        assert_eq!((&listed["customer_id"], &listed["source"]), (&json!(""), &json!("")));
        assert_eq!(listed["properties"], Value::Null);
    }
    assert_eq!(page["total_count"], 2);
}

#[tokio::test]
async fn a_bad_event_is_refused_and_not_stored() {
    let server = Server::start().await;
    for (member, value, field) in [
        ("external_customer_id", json!(""), "external_customer_id"),
        ("event_name", json!("  "), "event_name"),
        ("event_name", Value::Null, "event_name"),
        ("properties", json!([1]), "properties"),
        ("properties", json!("x"), "properties"),
    ] {
        let mut sent = event("bad");
        sent[member] = value;
        let details = server
            .post("/v1/events", &sent)
            .await
            .expect_error(400, "validation_error");
        assert!(details[field].is_string(), "{sent}: {details}");
    }
    for (member, value) in [
        ("timestamp", json!("")),
        ("timestamp", json!("2026-01-01")),
        ("event_name", json!(7)),
        ("source", json!({})),
        ("event_id", json!("a\0b")),
        ("properties", json!({"a\0": 1})),
    ] {
        let mut sent = event("bad");
        sent[member] = value;
        server
            .post("/v1/events", &sent)
            .await
            .expect_error(400, "validation_error");
    }
    for body in ["", "{", "[]", "{}", "null"] {
        server
            .post_bytes("/v1/events", body.into())
            .await
            .expect_error(400, "validation_error");
    }
    assert_eq!(server.log.stats().event_count, 0);
}

#[tokio::test]
async fn a_batch_is_taken_whole_or_not_at_all() {
    let server = Server::start().await;
    let batch = |count: usize| json!({"events": (0..count).map(|n| event(&format!("e{n}"))).collect::<Vec<_>>()});
    for body in [json!({}), json!({"events": null}), batch(0), batch(1001)] {
        let details = server
            .post("/v1/events/bulk", &body)
            .await
            .expect_error(400, "validation_error");
        assert!(details["events"].is_string(), "{details}");
    }
    let mixed = json!({"events": [event("a"), {"event_id": "b", "external_customer_id": "c"}, null]});
    let details = server
        .post("/v1/events/bulk", &mixed)
        .await
        .expect_error(400, "validation_error");
    assert_eq!(
        details,
        json!({"events[1].event_name": "is required", "events[2]": "is required"})
    );
    let untyped = json!({"events": [event("a"), {"event_name": 7, "external_customer_id": "c"}]});
    server
        .post("/v1/events/bulk", &untyped)
        .await
        .expect_error(400, "validation_error");
    assert_eq!(server.log.stats().event_count, 0);
    let answer = server.post("/v1/events/bulk", &batch(1000)).await.expect(202);
    assert_eq!(answer, json!({"message": "Events accepted for processing"}));
    assert_eq!(server.log.stats().event_count, 1000);
}

#[tokio::test]
async fn the_last_delivery_of_an_id_counts() {
    let server = Server::start().await;
    let later = |timestamp: &str| {
        let mut sent = event("a/b::c");
        sent["timestamp"] = json!(timestamp);
        sent
    };
    let twice = json!({"events": [later("2026-01-10T00:00:00Z"), later("2026-01-18T00:00:00Z")]});
    server.post("/v1/events/bulk", &twice).await.expect(202);
    server
        .post("/v1/events", &later("2026-01-19T00:00:00Z"))
        .await
        .expect(202);
    let page = server.post("/v1/events/query", &json!({})).await.expect(200);
    assert_eq!(page["events"].as_array().unwrap().len(), 1);
    assert_eq!(page["events"][0]["timestamp"], "2026-01-19T00:00:00Z");
}

#[tokio::test]
async fn bodies_of_up_to_32_mebibytes_are_read() {
    const BYTES_MAX: usize = 32 * 1024 * 1024;
    let server = Server::start().await;
    let body = |bytes: usize| {
        let mut body = event("large").to_string().into_bytes();
        body.resize(bytes, b' ');
        body
    };
    server.post_bytes("/v1/events", body(BYTES_MAX)).await.expect(202);
    server
        .post_bytes("/v1/events", body(BYTES_MAX + 1))
        .await
        .expect_error(400, "validation_error");
}

#[tokio::test]
async fn a_log_that_cannot_store_answers_503() {
    let server = Server::start().await;
    server.log.close().await.unwrap();
    server
        .post("/v1/events", &event("a"))
        .await
        .expect_error(503, "service_unavailable");
    server
        .post("/v1/events/bulk", &json!({"events": [event("a")]}))
        .await
        .expect_error(503, "service_unavailable");
}
