//! What usage costs the seller, against what it brings in (spec 03 §4.7, §5.14).

use serde_json::{Value, json};

use super::{Lab, flat, january, with};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    usage_without_a_subscription_costs_and_brings_in_nothing,
    lines_of_subscriptions_are_costed_one_by_one_against_their_revenue,
    every_bucket_is_priced_on_its_own,
    groups_of_a_bucket_are_one_point,
    the_newest_running_rate_of_a_meter_counts,
    a_missing_side_leaves_nothing_to_compare,
    currencies_are_not_mixed,
    totals_are_of_all_pages,
    the_range_is_whole_or_the_last_seven_days,
    questions_that_make_no_sense,
    billing_looks_at_no_cost_sheet,
    a_customer_sees_its_own_costs_in_the_portal,
);

fn sheet(lab: &Lab, name: &str) -> String {
    let created = lab.api().post("/v1/costs", &json!({ "name": name })).expect(201);
    text(&created, "/costsheet/id")
}

/// A usage rate of a cost sheet, from long ago on.
fn rate(lab: &Lab, sheet: &str, feature: &Value, price: &Value) -> String {
    let plain = json!({
        "entity_type": "COSTSHEET", "entity_id": sheet, "currency": "usd", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1, "type": "USAGE", "invoice_cadence": "ARREAR",
        "meter_id": feature["meter_id"], "start_date": "2025-12-01T00:00:00Z",
    });
    text(&lab.api().post("/v1/prices", &with(plain, price)).expect(201), "/id")
}

fn costs(lab: &Lab, more: &Value) -> Value {
    lab.post("/v1/costs/analytics", &january(more))
}

/// Members of an object in the order asked for.
fn figures(answer: &Value, members: &[&str]) -> Vec<String> {
    members
        .iter()
        .map(|member| {
            answer[*member]
                .as_str()
                .unwrap_or_else(|| panic!("no text {member} in {answer}"))
                .to_owned()
        })
        .collect()
}

const TOTALS: [&str; 6] = [
    "total_revenue",
    "total_cost",
    "margin",
    "margin_percent",
    "roi",
    "roi_percent",
];

fn calls(lab: &Lab) -> Value {
    lab.feature("Calls", json!({ "type": "SUM", "field": "v" }))
}

