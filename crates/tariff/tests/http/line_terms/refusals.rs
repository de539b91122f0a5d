//! Terms of lines that make no sense. Whatever is refused leaves nothing behind.

use serde_json::{Value, json};

use super::{Shop, flat, with};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    overrides_that_make_no_price,
    commitments_that_cannot_be_kept,
    time_buckets_that_do_not_fit,
    what_is_not_built_is_said,
);

/// A shop with a fixed price, a usage price, and usage prices with hourly, weekly and monthly buckets.
struct Priced {
    shop: Shop,
    fixed: String,
    usage: String,
    hourly: String,
    weekly: String,
    monthly: String,
}

impl Priced {
    fn open(place: &Place) -> Self {
        let shop = Shop::open(place);
        let bucketed = |size: &str| shop.usage_price(size, &json!({ "type": "SUM", "bucket_size": size }), &flat("1"));
        Self {
            fixed: text(&shop.price(&json!({})), "/id"),
            usage: shop.summed("call"),
            hourly: bucketed("HOUR"),
            weekly: bucketed("WEEK"),
            monthly: bucketed("MONTH"),
            shop,
        }
    }

    /// Demands an error for every request, and no trace of any.
    fn refused(&self, requests: &[(Value, u16, &str)]) {
        for (request, status, code) in requests {
            let reply = self.shop.try_subscribe("acme", request);
            assert_eq!(reply.status, *status, "{request} answered {}", reply.text);
            reply.expect_error(*status, code);
        }
        let none = |path: &str, filter: &Value| {
            let found = self.shop.api().post(path, filter).expect(200);
            assert_eq!(found["pagination"]["total"], 0, "{path}: {found}");
        };
        none("/v1/subscriptions/search", &json!({ "subscription_status": [] }));
        none("/v1/prices/search", &json!({ "entity_type": "SUBSCRIPTION" }));
        none("/v1/invoices/search", &json!({}));
    }
}

fn overrides_that_make_no_price(place: &Place) {
    let priced = Priced::open(place);
    let override_of = |price_id: &str, changes: Value| json!({ "override_line_items": [with(json!({ "price_id": price_id }), &changes)] });
    let fixed = |changes: Value| override_of(&priced.fixed, changes);
    let invalid = |request: Value| (request, 400, "validation_error");
    let elsewhere = text(&priced.shop.price(&json!({ "currency": "eur" })), "/id");
    priced.refused(&[
        invalid(json!({ "override_line_items": [{ "amount": "1" }] })),
        invalid(fixed(json!({}))),
        invalid(fixed(json!({ "amount": "-1" }))),
        invalid(fixed(json!({ "amount": "12345678901" }))),
        invalid(fixed(json!({ "amount": "ten" }))),
        invalid(fixed(json!({ "quantity": "-1" }))),
        invalid(fixed(json!({ "quantity": "1e19" }))),
        invalid(fixed(json!({ "amount": "1", "price_unit_amount": "1" }))),
        invalid(fixed(json!({ "price_unit_amount": "1" }))),
        invalid(fixed(json!({ "billing_model": "FLAT_FEE" }))),
        invalid(fixed(json!({ "billing_model": "PACKAGE", "amount": "1" }))),
        invalid(fixed(
            json!({ "billing_model": "PACKAGE", "amount": "1", "transform_quantity": { "divide_by": 0 } }),
        )),
        invalid(fixed(
            json!({ "billing_model": "TIERED", "tiers": [{ "unit_amount": "1" }] }),
        )),
        invalid(fixed(
            json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [] }),
        )),
        invalid(fixed(json!({
            "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [{ "unit_amount": "1" }, { "unit_amount": "2" }],
        }))),
        invalid(fixed(json!({ "billing_model": "GIFT", "amount": "1" }))),
        invalid(override_of(&priced.usage, json!({ "quantity": 2 }))),
        invalid(override_of("price_none", json!({ "quantity": 2 }))),
        invalid(json!({ "override_line_items": [
            { "price_id": priced.fixed, "amount": "1" }, { "price_id": priced.fixed, "quantity": 2 },
        ] })),
        (override_of(&elsewhere, json!({ "amount": "2" })), 404, "not_found"),
    ]);
}

