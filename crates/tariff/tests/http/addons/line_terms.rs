//! What a subscription changes of an addon's lines: prices, quantities and commitments (spec 03 §4.3, §5.6, §5.12).

use serde_json::{Value, json};

use super::{START, Shop, charge, charges, with};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    an_addon_is_sold_at_a_price_of_its_own,
    an_overridden_fee_is_prorated,
    usage_of_an_addon_is_promised,
    every_bucket_of_an_addon_is_promised,
    a_promise_that_never_begins_costs_nothing,
    terms_that_do_not_fit,
);

/// A usage price of the addon, 1 usd a unit of what events of this name carry.
fn usage_price(shop: &Shop, addon: &str, event_name: &str, aggregation: &Value) -> String {
    let meter = json!({
        "name": event_name, "event_name": event_name, "aggregation": with(aggregation.clone(), &json!({ "field": "v" })),
        "reset_usage": "BILLING_PERIOD",
    });
    let meter = shop.tenant.api.post("/v1/meters", &meter).expect(201);
    let price = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": meter["id"], "amount": "1" });
    text(&shop.price("ADDON", addon, &price), "/id")
}

/// Sends events of a customer, one a value, on the fifth of January at successive hours.
fn ingest(shop: &Shop, customer: &str, event_name: &str, values: &[&str]) {
    let event = |(hour, value): (usize, &&str)| {
        json!({
            "event_id": format!("{customer}-{event_name}-{hour}"), "event_name": event_name,
            "external_customer_id": customer, "timestamp": format!("2024-01-05T{hour:02}:30:00Z"),
            "properties": { "v": value },
        })
    };
    let events: Vec<Value> = values.iter().enumerate().map(event).collect();
    shop.tenant
        .api
        .post("/v1/events/bulk", &json!({ "events": events }))
        .expect(202);
}

fn preview(shop: &Shop, subscription: &str) -> Value {
    let request = json!({ "subscription_id": subscription });
    shop.tenant.api.post("/v1/invoices/preview", &request).expect(200)
}

/// The lines of usage of an invoice.
fn used(invoice: &Value) -> Vec<Value> {
    let lines = invoice["line_items"].as_array().unwrap().iter();
    lines.filter(|line| line["price_type"] == "USAGE").cloned().collect()
}

fn price_of(shop: &Shop, addon: &str) -> String {
    let addon = shop.tenant.api.get(&format!("/v1/addons/{addon}")).expect(200);
    text(&addon, "/prices/0/id")
}

fn an_addon_is_sold_at_a_price_of_its_own(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.priced_addon("seats", "5");
    let price = price_of(&shop, &addon);
    let coupon = json!({
        "name": "Half", "coupon_code": "half", "type": "percentage", "cadence": "forever", "percentage_off": "50",
    });
    shop.tenant.api.post("/v1/coupons", &coupon).expect(201);
    let changed = json!({ "price_id": price, "amount": "7", "quantity": 3 });
    let subscription = shop.subscribe(&json!({
        "addons": [{ "addon_id": addon, "override_line_items": [changed] }, { "addon_id": addon }],
        "subscription_coupons": [{ "coupon_code": "half", "price_id": price }],
    }));
    let opening = &shop.invoices(&subscription)[0];
    assert_eq!(
        charges(opening),
        [
            charge("plan", "1", "10"),
            charge("addon", "3", "21"),
            charge("addon", "1", "5")
        ]
    );
    // The coupon names the addon's price, and so finds both attachments.
    assert_eq!(
        (&opening["total_discount"], &opening["total"]),
        (&json!("13"), &json!("23"))
    );

    let attached = shop.associations(&subscription, "");
    let line_of = |index: usize| shop.lines(&text(&attached[index], "/id"))[0].clone();
    assert_eq!(line_of(0)["price_id"], price.as_str());
    let line = line_of(1);
    assert_eq!(
        (&line["entity_type"], &line["entity_id"], &line["display_name"]),
        (&json!("addon"), &json!(addon), &json!("Addon seats"))
    );
    let own = shop
        .tenant
        .api
        .get(&format!("/v1/prices/{}", text(&line, "/price_id")))
        .expect(200);
    for (member, expected) in [
        ("entity_type", json!("SUBSCRIPTION")),
        ("entity_id", json!(subscription)),
        ("parent_price_id", json!(price)),
        ("amount", json!("7")),
    ] {
        assert_eq!(own[member], expected, "{member} of {own}");
    }
    // The addon keeps its price, also when it is attached later, where another override makes another price.
    assert_eq!(price_of(&shop, &addon), price);
    let terms = json!({ "override_line_items": [{ "price_id": price, "quantity": "2.5" }] });
    let third = shop.attach(&subscription, &addon, &terms).expect(200);
    let line = shop.lines(&text(&third, "/id"))[0].clone();
    assert_eq!(line["quantity"], "2.5");
    assert_ne!(line["price_id"], own["id"]);
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    let renewal = &shop.invoices(&subscription)[1];
    let expected = [
        charge("plan", "1", "10"),
        charge("addon", "3", "21"),
        charge("addon", "1", "5"),
        charge("addon", "2.5", "12.5"),
    ];
    assert_eq!(charges(renewal), expected);
    assert_eq!(renewal["total"], "35.5");
}

