//! Values of another type, for every member that the served document has.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::stock::Stock;
use crate::support::databases::Place;

crate::tests!(every_member_refuses_values_of_another_type,);

/// The paths whose requests are the catalog's.
const CATALOG: [&str; 8] = [
    "/v1/costs",
    "/v1/coupons",
    "/v1/entitlements",
    "/v1/features",
    "/v1/groups",
    "/v1/plans",
    "/v1/prices",
    "/v1/taxes",
];

/// A schema of the served document, with references followed and null looked through.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    if let Some(path) = schema["$ref"].as_str() {
        return resolved(document, document.pointer(&path[1..]).unwrap());
    }
    for combination in ["oneOf", "anyOf", "allOf"] {
        let members = schema[combination].as_array().into_iter().flatten();
        let mut real = members.filter(|member| member["type"] != "null");
        if let (Some(only), None) = (real.next(), real.next()) {
            return resolved(document, only);
        }
    }
    schema
}

/// The type of a schema, besides null.
fn kind(schema: &Value) -> Option<&str> {
    match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        kind => kind.as_str(),
    }
}

/// Values that no member of this schema can have.
fn misfits(schema: &Value) -> Vec<Value> {
    match kind(schema) {
        Some("string") if schema["enum"].is_array() => vec![json!("no_such_word"), json!(7), json!({})],
        Some("string") if schema["format"] == "date-time" => {
            vec![json!("yesterday"), json!("2026-01-01"), json!(7), json!({})]
        }
        Some("string") => vec![json!({}), json!(["text"]), json!(true)],
        Some("integer") => vec![json!("1"), json!(1.5), json!(true), json!({}), json!(1e300)],
        Some("number") => vec![json!({}), json!(true)],
        Some("boolean") => vec![json!("yes"), json!(1), json!([])],
        Some("array") => vec![json!("text"), json!(7), json!({})],
        Some("object") if is_text_map(schema) => vec![json!("text"), json!([]), json!({ "a": 1 }), json!({ "a": {} })],
        Some("object") => vec![json!("text"), json!(7)],
        other => panic!("no misfit for {other:?}: {schema}"),
    }
}

fn is_text_map(schema: &Value) -> bool {
    kind(&schema["additionalProperties"]) == Some("string")
}

/// Every place in a body of this schema, with a body that holds a misfit there and nothing else.
fn misfit_bodies(document: &Value, schema: &Value, depth: usize, found: &mut Vec<Value>) {
    let Some(properties) = schema["properties"].as_object() else {
        return;
    };
    for (name, member) in properties {
        let member = resolved(document, member);
        let wrap = |value: Value| Value::Object(Map::from_iter([(name.clone(), value)]));
        // An unknown status is no mistake in a list (spec 01 A8); no other request has one.
        let words = |value: &Value| name != "status" || !value.is_string();
        found.extend(misfits(member).into_iter().filter(words).map(wrap));
        if depth == 0 {
            continue;
        }
        let mut inner = Vec::new();
        if kind(member) == Some("array") {
            let items = resolved(document, &member["items"]);
            found.extend(misfits(items).into_iter().map(|item| wrap(json!([item]))));
            misfit_bodies(document, items, depth - 1, &mut inner);
            found.extend(inner.into_iter().map(|item| wrap(json!([item]))));
        } else {
            misfit_bodies(document, member, depth - 1, &mut inner);
            found.extend(inner.into_iter().map(wrap));
        }
    }
}

/// Walks the document, so that a member that is added is looked at too. The paths of updates name records that exist
/// for none of them: a body is read before a record is looked for.
fn every_member_refuses_values_of_another_type(place: &Place) {
    let stock = Stock::open(place);
    let document = stock.api().get("/openapi.json").expect(200);
    let mut operations = BTreeSet::new();
    let mut bodies_sent = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let of_catalog = CATALOG
            .iter()
            .any(|root| path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/')));
        for (method, operation) in methods.as_object().unwrap() {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            if !of_catalog || schema.is_null() {
                continue;
            }
            let mut bodies = Vec::new();
            misfit_bodies(&document, resolved(&document, schema), 3, &mut bodies);
            let method: Method = method.to_uppercase().parse().unwrap();
            let target: Vec<&str> = path
                .split('/')
                .map(|part| if part.starts_with('{') { "none" } else { part })
                .collect();
            for body in &bodies {
                let reply = stock.api().raw(
                    method.clone(),
                    &target.join("/"),
                    "application/json",
                    body.to_string().into_bytes(),
                );
                assert_eq!(reply.status, 400, "{method} {path} with {body} answered {}", reply.text);
                reply.expect_error(400, "validation_error");
            }
            bodies_sent += bodies.len();
            operations.insert(format!("{method} {path}"));
        }
    }
    for known in [
        "POST /v1/prices",
        "PUT /v1/prices/{id}",
        "POST /v1/costs/search",
        "POST /v1/taxes/associations",
    ] {
        assert!(operations.contains(known), "{known} was not walked: {operations:?}");
    }
    assert!(bodies_sent > 1_000, "only {bodies_sent} bodies were sent");
    for (kind, expected) in [
        ("/v1/plans", 1),
        ("/v1/prices", 0),
        ("/v1/costs", 0),
        ("/v1/coupons", 0),
    ] {
        assert_eq!(stock.count(kind), expected, "{kind}");
    }
}