fn usage_without_a_subscription_costs_and_brings_in_nothing(place: &Place) {
    let lab = Lab::open(place);
    let feature = calls(&lab);
    let customer = lab.tenant.customer("cust_1", "First");
    let sheet = sheet(&lab, "A");
    let price_id = rate(&lab, &sheet, &feature, &flat("0.0011"));
    // A meter without a rate costs nothing.
    lab.feature("Other", json!({ "type": "COUNT" }));
    lab.ingest(&[
        ("e1", "2026-01-02T10:00:00Z", json!({ "v": 100 })),
        ("e2", "2026-01-03T10:00:00Z", json!({ "v": 50 })),
    ]);
    let mut foreign = super::event(&("e3", "2026-01-05T10:00:00Z", json!({ "v": 1000 })));
    foreign["external_customer_id"] = json!("cust_2");
    lab.api().post("/v1/events", &foreign).expect(202);

    let answer = costs(&lab, &json!({}));
    assert_eq!(answer["currency"], "usd");
    assert_eq!(
        (&answer["start_time"], &answer["end_time"]),
        (&json!("2026-01-01T00:00:00Z"), &json!("2026-02-01T00:00:00Z"))
    );
    // 150 · 0.0011 stays unrounded; nobody pays for it.
    assert_eq!(figures(&answer, &TOTALS), ["0", "0.165", "-0.165", "0", "-1", "-100"]);
    let items = answer["cost_analytics"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{answer}");
    let item = &items[0];
    assert_eq!(figures(item, &["total_cost", "total_quantity"]), ["0.165", "150"]);
    assert_eq!(item["total_events"], 2);
    assert_eq!(item["cost_by_period"], json!([]));
    for (member, expected) in [
        ("costsheet_id", json!(sheet)),
        ("price_id", json!(price_id)),
        ("meter_id", feature["meter_id"].clone()),
        ("meter_name", json!("Calls")),
        ("customer_id", customer["id"].clone()),
        ("external_customer_id", json!("cust_1")),
        ("currency", json!("usd")),
    ] {
        assert_eq!(item[member], expected, "{member}");
    }
    assert!(item.get("meter").is_none() && item.get("price").is_none(), "{item}");
    let expanded = costs(&lab, &json!({ "expand": ["meter", "price"] }));
    let item = &expanded["cost_analytics"][0];
    assert_eq!(
        (&item["meter"]["id"], &item["price"]["amount"]),
        (&feature["meter_id"], &json!("0.0011"))
    );
    // Without a customer it is everybody's usage.
    let all = costs(&lab, &json!({ "external_customer_id": "" }));
    assert_eq!(
        figures(
            &all["cost_analytics"][0],
            &["total_cost", "total_quantity", "customer_id"]
        ),
        ["1.265", "1150", ""]
    );
    let filtered = costs(&lab, &json!({ "property_filters": { "v": ["50"] } }));
    assert_eq!(filtered["total_cost"], "0.055");
    let other = costs(&lab, &json!({ "feature_ids": ["feat_none"] }));
    assert_eq!(
        (&other["cost_analytics"], &other["total_cost"]),
        (&json!([]), &json!("0"))
    );
}

fn lines_of_subscriptions_are_costed_one_by_one_against_their_revenue(place: &Place) {
    let lab = Lab::open(place);
    let feature = calls(&lab);
    let unsold = lab.feature("Unsold", json!({ "type": "COUNT" }));
    lab.tenant.customer("cust_1", "First");
    let (plan_id, _) = lab.plan(&feature, &flat("0.02"));
    lab.subscribe(&plan_id, &json!({}));
    let sheet = sheet(&lab, "A");
    rate(&lab, &sheet, &feature, &flat("0.005"));
    // A rate for a meter that no line of the customer bills is not looked at.
    rate(&lab, &sheet, &unsold, &flat("7"));
    lab.ingest(&[("e1", "2026-01-02T10:00:00Z", json!({ "v": 100 }))]);
    let answer = costs(&lab, &json!({}));
    // 2 of revenue, 0.5 of cost.
    assert_eq!(figures(&answer, &TOTALS), ["2", "0.5", "1.5", "75", "3", "300"]);
    assert_eq!(answer["cost_analytics"].as_array().unwrap().len(), 1, "{answer}");
    // A second subscription bills the same usage again: one more item, and twice the revenue.
    lab.subscribe(&plan_id, &json!({}));
    let answer = costs(&lab, &json!({}));
    assert_eq!(figures(&answer, &TOTALS), ["4", "1", "3", "75", "3", "300"]);
    assert_eq!(answer["cost_analytics"].as_array().unwrap().len(), 2, "{answer}");
    // Discounts lower the revenue, not the cost.
    let coupon = json!({ "name": "half", "coupon_code": "half", "type": "percentage", "cadence": "forever",
        "percentage_off": "50" });
    lab.api().post("/v1/coupons", &coupon).expect(201);
    lab.subscribe(
        &plan_id,
        &json!({ "subscription_coupons": [{ "coupon_code": "half" }] }),
    );
    let answer = costs(&lab, &json!({}));
    assert_eq!(
        figures(&answer, &["total_revenue", "total_cost", "margin", "margin_percent"]),
        ["5", "1.5", "3.5", "70"]
    );
}

fn every_bucket_is_priced_on_its_own(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Peak", json!({ "type": "MAX", "field": "v", "bucket_size": "HOUR" }));
    lab.tenant.customer("cust_1", "First");
    let sheet = sheet(&lab, "A");
    let ladder = json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [
        { "up_to": 10, "unit_amount": "0.10" }, { "up_to": 20, "unit_amount": "0.05" }, { "unit_amount": "0.02" },
    ] });
    rate(&lab, &sheet, &feature, &ladder);
    lab.ingest(&[
        ("e1", "2026-01-02T10:05:00Z", json!({ "v": 4 })),
        ("e2", "2026-01-02T10:55:00Z", json!({ "v": 9 })),
        ("e3", "2026-01-02T11:00:00Z", json!({ "v": 15 })),
    ]);
    let answer = costs(&lab, &json!({}));
    let item = &answer["cost_analytics"][0];
    // 0.90 + 1.25 (spec 03 §6, 10), not the cost of 24 units at once, which is 1.58.
    assert_eq!(figures(item, &["total_cost", "total_quantity"]), ["2.15", "24"]);
    assert_eq!(answer["total_cost"], "2.15");
    assert_eq!(
        item["cost_by_period"],
        json!([
            { "timestamp": "2026-01-02T10:00:00Z", "quantity": "9", "cost": "0.9", "event_count": 2 },
            { "timestamp": "2026-01-02T11:00:00Z", "quantity": "15", "cost": "1.25", "event_count": 1 },
        ])
    );
}

