//! What is included: allowances by reset period and time-boxed grants, and what invoices charge beyond them (spec 03 §5.10,
//! §5.11).

pub mod busy;
pub mod grants;
pub mod plain;
pub mod windows;

use serde_json::{Value, json};

use crate::support::client::{Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

pub const JANUARY: (&str, &str) = ("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z");
/// When the invoice of January is finalized.
const BILLED: &str = "2024-02-02T00:00:00Z";

/// A tenant with a plan that charges 0.10 for each unit of one meter.
pub struct Shop {
    pub tenant: Tenant,
    pub plan_id: String,
    pub feature_id: String,
    pub meter_id: String,
}

impl Shop {
    pub fn open(place: &Place) -> Self {
        Self::measuring(place, &json!({ "type": "SUM", "field": "n" }))
    }

    pub fn measuring(place: &Place, aggregation: &Value) -> Self {
        let shop = Self::without_price(place, aggregation);
        shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.10" }));
        shop
    }

    pub fn without_price(place: &Place, aggregation: &Value) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        tenant.set_clock(JANUARY.0);
        let feature = json!({
            "name": "Units", "type": "metered",
            "meter": {
                "name": "Units", "event_name": "use", "aggregation": aggregation, "reset_usage": "BILLING_PERIOD",
            },
        });
        let feature = tenant.api.post("/v1/features", &feature).expect(201);
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        Self {
            plan_id: text(&plan, "/id"),
            feature_id: text(&feature, "/id"),
            meter_id: text(&feature, "/meter_id"),
            tenant,
        }
    }

    /// A price of the plan on the meter; answers its id.
    pub fn price(&self, members: &Value) -> String {
        let body = json!({
            "entity_type": "PLAN", "entity_id": self.plan_id, "currency": "usd", "price_unit_type": "FIAT",
            "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": self.meter_id,
            "billing_period": "MONTHLY", "billing_period_count": 1, "start_date": JANUARY.0,
        });
        text(
            &self.tenant.api.post("/v1/prices", &with(body, members)).expect(201),
            "/id",
        )
    }

    pub fn try_include(&self, members: &Value) -> Reply {
        let body = json!({ "plan_id": self.plan_id, "feature_id": self.feature_id, "feature_type": "metered" });
        self.tenant.api.post("/v1/entitlements", &with(body, members))
    }

    pub fn include(&self, members: &Value) -> Value {
        self.try_include(members).expect(201)
    }

    pub fn subscribe_in(&self, timezone: &str) -> String {
        self.subscribe_with(timezone, &json!({}))
    }

    pub fn subscribe_with(&self, timezone: &str, members: &Value) -> String {
        let customer = json!({
            "external_id": "acme", "name": "Acme", "timezone": timezone, "skip_onboarding_workflow": true,
        });
        self.tenant.api.post("/v1/customers", &customer).expect(201);
        let subscription = json!({
            "external_customer_id": "acme", "plan_id": self.plan_id, "currency": "usd", "start_date": JANUARY.0,
            "billing_period": "MONTHLY", "billing_period_count": 1, "billing_cycle": "anniversary",
            "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        let subscription = with(subscription, members);
        text(
            &self.tenant.api.post("/v1/subscriptions", &subscription).expect(201),
            "/id",
        )
    }

    pub fn subscribe(&self) -> String {
        self.subscribe_in("UTC")
    }

    /// Sends usage, each at its time.
    pub fn using(&self, usage: &[(&str, i64)]) {
        let events: Vec<Value> = usage
            .iter()
            .map(|(at, n)| {
                json!({
                    "event_id": format!("{at}-{n}"), "event_name": "use", "external_customer_id": "acme",
                    "timestamp": at, "properties": { "n": n },
                })
            })
            .collect();
        self.tenant
            .api
            .post("/v1/events/bulk", &json!({ "events": events }))
            .expect(202);
    }

    /// The usage lines of the invoice of January: quantity, units covered, amount.
    pub fn billed(&self, subscription_id: &str) -> Vec<(String, String, String)> {
        self.tenant.set_clock(BILLED);
        let filter = json!({ "subscription_id": subscription_id, "order": "asc" });
        let invoices = self.tenant.api.post("/v1/invoices/search", &filter).expect(200);
        let lines = invoices["items"][0]["line_items"].as_array().cloned();
        let lines = lines.unwrap_or_default();
        lines.iter().map(charge).collect()
    }

    pub fn preview(&self, subscription_id: &str) -> Vec<(String, String, String)> {
        let asked = json!({ "subscription_id": subscription_id });
        let preview = self.tenant.api.post("/v1/invoices/preview", &asked).expect(200);
        preview["line_items"].as_array().unwrap().iter().map(charge).collect()
    }

    /// The windows as the audit log has them, by their start: start, end, usage, state.
    pub fn windows(&self) -> Vec<(String, String, String, String)> {
        let log = self
            .tenant
            .api
            .get("/v1/audit-logs?entity_type=entitlement_grant&order=asc&limit=1000")
            .expect(200);
        let mut latest = std::collections::BTreeMap::new();
        for entry in log["items"].as_array().unwrap() {
            let state = &entry["after"];
            let window = (text(state, "/valid_from"), text(state, "/valid_to"));
            latest.insert(window, state.clone());
        }
        let window = |state: &Value| {
            (
                text(state, "/valid_from"),
                text(state, "/valid_to"),
                text(state, "/usage"),
                text(state, "/grant_status"),
            )
        };
        latest.values().map(window).collect()
    }
}

pub fn with(mut body: Value, members: &Value) -> Value {
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

pub fn charge(line: &Value) -> (String, String, String) {
    let covered = line["adjusted_entitlement_quantity"].as_str().unwrap_or("-");
    (text(line, "/quantity"), covered.to_owned(), text(line, "/amount"))
}

pub fn line(quantity: &str, covered: &str, amount: &str) -> (String, String, String) {
    (quantity.to_owned(), covered.to_owned(), amount.to_owned())
}

pub fn window(from: &str, to: &str, usage: &str, state: &str) -> (String, String, String, String) {
    (from.to_owned(), to.to_owned(), usage.to_owned(), state.to_owned())
}

pub fn grant(quota: &str, unit: &str, value: i64) -> Value {
    json!({
        "grant_measure": "quantity", "grant_quota": quota, "grant_duration_unit": unit, "grant_duration_value": value,
    })
}

/// A price that takes the place of another in the middle of the period.
pub fn shop_with_two_prices(place: &Place) -> Shop {
    let shop = Shop::without_price(place, &json!({ "type": "SUM", "field": "n" }));
    let middle = "2024-01-16T12:00:00Z";
    shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.10", "end_date": middle }));
    shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.20", "start_date": middle }));
    shop
}
