//! What a subscription changes of its plan's lines: overridden prices, commitments, coupons on lines (spec 03 §5.3,
//! §5.4, §5.6, §5.12, §5.13).

pub mod commitments;
pub mod examples;
pub mod overrides;
pub mod refusals;
pub mod windows;

use serde_json::{Value, json};

use crate::support::client::{Client, Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

/// The time at which every shop opens and every subscription starts.
const START: &str = "2024-01-01T00:00:00Z";

/// A tenant on 1 January 2024 with a plan and the customer `acme`.
struct Shop {
    tenant: Tenant,
    plan: String,
}

impl Shop {
    fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        tenant.set_clock(START);
        tenant.customer("acme", "Acme");
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        Self {
            plan: text(&plan, "/id"),
            tenant,
        }
    }

    fn api(&self) -> &Client {
        &self.tenant.api
    }

    /// A meter of events of this name, each of which counts its `v`.
    fn meter(&self, event_name: &str, aggregation: &Value) -> String {
        let mut aggregation = aggregation.clone();
        aggregation["field"] = json!("v");
        let meter = json!({
            "name": event_name, "event_name": event_name, "aggregation": aggregation, "reset_usage": "BILLING_PERIOD",
        });
        text(&self.api().post("/v1/meters", &meter).expect(201), "/id")
    }

    /// A price of the plan: 10 usd a month in advance, with changes.
    fn price(&self, changes: &Value) -> Value {
        let price = json!({
            "entity_type": "PLAN", "entity_id": self.plan, "currency": "usd", "price_unit_type": "FIAT",
            "type": "FIXED", "invoice_cadence": "ADVANCE", "billing_model": "FLAT_FEE", "amount": "10",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        self.api().post("/v1/prices", &with(price, changes)).expect(201)
    }

    /// A usage price of the plan on a meter of its own for these events.
    fn usage_price(&self, event_name: &str, aggregation: &Value, price: &Value) -> String {
        let usage = json!({
            "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": self.meter(event_name, aggregation),
        });
        text(&self.price(&with(usage, price)), "/id")
    }

    /// A usage price of 1 usd a unit that are summed up.
    fn summed(&self, event_name: &str) -> String {
        self.usage_price(event_name, &json!({ "type": "SUM" }), &flat("1"))
    }

    fn try_subscribe(&self, customer: &str, changes: &Value) -> Reply {
        let request = json!({
            "external_customer_id": customer, "plan_id": self.plan, "currency": "usd", "start_date": START,
            "billing_period": "MONTHLY", "billing_period_count": 1, "collection_method": "send_invoice",
            "payment_behavior": "default_active",
        });
        self.api().post("/v1/subscriptions", &with(request, changes))
    }

    fn subscribe(&self, changes: &Value) -> Value {
        self.try_subscribe("acme", changes).expect(201)
    }

    /// Sends events of a customer: name, time, value.
    fn ingest(&self, customer: &str, events: &[(&str, &str, &str)]) {
        let event = |(name, timestamp, value): &(&str, &str, &str)| {
            json!({
                "event_id": format!("{customer}-{name}-{timestamp}"), "event_name": name, "timestamp": timestamp,
                "external_customer_id": customer, "properties": { "v": value },
            })
        };
        let events: Vec<Value> = events.iter().map(event).collect();
        self.api()
            .post("/v1/events/bulk", &json!({ "events": events }))
            .expect(202);
    }

    fn preview(&self, subscription: &Value) -> Value {
        let request = json!({ "subscription_id": subscription["id"] });
        self.api().post("/v1/invoices/preview", &request).expect(200)
    }

    /// The only line of a preview.
    fn charge(&self, subscription: &Value) -> Value {
        let preview = self.preview(subscription);
        let lines = preview["line_items"].as_array().unwrap();
        assert_eq!(lines.len(), 1, "{preview}");
        lines[0].clone()
    }

    /// The finalized invoices of a subscription, oldest first, with their lines.
    fn invoices(&self, subscription: &Value) -> Vec<Value> {
        let filter = json!({ "subscription_id": subscription["id"], "order": "asc" });
        let found = self.api().post("/v1/invoices/search", &filter).expect(200);
        let read = |invoice: &Value| {
            let path = format!("/v1/invoices/{}", text(invoice, "/id"));
            self.api().get(&path).expect(200)
        };
        found["items"].as_array().unwrap().iter().map(read).collect()
    }

    /// The only row of `acme`'s analytics in January.
    fn analytics(&self, more: &Value) -> Value {
        let question = json!({
            "external_customer_id": "acme", "start_time": START, "end_time": "2024-02-01T00:00:00Z",
        });
        let answer = self
            .api()
            .post("/v1/events/analytics", &with(question, more))
            .expect(200);
        let items = answer["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{answer}");
        items[0].clone()
    }
}

/// The object with the members of another one.
fn with(mut object: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

fn flat(amount: &str) -> Value {
    json!({ "billing_model": "FLAT_FEE", "amount": amount })
}

fn tiered(mode: &str, tiers: &Value) -> Value {
    json!({ "billing_model": "TIERED", "tier_mode": mode, "amount": null, "tiers": tiers })
}

/// Tiers A of spec 03 §6.
fn tiers_a() -> Value {
    json!([
        { "up_to": 10, "unit_amount": "0.10" }, { "up_to": 20, "unit_amount": "0.05" }, { "unit_amount": "0.02" },
    ])
}

/// Amount and quantity of an invoice line.
fn amount(line: &Value) -> (String, String) {
    (text(line, "/amount"), text(line, "/quantity"))
}

/// The parts of a charge under a commitment: utilized, overage, true-up.
fn parts(line: &Value) -> [String; 3] {
    [
        "computed_commitment_utilized_amount",
        "computed_overage_amount",
        "computed_true_up_amount",
    ]
    .map(|part| text(line, &format!("/commitment_info/{part}")))
}
