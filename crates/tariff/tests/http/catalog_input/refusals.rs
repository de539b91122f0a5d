//! Members that exclude each other, references to nothing, and the removal of what is in use.

use reqwest::Method;
use serde_json::{Value, json};

use super::stock::{Stock, custom, price_tiers};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    members_that_exclude_each_other_are_refused,
    references_to_nothing_are_refused,
    what_is_in_use_is_not_deleted,
);

fn members_that_exclude_each_other_are_refused(place: &Place) {
    let stock = Stock::open(place);
    let tier = json!([{ "unit_amount": "1" }]);
    let usage = |more: &Value| {
        let mut body = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": stock.meter });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let table = [
        ("/v1/prices", json!({ "type": null }), "type"),
        ("/v1/prices", json!({ "entity_type": "" }), "entity_type"),
        ("/v1/prices", json!({ "entity_id": "" }), "entity_id"),
        ("/v1/prices", json!({ "entity_type": "PRICE" }), "entity_type"),
        ("/v1/prices", json!({ "currency": null }), "currency"),
        ("/v1/prices", json!({ "billing_model": null }), "billing_model"),
        ("/v1/prices", json!({ "billing_period": null }), "billing_period"),
        (
            "/v1/prices",
            json!({ "billing_period_count": null }),
            "billing_period_count",
        ),
        ("/v1/prices", json!({ "invoice_cadence": null }), "invoice_cadence"),
        ("/v1/prices", json!({ "amount": null }), "amount"),
        (
            "/v1/prices",
            json!({ "billing_model": "PACKAGE" }),
            "transform_quantity",
        ),
        (
            "/v1/prices",
            json!({ "billing_model": "TIERED", "tier_mode": "SLAB" }),
            "tiers",
        ),
        (
            "/v1/prices",
            json!({ "billing_model": "TIERED", "tiers": tier }),
            "tier_mode",
        ),
        ("/v1/prices", price_tiers(&json!([])), "tiers"),
        (
            "/v1/prices",
            price_tiers(&json!([{ "up_to": 5, "unit_amount": "1" }, { "up_to": 5, "unit_amount": "2" }])),
            "tiers",
        ),
        (
            "/v1/prices",
            price_tiers(&json!([{ "unit_amount": "1" }, { "unit_amount": "2" }])),
            "tiers",
        ),
        (
            "/v1/prices",
            usage(&json!({ "invoice_cadence": "ADVANCE" })),
            "invoice_cadence",
        ),
        (
            "/v1/prices",
            usage(&json!({ "billing_period": "ONETIME" })),
            "invoice_cadence",
        ),
        ("/v1/prices", usage(&json!({ "meter_id": null })), "meter_id"),
        ("/v1/prices", usage(&json!({ "min_quantity": 0 })), "min_quantity"),
        (
            "/v1/prices",
            usage(&json!({ "trial_period_days": 1 })),
            "trial_period_days",
        ),
        (
            "/v1/prices",
            json!({ "billing_period": "ONETIME", "trial_period_days": 1 }),
            "trial_period_days",
        ),
        (
            "/v1/prices",
            json!({ "start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z" }),
            "end_date",
        ),
        (
            "/v1/prices",
            json!({ "price_unit_type": "CUSTOM" }),
            "price_unit_config",
        ),
        (
            "/v1/prices",
            json!({ "price_unit_config": { "price_unit": "CRD", "amount": "1" } }),
            "price_unit_config",
        ),
        (
            "/v1/prices",
            custom(&json!({ "price_unit": "CRD" })),
            "price_unit_config.amount",
        ),
        (
            "/v1/prices",
            json!({
                "price_unit_type": "CUSTOM", "tiers": tier,
                "price_unit_config": { "price_unit": "CRD", "amount": "1", "price_unit_tiers": tier },
            }),
            "price_unit_config.price_unit_tiers",
        ),
        (
            "/v1/prices",
            json!({ "price_unit_type": "CUSTOM", "currency": "USD", "price_unit_config": { "price_unit": "CRD", "amount": "1" } }),
            "currency",
        ),
        (
            "/v1/prices/units",
            json!({ "conversion_rate": "-1" }),
            "conversion_rate",
        ),
        (
            "/v1/prices/units",
            json!({ "conversion_rate": null }),
            "conversion_rate",
        ),
        ("/v1/prices/units", json!({ "symbol": "" }), "symbol"),
        ("/v1/coupons", json!({ "type": "" }), "type"),
        ("/v1/coupons", json!({ "cadence": "" }), "cadence"),
        ("/v1/coupons", json!({ "type": "fixed" }), "amount_off"),
        ("/v1/coupons", json!({ "percentage_off": null }), "percentage_off"),
        (
            "/v1/coupons",
            json!({ "duration_in_periods": 1 }),
            "duration_in_periods",
        ),
        ("/v1/coupons", json!({ "cadence": "repeated" }), "duration_in_periods"),
        (
            "/v1/coupons",
            json!({ "type": "fixed", "amount_off": "1", "currency": "us" }),
            "currency",
        ),
        ("/v1/taxes/rates", json!({ "tax_rate_type": "" }), "tax_rate_type"),
        ("/v1/taxes/rates", json!({ "fixed_value": "1" }), "fixed_value"),
        ("/v1/taxes/rates", json!({ "tax_rate_type": "fixed" }), "fixed_value"),
        ("/v1/taxes/rates", json!({ "code": "" }), "code"),
        ("/v1/taxes/associations", json!({ "entity_type": null }), "entity_type"),
        ("/v1/taxes/associations", json!({ "entity_id": null }), "entity_id"),
        (
            "/v1/taxes/associations",
            json!({ "end_date": "2001-01-01T00:00:00Z" }),
            "end_date",
        ),
        (
            "/v1/taxes/associations",
            json!({ "start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z" }),
            "end_date",
        ),
        (
            "/v1/taxes/associations",
            json!({ "external_customer_id": "acme", "entity_id": "cust_other" }),
            "entity_id",
        ),
        ("/v1/entitlements", json!({ "plan_id": null }), "entity_id"),
        ("/v1/entitlements", json!({ "feature_type": "boolean" }), "feature_type"),
        ("/v1/entitlements", json!({ "feature_type": null }), "feature_type"),
        (
            "/v1/entitlements",
            json!({ "config_value": { "a": 1 } }),
            "config_value",
        ),
        (
            "/v1/entitlements",
            json!({ "aggregation_mode": "parallel" }),
            "aggregation_mode",
        ),
        ("/v1/entitlements", json!({ "grant_quota": "1" }), "grant_measure"),
        ("/v1/groups", json!({ "entity_type": "plan" }), "entity_type"),
        ("/v1/groups", json!({ "lookup_key": "" }), "lookup_key"),
        ("/v1/features", json!({ "type": "" }), "type"),
        ("/v1/features", json!({ "type": "metered" }), "meter_id"),
        ("/v1/features", json!({ "unit_singular": "call" }), "unit_plural"),
        ("/v1/plans", json!({ "name": "" }), "name"),
        ("/v1/costs", json!({ "name": "" }), "name"),
    ];
    for (kind, changes, member) in table {
        let refused = stock.good(kind, &changes);
        let before = stock.count(kind);
        let details = stock.api().post(kind, &refused).expect_error(400, "validation_error");
        assert!(details.get(member).is_some(), "{kind} {changes} gave {details}");
        assert_eq!(stock.count(kind), before, "{kind} {changes} left something behind");
    }
}

