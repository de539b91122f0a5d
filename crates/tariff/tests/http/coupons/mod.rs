//! Coupons: their records, and what they take off invoices.

pub mod discounts;
pub mod records;

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

fn tenant(place: &Place) -> Tenant {
    Tenant::sign_up(&place.server().client())
}

fn percentage(name: &str, percentage: &str) -> Value {
    json!({ "name": name, "coupon_code": name, "type": "percentage", "cadence": "forever", "percentage_off": percentage })
}

/// A plan with two monthly fees in advance; answers its id and those of its prices.
fn plan(tenant: &Tenant, amounts: &[&str]) -> (String, Vec<String>) {
    let plan = text(
        &tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201),
        "/id",
    );
    let prices = amounts.iter().map(|amount| {
        let price = json!({
            "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": amount,
            "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        text(&tenant.api.post("/v1/prices", &price).expect(201), "/id")
    });
    let prices = prices.collect();
    (plan, prices)
}

fn subscription(plan: &str, changes: &Value) -> Value {
    let mut body = json!({
        "external_customer_id": "acme", "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}
