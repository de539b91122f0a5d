//! The main path, from a feature to a finalized invoice, with the numbers a customer would check.

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_month_is_billed_to_the_cent,
    an_event_counts_once_however_often_it_is_sent,
    usage_answers_by_customer_and_period,
    a_deleted_customer_must_have_no_live_subscription,
    a_subscription_far_behind_catches_up,
);

const START: &str = "2024-01-01T00:00:00Z";
const END: &str = "2024-02-01T00:00:00Z";

/// A tenant in January 2024 with a plan: base fee 10.00 in advance; tokens 0.10 each up to 100, then 0.05; requests
/// 1.00 per started ten, five of them included.
struct Shop {
    tenant: Tenant,
    plan_id: String,
    tokens_meter: String,
    requests_meter: String,
}

impl Shop {
    fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        tenant.set_clock(START);
        let (_, tokens_meter) = feature(&tenant, "Tokens", &json!({ "type": "SUM", "field": "tokens" }));
        let (requests, requests_meter) = feature(&tenant, "Requests", &json!({ "type": "COUNT" }));
        let plan = tenant
            .api
            .post("/v1/plans", &json!({ "name": "Pro", "lookup_key": "pro" }))
            .expect(201);
        let shop = Self {
            plan_id: text(&plan, "/id"),
            tenant,
            tokens_meter,
            requests_meter,
        };
        shop.add_price(&json!({
            "type": "FIXED", "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "amount": "10.00",
        }));
        shop.add_price(&json!({
            "type": "USAGE", "billing_model": "TIERED", "tier_mode": "SLAB", "invoice_cadence": "ARREAR",
            "meter_id": shop.tokens_meter,
            "tiers": [{ "up_to": 100, "unit_amount": "0.10" }, { "unit_amount": "0.05" }],
        }));
        shop.add_price(&json!({
            "type": "USAGE", "billing_model": "PACKAGE", "invoice_cadence": "ARREAR",
            "meter_id": shop.requests_meter, "amount": "1.00",
            "transform_quantity": { "divide_by": 10, "round": "up" },
        }));
        let included = json!({
            "entity_type": "PLAN", "entity_id": shop.plan_id, "feature_id": requests, "feature_type": "metered",
            "is_enabled": true, "usage_limit": 5, "usage_reset_period": "MONTHLY",
        });
        shop.tenant.api.post("/v1/entitlements", &included).expect(201);
        shop
    }

    fn add_price(&self, price: &Value) {
        let mut body = json!({
            "entity_type": "PLAN", "entity_id": self.plan_id, "currency": "usd", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        for (name, value) in price.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.tenant.api.post("/v1/prices", &body).expect(201);
    }

    fn subscribe(&self, external_customer_id: &str) -> Value {
        let body = json!({
            "external_customer_id": external_customer_id, "plan_id": self.plan_id, "currency": "USD",
            "start_date": START, "billing_period": "MONTHLY", "billing_period_count": 1,
            "billing_cycle": "calendar", "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        self.tenant.api.post("/v1/subscriptions", &body).expect(201)
    }

    /// Sends 27 requests with 150 tokens in all.
    fn use_it(&self, external_customer_id: &str) {
        let events: Vec<Value> = (1..=27)
            .map(|day| {
                json!({
                    "event_id": format!("{external_customer_id}-{day}"),
                    "event_name": "call",
                    "external_customer_id": external_customer_id,
                    "timestamp": format!("2024-01-{day:02}T12:00:00Z"),
                    "properties": { "tokens": if day == 27 { "20" } else { "5" } },
                })
            })
            .collect();
        self.tenant
            .api
            .post("/v1/events/bulk", &json!({ "events": events }))
            .expect(202);
    }

    fn usage(&self, meter_id: &str, external_customer_id: &str) -> f64 {
        let question = json!({
            "meter_id": meter_id, "external_customer_id": external_customer_id, "start_time": START, "end_time": END,
        });
        let answer = self.tenant.api.post("/v1/events/usage/meter", &question).expect(200);
        answer.get("value").map_or(0.0, |value| value.as_f64().unwrap())
    }

    /// The customer's invoices, oldest first.
    fn invoices(&self, external_customer_id: &str) -> Vec<Value> {
        let filter = json!({ "external_customer_id": external_customer_id, "order": "asc" });
        let answer = self.tenant.api.post("/v1/invoices/search", &filter).expect(200);
        answer["items"].as_array().unwrap().clone()
    }
}

fn feature(tenant: &Tenant, name: &str, aggregation: &Value) -> (String, String) {
    let body = json!({
        "name": name, "type": "metered",
        "meter": { "name": name, "event_name": "call", "aggregation": aggregation, "reset_usage": "BILLING_PERIOD" },
    });
    let created = tenant.api.post("/v1/features", &body).expect(201);
    (text(&created, "/id"), text(&created, "/meter_id"))
}

/// Line amounts and quantities by price type, in the order of the invoice.
fn lines(invoice: &Value) -> Vec<(String, String, String)> {
    let lines = invoice["line_items"].as_array().unwrap();
    lines
        .iter()
        .map(|line| {
            (
                text(line, "/price_type"),
                text(line, "/quantity"),
                text(line, "/amount"),
            )
        })
        .collect()
}

fn line(price_type: &str, quantity: &str, amount: &str) -> (String, String, String) {
    (price_type.to_owned(), quantity.to_owned(), amount.to_owned())
}

fn a_month_is_billed_to_the_cent(place: &Place) {
    let shop = Shop::open(place);
    shop.tenant.customer("acme", "Acme");
    let subscription = shop.subscribe("acme");
    let id = text(&subscription, "/id");
    assert_eq!(subscription["subscription_status"], "active");
    assert_eq!(subscription["currency"], "usd");
    assert_eq!(subscription["current_period_start"], START);
    assert_eq!(subscription["current_period_end"], END);

    let opening = shop.invoices("acme");
    assert_eq!(opening.len(), 1, "{opening:?}");
    assert_eq!(opening[0]["billing_reason"], "SUBSCRIPTION_CREATE");
    assert_eq!(opening[0]["invoice_status"], "FINALIZED");
    assert_eq!(opening[0]["invoice_number"], "INV-202401-00001");
    assert_eq!(
        (&opening[0]["total"], &opening[0]["amount_due"]),
        (&json!("10"), &json!("10"))
    );
    assert_eq!(lines(&opening[0]), [line("FIXED", "1", "10")]);

    shop.use_it("acme");
    let preview = json!({ "subscription_id": id });
    let preview = shop.tenant.api.post("/v1/invoices/preview", &preview).expect(200);
    assert_eq!(preview["total"], "25.5");
    assert_eq!(shop.invoices("acme").len(), 1, "a preview was kept");

    shop.tenant.set_clock(END);
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    let invoices = shop.invoices("acme");
    assert_eq!(invoices.len(), 2, "{invoices:?}");
    check_january(&invoices[1]);

    let renewed = shop.tenant.api.get(&format!("/v1/subscriptions/{id}")).expect(200);
    assert_eq!(renewed["current_period_start"], END);
    assert_eq!(renewed["current_period_end"], "2024-03-01T00:00:00Z");
    shop.tenant.set_clock("2024-02-03T00:00:00Z");
    assert_eq!(
        shop.invoices("acme").len(),
        2,
        "a day without a boundary made an invoice"
    );
}

/// Fixed fee of February, 150 tokens, 22 billable requests.
fn check_january(invoice: &Value) {
    assert_eq!(invoice["billing_reason"], "SUBSCRIPTION_CYCLE");
    assert_eq!(invoice["invoice_status"], "FINALIZED");
    assert_eq!(invoice["invoice_number"], "INV-202402-00001");
    assert_eq!(
        (&invoice["period_start"], &invoice["period_end"]),
        (&json!(START), &json!(END))
    );
    assert_eq!(invoice["due_date"], "2024-02-02T00:00:00Z");
    assert_eq!(invoice["payment_status"], "PENDING");
    for member in ["subtotal", "total", "amount_due", "amount_remaining"] {
        assert_eq!(invoice[member], "25.5", "{member}");
    }
    assert_eq!(
        lines(invoice),
        [
            line("FIXED", "1", "10"),
            line("USAGE", "150", "12.5"),
            line("USAGE", "22", "3")
        ]
    );
    assert_eq!(invoice["line_items"][2]["adjusted_entitlement_quantity"], "5");
}

fn an_event_counts_once_however_often_it_is_sent(place: &Place) {
    let shop = Shop::open(place);
    for _ in 0..3 {
        shop.use_it("twice");
    }
    assert_eq!(shop.usage(&shop.requests_meter, "twice"), 27.0);
    assert_eq!(shop.usage(&shop.tokens_meter, "twice"), 150.0);
    // The last delivery of an event id wins, also with another value and another time.
    let corrected = json!({
        "event_id": "twice-27", "event_name": "call", "external_customer_id": "twice",
        "timestamp": "2024-01-03T00:00:00Z", "properties": { "tokens": "120" },
    });
    shop.tenant.api.post("/v1/events", &corrected).expect(202);
    assert_eq!(shop.usage(&shop.requests_meter, "twice"), 27.0);
    assert_eq!(shop.usage(&shop.tokens_meter, "twice"), 250.0);
}

fn usage_answers_by_customer_and_period(place: &Place) {
    let shop = Shop::open(place);
    shop.use_it("a");
    shop.use_it("b");
    assert_eq!(shop.usage(&shop.requests_meter, "a"), 27.0);
    assert_eq!(shop.usage(&shop.requests_meter, "nobody"), 0.0);
    let ask = |from: &str, to: &str| {
        let question = json!({
            "event_name": "call", "aggregation_type": "SUM", "property_name": "tokens", "start_time": from, "end_time": to,
        });
        let answer = shop.tenant.api.post("/v1/events/usage", &question).expect(200);
        answer.get("value").map_or(0.0, |value| value.as_f64().unwrap())
    };
    assert_eq!(ask(START, END), 300.0);
    // The start is part of the period, the end is not.
    assert_eq!(ask("2024-01-01T12:00:00Z", "2024-01-02T12:00:00Z"), 10.0);
    let unknown = json!({ "meter_id": "meter_unknown" });
    shop.tenant
        .api
        .post("/v1/events/usage/meter", &unknown)
        .expect_error(404, "not_found");
}

fn a_deleted_customer_must_have_no_live_subscription(place: &Place) {
    let shop = Shop::open(place);
    let customer = shop.tenant.customer("acme", "Acme");
    let subscription = shop.subscribe("acme");
    let path = format!("/v1/customers/{}", text(&customer, "/id"));
    shop.tenant.api.delete(&path).expect_error(400, "invalid_operation");
    let cancel = format!("/v1/subscriptions/{}/cancel", text(&subscription, "/id"));
    let how = json!({ "cancellation_type": "immediate" });
    shop.tenant.api.post(&cancel, &how).expect(200);
    shop.tenant.api.delete(&path).expect(204);
}

/// A daily subscription that starts a year back owes an invoice for every day, each once.
fn a_subscription_far_behind_catches_up(place: &Place) {
    let shop = Shop::open(place);
    shop.add_price(&json!({
        "type": "FIXED", "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "amount": "1.00",
        "billing_period": "DAILY", "start_date": "2023-01-01T00:00:00Z",
    }));
    shop.tenant.customer("late", "Late");
    let subscription = shop.tenant.api.post(
        "/v1/subscriptions",
        &json!({
            "external_customer_id": "late", "plan_id": shop.plan_id, "currency": "usd", "billing_period": "DAILY",
            "start_date": "2023-01-01T00:00:00Z",
        }),
    );
    let id = text(&subscription.expect(201), "/id");
    shop.tenant.set_clock("2024-01-02T06:00:00Z");
    let invoices = shop
        .tenant
        .api
        .post("/v1/invoices/search", &json!({ "subscription_id": id, "limit": 1 }))
        .expect(200);
    // The opening invoice, one for each of the 365 days of 2023, one for the first of January 2024.
    assert_eq!(invoices["pagination"]["total"], 367);
    assert_eq!(invoices["items"][0]["total"], "1");
    let now = shop.tenant.api.get(&format!("/v1/subscriptions/{id}")).expect(200);
    assert_eq!(now["current_period_start"], "2024-01-02T00:00:00Z");
}
