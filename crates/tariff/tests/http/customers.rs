//! Customers: creation, withdrawal, paging, search, expansion, concurrency (spec 01 B1; acceptance 5, 6, 8-12, 17).

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};
use tariff_core::Timestamp;

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_new_customer_has_the_documented_defaults,
    an_external_id_is_taken_until_its_customer_is_deleted,
    an_update_is_what_the_next_read_shows,
    paging_visits_each_customer_once,
    page_limits_are_enforced,
    search_conditions_are_checked_and_literal,
    expansion_is_checked,
    concurrent_updates_of_different_fields_both_survive,
    list_parameters_take_both_forms,
    subscriptions_are_found_by_external_id,
);

fn a_new_customer_has_the_documented_defaults(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let body = json!({ "external_id": "x", "name": "n" });
    let created = tenant.api.post("/v1/customers", &body).expect(201);
    assert!(text(&created, "/id").starts_with("cust_"));
    assert_eq!(created["timezone"], "UTC");
    assert_eq!(created["metadata"], Value::Null);
    assert_eq!(created["status"], "published");
    assert_eq!(created["tenant_id"], tenant.tenant_id.as_str());
    assert_eq!(created["environment_id"], tenant.environment_id.as_str());
    assert!(created.get("contact").is_none(), "{created}");
    let details = tenant
        .api
        .post("/v1/customers", &body)
        .expect_error(409, "already_exists");
    assert_eq!(details["external_id"], "x");
}

fn an_external_id_is_taken_until_its_customer_is_deleted(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let id = text(&tenant.customer("x", "n"), "/id");
    let path = format!("/v1/customers/{id}");
    tenant.api.delete(&path).expect(204);
    assert_eq!(tenant.api.get(&path).expect(200)["status"], "archived");
    tenant
        .api
        .get("/v1/customers/external/x")
        .expect_error(404, "not_found");
    tenant.api.delete(&path).expect_error(404, "not_found");
    let successor = tenant.customer("x", "n");
    assert_ne!(text(&successor, "/id"), id);
}

fn an_update_is_what_the_next_read_shows(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let created = tenant.customer("x", "n");
    let path = format!("/v1/customers/{}", text(&created, "/id"));
    let updated = tenant.api.put(&path, &json!({ "name": "new" })).expect(200);
    let read = tenant.api.get(&path).expect(200);
    assert_eq!(read["name"], "new");
    assert_eq!(updated["updated_at"], read["updated_at"]);
    let instant = |answer: &Value, pointer: &str| -> Timestamp { text(answer, pointer).parse().unwrap() };
    assert!(instant(&read, "/updated_at") > instant(&created, "/created_at"));
}

fn paging_visits_each_customer_once(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    for number in 0..120 {
        tenant.customer(&format!("c-{number}"), "n");
    }
    let mut seen = BTreeSet::new();
    let mut offset = 0;
    loop {
        let page = tenant
            .api
            .post("/v1/customers/search", &json!({ "offset": offset }))
            .expect(200);
        assert_eq!(page["pagination"]["total"], 120);
        assert_eq!(page["pagination"]["limit"], 50);
        for customer in page["items"].as_array().unwrap() {
            assert!(seen.insert(text(customer, "/id")), "visited twice: {customer}");
        }
        offset = page["pagination"]["offset"].as_u64().unwrap();
        if offset >= 120 {
            break;
        }
    }
    assert_eq!((seen.len(), offset), (120, 150));
}

fn page_limits_are_enforced(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let search = |body: Value| tenant.api.post("/v1/customers/search", &body);
    assert_eq!(search(json!({ "limit": 0 })).expect(200)["pagination"]["limit"], 50);
    for body in [
        json!({ "limit": 1001 }),
        json!({ "limit": -1 }),
        json!({ "offset": -1 }),
        json!({ "order": "up" }),
        json!({ "start_time": "2024-02-01T00:00:00Z", "end_time": "2024-01-01T00:00:00Z" }),
    ] {
        search(body).expect_error(400, "validation_error");
    }
    tenant
        .api
        .get("/v1/customers?limit=1001")
        .expect_error(400, "validation_error");
    tenant
        .api
        .get("/v1/customers?limit=many")
        .expect_error(400, "validation_error");
}

fn search_conditions_are_checked_and_literal(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    tenant.customer("acme", "Acme Inc");
    tenant.customer("sale", "100% Cotton");
    let find = |field: &str, operator: &str, value: &Value| {
        let condition = json!({ "field": field, "operator": operator, "data_type": "string", "value": value });
        tenant
            .api
            .post("/v1/customers/search", &json!({ "filters": [condition] }))
    };
    let names = |text: &str| -> Vec<Value> {
        let found = find("name", "contains", &json!({ "string": text })).expect(200);
        found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["name"].clone())
            .collect()
    };
    assert_eq!(names("ACME"), ["Acme Inc"]);
    assert_eq!(names("%"), ["100% Cotton"]);
    assert_eq!(names("_"), [] as [&str; 0]);
    for field in ["nope", "tenant_id", "environment_id", "name; drop table customers"] {
        find(field, "eq", &json!({ "string": "x" })).expect_error(400, "validation_error");
    }
    find("name", "resembles", &json!({ "string": "x" })).expect_error(400, "validation_error");
    let without_value = json!({ "filters": [{ "field": "name", "operator": "eq", "data_type": "string" }] });
    tenant
        .api
        .post("/v1/customers/search", &without_value)
        .expect_error(400, "validation_error");
    let unsortable = json!({ "sort": [{ "field": "nope", "direction": "asc" }] });
    tenant
        .api
        .post("/v1/customers/search", &unsortable)
        .expect_error(400, "validation_error");
}

