//! Connections to providers, and the links that need one (spec 07 §2.6, §3.4; spec 01 B2, acceptance 18).

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_connection_is_made_changed_and_ended,
    a_provider_is_connected_once_and_storage_often,
    credentials_are_demanded_and_never_shown,
    a_bad_connection_is_refused_field_by_field,
    a_link_needs_a_connection,
    a_connection_stays_in_its_environment,
);

const PATH: &str = "/v1/connections";
const SESAME: &str = "open sesame";

fn tenant(place: &Place) -> Tenant {
    Tenant::sign_up(&place.server().client())
}

fn stripe() -> Value {
    json!({
        "name": "Stripe", "provider_type": "stripe",
        "encrypted_secret_data": {"publishable_key": "pk", "secret_key": SESAME, "webhook_secret": "wh"},
        "sync_config": {"invoice": {"outbound": true}},
        "metadata": {"owner": "finance"},
    })
}

fn chargebee() -> Value {
    json!({
        "name": "Chargebee", "provider_type": "chargebee",
        "encrypted_secret_data":
            {"site": "acme-test", "api_key": SESAME, "webhook_username": "u", "webhook_password": SESAME},
    })
}

fn storage() -> Value {
    json!({
        "name": "Exports", "provider_type": "s3",
        "encrypted_secret_data": {"aws_access_key_id": "AK", "aws_secret_access_key": SESAME},
    })
}

fn a_connection_is_made_changed_and_ended(place: &Place) {
    let tenant = tenant(place);
    let made = tenant.api.post(PATH, &stripe()).expect(201);
    let id = text(&made, "/id");
    let path = format!("{PATH}/{id}");
    assert!(id.starts_with("conn_"), "{id}");
    assert_eq!(made["metadata"], json!({"owner": "finance"}));
    assert_eq!(
        made["sync_config"],
        json!({"invoice": {"inbound": false, "outbound": true}})
    );
    assert_eq!(tenant.api.get(&path).expect(200), made);
    assert!(!text(&made, "/created_at").contains('.'), "{made}");

    let kept = tenant.api.put(&path, &json!({"name": ""})).expect(200);
    assert_eq!(kept["name"], "Stripe");
    let change = json!({"name": "Payments", "metadata": {"a": 1}, "sync_config": {"customer": {"inbound": true}}});
    let changed = tenant.api.put(&path, &change).expect(200);
    assert_eq!(changed["name"], "Payments");
    assert_eq!(changed["metadata"], json!({"a": 1}));
    assert_eq!(
        changed["sync_config"],
        json!({"customer": {"inbound": true, "outbound": false}})
    );

    let listed = tenant.api.get(&format!("{PATH}?limit=10")).expect(200);
    assert_eq!(
        listed,
        json!({"connections": [changed], "total": 1, "limit": 10, "offset": 0})
    );
    let nothing = tenant
        .api
        .post(&format!("{PATH}/search"), &json!({"provider_type": "tabs"}));
    assert_eq!(
        nothing.expect(200),
        json!({"connections": [], "total": 0, "limit": 50, "offset": 0})
    );

    assert_eq!(tenant.api.delete(&path).expect(204), Value::Null);
    tenant.api.get(&path).expect_error(404, "not_found");
    tenant
        .api
        .put(&path, &json!({"name": "x"}))
        .expect_error(404, "not_found");
    tenant.api.delete(&path).expect_error(404, "not_found");
}

fn a_provider_is_connected_once_and_storage_often(place: &Place) {
    let tenant = tenant(place);
    let first = text(&tenant.api.post(PATH, &stripe()).expect(201), "/id");
    tenant.api.post(PATH, &stripe()).expect_error(409, "already_exists");
    tenant.api.delete(&format!("{PATH}/{first}")).expect(204);
    tenant.api.post(PATH, &stripe()).expect(201);
    tenant.api.post(PATH, &storage()).expect(201);
    tenant.api.post(PATH, &storage()).expect(201);
}

