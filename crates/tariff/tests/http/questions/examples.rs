//! The worked examples of spec 02 §5, by their numbers.

use serde_json::{Value, json};

use super::{Lab, flat, january, points};
use crate::support::databases::Place;

crate::tests!(
    example_01_a_negative_value,
    example_02_an_average_with_an_absent_value,
    example_03_and_04_buckets_of_a_maximum,
    example_05_and_06_weighted_sums,
    example_07_a_multiplier,
    example_08_a_meter_that_never_resets,
    example_09_unique_values,
    example_10_an_expression,
    example_11_a_coupon_on_points,
    example_12_tiers_start_again_in_every_point,
    example_13_a_reporting_unit,
    example_14_to_16_windows,
    example_17_nano_dollars,
);

fn example_01_a_negative_value(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Sum", json!({ "type": "SUM", "field": "v" }));
    let subscription = lab.subscribed(&feature, &flat("1"));
    lab.ingest(&[
        ("e1", "2026-01-05T10:00:00Z", json!({ "v": 10 })),
        ("e2", "2026-01-05T11:00:00Z", json!({ "v": -4 })),
    ]);
    assert_eq!(lab.item(&json!({}))["total_usage"], "10");
    let billed = lab.post(
        "/v1/subscriptions/usage",
        &json!({ "subscription_id": subscription["id"] }),
    );
    assert_eq!(
        (&billed["charges"][0]["quantity"], &billed["amount"]),
        (&json!(10), &json!(10))
    );
    assert_eq!(lab.usage(&json!({}))["value"], 6);
}

fn example_02_an_average_with_an_absent_value(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Average", json!({ "type": "AVG", "field": "v" }));
    lab.ingest(&[
        ("e1", "2026-01-05T10:00:00Z", json!({ "v": 10 })),
        ("e2", "2026-01-05T11:00:00Z", json!({})),
    ]);
    let item = lab.item(&json!({}));
    assert_eq!((&item["total_usage"], &item["event_count"]), (&json!("5"), &json!(2)));
}