fn groups_of_a_bucket_are_one_point(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature(
        "Peak",
        json!({ "type": "MAX", "field": "v", "bucket_size": "DAY", "group_by": "region" }),
    );
    lab.tenant.customer("cust_1", "First");
    let sheet = sheet(&lab, "A");
    rate(&lab, &sheet, &feature, &flat("0.004"));
    lab.ingest(&[
        ("e1", "2026-01-02T10:00:00Z", json!({ "v": 1, "region": "eu" })),
        ("e2", "2026-01-02T11:00:00Z", json!({ "v": 1, "region": "us" })),
        ("e3", "2026-01-03T11:00:00Z", json!({ "v": 1, "region": "us" })),
    ]);
    let item = costs(&lab, &json!({}))["cost_analytics"][0].clone();
    // 0.012 is rounded once, and points are not rounded.
    assert_eq!(figures(&item, &["total_cost", "total_quantity"]), ["0.01", "3"]);
    let points = item["cost_by_period"].as_array().unwrap();
    let of_points: Vec<_> = points
        .iter()
        .map(|point| figures(point, &["quantity", "cost"]))
        .collect();
    assert_eq!(of_points, [["2", "0.008"], ["1", "0.004"]]);
}

fn the_newest_running_rate_of_a_meter_counts(place: &Place) {
    let lab = Lab::open(place);
    let feature = calls(&lab);
    lab.tenant.customer("cust_1", "First");
    lab.ingest(&[("e1", "2026-01-02T10:00:00Z", json!({ "v": 100 }))]);
    let old = sheet(&lab, "Old");
    rate(&lab, &old, &feature, &flat("9"));
    let sheet = sheet(&lab, "New");
    let total = || text(&costs(&lab, &json!({})), "/total_cost");
    // The newest sheet counts, although it has no rate yet.
    assert_eq!(total(), "0");
    let first = rate(&lab, &sheet, &feature, &flat("0.01"));
    assert_eq!(total(), "1");
    let second = rate(&lab, &sheet, &feature, &flat("0.02"));
    assert_eq!(total(), "2");
    // One that starts later is none yet, one that has ended none any more; fixed prices are no rates.
    rate(
        &lab,
        &sheet,
        &feature,
        &with(flat("0.03"), &json!({ "start_date": "2026-03-01T00:00:00Z" })),
    );
    rate(
        &lab,
        &sheet,
        &feature,
        &with(flat("5"), &json!({ "type": "FIXED", "invoice_cadence": "ADVANCE" })),
    );
    assert_eq!(total(), "2");
    let version = lab
        .api()
        .put(&format!("/v1/prices/{second}"), &json!({ "amount": "0.04" }))
        .expect(200);
    assert_eq!(total(), "4");
    for id in [text(&version, "/id"), first] {
        let path = format!("/v1/prices/{id}");
        lab.api()
            .raw(reqwest::Method::DELETE, &path, "application/json", b"{}".to_vec())
            .expect(200);
    }
    assert_eq!(total(), "0");
    lab.api().delete(&format!("/v1/costs/{sheet}")).expect(200);
    assert_eq!(total(), "900");
}