/// The dates of 04 §5.7: 2 · 12.5 for the rest of March.
fn an_overridden_fee_is_prorated(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.priced_addon("seats", "99");
    shop.tenant.set_clock("2024-03-01T00:00:00Z");
    let subscription = shop.subscribe(&json!({ "start_date": "2024-03-01T00:00:00Z" }));
    shop.tenant.set_clock("2024-03-15T00:00:00Z");
    let terms = json!({
        "proration_behavior": "create_prorations",
        "override_line_items": [{ "price_id": price_of(&shop, &addon), "amount": "12.5", "quantity": 2 }],
    });
    shop.attach(&subscription, &addon, &terms).expect(200);
    let change = &shop.invoices(&subscription)[1];
    assert_eq!(charges(change), [charge("addon", "2", "13.71")]);
    shop.tenant.set_clock("2024-04-02T00:00:00Z");
    let renewal = &shop.invoices(&subscription)[2];
    assert_eq!(
        charges(renewal),
        [charge("plan", "1", "10"), charge("addon", "2", "25")]
    );
}

/// Acceptance 16 of chapter 03 on an addon, which is attached twice with promises of different size.
fn usage_of_an_addon_is_promised(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.addon("calls");
    let price = usage_price(&shop, &addon, "call", &json!({ "type": "SUM" }));
    let money = json!({ "commitment_amount": 100, "overage_factor": 1.5, "enable_true_up": true });
    let units = json!({ "commitment_quantity": 200, "overage_factor": 2, "enable_true_up": true });
    let terms = json!({ "addons": [{ "addon_id": addon, "line_item_commitments": { price.clone(): money } }] });
    let subscription = shop.subscribe(&terms);
    let second = json!({
        "line_item_commitments": { price.clone(): units },
        "override_line_items": [{ "price_id": price, "amount": "0.5" }],
    });
    shop.attach(&subscription, &addon, &second).expect(200);
    ingest(&shop, "acme", "call", &["140"]);
    let lines = used(&preview(&shop, &subscription));
    // 100 + 40 · 1.5, and 70 of the 100 that 200 units are worth.
    let charged: Vec<_> = lines.iter().map(|line| text(line, "/amount")).collect();
    assert_eq!(charged, ["160", "100"]);
    let info = &lines[1]["commitment_info"];
    for (member, expected) in [
        ("type", json!("quantity")),
        ("amount", json!("100")),
        ("quantity", json!("200")),
        ("computed_commitment_utilized_amount", json!("70")),
        ("computed_true_up_amount", json!("30")),
    ] {
        assert_eq!(info[member], expected, "{member} of {info}");
    }
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    let january = &shop.invoices(&subscription)[1];
    assert_eq!(january["total"], "270");
}

/// Worked example 14 of chapter 03 without true-up, with a part of the day on terms of its own.
fn every_bucket_of_an_addon_is_promised(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.addon("calls");
    let price = usage_price(&shop, &addon, "call", &json!({ "type": "SUM", "bucket_size": "HOUR" }));
    let subscription = shop.subscribe(&json!({}));
    let evening = json!({
        "start": { "hour": 2 }, "end": { "hour": 3 }, "commitment_value": "10", "overage_factor": "3",
        "price": { "billing_model": "FLAT_FEE", "amount": "2", "price_unit_type": "FIAT" },
    });
    let windowed = json!({
        "commitment_amount": 10, "overage_factor": 2, "is_window_commitment": true, "commitment_time_buckets": [evening],
    });
    let terms = json!({ "line_item_commitments": { price: windowed } });
    shop.attach(&subscription, &addon, &terms).expect(200);
    ingest(&shop, "acme", "call", &["5", "12", "12"]);
    let lines = used(&preview(&shop, &subscription));
    // 5, 10 + 2 · 2, and from two to three 10 + 14 · 3.
    assert_eq!(
        (text(&lines[0], "/amount"), text(&lines[0], "/quantity")),
        ("71".to_owned(), "29".to_owned())
    );
}

fn a_promise_that_never_begins_costs_nothing(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.addon("calls");
    let price = usage_price(&shop, &addon, "call", &json!({ "type": "SUM" }));
    let subscription = shop.subscribe(&json!({}));
    let promise = json!({ "commitment_amount": 100, "overage_factor": 1, "enable_true_up": true });
    let terms = json!({ "start_date": "2024-02-10T00:00:00Z", "line_item_commitments": { price: promise } });
    let attach = || text(&shop.attach(&subscription, &addon, &terms).expect(200), "/id");
    let (withdrawn, _kept) = (attach(), attach());
    assert_eq!(preview(&shop, &subscription)["total"], "10");
    shop.detach(&withdrawn, &json!({ "effective_date": START })).expect(200);
    shop.tenant.set_clock("2024-03-02T00:00:00Z");
    let totals: Vec<_> = shop
        .invoices(&subscription)
        .iter()
        .map(|invoice| text(invoice, "/total"))
        .collect();
    assert_eq!(totals, ["10", "10", "110"]);
}