fn references_to_nothing_are_refused(place: &Place) {
    let stock = Stock::open(place);
    let usage = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": "meter_none" });
    let of_config = custom(&json!({ "price_unit": "NIL", "amount": "1" }));
    for (kind, changes) in [
        ("/v1/prices", json!({ "entity_id": "plan_none" })),
        ("/v1/prices", json!({ "entity_type": "COSTSHEET" })),
        ("/v1/prices", json!({ "entity_type": "SUBSCRIPTION" })),
        ("/v1/prices", usage),
        ("/v1/prices", of_config),
        ("/v1/entitlements", json!({ "plan_id": "plan_none" })),
        ("/v1/entitlements", json!({ "feature_id": "feat_none" })),
        (
            "/v1/entitlements",
            json!({ "entity_type": "SUBSCRIPTION", "entity_id": "subs_none" }),
        ),
        ("/v1/features", json!({ "group_id": "group_none" })),
        ("/v1/features", json!({ "type": "metered", "meter_id": "meter_none" })),
        ("/v1/taxes/associations", json!({ "tax_rate_code": "none" })),
        (
            "/v1/taxes/associations",
            json!({ "external_customer_id": "nobody", "entity_id": null }),
        ),
    ] {
        let refused = stock.good(kind, &changes);
        let before = stock.count(kind);
        let reply = stock.api().post(kind, &refused);
        assert_eq!(reply.status, 404, "{kind} {changes} answered {}", reply.text);
        reply.expect_error(404, "not_found");
        assert_eq!(stock.count(kind), before, "{kind} {changes} left something behind");
    }
    // A group is a fault of the price (spec 03 §3.2).
    let group = stock.good("/v1/prices", &json!({ "group_id": "group_none" }));
    stock
        .api()
        .post("/v1/prices", &group)
        .expect_error(400, "validation_error");
    for kind in [
        "/v1/plans",
        "/v1/prices",
        "/v1/prices/units",
        "/v1/features",
        "/v1/groups",
        "/v1/entitlements",
        "/v1/coupons",
        "/v1/taxes/rates",
        "/v1/taxes/associations",
        "/v1/costs",
    ] {
        let path = format!("{kind}/none");
        stock.api().get(&path).expect_error(404, "not_found");
        let update = stock.api().put(&path, &json!({}));
        // Groups have no update.
        if kind == "/v1/groups" {
            update.expect_no_route();
        } else {
            update.expect_error(404, "not_found");
        }
        let delete = stock
            .api()
            .raw(Method::DELETE, &path, "application/json", b"{}".to_vec());
        // Withdrawing a coupon that is not there is no error (spec 03 §4.5).
        if kind == "/v1/coupons" {
            delete.expect(200);
        } else {
            delete.expect_error(404, "not_found");
        }
    }
    for path in [
        "/v1/prices/lookup/none",
        "/v1/prices/units/code/NIL",
        "/v1/coupons/code/none",
        "/v1/coupons/associations/none",
        "/v1/costs/active",
    ] {
        stock.api().get(path).expect_error(404, "not_found");
    }
    let clone = json!({ "name": "Copy", "lookup_key": "copy" });
    stock
        .api()
        .post("/v1/plans/none/clone", &clone)
        .expect_error(404, "not_found");
}

