//! Listing raw events (spec 02 §3.4).

use serde_json::{Value, json};

use crate::support::Server;

async fn five_events() -> Server {
    let server = Server::start().await;
    server
        .ingest(&[
            ("e1", "2026-01-15T00:00:00Z", json!({"model": "a", "region": "eu"})),
            ("e2", "2026-01-16T00:00:00Z", json!({"model": "b", "region": "eu"})),
            ("e3", "2026-01-17T00:00:00Z", json!({"model": "a"})),
            ("x::4", "2026-01-18T00:00:00Z", json!({"model": ""})),
            ("x::5", "2026-01-18T00:00:00Z", json!({})),
        ])
        .await;
    server
}

#[tokio::test]
async fn pages_by_key_do_not_overlap() {
    let server = five_events().await;
    let mut seen: Vec<Value> = Vec::new();
    let mut more = Vec::new();
    let mut request = json!({"page_size": 2});
    for _ in 0..3 {
        let page = server.post("/v1/events/query", &request).await.expect(200);
        seen.extend(
            page["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["id"].clone()),
        );
        more.push(page["has_more"].as_bool().unwrap());
        request["iter_last_key"] = page["iter_last_key"].clone();
        assert_eq!(page.get("offset").is_some(), more.len() == 1);
    }
    assert_eq!(seen, ["x::5", "x::4", "e3", "e2", "e1"]);
    assert_eq!(more, [true, true, false]);
    assert_eq!(request["iter_last_key"], Value::Null);
    let newer = json!({"iter_first_key": "1768521600000000000::e2"});
    assert_eq!(server.listed(&newer).await, ["x::5", "x::4", "e3"]);
}

#[tokio::test]
async fn pages_by_offset() {
    let server = five_events().await;
    let page = server
        .post("/v1/events/query", &json!({"page_size": 2, "offset": 2}))
        .await
        .expect(200);
    assert_eq!(
        (&page["offset"], &page["total_count"], &page["has_more"]),
        (&json!(4), &json!(5), &json!(true))
    );
    assert_eq!(page["iter_first_key"], "1768608000000000000::e3");
    assert_eq!(page["iter_last_key"], "1768521600000000000::e2");
    let nothing = server
        .post("/v1/events/query", &json!({"event_name": "none"}))
        .await
        .expect(200);
    assert_eq!(nothing, json!({"events": [], "has_more": false, "offset": 50}));
}

#[tokio::test]
async fn filters_are_exact_and_bounds_inclusive() {
    let server = five_events().await;
    let bounds = json!({"start_time": "2026-01-15T00:00:00Z", "end_time": "2026-01-17T00:00:00Z", "order": "asc"});
    assert_eq!(server.listed(&bounds).await, ["e1", "e2", "e3"]);
    assert_eq!(server.listed(&json!({"event_id": "x::4"})).await, ["x::4"]);
    let properties = json!({"property_filters": {"model": ["a", "b"], "region": ["eu"], "other": []}});
    assert_eq!(server.listed(&properties).await, ["e2", "e1"]);
    assert_eq!(
        server.listed(&json!({"property_filters": {"model": [""]}})).await,
        ["x::5", "x::4"]
    );
    let get = server
        .get("/v1/events?property_filters=model:a,b;region:eu;bad&page_size=70&order=asc")
        .await
        .expect(200);
    assert_eq!(get["events"].as_array().unwrap().len(), 2);
    assert_eq!(get["offset"], 50);
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let server = Server::start().await;
    for bad in [
        json!({"start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z"}),
        json!({"start_time": "2026-02-02T00:00:00Z"}),
        json!({"sort": "source"}),
        json!({"order": "up"}),
        json!({"iter_last_key": "e1"}),
        json!({"iter_first_key": "1.5::e1"}),
        json!({"page_size": "ten"}),
    ] {
        server
            .post("/v1/events/query", &bad)
            .await
            .expect_error(400, "validation_error");
    }
    server
        .get("/v1/events?start_time=yesterday")
        .await
        .expect_error(400, "validation_error");
}
