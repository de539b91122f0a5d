//! Addons: their records, and what attaching one does to lines, entitlements and invoices.

pub mod attached;
pub mod billed;
pub mod line_terms;
pub mod overrides;
pub mod records;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::{Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

const START: &str = "2024-01-01T00:00:00Z";
const END: &str = "2024-02-01T00:00:00Z";

/// A tenant in January 2024 with a customer and a plan of 10.00 a month in advance.
struct Shop {
    tenant: Tenant,
    plan_id: String,
}

impl Shop {
    fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        tenant.set_clock(START);
        tenant.customer("acme", "Acme");
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        let shop = Self {
            plan_id: text(&plan, "/id"),
            tenant,
        };
        shop.price("PLAN", &shop.plan_id, &json!({ "amount": "10" }));
        shop
    }

    fn addon(&self, key: &str) -> String {
        let body = json!({ "name": format!("Addon {key}"), "lookup_key": key });
        text(&self.tenant.api.post("/v1/addons", &body).expect(201), "/id")
    }

    /// An addon with a monthly fee in advance.
    fn priced_addon(&self, key: &str, amount: &str) -> String {
        let addon = self.addon(key);
        self.price("ADDON", &addon, &json!({ "amount": amount }));
        addon
    }

    /// A monthly fee in advance, but for the changes.
    fn price(&self, owner_type: &str, owner: &str, changes: &Value) -> Value {
        let body = with(
            json!({
                "entity_type": owner_type, "entity_id": owner, "currency": "usd", "type": "FIXED", "amount": "1",
                "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
                "billing_period": "MONTHLY", "billing_period_count": 1,
            }),
            changes,
        );
        self.tenant.api.post("/v1/prices", &body).expect(201)
    }

    /// A feature that counts calls.
    fn calls(&self) -> Value {
        let body = json!({
            "name": "Calls", "type": "metered",
            "meter": {
                "name": "Calls", "event_name": "call", "aggregation": { "type": "COUNT" },
                "reset_usage": "BILLING_PERIOD",
            },
        });
        self.tenant.api.post("/v1/features", &body).expect(201)
    }

    fn entitle(&self, owner_type: &str, owner: &str, feature: &Value, changes: &Value) -> Value {
        let body = with(
            json!({
                "entity_type": owner_type, "entity_id": owner, "feature_id": feature["id"],
                "feature_type": feature["type"],
            }),
            changes,
        );
        self.tenant.api.post("/v1/entitlements", &body).expect(201)
    }

    fn subscription(&self, changes: &Value) -> Value {
        with(
            json!({
                "external_customer_id": "acme", "plan_id": self.plan_id, "currency": "usd", "start_date": START,
                "billing_period": "MONTHLY", "billing_period_count": 1, "billing_cycle": "calendar",
                "collection_method": "send_invoice", "payment_behavior": "default_active",
            }),
            changes,
        )
    }

    fn subscribe(&self, changes: &Value) -> String {
        let created = self.tenant.api.post("/v1/subscriptions", &self.subscription(changes));
        text(&created.expect(201), "/id")
    }

    fn attach(&self, subscription: &str, addon: &str, changes: &Value) -> Reply {
        let body = with(json!({ "subscription_id": subscription, "addon_id": addon }), changes);
        self.tenant.api.post("/v1/subscriptions/addon", &body)
    }

    fn detach(&self, association: &str, changes: &Value) -> Reply {
        let body = with(json!({ "addon_association_id": association }), changes);
        self.remove(&body)
    }

    fn remove(&self, body: &Value) -> Reply {
        let body = body.to_string().into_bytes();
        let path = "/v1/subscriptions/addon";
        self.tenant.api.raw(Method::DELETE, path, "application/json", body)
    }

    fn associations(&self, subscription: &str, query: &str) -> Vec<Value> {
        let path = format!("/v1/subscriptions/{subscription}/addons/associations{query}");
        let listed = self.tenant.api.get(&path).expect(200);
        let items = listed["items"].as_array().unwrap().clone();
        assert_eq!(listed["pagination"]["total"], items.len());
        items
    }

    /// The published lines of an attachment.
    fn lines(&self, association: &str) -> Vec<Value> {
        let filter = json!({ "addon_association_ids": [association], "order": "asc" });
        let found = self.tenant.api.post("/v1/subscriptions/lineitems/search", &filter);
        found.expect(200)["items"].as_array().unwrap().clone()
    }

    /// What the subscription may use of its only feature; null if it may not use any.
    fn view(&self, subscription: &str) -> Value {
        let path = format!("/v1/subscriptions/{subscription}/entitlements");
        self.tenant.api.get(&path).expect(200)["features"][0].clone()
    }

    /// The subscription's invoices, oldest first.
    fn invoices(&self, subscription: &str) -> Vec<Value> {
        let filter = json!({ "subscription_id": subscription, "order": "asc" });
        let found = self.tenant.api.post("/v1/invoices/search", &filter).expect(200);
        found["items"].as_array().unwrap().clone()
    }
}

fn with(mut body: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Kind of owner, quantity and amount of an invoice's lines.
fn charges(invoice: &Value) -> Vec<(String, String, String)> {
    let lines = invoice["line_items"].as_array().unwrap().iter();
    lines
        .map(|line| {
            (
                text(line, "/entity_type"),
                text(line, "/quantity"),
                text(line, "/amount"),
            )
        })
        .collect()
}

fn charge(owner: &str, quantity: &str, amount: &str) -> (String, String, String) {
    (owner.to_owned(), quantity.to_owned(), amount.to_owned())
}
