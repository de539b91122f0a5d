//! A catalog with one record of each kind, and good requests that a test spoils.

use std::cell::Cell;

use serde_json::{Value, json};

use crate::support::client::{Client, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

/// A catalog with one record of each kind.
pub(super) struct Stock {
    pub tenant: Tenant,
    pub plan: String,
    pub feature: String,
    pub meter: String,
    pub customer: String,
    minted: Cell<u32>,
}

impl Stock {
    pub fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        let meter = json!({
            "name": "Calls", "event_name": "call", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD",
        });
        let feature = json!({ "name": "Calls", "type": "metered", "meter": meter });
        let feature = tenant.api.post("/v1/features", &feature).expect(201);
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        let customer = text(&tenant.customer("acme", "Acme"), "/id");
        let unit = json!({
            "name": "Credit", "code": "CRD", "symbol": "c", "base_currency": "usd", "conversion_rate": "0.01",
        });
        tenant.api.post("/v1/prices/units", &unit).expect(201);
        let rate = json!({ "name": "VAT", "code": "vat", "tax_rate_type": "percentage", "percentage_value": "20" });
        tenant.api.post("/v1/taxes/rates", &rate).expect(201);
        Self {
            plan: text(&plan, "/id"),
            feature: text(&feature, "/id"),
            meter: text(&feature, "/meter_id"),
            tenant,
            customer,
            minted: Cell::new(0),
        }
    }

    pub fn api(&self) -> &Client {
        &self.tenant.api
    }

    /// A text that was not there before.
    pub fn fresh(&self) -> String {
        self.minted.set(self.minted.get() + 1);
        format!("n{}", self.minted.get())
    }

    /// A request that is good, for records of `kind`, with changes laid over it; null takes a member away.
    pub fn good(&self, kind: &str, changes: &Value) -> Value {
        let (fresh, plan) = (self.fresh(), &self.plan);
        let mut body = match kind {
            "/v1/plans" => json!({ "name": "Pro", "lookup_key": fresh }),
            "/v1/features" => json!({ "name": fresh, "type": "boolean" }),
            "/v1/groups" => json!({ "name": "G", "entity_type": "price", "lookup_key": fresh }),
            "/v1/prices" => json!({
                "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "billing_model": "FLAT_FEE",
                "amount": "1", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT", "billing_period": "MONTHLY",
                "billing_period_count": 1,
            }),
            "/v1/prices/units" => json!({
                "name": "Unit", "code": short(self.minted.get()), "symbol": "u", "base_currency": "usd",
                "conversion_rate": "2",
            }),
            "/v1/entitlements" => json!({
                "plan_id": text(&self.api().post("/v1/plans", &json!({ "name": "Owner" })).expect(201), "/id"),
                "feature_id": self.feature, "feature_type": "metered",
            }),
            "/v1/coupons" => json!({
                "name": "C", "coupon_code": fresh, "type": "percentage", "cadence": "forever", "percentage_off": "10",
            }),
            "/v1/taxes/rates" => {
                json!({ "name": "T", "code": fresh, "tax_rate_type": "percentage", "percentage_value": "1" })
            }
            "/v1/taxes/associations" => {
                json!({ "tax_rate_code": "vat", "entity_type": "customer", "entity_id": self.customer })
            }
            "/v1/costs" => json!({ "name": fresh }),
            other => panic!("no good request for {other}"),
        };
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    /// How many records of `kind` there are.
    pub fn count(&self, kind: &str) -> u64 {
        let all = match kind {
            "/v1/taxes/rates" | "/v1/taxes/associations" => self.api().get(kind),
            // The total of units is that of the page.
            kind => self.api().post(&format!("{kind}/search"), &json!({})),
        };
        all.expect(200)["pagination"]["total"].as_u64().unwrap()
    }
}

/// A code of three characters.
pub(super) fn short(number: u32) -> String {
    format!("{number:03}")
}

pub(super) fn chars(count: usize) -> String {
    "é".repeat(count)
}

pub(super) fn price_tiers(tiers: &Value) -> Value {
    json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "amount": null, "tiers": tiers })
}

pub(super) fn custom(config: &Value) -> Value {
    json!({ "price_unit_type": "CUSTOM", "amount": null, "price_unit_config": config })
}
