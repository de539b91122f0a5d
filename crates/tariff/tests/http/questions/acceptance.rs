//! Acceptance checks of spec 02 §7 that ask about usage.

use serde_json::{Value, json};

use super::{Lab, flat, january, points, with};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    check_05_bounds_of_usage_and_lists,
    check_06_negative_values,
    check_08_two_meters_on_one_event_and_its_debugger,
    check_09_no_property_is_a_count,
    check_10_multipliers_and_types,
    check_11_buckets_of_a_maximum,
    check_12_pages_by_key,
    check_13_groups_of_a_property,
    check_19_a_flat_price,
);

fn check_05_bounds_of_usage_and_lists(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "COUNT" }));
    lab.ingest(&[
        ("at_start", "2026-01-01T00:00:00Z", json!({})),
        ("at_end", "2026-02-01T00:00:00Z", json!({})),
        ("before", "2025-12-31T23:59:59.999Z", json!({})),
        ("after", "2026-02-01T00:00:00.001Z", json!({})),
    ]);
    assert_eq!(lab.item(&json!({}))["total_usage"], "1");
    assert_eq!(lab.usage(&json!({ "aggregation_type": "COUNT" }))["value"], 1);
    assert_eq!(lab.usage_of(&feature, &json!({}))["value"], 1);
    let page = lab.post("/v1/events/query", &january(&json!({})));
    let ids: Vec<&Value> = page["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["id"])
        .collect();
    assert_eq!(ids, ["at_end", "at_start"]);
    let moment = json!({ "start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:00Z" });
    assert_eq!(lab.post("/v1/events/query", &january(&moment))["total_count"], 1);
    assert!(lab.items(&moment).is_empty());
}

fn check_06_negative_values(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Sum", json!({ "type": "SUM", "field": "v" }));
    lab.ingest(&[
        ("e1", "2026-01-05T10:00:00Z", json!({ "v": 10 })),
        ("e2", "2026-01-05T11:00:00Z", json!({ "v": -4 })),
    ]);
    assert_eq!(lab.item(&json!({}))["total_usage"], "10");
    assert_eq!(lab.usage(&json!({}))["value"], 6);
}

fn check_08_two_meters_on_one_event_and_its_debugger(place: &Place) {
    let lab = Lab::open(place);
    let sum = lab.feature("Sum", json!({ "type": "SUM", "field": "v" }));
    lab.feature("Count", json!({ "type": "COUNT" }));
    lab.ingest(&[("an/id", "2026-01-05T10:00:00Z", json!({ "v": 3 }))]);
    let usage: Vec<Value> = lab
        .items(&json!({}))
        .iter()
        .map(|item| item["total_usage"].clone())
        .collect();
    assert_eq!(usage, ["1", "3"]);

    let look_up = || lab.api().get("/v1/events/lookup?id=an%2Fid").expect(200);
    let failure = |found: &Value| {
        assert_eq!(found["status"], "failed", "{found}");
        let failure = &found["debug_tracker"]["failure_point"];
        assert_eq!(failure["error"]["http_status_code"], 404, "{found}");
        text(failure, "/failure_point_type")
    };
    let found = look_up();
    assert_eq!(failure(&found), "customer_lookup");
    assert_eq!(found["debug_tracker"]["meter_matching"]["status"], "unprocessed");
    lab.tenant.customer("cust_1", "First");
    let found = look_up();
    assert_eq!(failure(&found), "price_lookup");
    let matched = found["debug_tracker"]["meter_matching"]["matched_meters"]
        .as_array()
        .unwrap();
    assert_eq!(matched.len(), 2);

    let (plan_id, price_id) = lab.plan(&sum, &flat("0.02"));
    // Somebody else's lines are none of the customer's business.
    lab.tenant.customer("cust_2", "Second");
    lab.subscribe(&plan_id, &json!({ "external_customer_id": "cust_2" }));
    let found = look_up();
    assert_eq!(failure(&found), "subscription_line_item_lookup");
    let tracker = &found["debug_tracker"];
    assert_eq!(
        tracker["price_lookup"]["matched_prices"][0]["price_id"],
        price_id.as_str()
    );
    assert!(
        tracker["subscription_line_item_lookup"]
            .get("matched_line_items")
            .is_none_or(|lines| *lines == json!([]))
    );

    let subscription = lab.subscribe(&plan_id, &json!({ "start_date": "2026-01-06T00:00:00Z" }));
    let found = look_up();
    assert_eq!(failure(&found), "subscription_line_item_lookup");
    let line = &found["debug_tracker"]["subscription_line_item_lookup"]["matched_line_items"][0];
    assert_eq!(line["subscription_id"], subscription["id"]);
    assert_eq!(
        (&line["timestamp_within_range"], &line["is_active_for_event"]),
        (&json!(false), &json!(false))
    );

    // The first instant of a line belongs to it.
    lab.ingest(&[("an/id", "2026-01-06T00:00:00Z", json!({ "v": 4 }))]);
    let found = lab.api().get("/v1/events/an%2Fid").expect(200);
    assert_eq!(found["status"], "processed", "{found}");
    assert!(found.get("debug_tracker").is_none(), "{found}");
    let entries = found["processed_events"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (
            &entries[0]["qty_total"],
            &entries[0]["feature_id"],
            &entries[0]["price_id"]
        ),
        (&json!("4"), &sum["id"], &json!(price_id))
    );
    lab.api()
        .get("/v1/events/lookup?id=unknown")
        .expect_error(404, "not_found");
    lab.api().get("/v1/events/lookup").expect_error(400, "validation_error");
}