fn example_03_and_04_buckets_of_a_maximum(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Peak", json!({ "type": "MAX", "field": "v", "bucket_size": "HOUR" }));
    lab.ingest(&[
        ("e1", "2026-01-05T10:05:00Z", json!({ "v": 10 })),
        ("e2", "2026-01-05T10:59:00Z", json!({ "v": 4 })),
        ("e3", "2026-01-05T11:00:00Z", json!({ "v": 7 })),
        ("e4", "2026-01-05T15:30:00Z", json!({ "v": 2 })),
    ]);
    let item = lab.item(&json!({ "window_size": "DAY" }));
    assert_eq!(item["total_usage"], "19");
    assert_eq!(points(&item, "usage"), ["10"]);

    let lab = Lab::open(place);
    let feature = lab.feature(
        "Peak by key",
        json!({ "type": "MAX", "field": "v", "bucket_size": "HOUR", "group_by": "krn" }),
    );
    lab.ingest(&[
        ("e1", "2026-01-05T10:05:00Z", json!({ "v": 10, "krn": "a" })),
        ("e2", "2026-01-05T10:20:00Z", json!({ "v": 6, "krn": "b" })),
        ("e3", "2026-01-05T10:40:00Z", json!({ "v": 8, "krn": "b" })),
        ("e4", "2026-01-05T11:00:00Z", json!({ "v": 3, "krn": "a" })),
    ]);
    assert_eq!(lab.item(&json!({}))["total_usage"], "21");
    let hourly = lab.item(&json!({ "window_size": "HOUR" }));
    assert_eq!(points(&hourly, "usage"), ["18", "3"]);
    let raw = lab.usage_of(&feature, &json!({}));
    assert_eq!(raw["value"], 21);
    let results: Vec<_> = raw["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["value"].clone())
        .collect();
    assert_eq!(results, [10, 8, 3]);
}

fn example_05_and_06_weighted_sums(place: &Place) {
    for (second, expected) in [(5, "12.5"), (-10, "5")] {
        let lab = Lab::open(place);
        lab.feature("Seats", json!({ "type": "WEIGHTED_SUM", "field": "v" }));
        lab.ingest(&[
            ("e1", "2026-01-01T00:00:00Z", json!({ "v": 10 })),
            ("e2", "2026-01-06T00:00:00Z", json!({ "v": second })),
        ]);
        let ten_days = json!({ "end_time": "2026-01-11T00:00:00Z" });
        assert_eq!(lab.item(&ten_days)["total_usage"], expected);
        let raw = json!({ "aggregation_type": "WEIGHTED_SUM", "end_time": "2026-01-11T00:00:00Z" });
        assert_eq!(lab.usage(&raw)["value"].to_string(), expected);
        // Windows and groups do not change the whole (spec 02 §6, quirk 7).
        let shown = json!({ "end_time": "2026-01-11T00:00:00Z", "window_size": "DAY", "group_by": ["source"] });
        assert_eq!(lab.item(&shown)["total_usage"], expected);
    }
}

fn example_07_a_multiplier(place: &Place) {
    let lab = Lab::open(place);
    let aggregation = json!({ "type": "SUM_WITH_MULTIPLIER", "field": "v", "multiplier": "0.001" });
    lab.feature("Seconds", aggregation);
    lab.ingest(&[
        ("e1", "2026-01-05T10:00:00Z", json!({ "v": 100 })),
        ("e2", "2026-01-05T11:00:00Z", json!({ "v": 250 })),
    ]);
    assert_eq!(lab.item(&json!({ "window_size": "DAY" }))["total_usage"], "0.35");
    let raw = json!({ "aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": 0.001 });
    assert_eq!(lab.usage(&raw)["value"].to_string(), "0.35");
}

fn example_08_a_meter_that_never_resets(place: &Place) {
    let lab = Lab::open(place);
    let meter = json!({ "aggregation": { "type": "SUM", "field": "v" }, "reset_usage": "NEVER" });
    let feature = lab.feature_of("Stored", &meter, &json!({}));
    lab.ingest(&[
        ("e1", "2025-06-15T10:00:00Z", json!({ "v": 100 })),
        ("e2", "2026-01-05T10:00:00Z", json!({ "v": 20 })),
    ]);
    assert_eq!(lab.usage_of(&feature, &json!({}))["value"], 120);
    assert_eq!(lab.item(&json!({}))["total_usage"], "20");
    let daily = lab.usage_of(&feature, &json!({ "window_size": "DAY" }));
    assert_eq!(daily["value"], 100, "what is carried in");
    assert_eq!(
        daily["results"],
        json!([{ "window_size": "2026-01-05T00:00:00Z", "value": 20 }])
    );
}

fn example_09_unique_values(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Users", json!({ "type": "COUNT_UNIQUE", "field": "u" }));
    let values = [json!("u1"), json!("u1"), json!("u2"), json!(7), json!("7"), Value::Null];
    let mut events: Vec<(String, Value)> = (0..)
        .zip(values)
        .map(|(id, u)| (format!("e{id}"), json!({ "u": u })))
        .collect();
    events.push(("absent".to_owned(), json!({})));
    let sent: Vec<_> = events
        .iter()
        .map(|(id, properties)| (id.as_str(), "2026-01-05T10:00:00Z", properties.clone()))
        .collect();
    lab.ingest(&sent);
    assert_eq!(lab.item(&json!({}))["total_usage"], "3");
    assert_eq!(lab.usage_of(&feature, &json!({}))["value"], 3);
}

fn example_10_an_expression(place: &Place) {
    let lab = Lab::open(place);
    let expression = "duration <= 10 ? 0 : ceil(duration/15)*15";
    let feature = lab.feature("Calls", json!({ "type": "SUM", "expression": expression }));
    let sent: Vec<_> = [("e1", 8), ("e2", 12), ("e3", 18), ("e4", 10)]
        .map(|(id, duration)| (id, "2026-01-05T10:00:00Z", json!({ "duration": duration })))
        .into();
    lab.ingest(&sent);
    assert_eq!(lab.item(&json!({}))["total_usage"], "45");
    assert_eq!(lab.usage_of(&feature, &json!({}))["value"], 45);
}

/// 100 on 1 January, 50 on the next day.
fn two_days(lab: &Lab) {
    lab.ingest(&[
        ("e1", "2026-01-01T10:00:00Z", json!({ "v": 100 })),
        ("e2", "2026-01-02T10:00:00Z", json!({ "v": 50 })),
    ]);
}

fn example_11_a_coupon_on_points(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "SUM", "field": "v" }));
    lab.tenant.customer("cust_1", "First");
    let coupon = json!({
        "name": "Tenth", "coupon_code": "tenth", "type": "percentage", "cadence": "forever", "percentage_off": "10",
    });
    lab.api().post("/v1/coupons", &coupon).expect(201);
    let (plan_id, _) = lab.plan(&feature, &flat("0.02"));
    lab.subscribe(
        &plan_id,
        &json!({ "subscription_coupons": [{ "coupon_code": "tenth" }] }),
    );
    two_days(&lab);
    let answer = lab.analytics(&json!({ "window_size": "DAY" }));
    let item = &answer["items"][0];
    assert_eq!(points(item, "subtotal"), ["2", "1"]);
    assert_eq!(points(item, "discount"), ["0.2", "0.1"]);
    assert_eq!(points(item, "cost"), ["1.8", "0.9"]);
    for shown in [item, &answer] {
        assert_eq!(
            (&shown["subtotal"], &shown["total_discount"], &shown["total_cost"]),
            (&json!("3"), &json!("0.3"), &json!("2.7"))
        );
    }
}

