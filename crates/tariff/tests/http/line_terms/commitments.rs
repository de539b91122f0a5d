//! Commitments on the whole of a line.

use serde_json::json;

use super::{Shop, amount, flat, parts};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    what_was_promised_is_charged_or_exceeded,
    units_are_promised_at_the_overridden_price,
    an_allowance_comes_before_the_commitment,
    usage_and_analytics_show_the_commitment,
    buckets_may_be_promised_as_a_whole,
);

/// Acceptance 16, from the preview to the finalized invoice.
fn what_was_promised_is_charged_or_exceeded(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.summed("call");
    let promise = json!({ "commitment_amount": 100, "overage_factor": 1.5, "enable_true_up": true });
    let terms = json!({ "line_item_commitments": { price.clone(): promise } });
    for (customer, used, charged, split) in [
        ("below", "60", "100", ["60", "0", "40"]),
        ("met", "100", "100", ["100", "0", "0"]),
        ("beyond", "140", "160", ["100", "60", "0"]),
        ("idle", "0", "100", ["0", "0", "100"]),
    ] {
        shop.tenant.customer(customer, customer);
        let subscription = shop.try_subscribe(customer, &terms).expect(201);
        let line = &subscription["line_items"][0];
        for (member, expected) in [
            ("commitment_type", json!("amount")),
            ("commitment_amount", json!("100")),
            ("commitment_overage_factor", json!("1.5")),
            ("commitment_true_up_enabled", json!(true)),
            ("commitment_windowed", json!(false)),
        ] {
            assert_eq!(line[member], expected, "{member} of {line}");
        }
        assert!(line.get("commitment_quantity").is_none(), "{line}");
        if used != "0" {
            shop.ingest(customer, &[("call", "2024-01-05T12:00:00Z", used)]);
        }
        let line = shop.charge(&subscription);
        assert_eq!(amount(&line), (charged.to_owned(), used.to_owned()), "{customer}");
        assert_eq!(parts(&line), split, "{customer}");
        let info = &line["commitment_info"];
        assert_eq!(
            (&info["type"], &info["amount"], &info["overage_factor"]),
            (&json!("amount"), &json!("100"), &json!("1.5"))
        );
        assert_eq!(
            (&info["is_windowed"], &info["true_up_enabled"]),
            (&json!(false), &json!(true))
        );
    }
    let listed = shop
        .api()
        .post("/v1/subscriptions/lineitems/search", &json!({ "price_ids": [price] }))
        .expect(200);
    assert_eq!(listed["items"][0]["commitment_amount"], "100");
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    let found = shop
        .api()
        .post("/v1/invoices/search", &json!({ "external_customer_id": "beyond" }))
        .expect(200);
    let invoice = shop
        .api()
        .get(&format!("/v1/invoices/{}", text(&found, "/items/0/id")))
        .expect(200);
    assert_eq!(
        (&invoice["invoice_status"], &invoice["total"]),
        (&json!("FINALIZED"), &json!("160"))
    );
    assert_eq!(parts(&invoice["line_items"][0]), ["100", "60", "0"]);
}

/// Units are worth what they cost at the price of the line, which is the subscription's own here.
fn units_are_promised_at_the_overridden_price(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.summed("call");
    let subscription = shop.subscribe(&json!({
        "override_line_items": [{ "price_id": price, "amount": "0.333" }],
        "line_item_commitments": { price: { "commitment_quantity": 10, "overage_factor": "2" } },
    }));
    let line = &subscription["line_items"][0];
    assert_eq!(
        (&line["commitment_type"], &line["commitment_quantity"]),
        (&json!("quantity"), &json!("10"))
    );
    shop.ingest("acme", &[("call", "2024-01-05T12:00:00Z", "11")]);
    let line = shop.charge(&subscription);
    // 3.663 is rounded to 3.66 first; 3.33 of it is promised, and the rest counts twice.
    assert_eq!(amount(&line), ("3.99".to_owned(), "11".to_owned()));
    assert_eq!(parts(&line), ["3.33", "0.66", "0"]);
    assert_eq!(
        (&line["commitment_info"]["amount"], &line["commitment_info"]["quantity"]),
        (&json!("3.33"), &json!("10"))
    );
}

