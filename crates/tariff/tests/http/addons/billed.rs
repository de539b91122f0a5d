//! What addons put on invoices.

use serde_json::{Value, json};

use super::{END, START, Shop, charge, charges};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    a_new_subscription_is_billed_with_its_addons,
    an_allowance_counts_in_the_period_it_was_there_for,
    an_addon_of_shorter_period_is_charged_for_each,
    a_short_first_period_is_prorated_with_its_addons,
    an_attachment_inside_a_period_is_prorated,
    two_attachments_of_one_addon_are_charged_apart,
    a_refused_addon_leaves_no_subscription,
);

/// Sends calls of the customer on the tenth of January.
fn call(shop: &Shop, count: usize) {
    let event = |index: usize| {
        json!({
            "event_id": format!("call-{index}"), "event_name": "call", "external_customer_id": "acme",
            "timestamp": "2024-01-10T12:00:00Z",
        })
    };
    let events: Vec<Value> = (0..count).map(event).collect();
    shop.tenant
        .api
        .post("/v1/events/bulk", &json!({ "events": events }))
        .expect(202);
}

fn a_new_subscription_is_billed_with_its_addons(place: &Place) {
    let shop = Shop::open(place);
    let (feature, addon) = (shop.calls(), shop.priced_addon("boost", "5"));
    let usage = json!({
        "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": feature["meter_id"], "amount": "0.5",
    });
    shop.price("ADDON", &addon, &usage);
    shop.price("ADDON", &addon, &json!({ "billing_period": "ONETIME", "amount": "7" }));
    shop.entitle("ADDON", &addon, &feature, &json!({ "usage_limit": 4 }));
    shop.tenant.set_clock("2024-01-05T00:00:00Z");
    let addons = json!({ "addons": [
        { "addon_id": addon, "proration_behavior": "create_prorations" },
        { "addon_id": addon, "cadence": "onetime" },
    ] });
    let subscription = shop.subscribe(&addons);
    let listed = shop.associations(&subscription, "");
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["start_date"], START);
    let opening = shop.invoices(&subscription);
    assert_eq!(opening.len(), 1);
    assert_eq!(
        charges(&opening[0]),
        [
            charge("plan", "1", "10"),
            charge("addon", "1", "5"),
            charge("addon", "1", "7"),
            charge("addon", "1", "5"),
            charge("addon", "1", "7"),
        ]
    );
    assert_eq!(opening[0]["total"], "34");
    assert_eq!(opening[0]["line_items"][1]["display_name"], "Addon boost");
    assert_eq!(opening[0]["line_items"][1]["entity_id"], addon.as_str());

    call(&shop, 20);
    let preview = json!({ "subscription_id": subscription });
    let preview = shop.tenant.api.post("/v1/invoices/preview", &preview).expect(200);
    assert_eq!(preview["total"], "27");
    let used = json!({ "subscription_id": subscription });
    let used = shop.tenant.api.post("/v1/subscriptions/usage", &used).expect(200);
    assert_eq!(used["charges"].as_array().unwrap().len(), 2);
    assert_eq!(used["amount"], 12);
    let asked = json!({
        "external_customer_id": "acme", "start_time": START, "end_time": END, "expand": ["addon"],
    });
    let analytics = shop.tenant.api.post("/v1/events/analytics", &asked).expect(200);
    let rows = analytics["items"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{analytics}");
    for row in rows {
        assert_eq!(
            (&row["add_on_id"], &row["addon"]["lookup_key"]),
            (&json!(addon), &json!("boost"))
        );
    }
    let lines = json!({ "subscription_ids": [subscription], "entity_type": "addon" });
    let lines = shop
        .tenant
        .api
        .post("/v1/subscriptions/lineitems/search", &lines)
        .expect(200);
    assert_eq!(lines["pagination"]["total"], 6);
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    let renewal = &shop.invoices(&subscription)[1];
    // Both attachments bill the calls beyond the eight included; the one-time attachment is over.
    assert_eq!(
        charges(renewal),
        [
            charge("plan", "1", "10"),
            charge("addon", "1", "5"),
            charge("addon", "12", "6"),
            charge("addon", "12", "6"),
        ]
    );
    assert_eq!(renewal["line_items"][2]["adjusted_entitlement_quantity"], "8");

    let recurring = shop.associations(&subscription, "");
    assert_eq!(recurring.len(), 1);
    shop.detach(&text(&recurring[0], "/id"), &json!({})).expect(200);
    shop.tenant.set_clock("2024-03-02T00:00:00Z");
    let last = &shop.invoices(&subscription)[2];
    let owners: Vec<_> = charges(last).into_iter().filter(|line| line.2 != "0").collect();
    assert_eq!(owners, [charge("plan", "1", "10")]);
}

