//! Analytics beyond the worked examples: prices, coupons, filters, embedded records (spec 02 §3.7, §4.10).

use serde_json::{Value, json};

use super::{Lab, flat, january, points};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    coupons_of_lines_come_before_those_of_the_subscription,
    coupons_count_while_they_last,
    without_points_a_coupon_takes_off_the_whole,
    every_line_has_a_row_over_its_own_range,
    buckets_and_their_groups_are_priced_one_by_one,
    filters_and_sources,
    expanded_records,
    features_choose_the_rows,
    usage_without_a_subscription,
    a_repeated_event_counts_once_at_its_last_time,
    windows_of_a_month_start_on_the_anchor,
);

fn coupon(lab: &Lab, code: &str, more: &Value) -> String {
    let plain = json!({
        "name": code, "coupon_code": code, "type": "percentage", "cadence": "forever", "percentage_off": "10",
    });
    text(
        &lab.api().post("/v1/coupons", &super::with(plain, more)).expect(201),
        "/id",
    )
}

/// A lab with a price of 0.02 per unit; answers plan and price.
fn priced(place: &Place) -> (Lab, String, String) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "SUM", "field": "v" }));
    lab.tenant.customer("cust_1", "First");
    let (plan_id, price_id) = lab.plan(&feature, &flat("0.02"));
    lab.ingest(&[
        ("e1", "2026-01-01T10:00:00Z", json!({ "v": 100, "region": "eu" })),
        ("e2", "2026-01-02T10:00:00Z", json!({ "v": 50 })),
    ]);
    (lab, plan_id, price_id)
}

fn coupons_of_lines_come_before_those_of_the_subscription(place: &Place) {
    let (lab, plan_id, price_id) = priced(place);
    coupon(&lab, "half", &json!({ "percentage_off": "50" }));
    coupon(&lab, "line", &json!({ "percentage_off": "33.333" }));
    // Neither once nor fixed coupons are shown.
    coupon(&lab, "once", &json!({ "cadence": "once" }));
    let fixed = json!({ "name": "fixed", "coupon_code": "fixed", "type": "fixed", "cadence": "forever",
        "amount_off": "1", "currency": "usd" });
    lab.api().post("/v1/coupons", &fixed).expect(201);
    lab.subscribe(
        &plan_id,
        &json!({ "subscription_coupons": [
        { "coupon_code": "half" }, { "coupon_code": "once" }, { "coupon_code": "fixed" },
        { "coupon_code": "line", "price_id": price_id },
    ] }),
    );
    let item = lab.item(&json!({ "window_size": "DAY" }));
    // 2.00 less 0.67 is 1.33, and half of that, rounded, is 0.67 again.
    assert_eq!(points(&item, "discount"), ["1.34", "0.67"]);
    assert_eq!(points(&item, "cost"), ["0.66", "0.33"]);
    assert_eq!(
        (&item["total_discount"], &item["total_cost"]),
        (&json!("2.01"), &json!("0.99"))
    );
}

fn coupons_count_while_they_last(place: &Place) {
    let (lab, plan_id, _) = priced(place);
    coupon(&lab, "first", &json!({}));
    lab.subscribe(
        &plan_id,
        &json!({ "subscription_coupons": [
        { "coupon_code": "first", "start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-01T12:00:00Z" },
    ] }),
    );
    let item = lab.item(&json!({ "window_size": "DAY" }));
    assert_eq!(points(&item, "discount"), ["0.2", "0"]);
    let later = lab.item(&json!({ "start_time": "2026-01-02T00:00:00Z" }));
    assert_eq!(
        (&later["subtotal"], &later["total_discount"]),
        (&json!("1"), &json!("0"))
    );
}

fn without_points_a_coupon_takes_off_the_whole(place: &Place) {
    let (lab, plan_id, _) = priced(place);
    coupon(
        &lab,
        "repeated",
        &json!({ "cadence": "repeated", "duration_in_periods": 1 }),
    );
    lab.subscribe(
        &plan_id,
        &json!({ "subscription_coupons": [{ "coupon_code": "repeated" }] }),
    );
    let item = lab.item(&json!({}));
    assert_eq!(
        (&item["subtotal"], &item["total_discount"], &item["total_cost"]),
        (&json!("3"), &json!("0.3"), &json!("2.7"))
    );
}