fn commitments_that_cannot_be_kept(place: &Place) {
    let priced = Priced::open(place);
    let promise = json!({ "commitment_amount": 100, "overage_factor": 1.5 });
    let commit = |price_id: &str, changes: Value| json!({ "line_item_commitments": { price_id: with(promise.clone(), &changes) } });
    let usage = |changes: Value| commit(&priced.usage, changes);
    let invalid = |request: Value| (request, 400, "validation_error");
    priced.refused(&[
        invalid(commit(&priced.fixed, json!({}))),
        invalid(commit("price_none", json!({}))),
        invalid(usage(json!({ "commitment_amount": -1 }))),
        invalid(usage(json!({ "commitment_amount": 0 }))),
        invalid(usage(json!({ "commitment_amount": "1e12" }))),
        invalid(usage(json!({ "commitment_amount": null }))),
        invalid(usage(json!({ "commitment_quantity": 5 }))),
        invalid(usage(json!({ "commitment_type": "quantity" }))),
        invalid(usage(json!({ "commitment_type": "time" }))),
        invalid(usage(json!({ "overage_factor": null }))),
        invalid(usage(json!({ "overage_factor": 0.99 }))),
        invalid(usage(json!({ "overage_factor": "1e7" }))),
        invalid(usage(json!({ "is_window_commitment": true }))),
        invalid(usage(json!({ "is_window_commitment": "yes" }))),
        invalid(json!({ "line_item_commitments": { priced.usage.clone(): { "enable_true_up": true } } })),
        invalid(with(
            usage(json!({})),
            &json!({ "commitment_amount": "50", "overage_factor": "1.5" }),
        )),
        invalid(json!({ "line_item_commitments": [promise] })),
    ]);
    // A true-up of three years of minutes could never be invoiced.
    let minutely = priced.shop.usage_price(
        "minutely",
        &json!({ "type": "SUM", "bucket_size": "MINUTE" }),
        &flat("1"),
    );
    let long = |true_up: bool| {
        let windowed = json!({ "is_window_commitment": true, "enable_true_up": true_up });
        with(commit(&minutely, windowed), &json!({ "billing_period_count": 36 }))
    };
    priced.refused(&[invalid(long(true))]);
    priced.shop.subscribe(&long(false));
    // Nothing promised is nothing stored.
    let nothing = json!({ "line_item_commitments": { priced.usage.clone(): {} } });
    let subscription = priced.shop.subscribe(&nothing);
    let lines = subscription["line_items"].as_array().unwrap();
    assert!(
        lines.iter().all(|line| line.get("commitment_type").is_none()),
        "{subscription}"
    );
}

fn time_buckets_that_do_not_fit(place: &Place) {
    let priced = Priced::open(place);
    let bucket = |changes: Value| {
        let bucket = json!({
            "start": { "hour": 9 }, "end": { "hour": 17 }, "commitment_value": "10", "overage_factor": "1.5",
        });
        with(bucket, &changes)
    };
    let commit = |price_id: &str, buckets: Vec<Value>| {
        json!({ "line_item_commitments": { price_id: {
            "is_window_commitment": true, "commitment_time_buckets": buckets,
        } } })
    };
    let hourly = |changes: Value| (commit(&priced.hourly, vec![bucket(changes)]), 400, "validation_error");
    let price = |changes: Value| hourly(json!({ "price": with(flat("1"), &changes) }));
    let overlapping = vec![
        bucket(json!({})),
        bucket(json!({ "start": { "hour": 22 }, "end": { "hour": 10 } })),
    ];
    let not_windowed = json!({ "line_item_commitments": { priced.hourly.clone(): {
        "commitment_time_buckets": [bucket(json!({}))],
    } } });
    let many: Vec<Value> = (0..300).map(|_| bucket(json!({}))).collect();
    priced.refused(&[
        hourly(json!({ "start": null })),
        hourly(json!({ "end": { "hour": 9 } })),
        hourly(json!({ "start": { "hour": 24 }, "end": { "hour": 0 } })),
        hourly(json!({ "end": { "hour": 25 } })),
        hourly(json!({ "end": { "hour": 17, "minute": 60 } })),
        hourly(json!({ "end": { "hour": 24, "minute": 1 } })),
        hourly(json!({ "end": { "hour": -1 } })),
        hourly(json!({ "end": { "hour": 17, "minute": 30 } })),
        hourly(json!({ "start": { "hour": 9, "minute": 30 } })),
        hourly(json!({ "commitment_value": null })),
        hourly(json!({ "commitment_value": "0" })),
        hourly(json!({ "commitment_value": "-1" })),
        hourly(json!({ "overage_factor": null })),
        hourly(json!({ "overage_factor": "0.5" })),
        hourly(json!({ "commitment_type": "time" })),
        price(json!({ "amount": null })),
        price(json!({ "amount": "-1" })),
        price(json!({ "currency": "eur" })),
        price(json!({ "type": "FIXED" })),
        price(json!({ "meter_id": "meter_none" })),
        price(json!({ "billing_period": "ANNUAL" })),
        price(json!({ "billing_period_count": 2 })),
        price(json!({ "invoice_cadence": "ADVANCE" })),
        price(json!({ "end_date": "2024-02-01T00:00:00Z" })),
        price(json!({ "min_quantity": 1 })),
        (commit(&priced.hourly, overlapping), 400, "validation_error"),
        (commit(&priced.hourly, many), 400, "validation_error"),
        (commit(&priced.usage, vec![bucket(json!({}))]), 400, "validation_error"),
        (commit(&priced.weekly, vec![bucket(json!({}))]), 400, "validation_error"),
        (
            commit(&priced.monthly, vec![bucket(json!({}))]),
            400,
            "validation_error",
        ),
        (not_windowed, 400, "validation_error"),
    ]);
}

/// A line's commitment over several billing periods would change the bill, and no formula says how.
fn what_is_not_built_is_said(place: &Place) {
    let priced = Priced::open(place);
    let promise = |duration: &str| {
        json!({ "line_item_commitments": { priced.usage.clone(): {
            "commitment_amount": 100, "overage_factor": 1.5, "commitment_duration": duration,
        } } })
    };
    priced.refused(&[(promise("ANNUAL"), 501, "not_implemented")]);
    let subscription = priced.shop.subscribe(&promise("MONTHLY"));
    let lines = subscription["line_items"].as_array().unwrap();
    assert!(
        lines.iter().any(|line| line["commitment_duration"] == "MONTHLY"),
        "{subscription}"
    );
}