fn an_allowance_comes_before_the_commitment(place: &Place) {
    let shop = Shop::open(place);
    let feature = json!({
        "name": "Calls", "type": "metered",
        "meter": {
            "name": "Calls", "event_name": "call", "aggregation": { "type": "SUM", "field": "v" },
            "reset_usage": "BILLING_PERIOD",
        },
    });
    let feature = shop.api().post("/v1/features", &feature).expect(201);
    let price = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": feature["meter_id"], "amount": "1" });
    let price = text(&shop.price(&price), "/id");
    let included = json!({
        "entity_type": "PLAN", "entity_id": shop.plan, "feature_id": feature["id"], "feature_type": "metered",
        "is_enabled": true, "usage_limit": 30, "usage_reset_period": "MONTHLY",
    });
    shop.api().post("/v1/entitlements", &included).expect(201);
    let promise = json!({ "commitment_amount": 100, "overage_factor": 2 });
    let subscription = shop.subscribe(&json!({ "line_item_commitments": { price: promise } }));
    shop.ingest("acme", &[("call", "2024-01-05T12:00:00Z", "140")]);
    let line = shop.charge(&subscription);
    assert_eq!(amount(&line), ("120".to_owned(), "110".to_owned()));
    assert_eq!(line["adjusted_entitlement_quantity"], "30");
    assert_eq!(parts(&line), ["100", "20", "0"]);
}

fn usage_and_analytics_show_the_commitment(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.summed("call");
    let promise = json!({ "commitment_amount": 100, "overage_factor": 1.5, "enable_true_up": true });
    let subscription = shop.subscribe(&json!({ "line_item_commitments": { price: promise } }));
    let idle = shop.analytics(&json!({}));
    assert_eq!(
        (&idle["total_usage"], &idle["total_cost"]),
        (&json!("0"), &json!("100"))
    );
    shop.ingest("acme", &[("call", "2024-01-05T12:00:00Z", "140")]);
    let usage = json!({ "subscription_id": subscription["id"] });
    let usage = shop.api().post("/v1/subscriptions/usage", &usage).expect(200);
    assert_eq!(
        (&usage["amount"], &usage["charges"][0]["quantity"]),
        (&json!(160), &json!(140))
    );
    let row = shop.analytics(&json!({ "expand": ["subscription_line_item"] }));
    assert_eq!((&row["subtotal"], &row["total_cost"]), (&json!("160"), &json!("160")));
    assert_eq!(parts(&row), ["100", "60", "0"]);
    assert_eq!(row["subscription_line_item"]["commitment_amount"], "100");
    // A part of the usage fulfils no promise.
    let part = shop.analytics(&json!({ "property_filters": { "v": ["140"] } }));
    assert_eq!(part["subtotal"], "140");
    assert!(part.get("commitment_info").is_none(), "{part}");
}

/// A commitment that is not windowed applies to the sum of all buckets, rounded once.
fn buckets_may_be_promised_as_a_whole(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.usage_price("call", &json!({ "type": "MAX", "bucket_size": "HOUR" }), &flat("0.005"));
    let promise = json!({ "commitment_amount": "0.1", "overage_factor": 3 });
    let subscription = shop.subscribe(&json!({ "line_item_commitments": { price: promise } }));
    shop.ingest(
        "acme",
        &[
            ("call", "2024-01-05T12:00:00Z", "9"),
            ("call", "2024-01-05T13:00:00Z", "16"),
        ],
    );
    let line = shop.charge(&subscription);
    // 0.125 is rounded to 0.13, of which 0.03 counts three times.
    assert_eq!(amount(&line), ("0.19".to_owned(), "25".to_owned()));
    assert_eq!(parts(&line), ["0.1", "0.09", "0"]);
}