fn example_12_tiers_start_again_in_every_point(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "SUM", "field": "v" }));
    let tiers = json!([{ "up_to": 100, "unit_amount": "0.10" }, { "unit_amount": "0.05" }]);
    lab.subscribed(
        &feature,
        &json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": tiers }),
    );
    two_days(&lab);
    let item = lab.item(&json!({ "window_size": "DAY" }));
    assert_eq!(item["subtotal"], "12.5");
    assert_eq!(points(&item, "subtotal"), ["10", "5"]);
}

fn example_13_a_reporting_unit(place: &Place) {
    let lab = Lab::open(place);
    let unit = json!({ "unit_singular": "second", "unit_plural": "seconds", "conversion_rate": 1000 });
    let meter = json!({ "aggregation": { "type": "SUM", "field": "ms" } });
    lab.feature_of("Time", &meter, &json!({ "reporting_unit": unit }));
    lab.ingest(&[("e1", "2026-01-05T10:00:00Z", json!({ "ms": 1_234_567 }))]);
    let item = lab.item(&json!({}));
    assert_eq!(item["total_usage_display"], "1234.57");
    assert_eq!(item["reporting_unit"]["unit_plural"], "seconds");
}

fn example_14_to_16_windows(place: &Place) {
    let lab = Lab::open(place);
    for (at, more, window) in [
        (
            "2026-01-05T18:30:00Z",
            json!({ "window_size": "DAY", "timezone": "Asia/Kolkata" }),
            "2026-01-05T18:30:00Z",
        ),
        (
            "2026-01-04T23:59:59Z",
            json!({ "window_size": "MONTH", "billing_anchor": "2024-03-05T22:00:00Z" }),
            "2025-12-05T00:00:00Z",
        ),
        (
            "2026-01-03T12:00:00Z",
            json!({ "window_size": "WEEK" }),
            "2025-12-28T00:00:00Z",
        ),
    ] {
        lab.ingest(&[("e1", at, json!({ "v": 1 }))]);
        let results = json!([{ "window_size": window, "value": 1 }]);
        assert_eq!(lab.usage(&more)["results"], results, "{at}");
    }
    // Analytics show a customer's days in the customer's zone.
    lab.feature("Calls", json!({ "type": "COUNT" }));
    let customer = json!({ "external_id": "cust_1", "name": "First", "timezone": "Asia/Kolkata" });
    lab.api().post("/v1/customers", &customer).expect(201);
    lab.ingest(&[("e1", "2026-01-05T18:30:00Z", json!({}))]);
    let item = lab.item(&json!({ "window_size": "DAY" }));
    assert_eq!(points(&item, "timestamp"), ["2026-01-05T18:30:00Z"]);
}

fn example_17_nano_dollars(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Tokens", json!({ "type": "SUM", "field": "tokens" }));
    lab.subscribed(&feature, &flat("0.000002"));
    lab.ingest(&[
        ("r1", "2026-01-05T10:00:00Z", json!({ "tokens": 1500 })),
        ("r2", "2026-01-05T10:00:00Z", json!({ "tokens": 3000 })),
        ("early", "2025-12-05T10:00:00Z", json!({ "tokens": 3000 })),
    ]);
    let expected = json!({ "requests": [
        { "requestId": "r1", "costNanoUsd": "3000000" },
        { "requestId": "unknown", "costNanoUsd": "0" },
        { "requestId": "r2", "costNanoUsd": "6000000" },
        { "requestId": "early", "costNanoUsd": "0" },
        { "requestId": "r1", "costNanoUsd": "3000000" },
    ] });
    let request = json!({ "requestIds": ["r1", "unknown", "r2", "early", "r1"] });
    for path in ["/v1/events/huggingface-inference", "/v1/events/huggingface-billing"] {
        assert_eq!(lab.post(path, &request), expected, "{path}");
    }
    let nobody = january(&json!({ "external_customer_id": "nobody" }));
    assert_eq!(lab.post("/v1/events/analytics", &nobody)["items"], json!([]));
}