fn credentials_are_demanded_and_never_shown(place: &Place) {
    let tenant = tenant(place);
    let mut without = chargebee();
    without["encrypted_secret_data"] = json!({"site": "acme", "api_key": " "});
    let refused = tenant.api.post(PATH, &without).expect_error(400, "validation_error");
    let named: Vec<_> = refused.as_object().unwrap().keys().cloned().collect();
    let expected = ["api_key", "webhook_password", "webhook_username"];
    assert_eq!(named, expected.map(|name| format!("encrypted_secret_data.{name}")));

    let made = tenant.api.post(PATH, &chargebee()).expect(201);
    let path = format!("{PATH}/{}", text(&made, "/id"));
    let replaced = json!({"encrypted_secret_data": {"webhook_username": "v", "webhook_password": SESAME}});
    let changed = tenant.api.put(&path, &replaced).expect(200);
    let half = json!({"encrypted_secret_data": {"webhook_username": "v"}});
    tenant.api.put(&path, &half).expect_error(400, "validation_error");
    let key = json!({"encrypted_secret_data": {"api_key": "other"}});
    tenant.api.put(&path, &key).expect_error(400, "validation_error");
    let log = tenant.api.get("/v1/audit-logs?entity_type=connection").expect(200);
    assert_eq!(log["pagination"]["total"], 2);
    let listed = tenant.api.get(PATH).expect(200);
    for answer in [
        &refused,
        &made,
        &changed,
        &log,
        &listed,
        &tenant.api.get(&path).expect(200),
    ] {
        assert!(!answer.to_string().contains(SESAME), "{answer}");
        assert!(!answer.to_string().contains("encrypted_secret_data\":"), "{answer}");
    }
}

fn a_bad_connection_is_refused_field_by_field(place: &Place) {
    let tenant = tenant(place);
    let with = |member: &str, value: Value| {
        let mut body = stripe();
        body[member] = value;
        body
    };
    for body in [
        json!({}),
        with("name", json!("")),
        with("name", json!("n".repeat(256))),
        with("name", json!(1)),
        with("provider_type", json!("bank")),
        with("provider_type", json!("")),
        with("encrypted_secret_data", json!({"secret_key": 1})),
        with("encrypted_secret_data", json!("secret")),
        with("sync_config", json!({"plan": {"outbound": true}})),
        with("sync_config", json!({"invoice": {"inbound": true}})),
        with("sync_config", json!({"invoice": "yes"})),
        with("sync_config", json!({"s3": {"bucket": "b"}})),
        with("metadata", json!([])),
    ] {
        tenant.api.post(PATH, &body).expect_error(400, "validation_error");
    }
    tenant.api.post(PATH, &with("name", json!("n".repeat(255)))).expect(201);
    let mut site = chargebee();
    site["encrypted_secret_data"]["site"] = json!("evil.example/#");
    tenant.api.post(PATH, &site).expect_error(400, "validation_error");
    assert_eq!(tenant.api.get(PATH).expect(200)["total"], 1);
}

fn a_link_needs_a_connection(place: &Place) {
    let tenant = tenant(place);
    let path = "/v1/integrations/link";
    let link = |id: &str| json!({"entity_type": "customer", "entity_id": "cust_1", "provider_type": "chargebee", "provider_entity_id": id});
    tenant.api.post(path, &link("a")).expect_error(400, "validation_error");
    let connection = text(&tenant.api.post(PATH, &chargebee()).expect(201), "/id");
    let first = tenant.api.post(path, &link("a")).expect(200);
    let second = tenant.api.post(path, &link("b")).expect(200);
    assert_eq!(second["mapping"]["id"], first["mapping"]["id"]);
    assert_eq!(second["mapping"]["provider_entity_id"], "b");
    let delink = || {
        let body = serde_json::to_vec(&link("b")).unwrap();
        tenant.api.raw(reqwest::Method::DELETE, path, "application/json", body)
    };
    delink().expect(200);
    delink().expect_error(404, "not_found");
    tenant.api.delete(&format!("{PATH}/{connection}")).expect(204);
    tenant.api.post(path, &link("c")).expect_error(400, "validation_error");
}

fn a_connection_stays_in_its_environment(place: &Place) {
    let (here, there) = (tenant(place), tenant(place));
    let id = text(&here.api.post(PATH, &stripe()).expect(201), "/id");
    let path = format!("{PATH}/{id}");
    there.api.get(&path).expect_error(404, "not_found");
    there
        .api
        .put(&path, &json!({"name": "x"}))
        .expect_error(404, "not_found");
    there.api.delete(&path).expect_error(404, "not_found");
    assert_eq!(there.api.get(PATH).expect(200)["connections"], json!([]));
    assert_eq!(here.api.get(&path).expect(200)["name"], "Stripe");
}
