//! Commitments that start again in every bucket of the meter, and those of parts of the day.

use serde_json::{Value, json};

use super::{Shop, amount, flat, parts};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    empty_windows_are_trued_up_as_time_passes,
    groups_of_a_bucket_cost_together,
    an_allowance_changes_only_the_quantity_of_a_windowed_commitment,
    a_part_of_the_day_has_its_own_terms,
    analytics_tell_the_parts_of_the_day,
);

fn daily() -> Value {
    json!({ "type": "SUM", "bucket_size": "DAY" })
}

fn hourly() -> Value {
    json!({ "type": "SUM", "bucket_size": "HOUR" })
}

/// Worked example 14 of spec 03 §6, and what becomes of it in the rest of the month.
fn empty_windows_are_trued_up_as_time_passes(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.usage_price("call", &daily(), &flat("1"));
    let promise = json!({
        "commitment_amount": 10, "overage_factor": 2, "enable_true_up": true, "is_window_commitment": true,
    });
    let subscription = shop.subscribe(&json!({ "line_item_commitments": { price: promise } }));
    assert_eq!(subscription["line_items"][0]["commitment_windowed"], true);
    assert_eq!(shop.charge(&subscription)["amount"], "0", "no window has begun");
    shop.ingest(
        "acme",
        &[
            ("call", "2024-01-01T10:00:00Z", "5"),
            ("call", "2024-01-03T10:00:00Z", "12"),
        ],
    );
    shop.tenant.set_clock("2024-01-03T12:00:00Z");
    let line = shop.charge(&subscription);
    assert_eq!(amount(&line), ("34".to_owned(), "17".to_owned()));
    assert_eq!(parts(&line), ["15", "4", "15"]);
    assert_eq!(line["commitment_info"]["is_windowed"], true);
    let row = shop.analytics(&json!({ "window_size": "DAY" }));
    assert_eq!((&row["subtotal"], parts(&row)), (&json!("34"), parts(&line)));
    let costs: Vec<Value> = row["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["cost"].clone())
        .collect();
    assert_eq!(costs, ["10", "10", "14"]);

    // At the end of the month all 31 days count.
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    let invoice = shop.invoices(&subscription).remove(0);
    assert_eq!(invoice["invoice_status"], "FINALIZED");
    let line = &invoice["line_items"][0];
    assert_eq!(amount(line), ("314".to_owned(), "17".to_owned()));
    assert_eq!(parts(line), ["15", "4", "295"]);
}

/// The costs of the groups add up before the commitment applies (Q28).
fn groups_of_a_bucket_cost_together(place: &Place) {
    let shop = Shop::open(place);
    let grouped = json!({ "type": "MAX", "bucket_size": "HOUR", "group_by": "key" });
    let price = shop.usage_price("call", &grouped, &flat("1"));
    let promise = json!({ "commitment_amount": 10, "overage_factor": 2, "is_window_commitment": true });
    let subscription = shop.subscribe(&json!({ "line_item_commitments": { price: promise } }));
    for (id, key, value) in [("a", "x", 6), ("b", "y", 8), ("c", "x", 4)] {
        let event = json!({
            "event_id": id, "event_name": "call", "external_customer_id": "acme",
            "timestamp": "2024-01-05T10:15:00Z", "properties": { "v": value, "key": key },
        });
        shop.api().post("/v1/events", &event).expect(202);
    }
    let line = shop.charge(&subscription);
    assert_eq!(amount(&line), ("18".to_owned(), "14".to_owned()));
    assert_eq!(parts(&line), ["10", "8", "0"]);
}

/// Chapter 03, §5.10.
fn an_allowance_changes_only_the_quantity_of_a_windowed_commitment(place: &Place) {
    let shop = Shop::open(place);
    let feature = json!({
        "name": "Calls", "type": "metered",
        "meter": {
            "name": "Calls", "event_name": "call", "reset_usage": "BILLING_PERIOD",
            "aggregation": { "type": "SUM", "field": "v", "bucket_size": "DAY" },
        },
    });
    let feature = shop.api().post("/v1/features", &feature).expect(201);
    let price = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": feature["meter_id"], "amount": "1" });
    let price = text(&shop.price(&price), "/id");
    let included = json!({
        "entity_type": "PLAN", "entity_id": shop.plan, "feature_id": feature["id"], "feature_type": "metered",
        "is_enabled": true, "usage_limit": 9, "usage_reset_period": "MONTHLY",
    });
    shop.api().post("/v1/entitlements", &included).expect(201);
    let promise = json!({ "commitment_quantity": 10, "overage_factor": "1.5", "is_window_commitment": true });
    let committed = shop.subscribe(&json!({ "line_item_commitments": { price: promise } }));
    let plain = shop.subscribe(&json!({}));
    shop.ingest("acme", &[("call", "2024-01-05T10:15:00Z", "12")]);
    let line = shop.charge(&committed);
    assert_eq!(amount(&line), ("13".to_owned(), "3".to_owned()));
    assert_eq!(line["adjusted_entitlement_quantity"], "9");
    assert_eq!(amount(&shop.charge(&plain)), ("3".to_owned(), "3".to_owned()));
}

/// Nights from 22:00 to 6:00 at half the price, with 3 a window promised.
fn nights() -> Value {
    json!({
        "start": { "hour": 22 }, "end": { "hour": 6, "minute": 0 }, "price": flat("0.5"), "commitment_type": "amount",
        "commitment_value": "3", "overage_factor": "2", "true_up_enabled": true,
    })
}

fn a_part_of_the_day_has_its_own_terms(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.usage_price("call", &json!({ "type": "SUM", "bucket_size": "3HOUR" }), &flat("1"));
    let evening = json!({
        "start": { "hour": 18 }, "end": { "hour": 24 }, "commitment_type": "quantity", "commitment_value": "4",
        "overage_factor": "1",
    });
    let mut early = nights();
    early["start"] = json!({ "hour": 0 });
    let subscription = shop.subscribe(&json!({ "line_item_commitments": { price: {
        "commitment_amount": 5, "overage_factor": 3, "is_window_commitment": true,
        "commitment_time_buckets": [early, evening],
    } } }));
    let line = &subscription["line_items"][0];
    let buckets = line["commitment_time_buckets"].as_array().unwrap();
    assert!(text(&buckets[0], "/id").starts_with("bucket_"), "{line}");
    assert_eq!(buckets[0]["end"], json!({ "hour": 6, "minute": 0 }));
    assert_eq!(buckets[1]["end"], json!({ "hour": 24, "minute": 0 }));
    assert_eq!(
        (&buckets[0]["commitment_value"], &buckets[0]["overage_factor"]),
        (&json!("3"), &json!(2))
    );
    // A part of the day without a price of its own has that of the line.
    assert_eq!(buckets[1]["price_id"], line["price_id"]);
    let own = shop
        .api()
        .get(&format!("/v1/prices/{}", text(&buckets[0], "/price_id")))
        .expect(200);
    assert_eq!(
        (&own["entity_type"], &own["entity_id"]),
        (&json!("SUBSCRIPTION"), &subscription["id"])
    );
    assert_eq!(
        (&own["amount"], &own["type"], &own["display_name"]),
        (&json!("0.5"), &json!("USAGE"), &json!("Usage"))
    );

    shop.ingest(
        "acme",
        &[
            // Early: 10 at 0.5 is 5, of which 3 are promised; the rest counts twice: 7.
            ("call", "2024-01-01T05:59:59Z", "10"),
            // Outside of both: 7 at 1, of which 5 are promised; the rest counts three times: 11.
            ("call", "2024-01-01T06:00:00Z", "7"),
            // Evening: no factor.
            ("call", "2024-01-01T23:00:00Z", "9"),
        ],
    );
    shop.tenant.set_clock("2024-01-02T01:00:00Z");
    // Two early windows have begun without usage, 3 each.
    let line = shop.charge(&subscription);
    assert_eq!(amount(&line), ("33".to_owned(), "26".to_owned()));
    assert_eq!(parts(&line), ["12", "15", "6"]);
}

fn analytics_tell_the_parts_of_the_day(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.usage_price("call", &hourly(), &flat("1"));
    let subscription = shop.subscribe(&json!({ "line_item_commitments": { price: {
        "is_window_commitment": true, "commitment_time_buckets": [nights()],
    } } }));
    let bucket = &subscription["line_items"][0]["commitment_time_buckets"][0];
    shop.ingest(
        "acme",
        &[
            ("call", "2024-01-01T05:00:00Z", "10"),
            ("call", "2024-01-01T12:00:00Z", "2"),
        ],
    );
    // Night windows up to 4:00 are empty.
    shop.tenant.set_clock("2024-01-01T05:30:00Z");
    let row = shop.analytics(&json!({ "window_size": "HOUR", "breakdown_bucket": true }));
    assert_eq!(row["subtotal"], "24");
    let summaries = row["bucket_summaries"].as_array().unwrap();
    assert_eq!(summaries.len(), 1, "{row}");
    for (member, expected) in [
        ("bucket_id", bucket["id"].clone()),
        ("price_id", bucket["price_id"].clone()),
        ("total_usage", json!("10")),
        ("base_charge", json!("5")),
        ("computed_utilized", json!("3")),
        ("computed_overage", json!("4")),
        ("computed_true_up", json!("15")),
        ("commitment_value", json!("3")),
        ("commitment_type", json!("amount")),
    ] {
        assert_eq!(summaries[0][member], expected, "{member} of {row}");
    }
    let at = |time: &str| {
        let points = row["points"].as_array().unwrap();
        let point = points.iter().find(|point| point["timestamp"] == time).unwrap();
        point["buckets"].as_array().map_or(0, Vec::len)
    };
    assert_eq!((at("2024-01-01T05:00:00Z"), at("2024-01-01T12:00:00Z")), (1, 0));
    let whole_day = shop.analytics(&json!({ "window_size": "DAY", "breakdown_bucket": true }));
    assert_eq!(whole_day["points"][0]["buckets"][0]["bucket_id"], bucket["id"]);
    let plain = shop.analytics(&json!({ "window_size": "HOUR" }));
    assert!(plain.get("bucket_summaries").is_none(), "{plain}");
}