fn what_is_in_use_is_not_deleted(place: &Place) {
    let stock = Stock::open(place);
    let api = stock.api();
    let created = |kind: &str, changes: &Value| {
        let reply = api.post(kind, &stock.good(kind, changes));
        assert!(reply.status < 300, "{}", reply.text);
        text(&reply.json(), "/id")
    };
    created("/v1/prices", &json!({}));
    let subscription = json!({
        "external_customer_id": "acme", "plan_id": stock.plan, "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    api.post("/v1/subscriptions", &subscription).expect(201);
    created("/v1/entitlements", &json!({}));
    created("/v1/taxes/associations", &json!({}));
    let rates = api.get("/v1/taxes/rates").expect(200);
    for (path, code) in [
        (format!("/v1/plans/{}", stock.plan), "invalid_operation"),
        (format!("/v1/features/{}", stock.feature), "invalid_operation"),
        (
            format!("/v1/taxes/rates/{}", text(&rates, "/items/0/id")),
            "validation_error",
        ),
    ] {
        api.delete(&path).expect_error(400, code);
        assert_eq!(api.get(&path).expect(200)["status"], "published", "{path}");
    }
    // Units, coupons and groups go although somebody refers to them.
    let price = created("/v1/prices", &custom(&json!({ "price_unit": "CRD", "amount": "100" })));
    let units = api.get("/v1/prices/units").expect(200);
    let unit = format!("/v1/prices/units/{}", text(&units, "/items/0/id"));
    api.delete(&unit).expect(200);
    assert_eq!(api.get(&unit).expect(200)["status"], "archived");
    let price = format!("/v1/prices/{price}");
    assert_eq!(api.get(&price).expect(200)["amount"], "1");
    api.put(&price, &json!({ "price_unit_amount": "200" }))
        .expect_error(404, "not_found");
    assert!(api.get(&price).expect(200).get("end_date").is_none());
}