fn check_09_no_property_is_a_count(place: &Place) {
    let lab = Lab::open(place);
    lab.ingest(&[("e1", "2026-01-05T10:00:00Z", json!({ "v": 10 }))]);
    let expected = json!({ "event_name": "api_call", "type": "COUNT", "value": 1 });
    assert_eq!(lab.usage(&json!({ "property_name": null })), expected);
    assert_eq!(
        lab.usage(&json!({ "property_name": "", "aggregation_type": "max" })),
        expected
    );
}

fn check_10_multipliers_and_types(place: &Place) {
    let lab = Lab::open(place);
    for wrong in [
        json!({ "multiplier": 2 }),
        json!({ "aggregation_type": "MEDIAN" }),
        json!({ "aggregation_type": "MEDIAN", "property_name": "" }),
        json!({ "aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": 2, "property_name": "" }),
        json!({ "aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": 0 }),
        json!({ "aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": "-1" }),
    ] {
        let plain = json!({ "event_name": "api_call", "aggregation_type": "SUM", "property_name": "v" });
        let reply = lab.api().post("/v1/events/usage", &with(plain, &wrong));
        assert_eq!(reply.status, 400, "{wrong} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
}

fn check_11_buckets_of_a_maximum(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Peak", json!({ "type": "MAX", "field": "v", "bucket_size": "HOUR" }));
    lab.ingest(&[
        ("e1", "2026-01-05T10:05:00Z", json!({ "v": 10 })),
        ("e2", "2026-01-05T10:59:00Z", json!({ "v": 4 })),
        ("e3", "2026-01-05T11:00:00Z", json!({ "v": 7 })),
        ("e4", "2026-01-05T15:30:00Z", json!({ "v": 2 })),
    ]);
    let item = lab.item(&json!({}));
    assert_eq!(item["total_usage"], "19");
    assert!(
        item.get("points").is_none() && item.get("window_size").is_none(),
        "{item}"
    );
    let item = lab.item(&json!({ "window_size": "DAY" }));
    assert_eq!(
        (&item["total_usage"], &item["window_size"]),
        (&json!("19"), &json!("DAY"))
    );
    assert_eq!(points(&item, "usage"), ["10"]);
    let item = lab.item(&json!({ "window_size": "MINUTE" }));
    assert_eq!(item["window_size"], "HOUR");
    assert_eq!(points(&item, "usage"), ["10", "7", "2"]);
}

fn check_12_pages_by_key(place: &Place) {
    let lab = Lab::open(place);
    lab.ingest(&[
        ("a", "2026-01-05T10:00:00Z", json!({})),
        ("b", "2026-01-05T11:00:00Z", json!({})),
        ("c::1", "2026-01-05T12:00:00Z", json!({})),
        ("c::2", "2026-01-05T12:00:00Z", json!({})),
        ("d", "2026-01-05T13:00:00Z", json!({})),
    ]);
    let mut last_key = Value::Null;
    let mut pages = Vec::new();
    loop {
        let page = lab.post(
            "/v1/events/query",
            &january(&json!({ "page_size": 2, "iter_last_key": last_key })),
        );
        let ids: Vec<String> = page["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| text(event, "/id"))
            .collect();
        // The first request names no key, so that it pages by offset.
        assert_eq!(page.get("offset").is_some(), pages.is_empty(), "{page}");
        let more = page["has_more"].as_bool().unwrap();
        assert_eq!(page["total_count"], 5 - 2 * pages.len());
        last_key = page.get("iter_last_key").cloned().unwrap_or(Value::Null);
        assert_eq!(more, last_key.is_string(), "{page}");
        pages.push(ids);
        if !more {
            break;
        }
    }
    assert_eq!(pages, [vec!["d", "c::2"], vec!["c::1", "b"], vec!["a"]]);
}

fn check_13_groups_of_a_property(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Calls", json!({ "type": "COUNT" }));
    lab.ingest(&[
        ("e1", "2026-01-05T10:00:00Z", json!({ "region": "eu" })),
        ("e2", "2026-01-05T11:00:00Z", json!({ "region": "us" })),
        ("e3", "2026-01-06T10:00:00Z", json!({})),
        ("e4", "2026-01-06T11:00:00Z", json!({ "region": null })),
    ]);
    let mut items = lab.items(&json!({ "group_by": ["properties.region", "feature_id"], "window_size": "DAY" }));
    items.sort_by_key(|item| item["properties"].to_string());
    let shown: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item["properties"].clone(),
                item["event_count"].clone(),
                points(item, "usage"),
            )
        })
        .collect();
    let one_point = |usage: &str| vec![usage.to_owned()];
    assert_eq!(
        shown,
        [
            (Value::Null, json!(2), one_point("2")),
            (json!({ "region": "eu" }), json!(1), one_point("1")),
            (json!({ "region": "us" }), json!(1), one_point("1")),
        ]
    );
    let refused = lab
        .api()
        .post("/v1/events/analytics", &january(&json!({ "group_by": ["region"] })));
    let body = refused.expect(400);
    assert!(text(&body, "/message").contains("region"), "{body}");
}

fn check_19_a_flat_price(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "SUM", "field": "v" }));
    lab.subscribed(&feature, &flat("0.02"));
    lab.ingest(&[("e1", "2026-01-05T10:00:00Z", json!({ "v": 150 }))]);
    let answer = lab.analytics(&json!({}));
    assert_eq!(
        (&answer["items"][0]["subtotal"], &answer["currency"]),
        (&json!("3"), &json!("usd"))
    );
    assert!(lab.items(&json!({ "sources": ["none"] })).is_empty());
}