/// Whatever is refused leaves nothing behind, on a running subscription as on a new one.
fn terms_that_do_not_fit(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.priced_addon("seats", "5");
    let fixed = price_of(&shop, &addon);
    let usage = usage_price(&shop, &addon, "call", &json!({ "type": "SUM" }));
    let euros = text(&shop.price("ADDON", &addon, &json!({ "currency": "eur" })), "/id");
    let elsewhere = price_of(&shop, &shop.priced_addon("other", "1"));
    let plan = shop.tenant.api.get(&format!("/v1/plans/{}", shop.plan_id)).expect(200);
    let of_plan = text(&plan, "/prices/0/id");
    let subscription = shop.subscribe(&json!({}));
    let amount = |price: &str| json!({ "override_line_items": [{ "price_id": price, "amount": "1" }] });
    let promise = |price: &str, changes: &Value| {
        let promise = with(json!({ "commitment_amount": 100, "overage_factor": 1.5 }), changes);
        json!({ "line_item_commitments": { price: promise } })
    };
    for (terms, status, field) in [
        (amount(""), 400, "override_line_items[0].price_id"),
        (
            json!({ "override_line_items": [{ "price_id": fixed }] }),
            400,
            "override_line_items[0].price_id",
        ),
        (
            json!({ "override_line_items": [
                { "price_id": fixed, "amount": "1" }, { "price_id": fixed, "quantity": 2 },
            ] }),
            400,
            "override_line_items[1].price_id",
        ),
        (
            promise(&usage, &json!({ "overage_factor": 0.5 })),
            400,
            &format!("line_item_commitments.{usage}.overage_factor"),
        ),
        (
            promise(&fixed, &json!({})),
            400,
            &format!("line_item_commitments.{fixed}"),
        ),
        (
            promise(&of_plan, &json!({})),
            400,
            &format!("line_item_commitments.{of_plan}"),
        ),
        (
            promise(&usage, &json!({ "is_window_commitment": true })),
            400,
            &format!("line_item_commitments.{usage}.is_window_commitment"),
        ),
    ] {
        let details = shop
            .attach(&subscription, &addon, &terms)
            .expect_error(status, "validation_error");
        assert!(details.get(field).is_some(), "{field} of {details}");
        let request = shop.subscription(&json!({ "addons": [with(json!({ "addon_id": addon }), &terms)] }));
        let details = shop
            .tenant
            .api
            .post("/v1/subscriptions", &request)
            .expect_error(status, "validation_error");
        let field = format!("addons[0].{field}");
        assert!(details.get(&field).is_some(), "{field} of {details}");
    }
    for (terms, status, code) in [
        (amount("price_none"), 400, "validation_error"),
        (amount(&of_plan), 404, "not_found"),
        (amount(&elsewhere), 404, "not_found"),
        (amount(&euros), 404, "not_found"),
        (
            json!({ "override_line_items": [{ "price_id": usage, "quantity": 2 }] }),
            400,
            "validation_error",
        ),
        (
            with(promise(&usage, &json!({})), &json!({ "checkout": {} })),
            400,
            "validation_error",
        ),
        (
            promise(&usage, &json!({ "commitment_duration": "ANNUAL" })),
            501,
            "not_implemented",
        ),
    ] {
        let reply = shop.attach(&subscription, &addon, &terms);
        assert_eq!(reply.status, status, "{terms} answered {}", reply.text);
        reply.expect_error(status, code);
    }
    // Either the subscription promises as a whole, or its lines do.
    let both = json!({
        "commitment_amount": "50", "overage_factor": "1.5",
        "addons": [with(json!({ "addon_id": addon }), &promise(&usage, &json!({})))],
    });
    let reply = shop.tenant.api.post("/v1/subscriptions", &shop.subscription(&both));
    let details = reply.expect_error(400, "validation_error");
    assert!(details.get("addons[0].line_item_commitments").is_some(), "{details}");

    assert_eq!(shop.associations(&subscription, ""), Vec::<Value>::new());
    let count = |path: &str, filter: &Value| {
        let found = shop.tenant.api.post(path, filter).expect(200);
        found["pagination"]["total"].clone()
    };
    assert_eq!(count("/v1/prices/search", &json!({ "entity_type": "SUBSCRIPTION" })), 0);
    assert_eq!(
        count("/v1/subscriptions/search", &json!({ "subscription_status": [] })),
        1
    );
}
