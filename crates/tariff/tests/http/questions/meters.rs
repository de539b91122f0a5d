//! Recorded usage by meter, and the usage summary of a customer (spec 02 §3.6, §3.9, §4.9, §4.11).

use serde_json::{Value, json};

use super::{Lab, flat, january, with};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    usage_of_a_meter_is_zero_without_a_line,
    several_meters_of_a_customer,
    detailed_analytics_look_back_six_hours,
    never_resetting_buckets,
    filters_and_expressions_of_the_meter_apply,
    the_usage_summary_of_a_customer,
    daily_allowances_see_each_day,
);

fn two_days(lab: &Lab) {
    lab.ingest(&[
        ("e1", "2026-01-05T10:00:00Z", json!({ "v": 4, "m": "a" })),
        ("e2", "2026-01-06T10:00:00Z", json!({ "v": 2, "m": "b" })),
    ]);
}

fn usage_of_a_meter_is_zero_without_a_line(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "SUM", "field": "v" }));
    two_days(&lab);
    let ask = |more: &Value| {
        let question = json!({ "meter_id": feature["meter_id"], "aggregation_type": "SUM" });
        lab.post("/v1/meter-usage/query", &january(&with(question, more)))
    };
    assert_eq!(
        (&ask(&json!({}))["total_value"], &ask(&json!({}))["event_count"]),
        (&json!("0"), &json!(0))
    );
    lab.subscribed(&feature, &flat("1"));
    for (more, total) in [
        (json!({}), "6"),
        (json!({ "aggregation_type": "avg" }), "3"),
        (json!({ "aggregation_type": "MAX" }), "4"),
        (json!({ "aggregation_type": "COUNT" }), "2"),
        (json!({ "aggregation_type": "LATEST" }), "2"),
        (
            json!({ "aggregation_type": "AVG", "start_time": "2026-01-07T00:00:00Z" }),
            "0",
        ),
        (json!({ "property_filters": { "m": ["a"] } }), "4"),
        (json!({ "sources": ["none"] }), "0"),
        (json!({ "end_time": "2026-01-06T10:00:00Z" }), "4"),
        (json!({ "external_customer_id": "nobody" }), "0"),
    ] {
        assert_eq!(ask(&more)["total_value"], total, "{more}");
    }
    // The total is that of the whole range, not the sum of its windows.
    let daily = ask(&json!({ "aggregation_type": "AVG", "window_size": "DAY" }));
    assert_eq!(daily["total_value"], "3");
    assert_eq!(
        daily["points"],
        json!([
            { "timestamp": "2026-01-05T00:00:00Z", "value": "4", "event_count": 1 },
            { "timestamp": "2026-01-06T00:00:00Z", "value": "2", "event_count": 1 },
        ])
    );
}