fn a_missing_side_leaves_nothing_to_compare(place: &Place) {
    let lab = Lab::open(place);
    let feature = calls(&lab);
    lab.subscribed(&feature, &flat("0.02"));
    lab.ingest(&[("e1", "2026-01-02T10:00:00Z", json!({ "v": 100 }))]);
    let without_sheet = costs(&lab, &json!({}));
    assert_eq!(figures(&without_sheet, &TOTALS), ["2", "0", "0", "0", "0", "0"]);
    assert_eq!(without_sheet["cost_analytics"], json!([]));
    assert_eq!(without_sheet["currency"], "usd");
    let sheet = sheet(&lab, "A");
    rate(&lab, &sheet, &feature, &flat("0.005"));
    let unknown = costs(&lab, &json!({ "external_customer_id": "nobody" }));
    assert_eq!(figures(&unknown, &TOTALS), ["0"; 6]);
    assert_eq!(unknown["cost_analytics"], json!([]));
    lab.api().delete(&format!("/v1/costs/{sheet}")).expect(200);
    assert_eq!(costs(&lab, &json!({})), without_sheet);
}

fn currencies_are_not_mixed(place: &Place) {
    let lab = Lab::open(place);
    let feature = calls(&lab);
    lab.subscribed(&feature, &flat("0.02"));
    let sheet = sheet(&lab, "A");
    rate(
        &lab,
        &sheet,
        &feature,
        &with(flat("0.005"), &json!({ "currency": "eur" })),
    );
    lab.ingest(&[("e1", "2026-01-02T10:00:00Z", json!({ "v": 100 }))]);
    let answer = costs(&lab, &json!({}));
    // The item is there in euros; it is neither added to nor compared with dollars.
    assert_eq!(
        figures(&answer["cost_analytics"][0], &["currency", "total_cost"]),
        ["eur", "0.5"]
    );
    assert_eq!(answer["currency"], "usd");
    assert_eq!(figures(&answer, &TOTALS), ["2", "0", "0", "0", "0", "0"]);
    // Where nothing brings revenue the rates tell the currency.
    let all = costs(&lab, &json!({ "external_customer_id": Value::Null }));
    assert_eq!(
        figures(&all, &["currency", "total_cost", "margin"]),
        ["eur", "0.5", "-0.5"]
    );
}

fn totals_are_of_all_pages(place: &Place) {
    let lab = Lab::open(place);
    lab.tenant.customer("cust_1", "First");
    let sheet = sheet(&lab, "A");
    for name in ["C", "A", "B"] {
        let feature = lab.feature(name, json!({ "type": "COUNT" }));
        rate(&lab, &sheet, &feature, &flat("1"));
    }
    lab.ingest(&[("e1", "2026-01-02T10:00:00Z", json!({}))]);
    let names = |more: Value| -> Vec<String> {
        let answer = costs(&lab, &more);
        assert_eq!(answer["total_cost"], "3");
        let items = answer["cost_analytics"].as_array().unwrap().iter();
        items.map(|item| text(item, "/meter_name")).collect()
    };
    assert_eq!(names(json!({})), ["A", "B", "C"]);
    assert_eq!(names(json!({ "limit": 0 })), ["A", "B", "C"]);
    assert_eq!(names(json!({ "limit": 1, "offset": 1 })), ["B"]);
    assert_eq!(names(json!({ "offset": 2 })), ["C"]);
    assert_eq!(names(json!({ "offset": 3 })), Vec::<String>::new());
}

fn the_range_is_whole_or_the_last_seven_days(place: &Place) {
    let lab = Lab::open(place);
    let feature = calls(&lab);
    let sheet = sheet(&lab, "A");
    rate(&lab, &sheet, &feature, &flat("1"));
    lab.ingest(&[
        ("e1", "2026-01-13T11:59:59Z", json!({ "v": 1 })),
        ("e2", "2026-01-13T12:00:00Z", json!({ "v": 10 })),
        ("e3", "2026-01-20T11:59:59Z", json!({ "v": 100 })),
    ]);
    let answer = lab.post("/v1/costs/analytics", &json!({}));
    assert_eq!(
        (&answer["start_time"], &answer["end_time"], &answer["total_cost"]),
        (
            &json!("2026-01-13T12:00:00Z"),
            &json!("2026-01-20T12:00:00Z"),
            &json!("110")
        )
    );
    let instant = "2026-01-13T12:00:00Z";
    let empty = lab.post(
        "/v1/costs/analytics",
        &json!({ "start_time": instant, "end_time": instant }),
    );
    assert_eq!(empty["total_cost"], "0");
}