fn every_line_has_a_row_over_its_own_range(place: &Place) {
    let (lab, plan_id, price_id) = priced(place);
    lab.subscribe(&plan_id, &json!({}));
    // A second subscription bills the same events again, from its own start on and until it is cancelled.
    let second = lab.subscribe(&plan_id, &json!({ "start_date": "2026-01-02T00:00:00Z" }));
    let items = lab.items(&json!({}));
    let mut rows: Vec<_> = items
        .iter()
        .map(|item| {
            (
                text(item, "/total_usage"),
                text(item, "/subtotal"),
                text(item, "/price_id"),
            )
        })
        .collect();
    rows.sort();
    let row = |usage: &str, subtotal: &str| (usage.to_owned(), subtotal.to_owned(), price_id.clone());
    assert_eq!(rows, [row("150", "3"), row("50", "1")]);
    let lines: Vec<&Value> = items.iter().map(|item| &item["sub_line_item_id"]).collect();
    assert_ne!(lines[0], lines[1]);
    let answer = lab.analytics(&json!({}));
    assert_eq!(answer["subtotal"], "4");

    lab.post(
        &format!("/v1/subscriptions/{}/cancel", text(&second, "/id")),
        &json!({ "cancellation_type": "immediate" }),
    );
    lab.ingest(&[
        ("e3", "2026-01-20T11:00:00Z", json!({ "v": 1 })),
        ("e4", "2026-01-20T13:00:00Z", json!({ "v": 1 })),
    ]);
    let mut usage: Vec<_> = lab
        .items(&json!({}))
        .iter()
        .map(|item| text(item, "/total_usage"))
        .collect();
    usage.sort();
    assert_eq!(usage, ["152", "51"]);
}