fn several_meters_of_a_customer(place: &Place) {
    let lab = Lab::open(place);
    let first = lab.feature("First", json!({ "type": "SUM", "field": "v" }));
    let second = lab.feature("Second", json!({ "type": "COUNT" }));
    let unbilled = lab.feature("Unbilled", json!({ "type": "COUNT" }));
    lab.tenant.customer("cust_1", "First");
    let plan = lab.api().post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
    lab.price(&plan, &first, &flat("1"));
    lab.price(&plan, &second, &flat("1"));
    lab.subscribe(&text(&plan, "/id"), &json!({}));
    two_days(&lab);
    let ids = json!([
        second["meter_id"],
        first["meter_id"],
        unbilled["meter_id"],
        "meter_x",
        second["meter_id"]
    ]);
    let question = january(&json!({ "meter_ids": ids, "aggregation_type": "COUNT" }));
    let answer = lab.post("/v1/meter-usage/analytics", &question);
    let rows: Vec<_> = answer["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (&item["meter_id"], &item["total_value"]))
        .collect();
    assert_eq!(
        rows,
        [(&second["meter_id"], &json!("2")), (&first["meter_id"], &json!("2"))]
    );
}

fn detailed_analytics_look_back_six_hours(place: &Place) {
    let lab = Lab::open(place);
    let calls = lab.feature("Calls", json!({ "type": "COUNT" }));
    lab.feature("Others", json!({ "type": "COUNT" }));
    lab.ingest(&[
        ("edge", "2026-01-20T06:00:00Z", json!({})),
        ("old", "2026-01-20T05:59:59Z", json!({})),
    ]);
    let question = json!({ "external_customer_id": "cust_1", "meter_ids": [calls["meter_id"]] });
    let answer = lab.post("/v1/meter-usage/detailed-analytics", &question);
    let items = answer["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(
        (&items[0]["name"], &items[0]["event_count"]),
        (&json!("Calls"), &json!(1))
    );
}

fn never_resetting_buckets(place: &Place) {
    let lab = Lab::open(place);
    let meter = json!({
        "aggregation": { "type": "MAX", "field": "v", "bucket_size": "DAY" }, "reset_usage": "NEVER",
    });
    let feature = lab.feature_of("Peak", &meter, &json!({}));
    lab.ingest(&[
        ("e1", "2025-12-31T10:00:00Z", json!({ "v": 5 })),
        ("e2", "2026-01-05T10:00:00Z", json!({ "v": 3 })),
        ("e3", "2026-01-05T11:00:00Z", json!({ "v": -7 })),
        ("e4", "2026-01-06T11:00:00Z", json!({ "v": -7 })),
    ]);
    let answer = lab.usage_of(&feature, &json!({ "bucket_size": "HOUR", "window_size": "HOUR" }));
    assert_eq!(answer["value"], 8);
    assert_eq!(
        answer["results"],
        json!([
            { "window_size": "2026-01-05T00:00:00Z", "value": 3 },
            { "window_size": "2026-01-06T00:00:00Z", "value": 0 },
        ])
    );
}

fn filters_and_expressions_of_the_meter_apply(place: &Place) {
    let lab = Lab::open(place);
    let meter = json!({
        "aggregation": { "type": "SUM", "expression": "v * 2" }, "filters": [{ "key": "m", "values": ["a", "b"] }],
    });
    let feature = lab.feature_of("Doubled", &meter, &json!({}));
    two_days(&lab);
    lab.ingest(&[("e3", "2026-01-06T10:00:00Z", json!({ "v": 100 }))]);
    assert_eq!(lab.usage_of(&feature, &json!({}))["value"], 12);
    assert_eq!(
        lab.usage_of(&feature, &json!({ "filters": { "m": ["a"] } }))["value"],
        8
    );
    // Archived meters still answer.
    lab.api()
        .delete(&format!("/v1/features/{}", text(&feature, "/id")))
        .expect(200);
    let answer = lab.usage_of(&feature, &json!({}));
    assert_eq!(answer, json!({ "event_name": "api_call", "type": "SUM", "value": 12 }));
    assert_eq!(lab.item(&json!({}))["total_usage"], "12");
}

/// Includes so many units of a feature in a plan.
fn include(lab: &Lab, plan_id: &str, feature: &Value, limit: i64, reset: &str) {
    let included = json!({
        "entity_type": "PLAN", "entity_id": plan_id, "feature_id": feature["id"], "feature_type": "metered",
        "is_enabled": true, "usage_limit": limit, "usage_reset_period": reset,
    });
    lab.api().post("/v1/entitlements", &included).expect(201);
}

fn the_usage_summary_of_a_customer(place: &Place) {
    let lab = Lab::open(place);
    let monthly = lab.feature("Monthly", json!({ "type": "SUM", "field": "v" }));
    let daily = lab.feature("Daily", json!({ "type": "COUNT" }));
    lab.tenant.customer("cust_1", "First");
    let (plan_id, _) = lab.plan(&monthly, &flat("1"));
    include(&lab, &plan_id, &monthly, 10, "MONTHLY");
    include(&lab, &plan_id, &daily, 4, "DAILY");
    lab.subscribe(&plan_id, &json!({}));
    two_days(&lab);
    lab.ingest(&[("e3", "2026-01-20T01:00:00Z", json!({ "v": 1 }))]);
    let summary = lab
        .api()
        .get("/v1/customers/usage?customer_lookup_key=cust_1")
        .expect(200);
    let rows: Vec<_> = summary["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                text(row, "/feature/name"),
                row["current_usage"].clone(),
                row["total_limit"].clone(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("Daily".to_owned(), json!("1"), json!(4)),
            ("Monthly".to_owned(), json!("7"), json!(10)),
        ]
    );
    let one = lab
        .api()
        .get(&format!(
            "/v1/customers/usage?customer_lookup_key=cust_1&feature_ids={}",
            text(&daily, "/id")
        ))
        .expect(200);
    assert_eq!(one["features"].as_array().unwrap().len(), 1);
    lab.api()
        .get("/v1/customers/usage")
        .expect_error(400, "validation_error");
    lab.api()
        .get("/v1/customers/usage?customer_id=cust_x")
        .expect_error(404, "not_found");
}

fn daily_allowances_see_each_day(place: &Place) {
    for (reset, kind, quantity) in [
        // Of 5, 1 and 3 a day, two are free each day.
        ("DAILY", "SUM", 4),
        ("NEVER", "SUM", 7),
        // The largest of each day, then of the whole time.
        ("DAILY", "MAX", 4),
        ("NEVER", "MAX", 3),
    ] {
        let lab = Lab::open(place);
        let feature = lab.feature("Calls", json!({ "type": kind, "field": "v" }));
        lab.tenant.customer("cust_1", "First");
        let (plan_id, _) = lab.plan(&feature, &flat("1"));
        include(&lab, &plan_id, &feature, 2, reset);
        let subscription = lab.subscribe(&plan_id, &json!({}));
        lab.ingest(&[
            ("e1", "2026-01-02T00:00:00Z", json!({ "v": 5 })),
            ("e2", "2026-01-03T23:59:59Z", json!({ "v": 1 })),
            ("e3", "2026-01-04T00:00:00Z", json!({ "v": 3 })),
        ]);
        let usage = lab.post(
            "/v1/subscriptions/usage",
            &json!({ "subscription_id": subscription["id"] }),
        );
        assert_eq!(usage["charges"][0]["quantity"], quantity, "{reset} {kind}: {usage}");
    }
}
