//! Analytics with and without prices (spec 02 §3.7, §4.10, §5).

use serde_json::{Value, json};

use crate::support::Server;

/// The whole of January 2026 for customer `cust_1`.
fn january(more: Value) -> Value {
    let mut request = json!({
        "external_customer_id": "cust_1", "start_time": "2026-01-01T00:00:00Z", "end_time": "2026-02-01T00:00:00Z",
    });
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

async fn items(server: &Server, more: Value) -> Vec<Value> {
    let answer = server.post("/v1/events/analytics", &january(more)).await.expect(200);
    answer["items"].as_array().unwrap().clone()
}

fn points(item: &Value, member: &str) -> Vec<Value> {
    item["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point[member].clone())
        .collect()
}

#[tokio::test]
async fn a_flat_price() {
    let server = Server::start().await;
    let feature = server.feature("Calls", json!({"type": "SUM", "field": "v"})).await;
    let subscription = server
        .subscribe(&feature, json!({"billing_model": "FLAT_FEE", "amount": "0.02"}))
        .await;
    server
        .ingest(&[
            ("e1", "2026-01-01T10:00:00Z", json!({"v": 100})),
            ("e2", "2026-01-02T10:00:00Z", json!({"v": 50})),
        ])
        .await;
    let request = january(json!({"window_size": "DAY", "expand": ["price", "meter", "feature", "plan", "nothing"]}));
    let answer = server.post("/v1/events/analytics", &request).await.expect(200);
    assert_eq!(
        (
            &answer["currency"],
            &answer["subtotal"],
            &answer["total_discount"],
            &answer["total_cost"]
        ),
        (&json!("usd"), &json!("3"), &json!("0"), &json!("3"))
    );
    let item = &answer["items"][0];
    assert_eq!(
        (&item["name"], &item["total_usage"], &item["event_count"]),
        (&json!("Calls"), &json!("150"), &json!(2))
    );
    assert_eq!(
        (&item["feature_id"], &item["subscription_id"]),
        (&feature["id"], &subscription["id"])
    );
    assert_eq!(points(item, "subtotal"), ["2", "1"]);
    assert_eq!(points(item, "computed_overage_amount"), ["0", "0"]);
    assert_eq!(
        (&item["price"]["id"], &item["meter"]["id"]),
        (&item["price_id"], &feature["meter_id"])
    );
    assert_eq!(
        (&item["feature"]["id"], &item["plan"]["name"]),
        (&feature["id"], &json!("Pro"))
    );
    assert!(items(&server, json!({"sources": ["none"]})).await.is_empty());
    assert!(
        items(&server, json!({"end_time": "2026-01-01T10:00:00Z"}))
            .await
            .is_empty()
    );
    let other = server
        .post("/v1/events/analytics", &json!({"external_customer_id": "cust_2"}))
        .await
        .expect(200);
    assert_eq!(other["items"], json!([]));
}

#[tokio::test]
async fn tiers_start_again_in_every_point() {
    let server = Server::start().await;
    let feature = server.feature("Calls", json!({"type": "SUM", "field": "v"})).await;
    let tiers = json!([{"up_to": 100, "unit_amount": "0.10"}, {"unit_amount": "0.05"}]);
    server
        .subscribe(
            &feature,
            json!({"billing_model": "TIERED", "tier_mode": "SLAB", "tiers": tiers}),
        )
        .await;
    server
        .ingest(&[
            ("e1", "2026-01-01T10:00:00Z", json!({"v": 100})),
            ("e2", "2026-01-02T10:00:00Z", json!({"v": 50})),
        ])
        .await;
    let item = &items(&server, json!({"window_size": "DAY"})).await[0];
    assert_eq!(item["subtotal"], "12.5");
    assert_eq!(points(item, "subtotal"), ["10", "5"]);
}

#[tokio::test]
async fn buckets_are_priced_one_by_one() {
    let server = Server::start().await;
    let feature = server
        .feature("Peak", json!({"type": "MAX", "field": "v", "bucket_size": "HOUR"}))
        .await;
    let package =
        json!({"billing_model": "PACKAGE", "amount": "1", "transform_quantity": {"divide_by": 5, "round": "up"}});
    server.subscribe(&feature, package).await;
    server
        .ingest(&[
            ("e1", "2026-01-05T10:05:00Z", json!({"v": 10})),
            ("e2", "2026-01-05T10:59:00Z", json!({"v": 4})),
            ("e3", "2026-01-05T11:00:00Z", json!({"v": 7})),
            ("e4", "2026-01-05T15:30:00Z", json!({"v": 2})),
        ])
        .await;
    let item = &items(&server, json!({"window_size": "DAY"})).await[0];
    // Two packages, two and one.
    assert_eq!(
        (&item["total_usage"], &item["subtotal"], &item["window_size"]),
        (&json!("19"), &json!("5"), &json!("DAY"))
    );
    assert_eq!(
        (points(item, "usage"), points(item, "subtotal")),
        (vec![json!("10")], vec![json!("5")])
    );
    let hourly = &items(&server, json!({"window_size": "MINUTE"})).await[0];
    assert_eq!(hourly["window_size"], "HOUR");
    assert_eq!(
        (points(hourly, "usage"), points(hourly, "subtotal")),
        (
            vec![json!("10"), json!("7"), json!("2")],
            vec![json!("2"), json!("2"), json!("1")],
        )
    );
}

#[tokio::test]
async fn usage_without_a_subscription_has_no_price() {
    let server = Server::start().await;
    let meter = json!({
        "name": "m", "event_name": "api_call", "aggregation": {"type": "SUM", "field": "ms"}, "reset_usage": "BILLING_PERIOD",
    });
    let unit = json!({"unit_singular": "second", "unit_plural": "seconds", "conversion_rate": 1000});
    let feature = json!({"name": "Time", "type": "metered", "meter": meter, "reporting_unit": unit});
    let feature = server.post("/v1/features", &feature).await.expect(201);
    let events = [
        ("e1", "2026-01-05T10:00:00Z", json!({"ms": 1_234_567, "region": "eu"})),
        ("e2", "2026-01-06T10:00:00Z", json!({})),
    ];
    server.ingest(&events).await;
    let answer = server
        .post(
            "/v1/events/analytics",
            &january(json!({"feature_ids": [feature["id"]]})),
        )
        .await
        .expect(200);
    assert_eq!((&answer["currency"], &answer["total_cost"]), (&json!(""), &json!("0")));
    let item = &answer["items"][0];
    assert_eq!(
        (&item["total_usage_display"], &item["event_count"]),
        (&json!("1234.57"), &json!(2))
    );
    assert!(item.get("subscription_id").is_none() && item.get("points").is_none());
    let mut groups = items(&server, json!({"group_by": ["properties.region", "feature_id"]})).await;
    groups.sort_by_key(|item| item["properties"].is_object());
    let properties: Vec<&Value> = groups.iter().map(|item| &item["properties"]).collect();
    assert_eq!(properties, [&Value::Null, &json!({"region": "eu"})]);
    server
        .post("/v1/events/analytics", &january(json!({"group_by": ["region"]})))
        .await
        .expect_error(400, "validation_error");
    server
        .post("/v1/events/analytics", &january(json!({"window_size": "YEAR"})))
        .await
        .expect_error(400, "validation_error");
    let none = server
        .post("/v1/events/analytics", &january(json!({"feature_ids": ["feat_x"]})))
        .await
        .expect(200);
    assert_eq!((&none["items"], &none["subtotal"]), (&json!([]), &json!("0")));
}

#[tokio::test]
async fn a_meter_records_by_the_filters_of_the_moment() {
    let server = Server::start().await;
    let meter = json!({
        "name": "m", "event_name": "api_call", "aggregation": {"type": "COUNT"}, "reset_usage": "BILLING_PERIOD",
        "filters": [{"key": "model", "values": ["a"]}],
    });
    let feature = json!({"name": "Calls", "type": "metered", "meter": meter});
    let feature = server.post("/v1/features", &feature).await.expect(201);
    let path = format!("/v1/features/{}", feature["id"].as_str().unwrap());
    server
        .ingest(&[
            ("e1", "2026-01-05T10:00:00Z", json!({"model": "a"})),
            ("e2", "2026-01-05T10:00:00Z", json!({"model": "b"})),
        ])
        .await;
    server.set_time("2026-01-20T13:00:00Z");
    server
        .put(&path, &json!({"filters": [{"key": "model", "values": ["b"]}]}))
        .await
        .expect(200);
    server.set_time("2026-01-20T14:00:00Z");
    server
        .ingest(&[("e3", "2026-01-05T10:00:00Z", json!({"model": "b"}))])
        .await;
    assert_eq!(items(&server, json!({})).await[0]["total_usage"], "2");
    server.set_time("2026-01-20T15:00:00Z");
    let meter_path = format!("/v1/meters/{}/disable", feature["meter_id"].as_str().unwrap());
    server.post(&meter_path, &json!({})).await.expect(200);
    server.set_time("2026-01-20T16:00:00Z");
    server
        .ingest(&[("e4", "2026-01-05T10:00:00Z", json!({"model": "a"}))])
        .await;
    assert_eq!(items(&server, json!({})).await[0]["total_usage"], "2");
}

#[tokio::test]
async fn usage_by_meter() {
    let server = Server::start().await;
    let feature = server.feature("Calls", json!({"type": "SUM", "field": "v"})).await;
    server
        .ingest(&[
            ("e1", "2026-01-05T10:00:00Z", json!({"v": 4})),
            ("e2", "2026-01-06T10:00:00Z", json!({"v": 2})),
        ])
        .await;
    let question = january(json!({"meter_id": feature["meter_id"], "aggregation_type": "AVG", "window_size": "DAY"}));
    let unbilled = server.post("/v1/meter-usage/query", &question).await.expect(200);
    assert_eq!(
        (&unbilled["total_value"], &unbilled["event_count"]),
        (&json!("0"), &json!(0))
    );
    server
        .subscribe(&feature, json!({"billing_model": "FLAT_FEE", "amount": "1"}))
        .await;
    let billed = server.post("/v1/meter-usage/query", &question).await.expect(200);
    assert_eq!(
        (&billed["total_value"], points(&billed, "value")),
        (&json!("3"), vec![json!("4"), json!("2")])
    );
    let several = january(json!({"meter_ids": [feature["meter_id"], "meter_x"], "aggregation_type": "SUM"}));
    let several = server.post("/v1/meter-usage/analytics", &several).await.expect(200);
    assert_eq!(
        (
            &several["items"][0]["total_value"],
            several["items"].as_array().unwrap().len()
        ),
        (&json!("6"), 1)
    );
    let detailed = january(json!({"meter_ids": [feature["meter_id"]]}));
    let detailed = server
        .post("/v1/meter-usage/detailed-analytics", &detailed)
        .await
        .expect(200);
    assert_eq!(detailed["total_cost"], "6");
    server
        .post("/v1/meter-usage/query", &json!({}))
        .await
        .expect_error(400, "validation_error");
    server
        .post("/v1/meter-usage/detailed-analytics", &json!({}))
        .await
        .expect_error(400, "validation_error");
}
