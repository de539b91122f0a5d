//! Requests that no well-behaved client sends: each gets the documented refusal and changes nothing (spec 01 A1, A5).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    bodies_that_are_no_json_object,
    members_of_the_wrong_type,
    missing_and_overlong_members,
    bodies_over_the_limit,
    hostile_paths_and_queries,
    numbers_outside_of_every_range,
    an_invalid_event_spoils_its_batch,
    unknown_members_are_ignored,
);

/// Longest body outside of ingestion (spec 01 A1).
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Longest body of ingestion.
const EVENTS_BYTES_MAX: usize = 32 * 1024 * 1024;

const CREATE_PATHS: [&str; 6] = [
    "/v1/customers",
    "/v1/customers/search",
    "/v1/events",
    "/v1/events/bulk",
    "/v1/plans",
    "/v1/features",
];

fn bodies_that_are_no_json_object(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let deep = "[".repeat(100_000);
    for path in CREATE_PATHS {
        for body in [
            "",
            "{",
            "{\"name\": \"a\"",
            "[]",
            "\"text\"",
            "12",
            "nonsense",
            "{\"a\":}",
            &deep,
        ] {
            let reply = tenant.api.raw(Method::POST, path, "application/json", body.into());
            assert_eq!(reply.status, 400, "{path} with {:.40} answered {}", body, reply.text);
            reply.expect_error(400, "validation_error");
        }
        let not_utf8 = tenant.api.raw(
            Method::POST,
            path,
            "application/json",
            b"{\"name\":\"\xff\xfe\"}".to_vec(),
        );
        not_utf8.expect_error(400, "validation_error");
    }
}