fn questions_that_make_no_sense(place: &Place) {
    let lab = Lab::open(place);
    let too_many: Vec<String> = (0..1001).map(|number| format!("feat_{number}")).collect();
    for (body, field) in [
        (json!({ "start_time": "2026-01-01T00:00:00Z" }), "end_time"),
        (json!({ "end_time": "2026-01-01T00:00:00Z" }), "start_time"),
        (
            json!({ "start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T00:00:00Z" }),
            "end_time",
        ),
        (json!({ "expand": ["meter", "plan"] }), "expand"),
        (json!({ "limit": 1001 }), "limit"),
        (json!({ "limit": -1 }), "limit"),
        (json!({ "offset": -1 }), "offset"),
        (json!({ "feature_ids": too_many }), "feature_ids"),
        (
            json!({ "property_filters": { "a": vec!["x"; 1001] } }),
            "property_filters",
        ),
    ] {
        let details = lab
            .api()
            .post("/v1/costs/analytics", &body)
            .expect_error(400, "validation_error");
        assert!(details.get(field).is_some(), "{field}: {details}");
    }
    for body in [
        json!({ "start_time": "2026-01-01", "end_time": "2026-01-02" }),
        json!({ "expand": "meter" }),
        json!({ "limit": "1" }),
        json!({ "include_children": "yes" }),
        json!({ "property_filters": { "a": "x" } }),
        json!({ "external_customer_id": 1 }),
    ] {
        lab.api()
            .post("/v1/costs/analytics", &body)
            .expect_error(400, "validation_error");
    }
}

fn billing_looks_at_no_cost_sheet(place: &Place) {
    let lab = Lab::open(place);
    let feature = calls(&lab);
    let sheet = sheet(&lab, "A");
    rate(&lab, &sheet, &feature, &flat("0.005"));
    let subscription = lab.subscribed(&feature, &flat("0.02"));
    assert_eq!(
        subscription["line_items"].as_array().unwrap().len(),
        1,
        "{subscription}"
    );
    lab.ingest(&[("e1", "2026-01-02T10:00:00Z", json!({ "v": 100 }))]);
    let preview = lab.post(
        "/v1/invoices/preview",
        &json!({ "subscription_id": subscription["id"] }),
    );
    assert_eq!(preview["total"], "2");
    // Nor can a plan be subscribed to by the id of a cost sheet.
    let body = json!({
        "external_customer_id": "cust_1", "plan_id": sheet, "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1,
    });
    lab.api()
        .post("/v1/subscriptions", &body)
        .expect_error(404, "not_found");
}

fn a_customer_sees_its_own_costs_in_the_portal(place: &Place) {
    let lab = Lab::open(place);
    let feature = calls(&lab);
    lab.subscribed(&feature, &flat("0.02"));
    let sheet = sheet(&lab, "A");
    rate(&lab, &sheet, &feature, &flat("0.005"));
    lab.ingest(&[("e1", "2026-01-02T10:00:00Z", json!({ "v": 100 }))]);
    let mut foreign = super::event(&("e2", "2026-01-05T10:00:00Z", json!({ "v": 1 })));
    foreign["external_customer_id"] = json!("cust_2");
    lab.api().post("/v1/events", &foreign).expect(202);
    let opened = lab.api().get("/v1/customers/portal/cust_1").expect(200);
    let stranger = lab.api().without_credentials();
    let portal = stranger.with("x-session-token", &text(&opened, "/token"));
    for named in [json!("cust_2"), json!(""), Value::Null] {
        let question = january(&json!({ "external_customer_id": named }));
        let answer = portal.post("/v1/customer/portal/analytics/cost", &question).expect(200);
        assert_eq!(answer, costs(&lab, &json!({})), "{named}");
    }
    portal
        .post("/v1/customer/portal/analytics/cost", &json!({ "expand": ["plan"] }))
        .expect_error(400, "validation_error");
    assert_eq!(
        stranger.post("/v1/customer/portal/analytics/cost", &json!({})).status,
        401
    );
    assert_eq!(portal.post("/v1/costs/analytics", &json!({})).status, 401);
}
