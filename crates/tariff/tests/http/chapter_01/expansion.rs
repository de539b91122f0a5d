//! What `expand` embeds in subscriptions, their lines and invoices (spec 01 A12, spec 04 §3.1, §3.3).

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    subscriptions_show_their_customers,
    lines_show_their_prices_and_meters,
    invoices_show_their_subscriptions,
    a_subscription_shows_what_is_asked_for,
    a_subscription_knows_what_its_plan_has_beyond_it,
);

/// A tenant with a customer `acme`, who is subscribed to a plan with a fee and a usage price.
fn subscribed(place: &Place) -> Tenant {
    let tenant = Tenant::sign_up(&place.server().client());
    let created = |path: &str, body: &Value| text(&tenant.api.post(path, body).expect(201), "/id");
    let plan = created("/v1/plans", &json!({ "name": "Pro" }));
    let meter = json!({
        "name": "Calls", "event_name": "call", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD",
    });
    let meter = created("/v1/meters", &meter);
    let group = json!({ "name": "Fees", "entity_type": "price", "lookup_key": "fees" });
    let group = created("/v1/groups", &group);
    let price = |own: Value| {
        let mut price = json!({
            "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "billing_model": "FLAT_FEE", "amount": "1",
            "price_unit_type": "FIAT", "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        for (member, value) in own.as_object().unwrap() {
            price[member] = value.clone();
        }
        created("/v1/prices", &price);
    };
    price(json!({ "type": "FIXED", "invoice_cadence": "ADVANCE", "group_id": group }));
    price(json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": meter }));
    tenant.customer("acme", "Acme");
    let subscription = json!({
        "external_customer_id": "acme", "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    created("/v1/subscriptions", &subscription);
    tenant
}

fn subscriptions_show_their_customers(place: &Place) {
    let tenant = subscribed(place);
    let plain = tenant.api.get("/v1/subscriptions").expect(200);
    assert_eq!(plain.pointer("/items/0/customer"), None);
    let search = json!({ "expand": "customer,plan" });
    for list in [
        tenant.api.get("/v1/subscriptions?expand=customer"),
        tenant.api.post("/v1/subscriptions/search", &search),
    ] {
        let list = list.expect(200);
        assert_eq!(text(&list, "/items/0/customer/external_id"), "acme");
        assert_eq!(text(&list, "/items/0/plan/name"), "Pro");
    }
}

fn lines_show_their_prices_and_meters(place: &Place) {
    let tenant = subscribed(place);
    let lines = |expand: &str| -> Vec<Value> {
        let search = json!({ "expand": expand, "order": "asc" });
        let list = tenant
            .api
            .post("/v1/subscriptions/lineitems/search", &search)
            .expect(200);
        let mut lines = list["items"].as_array().unwrap().clone();
        lines.sort_by_key(|line| text(line, "/price_type"));
        lines
    };
    // For the fee and for the usage: which of these members an answer has.
    let members = ["/price", "/price/group", "/price/plan", "/price/meter", "/meter"];
    for (expand, fee, usage) in [
        ("", [false; 5], [false; 5]),
        (
            "prices",
            [true, false, false, false, false],
            [true, false, false, false, false],
        ),
        (
            "subscription_line_items.prices",
            [true, false, false, false, false],
            [true, false, false, false, false],
        ),
        (
            "prices.groups.plan.meters",
            [true, true, true, false, false],
            [true, false, true, true, false],
        ),
        (
            "prices,groups,plan",
            [true, true, true, false, false],
            [true, false, true, false, false],
        ),
        ("meters", [false; 5], [false, false, false, false, true]),
    ] {
        for (line, expected) in lines(expand).iter().zip([fee, usage]) {
            let found = members.map(|member| line.pointer(member).is_some_and(|value| !value.is_null()));
            assert_eq!(found, expected, "{expand}: {line}");
        }
    }
    let refused = |expand: &str| {
        let search = json!({ "expand": expand });
        let reply = tenant.api.post("/v1/subscriptions/lineitems/search", &search);
        assert_eq!(reply.expect_error(400, "validation_error")["field"], expand);
    };
    refused("bogus");
    refused("prices.bogus");
}

fn invoices_show_their_subscriptions(place: &Place) {
    let tenant = subscribed(place);
    let plain = tenant.api.get("/v1/invoices").expect(200);
    assert_eq!(plain.pointer("/items/0/subscription"), None);
    let search = json!({ "expand": "subscription.plan" });
    for list in [
        tenant.api.get("/v1/invoices?expand=subscription"),
        tenant.api.post("/v1/invoices/search", &search),
    ] {
        let list = list.expect(200);
        assert_eq!(
            text(&list, "/items/0/subscription/id"),
            text(&list, "/items/0/subscription_id")
        );
        assert_eq!(text(&list, "/items/0/subscription/plan/name"), "Pro");
    }
}

fn subscription_id(tenant: &Tenant) -> String {
    text(&tenant.api.get("/v1/subscriptions").expect(200), "/items/0/id")
}

/// Worked example 7 of chapter 01, and its neighbours.
fn a_subscription_shows_what_is_asked_for(place: &Place) {
    let tenant = subscribed(place);
    let path = format!("/v1/subscriptions/{}/v2", subscription_id(&tenant));
    let read = |expand: &str| tenant.api.get(&format!("{path}?expand={expand}")).expect(200);
    let members = [
        "/plan",
        "/plan/prices/0",
        "/customer",
        "/line_items/0",
        "/line_items/0/price",
    ];
    for (expand, expected) in [
        ("", [false; 5]),
        ("plan", [true, false, false, false, false]),
        ("plan.prices", [true, true, false, false, false]),
        ("customer", [false, false, true, false, false]),
        ("subscription_line_items", [false, false, false, true, false]),
        ("subscription_line_items.prices,plan", [true, false, false, true, true]),
        ("prices", [false, false, false, true, true]),
        ("schedule,entitlements,coupon_associations.coupon", [false; 5]),
    ] {
        let answer = read(expand);
        let found = members.map(|member| answer.pointer(member).is_some_and(|value| !value.is_null()));
        assert_eq!(found, expected, "{expand}: {answer}");
    }
    let metered = read("subscription_line_items.meters,prices.meters");
    let lines = metered["line_items"].as_array().unwrap();
    let usage = lines.iter().find(|line| line["price_type"] == "USAGE").unwrap();
    assert_eq!(text(usage, "/meter/id"), text(usage, "/price/meter/id"));
    let refused = |expand: &str| tenant.api.get(&format!("{path}?expand={expand}"));
    for (expand, field) in [("foo", "foo"), ("plan,", ""), ("customer.plan", "customer.plan")] {
        assert_eq!(refused(expand).expect_error(400, "validation_error")["field"], field);
    }
    tenant
        .api
        .get("/v1/subscriptions/nobody/v2")
        .expect_error(404, "not_found");
}

fn a_subscription_knows_what_its_plan_has_beyond_it(place: &Place) {
    let tenant = subscribed(place);
    let path = format!("/v1/subscriptions/{}/v2", subscription_id(&tenant));
    let read = || tenant.api.get(&format!("{path}?expand=plan")).expect(200);
    let answer = read();
    assert_eq!(answer["plan_prices_out_of_sync"], false);
    let price = json!({
        "entity_type": "PLAN", "entity_id": answer["plan_id"], "currency": "usd", "type": "FIXED", "amount": "2",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    });
    tenant.api.post("/v1/prices", &price).expect(201);
    assert_eq!(read()["plan_prices_out_of_sync"], true);
}