fn members_of_the_wrong_type(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let valid = json!({ "external_id": "x", "name": "n" });
    for (member, value) in [
        ("name", json!(42)),
        ("name", json!(["n"])),
        ("external_id", json!({})),
        ("email", json!(true)),
        ("metadata", json!("text")),
        ("metadata", json!({ "n": 1 })),
        ("metadata", json!({ "n": { "m": "o" } })),
        ("name", json!("with\u{0}nul")),
        ("external_id", json!("\u{0}")),
        ("metadata", json!({ "k": "\u{0}" })),
    ] {
        let mut body = valid.clone();
        body[member] = value;
        let reply = tenant.api.post("/v1/customers", &body);
        assert_eq!(reply.status, 400, "{body} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    assert_eq!(tenant.api.get("/v1/customers").expect(200)["pagination"]["total"], 0);
}

fn missing_and_overlong_members(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let refused = |body: Value| {
        tenant
            .api
            .post("/v1/customers", &body)
            .expect_error(400, "validation_error")
    };
    refused(json!({}));
    refused(json!({ "name": "n" }));
    refused(json!({ "external_id": "x" }));
    refused(json!({ "external_id": "", "name": "n" }));
    let details = refused(json!({
        "external_id": "x",
        "name": "n".repeat(256),
        "contact": "1".repeat(21),
        "address_city": "c".repeat(101),
        "timezone": "Mars/Olympus",
    }));
    for field in ["name", "contact", "address_city", "timezone"] {
        assert!(details.get(field).is_some(), "{field} is not named in {details}");
    }
    // The limits count characters, not bytes.
    let longest = json!({ "external_id": "é".repeat(255), "name": "é".repeat(255), "address_city": "é".repeat(100) });
    tenant.api.post("/v1/customers", &longest).expect(201);
}

fn bodies_over_the_limit(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let padded = |json: &str, bytes: usize| format!("{json}{}", " ".repeat(bytes - json.len())).into_bytes();
    let customer = r#"{"external_id":"x","name":"n"}"#;
    let event = r#"{"event_name":"call","external_customer_id":"x"}"#;
    let post = |path: &str, body: Vec<u8>| tenant.api.raw(Method::POST, path, "application/json", body);
    post("/v1/customers", padded(customer, BODY_BYTES_MAX + 1)).expect_error(400, "validation_error");
    post("/v1/customers", padded(customer, BODY_BYTES_MAX)).expect(201);
    post("/v1/events", padded(event, EVENTS_BYTES_MAX + 1)).expect_error(400, "validation_error");
    post("/v1/events", padded(event, EVENTS_BYTES_MAX)).expect(202);
}

fn hostile_paths_and_queries(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    for id in [
        "x",
        "cust_",
        "..%2F..%2Fetc",
        "%27%20OR%201%3D1",
        &"c".repeat(1000),
        "%F0%9F%92%B8",
    ] {
        let reply = tenant.api.get(&format!("/v1/customers/{id}"));
        assert_eq!(reply.status, 404, "{id} answered {}", reply.text);
        reply.expect_error(404, "not_found");
    }
    for query in [
        "limit=-1",
        "limit=1e9",
        "offset=x",
        "order=sideways",
        "start_time=yesterday",
        "sort=nope",
    ] {
        let reply = tenant.api.get(&format!("/v1/customers?{query}"));
        assert_eq!(reply.status, 400, "{query} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    for query in ["status=%27", "external_id=%F0%9F%92%B8", "unknown=1"] {
        tenant.api.get(&format!("/v1/customers?{query}")).expect(200);
    }
    tenant.api.get("/v1/customers?external_id=%FF").expect(200);
    for path in ["/v1/customers/%FF", "/v1/customers/external/a%FEb", "/v1/customers/%00"] {
        tenant.api.get(path).expect_error(400, "validation_error");
        // Who is asking comes first (spec 01 A1).
        tenant.api.without_credentials().get(path).expect(401);
    }
}

fn numbers_outside_of_every_range(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let plan = tenant.api.post("/v1/plans", &json!({ "name": "p" })).expect(201);
    let price = |amount: Value| {
        json!({
            "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "price_unit_type": "FIAT",
            "type": "FIXED", "billing_model": "FLAT_FEE", "billing_period": "MONTHLY", "billing_period_count": 1,
            "invoice_cadence": "ADVANCE", "amount": amount,
        })
    };
    for amount in [
        json!("-1"),
        json!("ten"),
        json!(""),
        json!("NaN"),
        json!("1e1000000000"),
        json!([1]),
    ] {
        let reply = tenant.api.post("/v1/prices", &price(amount.clone()));
        assert_eq!(reply.status, 400, "amount {amount} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    for (amount, shown) in [
        (json!("1.50"), "1.5"),
        (json!(1.5), "1.5"),
        (json!("1e3"), "1000"),
        (json!("0.00"), "0"),
    ] {
        let created = tenant.api.post("/v1/prices", &price(amount.clone())).expect(201);
        assert_eq!(created["amount"], shown, "amount {amount}");
    }
}

fn an_invalid_event_spoils_its_batch(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let event = json!({ "event_name": "call", "external_customer_id": "x" });
    let send = |events: &[Value]| tenant.api.post("/v1/events/bulk", &json!({ "events": events }));
    send(&[]).expect_error(400, "validation_error");
    send(&vec![event.clone(); 1001]).expect_error(400, "validation_error");
    for bad in [
        json!(null),
        json!({}),
        json!({ "event_name": "call" }),
        json!({ "event_name": "  ", "external_customer_id": "x" }),
        json!({ "event_name": "call", "external_customer_id": "" }),
        json!({ "event_name": "call", "external_customer_id": "x", "timestamp": "today" }),
        json!({ "event_name": "call", "external_customer_id": "x", "timestamp": "" }),
        json!({ "event_name": "call", "external_customer_id": "x", "properties": [1] }),
    ] {
        let reply = send(&[event.clone(), bad.clone(), event.clone()]);
        assert_eq!(reply.status, 400, "{bad} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    // Too large to be counted exactly; counting it as nothing would lose it.
    let huge = br#"{"event_name":"call","external_customer_id":"x","properties":{"tokens":1e999}}"#;
    let refused = tenant
        .api
        .raw(Method::POST, "/v1/events", "application/json", huge.to_vec());
    refused.expect_error(400, "validation_error");
    let question = json!({ "event_name": "call", "aggregation_type": "COUNT" });
    let usage = tenant.api.post("/v1/events/usage", &question).expect(200);
    assert_eq!(
        usage.get("value"),
        None,
        "events of refused batches are stored: {usage}"
    );
}

fn unknown_members_are_ignored(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let body = json!({ "external_id": "x", "name": "n", "id": "cust_mine", "status": "deleted", "colour": "red" });
    let created = tenant.api.post("/v1/customers", &body).expect(201);
    assert_ne!(created["id"], "cust_mine");
    assert_eq!(created["status"], "published");
    assert!(created.get("colour").is_none());
}
