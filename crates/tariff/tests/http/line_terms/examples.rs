//! The worked examples of spec 03 §6 as invoices of real events, and the commitments of `vectors/pricing.json`.

use serde_json::{Map, Value, json};

use super::{Shop, amount, flat, parts, tiered, tiers_a, with};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    rows_1_to_11_are_billed_from_events,
    row_15_an_allowance_of_every_day,
    row_18_coupons_of_an_overridden_line_and_of_the_invoice,
    the_commitment_vectors_are_billed_from_events,
    the_time_of_day_vector_is_billed_from_events,
);

const VECTORS: &str = include_str!("../../../../../vectors/pricing.json");

/// Usage of one price, and what it comes to.
struct Case {
    aggregation: Value,
    price: Value,
    values: Vec<String>,
    quantity: &'static str,
    amount: &'static str,
}

fn summed(price: &Value, cases: &[(&'static str, &'static str)]) -> Vec<Case> {
    let case = |(quantity, amount): &(&'static str, &'static str)| Case {
        aggregation: json!({ "type": "SUM" }),
        price: price.clone(),
        values: vec![(*quantity).to_owned()],
        quantity,
        amount,
    };
    cases.iter().map(case).collect()
}

fn bucketed(kind: &str, price: Value, values: &[&str], quantity: &'static str, amount: &'static str) -> Case {
    Case {
        aggregation: json!({ "type": kind, "bucket_size": "HOUR" }),
        price,
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        quantity,
        amount,
    }
}

/// Exact boundaries, just past them, and fractions (acceptance 14), and acceptance 15.
fn cases() -> Vec<Case> {
    let package = |round: &str| {
        json!({
            "billing_model": "PACKAGE", "amount": "1", "transform_quantity": { "divide_by": 100, "round": round },
        })
    };
    let bounded = json!([{ "up_to": 10, "unit_amount": "1" }, { "up_to": 20, "unit_amount": "0.5" }]);
    let tiers_b = json!([
        { "up_to": 5, "unit_amount": "0", "flat_amount": "1" },
        { "up_to": 10, "unit_amount": "1", "flat_amount": "2" },
        { "unit_amount": "2", "flat_amount": "0" },
    ]);
    let mut cases = summed(&flat("0.1"), &[("2.55", "0.26")]);
    cases.extend(summed(
        &package("up"),
        &[("99", "1"), ("100", "1"), ("101", "2"), ("100.0001", "2")],
    ));
    cases.extend(summed(&package("down"), &[("99", "0"), ("250", "2")]));
    let volume = [
        ("10", "1"),
        ("10.5", "0.53"),
        ("11", "0.55"),
        ("20", "1"),
        ("1000", "20"),
    ];
    cases.extend(summed(&tiered("VOLUME", &tiers_a()), &volume));
    cases.extend(summed(&tiered("SLAB", &tiers_a()), &[("15", "1.25")]));
    let slab = [("0", "0"), ("5", "1"), ("5.01", "3.01"), ("12", "12")];
    cases.extend(summed(&tiered("SLAB", &tiers_b), &slab));
    // A ladder without an open end bills nothing above it (Q3).
    cases.extend(summed(&tiered("SLAB", &bounded), &[("100", "15")]));
    cases.extend(summed(&tiered("VOLUME", &bounded), &[("100", "50")]));
    let slab_a = || tiered("SLAB", &tiers_a());
    cases.push(bucketed("SUM", slab_a(), &["9", "15"], "24", "2.15"));
    cases.push(bucketed("MAX", slab_a(), &["9", "15"], "24", "2.15"));
    cases.push(bucketed("SUM", flat("0.004"), &["1", "1", "1"], "3", "0.01"));
    // An empty bucket pays no flat amount (Q2).
    cases.push(bucketed("SUM", tiered("SLAB", &tiers_b), &["0", "5"], "5", "1"));
    cases
}

