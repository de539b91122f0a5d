//! Questions about usage (spec 02 §3.4 to §3.9, §4.6 to §4.11).

pub mod acceptance;
pub mod analytics;
pub mod costs;
pub mod events;
pub mod examples;
pub mod meters;
pub mod portal;
pub mod refusals;

use serde_json::{Value, json};

use crate::support::client::{Client, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

/// The time in every test.
const NOW: &str = "2026-01-20T12:00:00Z";

/// A tenant on 20 January 2026 whose customer `cust_1` sends events `api_call`.
struct Lab {
    tenant: Tenant,
}

/// An event by its id, time and properties.
type Sent<'a> = (&'a str, &'a str, Value);

impl Lab {
    fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        tenant.set_clock(NOW);
        Self { tenant }
    }

    fn api(&self) -> &Client {
        &self.tenant.api
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.api().post(path, body).expect(200)
    }

    /// A metered feature over events `api_call`.
    fn feature(&self, name: &str, aggregation: Value) -> Value {
        self.feature_of(name, &json!({ "aggregation": aggregation }), &json!({}))
    }

    /// A metered feature, its meter and itself with more members.
    fn feature_of(&self, name: &str, meter: &Value, feature: &Value) -> Value {
        let plain = json!({ "name": name, "event_name": "api_call", "reset_usage": "BILLING_PERIOD" });
        let meter = with(plain, meter);
        let body = with(json!({ "name": name, "type": "metered", "meter": meter }), feature);
        self.api().post("/v1/features", &body).expect(201)
    }

    fn ingest(&self, events: &[Sent<'_>]) {
        let events: Vec<Value> = events.iter().map(event).collect();
        self.api()
            .post("/v1/events/bulk", &json!({ "events": events }))
            .expect(202);
    }

    /// A plan with a monthly usage price on the feature's meter; answers its id and the price's.
    fn plan(&self, feature: &Value, price: &Value) -> (String, String) {
        let plan = self.api().post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        let price_id = self.price(&plan, feature, price);
        (text(&plan, "/id"), price_id)
    }

    fn price(&self, plan: &Value, feature: &Value, price: &Value) -> String {
        let plain = json!({
            "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1, "type": "USAGE", "invoice_cadence": "ARREAR",
            "meter_id": feature["meter_id"], "start_date": "2025-12-01T00:00:00Z",
        });
        text(&self.api().post("/v1/prices", &with(plain, price)).expect(201), "/id")
    }

    /// Subscribes `cust_1` to a plan from 1 January 2026.
    fn subscribe(&self, plan_id: &str, more: &Value) -> Value {
        let plain = json!({
            "external_customer_id": "cust_1", "plan_id": plan_id, "currency": "usd",
            "start_date": "2026-01-01T00:00:00Z", "billing_period": "MONTHLY", "billing_period_count": 1,
            "billing_cycle": "anniversary", "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        self.api().post("/v1/subscriptions", &with(plain, more)).expect(201)
    }

    /// Creates `cust_1` and subscribes it to a plan with this one price.
    fn subscribed(&self, feature: &Value, price: &Value) -> Value {
        self.tenant.customer("cust_1", "First");
        let (plan_id, _) = self.plan(feature, price);
        self.subscribe(&plan_id, &json!({}))
    }

    /// Analytics of `cust_1` in January.
    fn analytics(&self, more: &Value) -> Value {
        self.post("/v1/events/analytics", &january(more))
    }

    fn items(&self, more: &Value) -> Vec<Value> {
        self.analytics(more)["items"].as_array().unwrap().clone()
    }

    /// The only row.
    fn item(&self, more: &Value) -> Value {
        let mut items = self.items(more);
        assert_eq!(items.len(), 1, "{items:?}");
        items.remove(0)
    }

    /// An ad-hoc aggregate over `api_call` in January.
    fn usage(&self, more: &Value) -> Value {
        let plain = json!({ "event_name": "api_call", "aggregation_type": "SUM", "property_name": "v" });
        self.post("/v1/events/usage", &january(&with(plain, more)))
    }

    /// The usage of a feature's meter in January, by its definition over raw events.
    fn usage_of(&self, feature: &Value, more: &Value) -> Value {
        let question = json!({ "meter_id": feature["meter_id"], "external_customer_id": "cust_1" });
        self.post("/v1/events/usage/meter", &january(&with(question, more)))
    }
}

/// A question about `cust_1` from 1 January to 1 February 2026.
fn january(more: &Value) -> Value {
    let plain = json!({
        "external_customer_id": "cust_1", "start_time": "2026-01-01T00:00:00Z", "end_time": "2026-02-01T00:00:00Z",
    });
    with(plain, more)
}

/// The object with the members of another one.
fn with(mut object: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

fn event((id, timestamp, properties): &Sent<'_>) -> Value {
    json!({
        "event_id": id, "event_name": "api_call", "external_customer_id": "cust_1",
        "timestamp": timestamp, "properties": properties,
    })
}

fn flat(amount: &str) -> Value {
    json!({ "billing_model": "FLAT_FEE", "amount": amount })
}

/// One member of every point of a row.
fn points(item: &Value, member: &str) -> Vec<String> {
    let points = item["points"]
        .as_array()
        .unwrap_or_else(|| panic!("no points in {item}"));
    points
        .iter()
        .map(|point| {
            point[member]
                .as_str()
                .unwrap_or_else(|| panic!("no {member} in {point}"))
                .to_owned()
        })
        .collect()
}
