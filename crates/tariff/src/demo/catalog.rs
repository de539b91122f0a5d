//! What the demo sells: three metered features, and one plan with a price for each and a monthly base fee.

use serde_json::{Value, json};

use super::api::{Api, string_at};
use crate::AnyError;

/// Currency of every price.
pub const CURRENCY: &str = "usd";
/// Name of the events that all three meters read.
pub const EVENT_NAME: &str = "llm_request";

/// The created catalog.
pub struct Catalog {
    /// The plan that both customers subscribe to.
    pub plan_id: String,
    /// Its three features in the order of the report.
    pub features: [Feature; 3],
}

/// One metered feature of the catalog.
pub struct Feature {
    /// Name for people.
    pub name: &'static str,
    /// The feature.
    pub feature_id: String,
    /// The meter that counts it.
    pub meter_id: String,
}

impl Catalog {
    /// Creates features, plan, prices and the entitlement.
    ///
    /// # Errors
    /// When the server refuses one of them.
    pub async fn create(api: &Api) -> Result<Self, AnyError> {
        let input = Feature::create(api, "Input tokens", &sum_of("input_tokens")).await?;
        let output = Feature::create(api, "Output tokens", &sum_of("output_tokens")).await?;
        let requests = Feature::create(api, "Requests", &json!({ "type": "COUNT" })).await?;
        let plan = json!({ "name": "Inference", "lookup_key": "inference" });
        let plan_id = string_at(&api.post("/v1/plans", &plan).await?, "/id")?;
        for price in [
            base_fee(),
            input_price(&input),
            output_price(&output),
            request_price(&requests),
        ] {
            api.post("/v1/prices", &priced_for(&plan_id, price)).await?;
        }
        api.post("/v1/entitlements", &included_requests(&plan_id, &requests))
            .await?;
        Ok(Self {
            plan_id,
            features: [input, output, requests],
        })
    }
}

impl Feature {
    async fn create(api: &Api, name: &'static str, aggregation: &Value) -> Result<Self, AnyError> {
        let feature = json!({
            "name": name,
            "type": "metered",
            "meter": {
                "name": name,
                "event_name": EVENT_NAME,
                "aggregation": aggregation,
                "reset_usage": "BILLING_PERIOD",
            },
        });
        let created = api.post("/v1/features", &feature).await?;
        Ok(Self {
            name,
            feature_id: string_at(&created, "/id")?,
            meter_id: string_at(&created, "/meter_id")?,
        })
    }
}

fn sum_of(property: &str) -> Value {
    json!({ "type": "SUM", "field": property })
}

/// Adds to `price` what all prices of the plan have in common.
fn priced_for(plan_id: &str, mut price: Value) -> Value {
    price["entity_type"] = json!("PLAN");
    price["entity_id"] = json!(plan_id);
    price["currency"] = json!(CURRENCY);
    price["price_unit_type"] = json!("FIAT");
    price["billing_period"] = json!("MONTHLY");
    price["billing_period_count"] = json!(1);
    price
}

/// 20.00 a month, in advance.
fn base_fee() -> Value {
    json!({
        "display_name": "Base fee",
        "type": "FIXED",
        "billing_model": "FLAT_FEE",
        "invoice_cadence": "ADVANCE",
        "amount": "20.00",
    })
}

/// 2.50 per million up to ten million, 2.00 per million beyond.
fn input_price(feature: &Feature) -> Value {
    json!({
        "display_name": feature.name,
        "type": "USAGE",
        "meter_id": feature.meter_id,
        "billing_model": "TIERED",
        "tier_mode": "SLAB",
        "invoice_cadence": "ARREAR",
        "tiers": [
            { "up_to": 10_000_000, "unit_amount": "0.0000025" },
            { "unit_amount": "0.000002" },
        ],
    })
}

/// 10.00 per million.
fn output_price(feature: &Feature) -> Value {
    json!({
        "display_name": feature.name,
        "type": "USAGE",
        "meter_id": feature.meter_id,
        "billing_model": "FLAT_FEE",
        "invoice_cadence": "ARREAR",
        "amount": "0.00001",
    })
}

/// 0.50 per started thousand.
fn request_price(feature: &Feature) -> Value {
    json!({
        "display_name": feature.name,
        "type": "USAGE",
        "meter_id": feature.meter_id,
        "billing_model": "PACKAGE",
        "invoice_cadence": "ARREAR",
        "amount": "0.50",
        "transform_quantity": { "divide_by": 1000, "round": "up" },
    })
}

/// The first 10,000 requests of a month are included.
fn included_requests(plan_id: &str, feature: &Feature) -> Value {
    json!({
        "entity_type": "PLAN",
        "entity_id": plan_id,
        "feature_id": feature.feature_id,
        "feature_type": "metered",
        "is_enabled": true,
        "usage_limit": 10_000,
        "usage_reset_period": "MONTHLY",
    })
}