fn rows_1_to_11_are_billed_from_events(place: &Place) {
    let shop = Shop::open(place);
    let cases = cases();
    let mut price_ids = Vec::new();
    let mut events = Vec::new();
    for (index, case) in cases.iter().enumerate() {
        let name = format!("case-{index}");
        price_ids.push(shop.usage_price(&name, &case.aggregation, &case.price));
        let at = |hour: usize| format!("2024-01-05T{hour:02}:30:00Z");
        events.extend(
            (0..)
                .zip(&case.values)
                .map(|(hour, value)| (name.clone(), at(hour), value.clone())),
        );
    }
    let yen = shop.usage_price(
        "yen",
        &json!({ "type": "SUM" }),
        &with(flat("10.5"), &json!({ "currency": "jpy" })),
    );
    events.push(("yen".to_owned(), "2024-01-05T00:00:00Z".to_owned(), "3".to_owned()));
    let events: Vec<(&str, &str, &str)> = events
        .iter()
        .map(|(name, at, value)| (name.as_str(), at.as_str(), value.as_str()))
        .collect();
    let subscription = shop.subscribe(&json!({}));
    let in_yen = shop.subscribe(&json!({ "currency": "jpy" }));
    shop.ingest("acme", &events);

    let preview = shop.preview(&subscription);
    for (case, price_id) in cases.iter().zip(&price_ids) {
        let lines = preview["line_items"].as_array().unwrap();
        let line = lines.iter().find(|line| line["price_id"] == price_id.as_str()).unwrap();
        let expected = (case.amount.to_owned(), case.quantity.to_owned());
        assert_eq!(amount(line), expected, "{} of {:?}", case.price, case.values);
        assert!(line.get("commitment_info").is_none(), "{line}");
    }
    let line = shop.charge(&in_yen);
    assert_eq!((&line["price_id"], &line["amount"]), (&json!(yen), &json!("32")));
}

fn row_15_an_allowance_of_every_day(place: &Place) {
    let shop = Shop::open(place);
    let feature = json!({
        "name": "Calls", "type": "metered",
        "meter": {
            "name": "Calls", "event_name": "call", "aggregation": { "type": "SUM", "field": "v" },
            "reset_usage": "BILLING_PERIOD",
        },
    });
    let feature = shop.api().post("/v1/features", &feature).expect(201);
    let usage = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": feature["meter_id"] });
    shop.price(&with(usage, &flat("0.02")));
    let included = json!({
        "entity_type": "PLAN", "entity_id": shop.plan, "feature_id": feature["id"], "feature_type": "metered",
        "is_enabled": true, "usage_limit": 100, "usage_reset_period": "DAILY",
    });
    shop.api().post("/v1/entitlements", &included).expect(201);
    let subscription = shop.subscribe(&json!({}));
    let days = [("01", "150"), ("02", "20"), ("03", "101"), ("04", "0")];
    for (day, value) in days {
        shop.ingest("acme", &[("call", &format!("2024-01-{day}T12:00:00Z"), value)]);
    }
    let line = shop.charge(&subscription);
    assert_eq!(amount(&line), ("1.02".to_owned(), "51".to_owned()));
}

/// Acceptance 18, with the older members of the request and a line whose price is the subscription's own.
fn row_18_coupons_of_an_overridden_line_and_of_the_invoice(place: &Place) {
    let shop = Shop::open(place);
    let dear = text(&shop.price(&json!({ "amount": "170" })), "/id");
    shop.price(&json!({ "amount": "50" }));
    let coupon = |code: &str, percentage: &str| {
        let coupon = json!({
            "name": code, "coupon_code": code, "type": "percentage", "cadence": "forever",
            "percentage_off": percentage,
        });
        text(&shop.api().post("/v1/coupons", &coupon).expect(201), "/id")
    };
    let (on_line, on_invoice) = (coupon("line", "10"), coupon("all", "20"));
    let subscription = shop.subscribe(&json!({
        "override_line_items": [{ "price_id": dear, "amount": "100" }],
        "line_item_coupons": { dear.clone(): [on_line] }, "coupons": [on_invoice],
    }));
    let invoice = shop.invoices(&subscription).remove(0);
    assert_eq!(
        (&invoice["total_discount"], &invoice["total"]),
        (&json!("38"), &json!("112"))
    );
    let lines = invoice["line_items"].as_array().unwrap();
    let discounts = |line: &Value| (text(line, "/line_item_discount"), text(line, "/invoice_level_discount"));
    let discounts: Vec<_> = lines.iter().map(discounts).collect();
    let pair = |line: &str, invoice: &str| (line.to_owned(), invoice.to_owned());
    assert_eq!(discounts, [pair("10", "18"), pair("0", "10")]);

    let by_code = json!({
        "override_line_items": [{ "price_id": dear, "amount": "100" }],
        "subscription_coupons": [{ "coupon_code": "LINE", "price_id": dear }, { "coupon_code": "all" }],
    });
    assert_eq!(shop.subscribe(&by_code)["latest_invoice"]["total"], "112");
    let elsewhere = json!({ "line_item_coupons": { "price_none": [on_line] } });
    let refused = shop.try_subscribe("acme", &elsewhere);
    let details = refused.expect_error(400, "validation_error");
    assert_eq!(details["price_id"], "price_none");
}

