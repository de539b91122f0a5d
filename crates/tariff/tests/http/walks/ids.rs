//! Which members of a documented request look like ids of records.

use std::collections::BTreeSet;

use serde_json::Value;

/// Objects inside objects that are looked into.
const DEPTH_MAX: usize = 8;

/// A member that takes an id: operation and place, e.g. `PUT /v1/customers/{id} path:id` or `… body:items[].plan_id`.
pub type Member = String;

/// Every member of every documented operation that looks like an id.
pub fn members(document: &Value) -> BTreeSet<Member> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let operation_name = format!("{} {path}", method.to_ascii_uppercase());
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (place, name) = (&parameter["in"], parameter["name"].as_str().unwrap());
                if place == "path" || is_id(name) {
                    found.insert(format!("{operation_name} {}:{name}", place.as_str().unwrap()));
                }
            }
            let content = operation.pointer("/requestBody/content").and_then(Value::as_object);
            let schemas = content.into_iter().flat_map(|content| content.values());
            for schema in schemas.filter_map(|content| content.get("schema")) {
                let mut walk = Walk {
                    document,
                    found: Vec::new(),
                };
                walk.visit(schema, "", &mut Vec::new());
                found.extend(
                    walk.found
                        .iter()
                        .map(|member| format!("{operation_name} body:{member}")),
                );
            }
        }
    }
    found
}

/// Ids, keys and codes by the name that the contract gives them.
fn is_id(name: &str) -> bool {
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    matches!(
        name,
        "id" | "ids" | "taxrate_codes" | "iter_first_key" | "iter_last_key"
    ) || ends(&[
        "_id",
        "_ids",
        "lookup_key",
        "lookup_keys",
        "coupon_code",
        "coupon_codes",
        "rate_code",
        // Cost sheets are searched by names of this form (spec 03 §4.7).
        "ID",
        "IDs",
        "lookupKey",
    ])
}

struct Walk<'a> {
    document: &'a Value,
    found: Vec<String>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, schema: &'a Value, path: &str, above: &mut Vec<&'a str>) {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap();
            // A type inside itself has been looked into already.
            if above.len() < DEPTH_MAX && !above.contains(&name) {
                above.push(name);
                self.visit(&self.document["components"]["schemas"][name], path, above);
                above.pop();
            }
            return;
        }
        for combination in ["oneOf", "anyOf", "allOf"] {
            for member in schema[combination].as_array().into_iter().flatten() {
                self.visit(member, path, above);
            }
        }
        if let Some(items) = schema.get("items") {
            self.visit(items, &format!("{path}[]"), above);
        }
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            if is_id(name) {
                self.found.push(path.clone());
            }
            self.visit(member, &path, above);
        }
    }
}