fn expansion_is_checked(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let path = format!("/v1/customers/{}", text(&tenant.customer("x", "n"), "/id"));
    let details = tenant
        .api
        .get(&format!("{path}?expand=bogus"))
        .expect_error(400, "validation_error");
    assert_eq!(details["field"], "bogus");
    let plain = tenant.api.get(&format!("{path}?expand=integrations")).expect(200);
    assert!(plain.get("integrations").is_none(), "{plain}");
}

fn concurrent_updates_of_different_fields_both_survive(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let path = format!("/v1/customers/{}", text(&tenant.customer("x", "n"), "/id"));
    for round in 0..50 {
        let name = format!("name {round}");
        let email = format!("round-{round}@example.test");
        thread::scope(|scope| {
            scope.spawn(|| tenant.api.put(&path, &json!({ "name": name })).expect(200));
            scope.spawn(|| tenant.api.put(&path, &json!({ "email": email })).expect(200));
        });
        let read = tenant.api.get(&path).expect(200);
        assert_eq!(
            (&read["name"], &read["email"]),
            (&json!(name), &json!(email)),
            "round {round}"
        );
    }
}

/// The client libraries join the values of these parameters with commas (spec 01 A1).
fn list_parameters_take_both_forms(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let feature = |name: &str| {
        let created = tenant
            .api
            .post("/v1/features", &json!({ "name": name, "type": "boolean" }));
        text(&created.expect(201), "/id")
    };
    let (first, second, _) = (feature("First"), feature("Second"), feature("Third"));
    let found = |query: &str| -> BTreeSet<String> {
        let list = tenant.api.get(&format!("/v1/features?{query}")).expect(200);
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| text(item, "/id"))
            .collect()
    };
    let both = BTreeSet::from([first.clone(), second.clone()]);
    assert_eq!(found(&format!("feature_ids={first}%2C{second}")), both);
    assert_eq!(found(&format!("feature_ids={first}&feature_ids={second}")), both);
}

/// Spec 04 §3.3: active and trialing ones, all at once; spec 01 A12 on what is embedded.
fn subscriptions_are_found_by_external_id(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let api = &tenant.api;
    let meter = json!({
        "name": "Calls", "event_name": "call", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD",
    });
    let feature = json!({ "name": "Calls", "type": "metered", "meter": meter });
    let feature = api.post("/v1/features", &feature).expect(201);
    let plan = api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "type": "USAGE", "billing_model": "FLAT_FEE",
        "amount": "1", "invoice_cadence": "ARREAR", "price_unit_type": "FIAT", "billing_period": "MONTHLY",
        "billing_period_count": 1, "meter_id": feature["meter_id"],
    });
    api.post("/v1/prices", &price).expect(201);
    let entitlement = json!({
        "plan_id": plan["id"], "feature_id": feature["id"], "feature_type": "metered", "usage_limit": 5,
    });
    api.post("/v1/entitlements", &entitlement).expect(201);
    tenant.customer("a/b", "Acme");
    tenant.customer("other", "Other");
    let subscribe = |external_id: &str| {
        let body = json!({
            "external_customer_id": external_id, "plan_id": plan["id"], "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        text(&api.post("/v1/subscriptions", &body).expect(201), "/id")
    };
    let (first, second) = (subscribe("a/b"), subscribe("a/b"));
    subscribe("other");
    let path = "/v1/customers/external/a%2Fb/subscriptions";
    let listed = api.get(path).expect(200);
    assert_eq!(listed["pagination"], json!({ "total": 2, "limit": 0, "offset": 0 }));
    let ids: Vec<_> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| text(item, "/id"))
        .collect();
    assert_eq!(ids, [second.clone(), first]);
    assert!(listed["items"][0].get("entitlements").is_none(), "{listed}");
    assert!(listed["items"][0]["line_items"][0].get("meter").is_none(), "{listed}");
    let embedded = api
        .get(&format!("{path}?expand=subscription_line_items.meters,entitlements"))
        .expect(200);
    for item in embedded["items"].as_array().unwrap() {
        assert_eq!(item["line_items"][0]["meter"]["id"], feature["meter_id"]);
        assert_eq!(item["entitlements"][0]["entitlement"]["usage_limit"], 5);
        assert_eq!(item["entitlements"][0]["feature"]["id"], feature["id"]);
        assert_eq!(item["entitlements"][0]["sources"][0]["subscription_id"], item["id"]);
    }
    let cancel = json!({ "cancellation_type": "immediate" });
    api.post(&format!("/v1/subscriptions/{second}/cancel"), &cancel)
        .expect(200);
    assert_eq!(api.get(path).expect(200)["pagination"]["total"], 1);
    for expand in ["plan", "entitlements.features", "entitlements,"] {
        let details = api
            .get(&format!("{path}?expand={expand}"))
            .expect_error(400, "validation_error");
        assert!(details.get("field").is_some(), "{details}");
    }
    api.get("/v1/customers/external/nobody/subscriptions")
        .expect_error(404, "not_found");
    let stranger = Tenant::sign_up(&place.server().client());
    stranger.api.get(path).expect_error(404, "not_found");
}
