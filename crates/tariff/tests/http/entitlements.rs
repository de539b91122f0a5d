//! What the records around an entitlement rule out, and what a repeated change does (spec 03 §3.5, §4.4).

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_subscription_has_one_entitlement_of_a_feature,
    a_parallel_entitlement_does_not_become_a_second_plain_one,
    an_override_names_an_entitlement_of_the_feature,
    owners_and_dates_fit_together,
    a_withdrawn_feature_takes_no_entitlements,
    deleting_twice_changes_nothing,
    usage_is_narrowed_by_lookup_keys,
);

/// A tenant with a metered feature and a plan that charges for it.
struct Shop {
    tenant: Tenant,
    feature_id: String,
    plan_id: String,
}

impl Shop {
    fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        let feature = feature(&tenant, "Calls");
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        let price = json!({
            "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "price_unit_type": "FIAT",
            "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": feature["meter_id"], "amount": "0.10",
            "billing_model": "FLAT_FEE", "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        tenant.api.post("/v1/prices", &price).expect(201);
        Self {
            feature_id: text(&feature, "/id"),
            plan_id: text(&plan, "/id"),
            tenant,
        }
    }

    fn subscribe(&self) -> String {
        self.tenant.customer("acme", "Acme");
        let subscription = json!({
            "external_customer_id": "acme", "plan_id": self.plan_id, "currency": "usd",
            "billing_period": "MONTHLY", "billing_period_count": 1, "billing_cycle": "anniversary",
            "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        text(
            &self.tenant.api.post("/v1/subscriptions", &subscription).expect(201),
            "/id",
        )
    }

    /// A request for an entitlement of the feature.
    fn request(&self, members: Value) -> Value {
        let mut body = json!({ "feature_id": self.feature_id, "feature_type": "metered" });
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn of_plan(&self, mut members: Value) -> Value {
        members["plan_id"] = json!(self.plan_id);
        self.request(members)
    }
}

fn feature(tenant: &Tenant, name: &str) -> Value {
    let meter = json!({
        "name": name, "event_name": name, "aggregation": { "type": "SUM", "field": "n" },
        "reset_usage": "BILLING_PERIOD",
    });
    let feature = json!({ "name": name, "type": "metered", "meter": meter });
    tenant.api.post("/v1/features", &feature).expect(201)
}

fn grant() -> Value {
    json!({
        "grant_measure": "quantity", "grant_quota": "5", "grant_duration_unit": "day", "grant_duration_value": 1,
        "aggregation_mode": "parallel",
    })
}

/// A creation that is sent once more must not add to the allowance.
fn a_subscription_has_one_entitlement_of_a_feature(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let subscription = shop.subscribe();
    let owned = |limit: u64| {
        shop.request(json!({ "entity_type": "SUBSCRIPTION", "entity_id": subscription, "usage_limit": limit }))
    };
    let first = api.post("/v1/entitlements", &owned(5)).expect(201);
    let refused = api
        .post("/v1/entitlements", &owned(7))
        .expect_error(409, "already_exists");
    assert_eq!(refused["entitlement_id"], first["id"]);
    let refused = api
        .post("/v1/entitlements/bulk", &json!({ "items": [owned(7)] }))
        .expect_error(409, "already_exists");
    assert_eq!(refused["index"], 0);
    let view = format!("/v1/subscriptions/{subscription}/entitlements");
    let limit = || api.get(&view).expect(200)["features"][0]["entitlement"]["usage_limit"].clone();
    assert_eq!(limit(), 5);
    api.delete(&format!("/v1/entitlements/{}", text(&first, "/id")))
        .expect(200);
    api.post("/v1/entitlements", &owned(7)).expect(201);
    assert_eq!(limit(), 7);
}

fn a_parallel_entitlement_does_not_become_a_second_plain_one(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let subscription = shop.subscribe();
    let of_plan = |members| shop.of_plan(members);
    let own = |mut members: Value| {
        members["entity_type"] = json!("SUBSCRIPTION");
        members["entity_id"] = json!(subscription);
        shop.request(members)
    };
    let of_owner: [&dyn Fn(Value) -> Value; 2] = [&of_plan, &own];
    for request in of_owner {
        let first = api.post("/v1/entitlements", &request(grant())).expect(201);
        api.post("/v1/entitlements", &request(grant())).expect(201);
        let plain = api
            .post("/v1/entitlements", &request(json!({ "usage_limit": 3 })))
            .expect(201);
        let path = format!("/v1/entitlements/{}", text(&first, "/id"));
        let clear = json!({ "clear_grant_config": true, "usage_limit": 9 });
        api.put(&path, &clear).expect_error(409, "already_exists");
        let kept = api.get(&path).expect(200);
        assert_eq!(kept["aggregation_mode"], "parallel");
        assert!(kept.get("usage_limit").is_none(), "{kept}");
        api.delete(&format!("/v1/entitlements/{}", text(&plain, "/id")))
            .expect(200);
        let cleared = api.put(&path, &clear).expect(200);
        assert!(cleared.get("grant_measure").is_none(), "{cleared}");
    }
}

fn an_override_names_an_entitlement_of_the_feature(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let other = feature(&shop.tenant, "Tokens");
    let of_other = json!({ "plan_id": shop.plan_id, "feature_id": other["id"], "feature_type": "metered" });
    let of_other = api.post("/v1/entitlements", &of_other).expect(201);
    let parent = api
        .post("/v1/entitlements", &shop.of_plan(json!({ "usage_limit": 100 })))
        .expect(201);
    let subscription = shop.subscribe();
    let overriding = |parent: &Value| {
        shop.request(json!({
            "entity_type": "SUBSCRIPTION", "entity_id": subscription, "usage_limit": 5,
            "parent_entitlement_id": parent,
        }))
    };
    api.post("/v1/entitlements", &overriding(&json!("ent_none")))
        .expect_error(404, "not_found");
    let refused = api
        .post("/v1/entitlements", &overriding(&of_other["id"]))
        .expect_error(400, "validation_error");
    assert!(refused["parent_entitlement_id"].is_string(), "{refused}");
    api.post("/v1/entitlements", &overriding(&parent["id"])).expect(201);
    let view = format!(
        "/v1/subscriptions/{subscription}/entitlements?feature_ids={}",
        shop.feature_id
    );
    let view = api.get(&view).expect(200);
    assert_eq!(view["features"][0]["entitlement"]["usage_limit"], 5);
}

fn owners_and_dates_fit_together(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    for (members, field) in [
        // The older member names plans only.
        (json!({ "entity_type": "ADDON" }), "entity_id"),
        (json!({ "entity_type": "SUBSCRIPTION" }), "entity_id"),
        (
            json!({ "start_date": "2024-02-01T00:00:00Z", "end_date": "2024-01-01T00:00:00Z" }),
            "end_date",
        ),
    ] {
        let refused = api
            .post("/v1/entitlements", &shop.of_plan(members))
            .expect_error(400, "validation_error");
        assert!(refused[field].is_string(), "{refused}");
    }
    let found = json!({ "entity_ids": [shop.plan_id] });
    let found = api.post("/v1/entitlements/search", &found).expect(200);
    assert_eq!(found["pagination"]["total"], 0);
    api.post("/v1/entitlements", &shop.of_plan(json!({ "entity_type": "PLAN" })))
        .expect(201);
}

fn a_withdrawn_feature_takes_no_entitlements(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    api.delete(&format!("/v1/features/{}", shop.feature_id)).expect(200);
    let refused = api
        .post("/v1/entitlements", &shop.of_plan(json!({})))
        .expect_error(400, "validation_error");
    assert_eq!(refused["feature_id"], shop.feature_id.as_str());
}

fn deleting_twice_changes_nothing(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let entitlement = api.post("/v1/entitlements", &shop.of_plan(json!({}))).expect(201);
    let path = format!("/v1/entitlements/{}", text(&entitlement, "/id"));
    api.delete(&path).expect(200);
    let archived = api.get(&path).expect(200);
    assert_eq!(archived["status"], "archived");
    api.delete(&path).expect(200);
    assert_eq!(api.get(&path).expect(200), archived);
    api.delete("/v1/entitlements/ent_none").expect_error(404, "not_found");
}

fn usage_is_narrowed_by_lookup_keys(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let other = feature(&shop.tenant, "Tokens");
    let of_other = json!({ "plan_id": shop.plan_id, "feature_id": other["id"], "feature_type": "metered" });
    api.post("/v1/entitlements", &of_other).expect(201);
    api.post("/v1/entitlements", &shop.of_plan(json!({ "usage_limit": 100 })))
        .expect(201);
    shop.subscribe();
    let names = |query: &str| -> Vec<String> {
        let usage = api.get(&format!("/v1/customers/usage?customer_lookup_key=acme{query}"));
        let usage = usage.expect(200);
        let features = usage["features"].as_array().unwrap();
        features.iter().map(|feature| text(feature, "/feature/name")).collect()
    };
    assert_eq!(names(""), ["Calls", "Tokens"]);
    assert_eq!(names("&feature_lookup_keys=calls"), ["Calls"]);
    assert_eq!(names("&feature_lookup_keys=calls,tokens"), ["Calls", "Tokens"]);
    assert_eq!(
        names("&feature_lookup_keys=tokens&feature_lookup_keys=calls"),
        ["Calls", "Tokens"]
    );
    let narrowed_twice = format!("&feature_lookup_keys=calls&feature_ids={}", text(&other, "/id"));
    assert!(names(&narrowed_twice).is_empty());
    assert!(names("&feature_lookup_keys=none").is_empty());
}