/// The invoice of a period is computed after it, when an addon of that period may be gone.
fn an_allowance_counts_in_the_period_it_was_there_for(place: &Place) {
    let shop = Shop::open(place);
    let (feature, addon) = (shop.calls(), shop.priced_addon("boost", "5"));
    let usage = json!({
        "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": feature["meter_id"], "amount": "1",
    });
    shop.price("PLAN", &shop.plan_id, &usage);
    shop.entitle("ADDON", &addon, &feature, &json!({ "usage_limit": 3 }));
    let subscription = shop.subscribe(&json!({}));
    call(&shop, 20);
    let attach = |changes: Value| text(&shop.attach(&subscription, &addon, &changes).expect(200), "/id");
    attach(json!({ "cadence": "onetime" }));
    let withdrawn = attach(json!({}));
    attach(json!({ "start_date": END }));
    shop.tenant.set_clock("2024-01-20T00:00:00Z");
    let now = json!({ "effective_date": "2024-01-20T00:00:00Z" });
    shop.detach(&withdrawn, &now).expect(200);
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    let january = &shop.invoices(&subscription)[1];
    let usage = january["line_items"].as_array().unwrap().iter();
    let usage: Vec<_> = usage.filter(|line| line["price_type"] == "USAGE").collect();
    assert_eq!(usage.len(), 1);
    // Of the three, two were there in January.
    assert_eq!(
        (&usage[0]["quantity"], &usage[0]["amount"]),
        (&json!("14"), &json!("14"))
    );
}

/// Chapter 03, Q29.
fn an_addon_of_shorter_period_is_charged_for_each(place: &Place) {
    let shop = Shop::open(place);
    shop.price(
        "PLAN",
        &shop.plan_id,
        &json!({ "billing_period": "ANNUAL", "amount": "100" }),
    );
    let addon = shop.priced_addon("monthly", "5");
    shop.price(
        "ADDON",
        &addon,
        &json!({ "billing_period": "QUARTERLY", "invoice_cadence": "ARREAR", "amount": "20" }),
    );
    let changes = json!({ "billing_period": "ANNUAL", "addons": [{ "addon_id": addon }] });
    let subscription = shop.subscribe(&changes);
    let opening = &shop.invoices(&subscription)[0];
    assert_eq!(opening["total"], "160");
    let lines = opening["line_items"].as_array().unwrap();
    assert_eq!(lines.len(), 13);
    assert_eq!(
        (&lines[12]["period_start"], &lines[12]["period_end"]),
        (&json!("2024-12-01T00:00:00Z"), &json!("2025-01-01T00:00:00Z"))
    );
    shop.tenant.set_clock("2025-01-02T00:00:00Z");
    let renewal = &shop.invoices(&subscription)[1];
    // Four quarters of arrears, the next year's fee and its twelve months.
    assert_eq!(renewal["total"], "240");
    assert_eq!(renewal["line_items"].as_array().unwrap().len(), 17);
}

fn a_short_first_period_is_prorated_with_its_addons(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.priced_addon("boost", "5");
    let terms = json!({
        "start_date": "2024-01-16T00:00:00Z", "proration_behavior": "create_prorations",
        "addons": [{ "addon_id": addon }],
    });
    let subscription = shop.subscribe(&terms);
    let opening = &shop.invoices(&subscription)[0];
    assert_eq!(
        charges(opening),
        [charge("plan", "1", "5.16"), charge("addon", "1", "2.58")]
    );
    // Lines of several periods cannot be prorated together.
    shop.price("ADDON", &addon, &json!({ "billing_period": "ONETIME" }));
    let refused = shop.tenant.api.post("/v1/subscriptions", &shop.subscription(&terms));
    let details = refused.expect_error(400, "validation_error");
    assert!(details.get("proration_behavior").is_some(), "{details}");
}