fn vectors(kind: &str) -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    all.into_iter()
        .filter(|vector| vector["given"]["kind"] == kind)
        .collect()
}

/// The commitment members of a vector as a request has them.
fn commitment(given: &Value) -> Value {
    let members = [
        ("commitment_type", "commitment_type"),
        ("commitment_amount", "commitment_amount"),
        ("commitment_quantity", "commitment_quantity"),
        ("commitment_overage_factor", "overage_factor"),
        ("commitment_true_up_enabled", "enable_true_up"),
    ];
    let given = members
        .into_iter()
        .filter_map(|(from, to)| Some((to.to_owned(), given.get(from)?.clone())));
    Value::Object(given.collect())
}

fn check(line: &Value, expect: &Value, name: &Value) {
    assert_eq!(line["amount"], expect["amount_rounded"], "{name}");
    let expected = [
        "computed_commitment_utilized_amount",
        "computed_overage_amount",
        "computed_true_up_amount",
    ]
    .map(|part| text(expect, &format!("/{part}")));
    assert_eq!(parts(line), expected, "{name}");
}

/// All in one subscription: a line a vector. Windows are days, of which three have begun.
fn the_commitment_vectors_are_billed_from_events(place: &Place) {
    let shop = Shop::open(place);
    let plain = vectors("line_item_commitment");
    let windowed = vectors("windowed_line_item_commitment");
    assert!(plain.len() >= 7 && windowed.len() >= 2, "the vectors are gone");
    let mut commitments = Map::new();
    let mut expected = Vec::new();
    for (index, vector) in plain.iter().chain(&windowed).enumerate() {
        let given = &vector["given"];
        let name = format!("vector-{index}");
        let quantities = given.get("window_quantities").and_then(Value::as_array).cloned();
        let aggregation = match &quantities {
            Some(_) => json!({ "type": "SUM", "bucket_size": "DAY" }),
            None => json!({ "type": "SUM" }),
        };
        let price_id = shop.usage_price(&name, &aggregation, &given["price"]);
        let promised = with(
            commitment(given),
            &json!({ "is_window_commitment": quantities.is_some() }),
        );
        commitments.insert(price_id.clone(), promised);
        for (day, quantity) in (1..).zip(quantities.unwrap_or_else(|| vec![given["quantity"].clone()])) {
            let at = format!("2024-01-{day:02}T15:00:00Z");
            shop.ingest("acme", &[(&name, &at, quantity.as_str().unwrap())]);
        }
        expected.push((price_id, vector));
    }
    let subscription = shop.subscribe(&json!({ "line_item_commitments": commitments }));
    shop.tenant.set_clock("2024-01-04T00:00:00Z");
    let preview = shop.preview(&subscription);
    for (price_id, vector) in expected {
        let lines = preview["line_items"].as_array().unwrap();
        let line = lines.iter().find(|line| line["price_id"] == price_id.as_str()).unwrap();
        check(line, &vector["expect"], &vector["name"]);
        // What was promised in units is shown with its worth in money.
        if let Some(promised) = vector["expect"].get("commitment_amount") {
            assert_eq!(&line["commitment_info"]["amount"], promised, "{}", vector["name"]);
        }
    }
}

fn the_time_of_day_vector_is_billed_from_events(place: &Place) {
    let vectors = vectors("time_of_day_commitment");
    assert!(!vectors.is_empty(), "the vectors are gone");
    for (index, vector) in vectors.iter().enumerate() {
        let shop = Shop::open(place);
        let name = format!("vector-{index}");
        let given = &vector["given"];
        let hourly = json!({ "type": "SUM", "bucket_size": "HOUR" });
        let price_id = shop.usage_price(&name, &hourly, &given["line_item"]["price"]);
        let mut promised = commitment(&given["line_item"]);
        promised["is_window_commitment"] = json!(true);
        promised["commitment_time_buckets"] = given["commitment_time_buckets"].clone();
        // No window has begun yet, so that only those with usage count.
        let start = "2026-03-01T00:00:00Z";
        shop.tenant.set_clock(start);
        let subscription = shop.subscribe(&json!({
            "start_date": start, "line_item_commitments": { price_id.clone(): promised },
        }));
        for window in given["windows"].as_array().unwrap() {
            shop.ingest("acme", &[(&name, &text(window, "/start"), &text(window, "/quantity"))]);
        }
        check(&shop.charge(&subscription), &vector["expect"], &vector["name"]);
    }
}