fn buckets_and_their_groups_are_priced_one_by_one(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature(
        "Peak",
        json!({ "type": "MAX", "field": "v", "bucket_size": "HOUR", "group_by": "krn" }),
    );
    let package = json!({
        "billing_model": "PACKAGE", "amount": "1", "transform_quantity": { "divide_by": 5, "round": "up" },
    });
    lab.subscribed(&feature, &package);
    lab.ingest(&[
        ("e1", "2026-01-05T10:05:00Z", json!({ "v": 10, "krn": "a" })),
        (
            "e2",
            "2026-01-05T10:20:00Z",
            json!({ "v": 6, "krn": "b", "region": "eu" }),
        ),
        ("e3", "2026-01-05T11:00:00Z", json!({ "v": 3, "krn": "a" })),
    ]);
    // Two packages for each of the groups at ten, one at eleven.
    let item = lab.item(&json!({ "window_size": "HOUR" }));
    assert_eq!((&item["total_usage"], &item["subtotal"]), (&json!("19"), &json!("5")));
    assert_eq!(points(&item, "usage"), ["16", "3"]);
    assert_eq!(points(&item, "subtotal"), ["4", "1"]);
    assert_eq!(points(&lab.item(&json!({ "window_size": "DAY" })), "usage"), ["16"]);
    // The request's grouping replaces the meter's.
    let mut items = lab.items(&json!({ "group_by": ["properties.region"] }));
    items.sort_by_key(|item| item["properties"].is_null());
    let rows: Vec<_> = items
        .iter()
        .map(|item| {
            (
                item["properties"].clone(),
                text(item, "/total_usage"),
                text(item, "/subtotal"),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (json!({ "region": "eu" }), "6".to_owned(), "2".to_owned()),
            (Value::Null, "13".to_owned(), "3".to_owned()),
        ]
    );
}

fn filters_and_sources(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Calls", json!({ "type": "COUNT" }));
    let events: Vec<Value> = [
        ("e1", "web", json!({ "m": "a" })),
        ("e2", "app", json!({ "m": "b" })),
        ("e3", "", json!({})),
    ]
    .into_iter()
    .map(|(id, source, properties)| {
        let mut event = super::event(&(id, "2026-01-05T10:00:00Z", properties));
        event["source"] = json!(source);
        event
    })
    .collect();
    lab.api()
        .post("/v1/events/bulk", &json!({ "events": events }))
        .expect(202);
    for (more, count) in [
        (json!({}), 3),
        (json!({ "property_filters": { "m": ["a", "b"] } }), 2),
        (json!({ "property_filters": { "m": ["", "b"] } }), 2),
        (json!({ "property_filters": { "m": [] } }), 3),
        (json!({ "property_filters": { "m": ["a"], "n": ["x"] } }), 0),
        (json!({ "sources": ["web", "app"] }), 2),
        (json!({ "sources": [""] }), 1),
        (json!({ "sources": [], "property_filters": {} }), 3),
        (json!({ "sources": ["web"], "property_filters": { "m": ["b"] } }), 0),
    ] {
        let counted: i64 = lab
            .items(&more)
            .iter()
            .map(|item| item["event_count"].as_i64().unwrap())
            .sum();
        assert_eq!(counted, count, "{more}");
    }
    let mut sources: Vec<_> = lab
        .items(&json!({ "group_by": ["source"] }))
        .iter()
        .map(|item| text(item, "/source"))
        .collect();
    sources.sort();
    assert_eq!(sources, ["", "app", "web"]);
    let mut listed = lab.item(&json!({ "expand": ["source"] }))["sources"]
        .as_array()
        .unwrap()
        .clone();
    listed.sort_by_key(Value::to_string);
    assert_eq!(listed, ["", "app", "web"]);
    assert_eq!(lab.item(&json!({}))["sources"], json!([]));
}

fn expanded_records(place: &Place) {
    let (lab, plan_id, price_id) = priced(place);
    lab.subscribe(&plan_id, &json!({}));
    let everything = [
        "price",
        "meter",
        "feature",
        "subscription_line_item",
        "plan",
        "addon",
        "source",
        "nonsense",
    ];
    let item = lab.item(&json!({ "expand": everything }));
    assert_eq!(
        (&item["price"]["id"], &item["plan"]["id"]),
        (&json!(price_id), &json!(plan_id))
    );
    assert_eq!(
        (&item["plan_id"], &item["price_id"]),
        (&json!(plan_id), &json!(price_id))
    );
    assert_eq!(item["meter"]["id"], item["meter_id"]);
    assert_eq!(item["feature"]["id"], item["feature_id"]);
    assert_eq!(item["subscription_line_item"]["id"], item["sub_line_item_id"]);
    let plain = lab.item(&json!({}));
    for name in [
        "price",
        "plan",
        "meter",
        "feature",
        "subscription_line_item",
        "addon",
        "commitment_info",
        "bucket_summaries",
    ] {
        assert!(plain.get(name).is_none(), "{name} in {plain}");
    }
    // Without commitments there is nothing to tell of their buckets.
    let points = lab.item(&json!({ "window_size": "DAY", "breakdown_bucket": true, "include_children": true }));
    for point in points["points"].as_array().unwrap() {
        assert!(point.get("buckets").is_none(), "{point}");
        for name in [
            "computed_commitment_utilized_amount",
            "computed_overage_amount",
            "computed_true_up_amount",
        ] {
            assert_eq!(point[name], "0", "{name} of {point}");
        }
    }
}

fn features_choose_the_rows(place: &Place) {
    let lab = Lab::open(place);
    let calls = lab.feature("Calls", json!({ "type": "COUNT" }));
    lab.feature("Bytes", json!({ "type": "SUM", "field": "v" }));
    let switch = lab
        .api()
        .post("/v1/features", &json!({ "name": "Switch", "type": "boolean" }))
        .expect(201);
    lab.ingest(&[("e1", "2026-01-05T10:00:00Z", json!({ "v": 5 }))]);
    let names = |ids: Value| -> Vec<String> {
        let items = lab.items(&json!({ "feature_ids": ids }));
        items.iter().map(|item| text(item, "/name")).collect()
    };
    assert_eq!(names(json!([])), ["Bytes", "Calls"]);
    assert_eq!(names(json!([calls["id"], switch["id"], "feat_unknown"])), ["Calls"]);
    let answer = lab.analytics(&json!({ "feature_ids": [switch["id"], "feat_unknown"] }));
    assert_eq!(answer["items"], json!([]));
    for total in ["subtotal", "total_discount", "total_cost"] {
        assert_eq!(answer[total], "0");
    }
}

fn usage_without_a_subscription(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Calls", json!({ "type": "COUNT" }));
    lab.feature("Peak", json!({ "type": "MAX", "field": "v", "bucket_size": "HOUR" }));
    lab.feature_of(
        "Others",
        &json!({ "aggregation": { "type": "COUNT" }, "event_name": "other" }),
        &json!({}),
    );
    let mut events: Vec<Value> = vec![super::event(&("e1", "2026-01-05T10:00:00Z", json!({ "v": 1 })))];
    let mut foreign = super::event(&("e2", "2026-01-05T10:00:00Z", json!({ "v": 2 })));
    foreign["external_customer_id"] = json!("cust_9");
    events.push(foreign);
    lab.api()
        .post("/v1/events/bulk", &json!({ "events": events }))
        .expect(202);
    let rows = |customer: &str| -> Vec<(String, String)> {
        let answer = lab.analytics(&json!({ "external_customer_id": customer }));
        assert_eq!((&answer["currency"], &answer["total_cost"]), (&json!(""), &json!("0")));
        let items = answer["items"].as_array().unwrap();
        for item in items {
            assert!(
                item.get("subscription_id").is_none() && item.get("plan_id").is_none(),
                "{item}"
            );
            assert_eq!((&item["price_id"], &item["currency"]), (&json!(""), &json!("")));
        }
        items
            .iter()
            .map(|item| (text(item, "/name"), text(item, "/total_usage")))
            .collect()
    };
    let row = |name: &str, usage: &str| (name.to_owned(), usage.to_owned());
    // A meter that measured nothing has no row, bucketed or not.
    assert_eq!(rows("cust_1"), [row("Calls", "1"), row("Peak", "1")]);
    assert_eq!(rows(""), [row("Calls", "2"), row("Peak", "2")]);
    assert!(rows("nobody").is_empty());
    // The last seven days unless the request says otherwise.
    let now = lab.post("/v1/events/analytics", &json!({ "external_customer_id": "cust_1" }));
    assert_eq!(now["items"], json!([]));
    lab.ingest(&[
        ("e3", "2026-01-13T12:00:00Z", json!({})),
        ("e4", "2026-01-13T11:59:59Z", json!({})),
    ]);
    let now = lab.post("/v1/events/analytics", &json!({ "external_customer_id": "cust_1" }));
    assert_eq!(now["items"][0]["event_count"], 1);
}

fn a_repeated_event_counts_once_at_its_last_time(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Calls", json!({ "type": "SUM", "field": "v" }));
    let one = json!({ "v": 5 });
    lab.ingest(&[
        ("e1", "2026-01-05T10:00:00Z", one.clone()),
        ("e1", "2026-01-05T10:00:00Z", one.clone()),
    ]);
    let item = lab.item(&json!({ "window_size": "DAY" }));
    assert_eq!((&item["total_usage"], &item["event_count"]), (&json!("5"), &json!(1)));
    lab.ingest(&[("e1", "2026-01-07T10:00:00Z", one)]);
    let item = lab.item(&json!({ "window_size": "DAY" }));
    assert_eq!((&item["total_usage"], &item["event_count"]), (&json!("5"), &json!(1)));
    assert_eq!(points(&item, "timestamp"), ["2026-01-07T00:00:00Z"]);
}

fn windows_of_a_month_start_on_the_anchor(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "COUNT" }));
    lab.tenant.customer("cust_1", "First");
    let (plan_id, _) = lab.plan(&feature, &flat("1"));
    lab.subscribe(&plan_id, &json!({ "start_date": "2026-01-10T00:00:00Z" }));
    lab.ingest(&[("e1", "2026-01-15T10:00:00Z", json!({}))]);
    let item = lab.item(&json!({ "window_size": "MONTH" }));
    assert_eq!(points(&item, "timestamp"), ["2026-01-10T00:00:00Z"]);
    let question = january(&json!({ "window_size": "MONTH", "billing_anchor": "2020-05-12T00:00:00Z" }));
    let detailed = lab.post("/v1/meter-usage/detailed-analytics", &question);
    assert_eq!(points(&detailed["items"][0], "timestamp"), ["2026-01-12T00:00:00Z"]);
}