/// Acceptance 14 of chapter 04, and its taxes.
fn an_attachment_inside_a_period_is_prorated(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let rate = json!({ "name": "VAT", "code": "vat", "tax_rate_type": "percentage", "percentage_value": "10" });
    api.post("/v1/taxes/rates", &rate).expect(201);
    let coupon = json!({ "name": "Half", "coupon_code": "half", "type": "percentage", "cadence": "forever", "percentage_off": "50" });
    api.post("/v1/coupons", &coupon).expect(201);
    let (feature, addon) = (shop.calls(), shop.priced_addon("boost", "25"));
    // Arrears wait for the coming invoice; what is charged once is not prorated.
    shop.price("ADDON", &addon, &json!({ "invoice_cadence": "ARREAR", "amount": "31" }));
    let usage = json!({
        "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": feature["meter_id"], "amount": "1",
    });
    shop.price("ADDON", &addon, &usage);
    shop.price("ADDON", &addon, &json!({ "billing_period": "ONETIME", "amount": "7" }));
    shop.tenant.set_clock("2024-03-01T00:00:00Z");
    let subscription = shop.subscribe(&json!({
        "start_date": "2024-03-01T00:00:00Z",
        "tax_rate_overrides": [{ "tax_rate_code": "vat", "currency": "usd", "auto_apply": true }],
        "subscription_coupons": [{ "coupon_code": "half" }],
    }));
    shop.tenant.set_clock("2024-03-15T00:00:00Z");
    let prorated = json!({ "proration_behavior": "create_prorations" });
    shop.attach(&subscription, &addon, &prorated).expect(200);
    let invoices = shop.invoices(&subscription);
    assert_eq!(invoices.len(), 2);
    let change = &invoices[1];
    for (member, expected) in [
        ("invoice_type", "ONE_OFF"),
        ("billing_reason", "SUBSCRIPTION_UPDATE"),
        ("invoice_status", "FINALIZED"),
        ("subtotal", "20.71"),
        ("total_discount", "0"),
        ("total_tax", "2.07"),
        ("total", "22.78"),
        ("amount_due", "22.78"),
        ("period_start", "2024-03-15T00:00:00Z"),
        ("period_end", "2024-04-01T00:00:00Z"),
        ("description", "Subscription change: Pro"),
    ] {
        assert_eq!(change[member], expected, "{member}");
    }
    assert_eq!(change["billing_sequence"], 2);
    assert!(change.get("due_date").is_none(), "{change}");
    assert_eq!(
        charges(change),
        [charge("addon", "1", "13.71"), charge("addon", "1", "7")]
    );
    // What begins with a later period is charged by its invoice, and what is not asked for not at all.
    let later = json!({ "proration_behavior": "create_prorations", "start_date": "2024-04-01T00:00:00Z" });
    shop.attach(&subscription, &addon, &later).expect(200);
    shop.attach(
        &subscription,
        &addon,
        &json!({ "proration_behavior": "none", "cadence": "onetime" }),
    )
    .expect(200);
    assert_eq!(shop.invoices(&subscription).len(), 2);

    shop.tenant.set_clock("2024-04-02T00:00:00Z");
    let renewal = &shop.invoices(&subscription)[2];
    let expected = [
        charge("addon", "1", "17"),
        charge("addon", "1", "17"),
        charge("plan", "1", "10"),
        charge("addon", "1", "25"),
        charge("addon", "1", "25"),
        charge("addon", "1", "7"),
        charge("addon", "0", "0"),
        charge("addon", "0", "0"),
    ];
    assert_eq!(charges(renewal), expected);
}

/// A renewal that is computed late finds the addon on another invoice of the same window, but attached another time.
fn two_attachments_of_one_addon_are_charged_apart(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.priced_addon("boost", "29");
    let subscription = shop.subscribe(&json!({ "addons": [{ "addon_id": addon }] }));
    // The draft of January waits for late events.
    shop.tenant.set_clock("2024-02-01T00:00:00Z");
    let draft = &shop.invoices(&subscription)[1];
    assert_eq!(draft["invoice_status"], "DRAFT");
    let prorated = json!({ "proration_behavior": "create_prorations" });
    shop.attach(&subscription, &addon, &prorated).expect(200);
    shop.tenant.set_clock("2024-02-03T00:00:00Z");
    let invoices = shop.invoices(&subscription);
    assert_eq!(charges(&invoices[2]), [charge("addon", "1", "29")]);
    assert_eq!(
        charges(&invoices[1]),
        [charge("plan", "1", "10"), charge("addon", "1", "29")]
    );
}

fn a_refused_addon_leaves_no_subscription(place: &Place) {
    let shop = Shop::open(place);
    let (good, bare) = (shop.priced_addon("good", "5"), shop.addon("bare"));
    let refused = |addons: Value, status: u16, code: &str| {
        let body = shop.subscription(&json!({ "addons": addons }));
        shop.tenant
            .api
            .post("/v1/subscriptions", &body)
            .expect_error(status, code)
    };
    refused(
        json!([{ "addon_id": good }, { "addon_id": bare }]),
        400,
        "validation_error",
    );
    refused(
        json!([{ "addon_id": good }, { "addon_id": "addon_none" }]),
        404,
        "not_found",
    );
    let details = refused(json!([{ "addon_id": good }, {}]), 400, "validation_error");
    assert!(details.get("addons[1].addon_id").is_some(), "{details}");
    let many: Vec<Value> = (0..101).map(|_| json!({ "addon_id": good })).collect();
    let details = refused(json!(many), 400, "validation_error");
    assert!(details.get("addons").is_some(), "{details}");
    let all = json!({ "subscription_status": [] });
    let found = shop.tenant.api.post("/v1/subscriptions/search", &all).expect(200);
    assert_eq!(found["pagination"]["total"], 0);
    shop.tenant.api.delete(&format!("/v1/addons/{good}")).expect(200);
    refused(json!([{ "addon_id": good }]), 400, "validation_error");
}
