//! Bad input to the catalog: every member of every request, by the kind of mistake (spec 03 §3, §4; spec 01 A1, A5).
//! Each gets the standard error body, and nothing is left half-written.

use std::cell::Cell;
use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::support::client::{Client, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    every_member_refuses_values_of_another_type,
    members_take_what_their_limits_allow_and_no_more,
    members_that_exclude_each_other_are_refused,
    references_to_nothing_are_refused,
    what_is_in_use_is_not_deleted,
    lists_refuse_what_they_cannot_look_for,
    decimals_are_read_in_every_form,
);

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

/// A catalog with one record of each kind.
struct Stock {
    tenant: Tenant,
    plan: String,
    feature: String,
    meter: String,
    customer: String,
    minted: Cell<u32>,
}

impl Stock {
    fn open(place: &Place) -> Self {
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

    fn api(&self) -> &Client {
        &self.tenant.api
    }

    /// A text that was not there before.
    fn fresh(&self) -> String {
        self.minted.set(self.minted.get() + 1);
        format!("n{}", self.minted.get())
    }

    /// A request that is good, for records of `kind`, with changes laid over it; null takes a member away.
    fn good(&self, kind: &str, changes: &Value) -> Value {
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
    fn count(&self, kind: &str) -> u64 {
        let all = match kind {
            "/v1/taxes/rates" | "/v1/taxes/associations" => self.api().get(kind),
            // The total of units is that of the page.
            kind => self.api().post(&format!("{kind}/search"), &json!({})),
        };
        all.expect(200)["pagination"]["total"].as_u64().unwrap()
    }
}

/// A code of three characters.
fn short(number: u32) -> String {
    format!("{number:03}")
}

fn chars(count: usize) -> String {
    "é".repeat(count)
}

fn price_tiers(tiers: &Value) -> Value {
    json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "amount": null, "tiers": tiers })
}

fn custom(config: &Value) -> Value {
    json!({ "price_unit_type": "CUSTOM", "amount": null, "price_unit_config": config })
}

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

/// Of each member a value at its limit, which is taken, and one past it, which is not.
fn members_take_what_their_limits_allow_and_no_more(place: &Place) {
    let stock = Stock::open(place);
    let repeated = |periods: i64| json!({ "cadence": "repeated", "duration_in_periods": periods });
    let fixed_coupon = |amount: &str| json!({ "type": "fixed", "percentage_off": null, "amount_off": amount });
    let fixed_tax = |value: &str| json!({ "tax_rate_type": "fixed", "percentage_value": null, "fixed_value": value });
    let tier = |member: &str, value: Value| {
        let mut tier = json!({ "unit_amount": "1" });
        tier[member] = value;
        price_tiers(&json!([tier]))
    };
    let package =
        |divide_by: i64| json!({ "billing_model": "PACKAGE", "transform_quantity": { "divide_by": divide_by } });
    let unit_amount = |amount: &str| custom(&json!({ "price_unit": "CRD", "amount": amount }));
    let grant = |quota: &str, duration: i64| {
        json!({
            "grant_measure": "quantity", "grant_quota": quota, "grant_duration_unit": "day",
            "grant_duration_value": duration, "aggregation_mode": "parallel",
        })
    };
    let one = |member: &str, value: Value| Value::Object(Map::from_iter([(member.to_owned(), value)]));
    let mut table: Vec<(&str, &str, Value, Value)> = vec![
        (
            "/v1/prices",
            "amount",
            one("amount", json!("0")),
            one("amount", json!("-0.000000000000001")),
        ),
        (
            "/v1/prices",
            "amount",
            one("amount", json!("9999999999.999999999999999")),
            one("amount", json!("10000000000")),
        ),
        (
            "/v1/prices",
            "billing_period_count",
            one("billing_period_count", json!(1)),
            one("billing_period_count", json!(0)),
        ),
        (
            "/v1/prices",
            "trial_period_days",
            one("trial_period_days", json!(0)),
            one("trial_period_days", json!(-1)),
        ),
        (
            "/v1/prices",
            "min_quantity",
            one("min_quantity", json!(0)),
            one("min_quantity", json!(-1)),
        ),
        (
            "/v1/prices",
            "currency",
            one("currency", json!("EUR")),
            one("currency", json!("EU")),
        ),
        (
            "/v1/prices",
            "currency",
            one("currency", json!("xyz")),
            one("currency", json!("euro")),
        ),
        ("/v1/prices", "transform_quantity", package(1), package(0)),
        (
            "/v1/prices",
            "tiers[0].unit_amount",
            tier("unit_amount", json!("0")),
            tier("unit_amount", json!("-1")),
        ),
        (
            "/v1/prices",
            "tiers[0].flat_amount",
            tier("flat_amount", json!("0")),
            tier("flat_amount", json!("-1")),
        ),
        (
            "/v1/prices",
            "price_unit_config.amount",
            unit_amount("0"),
            unit_amount("-1"),
        ),
        (
            "/v1/prices",
            "price_unit_config.amount",
            unit_amount("9999999999"),
            unit_amount("10000000000"),
        ),
        (
            "/v1/prices",
            "price_unit_config.price_unit",
            unit_amount("1"),
            custom(&json!({ "price_unit": "CRDT", "amount": "1" })),
        ),
        (
            "/v1/prices",
            "metadata.gstin",
            one("metadata", json!({ "gstin": "27AAMCM4148E1ZD" })),
            one("metadata", json!({ "gstin": "27AAMCM4148E1Z" })),
        ),
        (
            "/v1/prices",
            "metadata.pan",
            one("metadata", json!({ "pan": "AAMCM4148E" })),
            one("metadata", json!({ "pan": "AAMCM4148" })),
        ),
        (
            "/v1/prices",
            "metadata.pan",
            one("metadata", json!({ "gstin": "27AAMCM4148E1ZD", "pan": "AAMCM4148E" })),
            one("metadata", json!({ "gstin": "27AAMCM4148E1ZD", "pan": "AAMCM4148F" })),
        ),
        (
            "/v1/prices",
            "metadata.hsn_sac",
            one("metadata", json!({ "hsn_sac": "99831400" })),
            one("metadata", json!({ "hsn_sac": "998314000" })),
        ),
        (
            "/v1/prices/units",
            "symbol",
            one("symbol", json!(chars(10))),
            one("symbol", json!(chars(11))),
        ),
        (
            "/v1/prices/units",
            "code",
            one("code", json!("ééé")),
            one("code", json!("éééé")),
        ),
        (
            "/v1/prices/units",
            "conversion_rate",
            one("conversion_rate", json!("0.000000000000001")),
            one("conversion_rate", json!("0.0000000000000004")),
        ),
        (
            "/v1/prices/units",
            "conversion_rate",
            one("conversion_rate", json!("9999999999")),
            one("conversion_rate", json!("10000000000")),
        ),
        (
            "/v1/prices/units",
            "base_currency",
            one("base_currency", json!("EUR")),
            one("base_currency", json!("EURO")),
        ),
        (
            "/v1/coupons",
            "coupon_code",
            one("coupon_code", json!(chars(100))),
            one("coupon_code", json!(chars(101))),
        ),
        (
            "/v1/coupons",
            "percentage_off",
            one("percentage_off", json!("100")),
            one("percentage_off", json!("100.0001")),
        ),
        (
            "/v1/coupons",
            "percentage_off",
            one("percentage_off", json!("0.0001")),
            one("percentage_off", json!("0")),
        ),
        (
            "/v1/coupons",
            "amount_off",
            fixed_coupon("999999999999.99999999"),
            fixed_coupon("1000000000000"),
        ),
        (
            "/v1/coupons",
            "amount_off",
            fixed_coupon("0.00000001"),
            fixed_coupon("0"),
        ),
        (
            "/v1/coupons",
            "max_redemptions",
            one("max_redemptions", json!(1)),
            one("max_redemptions", json!(0)),
        ),
        (
            "/v1/coupons",
            "max_redemptions",
            one("max_redemptions", json!(1_000_000)),
            one("max_redemptions", json!(1_000_001)),
        ),
        ("/v1/coupons", "duration_in_periods", repeated(1), repeated(0)),
        (
            "/v1/coupons",
            "redeem_before",
            json!({ "redeem_after": "2026-01-01T00:00:00Z", "redeem_before": "2026-01-01T00:00:00Z" }),
            json!({ "redeem_after": "2026-01-01T00:00:01Z", "redeem_before": "2026-01-01T00:00:00Z" }),
        ),
        (
            "/v1/taxes/rates",
            "percentage_value",
            one("percentage_value", json!("100")),
            one("percentage_value", json!("100.000001")),
        ),
        (
            "/v1/taxes/rates",
            "percentage_value",
            one("percentage_value", json!("0")),
            one("percentage_value", json!("-0.000001")),
        ),
        (
            "/v1/taxes/rates",
            "fixed_value",
            fixed_tax("1000000"),
            fixed_tax("-0.000001"),
        ),
        (
            "/v1/taxes/associations",
            "priority",
            one("priority", json!(0)),
            one("priority", json!(-1)),
        ),
        (
            "/v1/taxes/associations",
            "entity_id",
            one("entity_id", json!(chars(255))),
            one("entity_id", json!(chars(256))),
        ),
        (
            "/v1/taxes/associations",
            "currency",
            one("currency", json!("usd")),
            one("currency", json!("us")),
        ),
        (
            "/v1/entitlements",
            "usage_limit",
            one("usage_limit", json!(0)),
            one("usage_limit", json!(-1)),
        ),
        (
            "/v1/entitlements",
            "grant_quota",
            grant("0.000000000000001", 1),
            grant("0", 1),
        ),
        ("/v1/entitlements", "grant_duration_value", grant("1", 1), grant("1", 0)),
    ];
    for (kind, member) in [
        ("/v1/plans", "name"),
        ("/v1/plans", "lookup_key"),
        ("/v1/features", "name"),
        ("/v1/features", "lookup_key"),
        ("/v1/groups", "name"),
        ("/v1/groups", "lookup_key"),
        ("/v1/prices", "lookup_key"),
        ("/v1/prices", "display_name"),
        ("/v1/prices/units", "name"),
        ("/v1/coupons", "name"),
        ("/v1/taxes/rates", "name"),
        ("/v1/taxes/rates", "code"),
        ("/v1/costs", "name"),
        ("/v1/costs", "lookup_key"),
    ] {
        table.push((
            kind,
            member,
            one(member, json!(chars(255))),
            one(member, json!(chars(256))),
        ));
    }
    for (kind, member, at_limit, past_limit) in table {
        let refused = stock.good(kind, &past_limit);
        let before = stock.count(kind);
        let details = stock.api().post(kind, &refused).expect_error(400, "validation_error");
        assert!(details.get(member).is_some(), "{kind} {past_limit} gave {details}");
        assert_eq!(stock.count(kind), before, "{kind} {past_limit} left something behind");
        let reply = stock.api().post(kind, &stock.good(kind, &at_limit));
        assert!(
            reply.status < 300,
            "{kind} {at_limit} answered {}: {}",
            reply.status,
            reply.text
        );
    }
    // The largest bound of a tier, and one more.
    let largest = |up_to: &str| {
        let body = stock.good("/v1/prices", &price_tiers(&json!([{ "unit_amount": "1", "up_to": 1 }])));
        body.to_string().replace("\"up_to\":1", &format!("\"up_to\":{up_to}"))
    };
    let post = |body: String| {
        stock
            .api()
            .raw(Method::POST, "/v1/prices", "application/json", body.into())
    };
    let created = post(largest("18446744073709551615")).expect(201);
    assert_eq!(created["tiers"][0]["up_to"], json!(18_446_744_073_709_551_615_u64));
    let read = stock
        .api()
        .get(&format!("/v1/prices/{}", text(&created, "/id")))
        .expect(200);
    assert_eq!(read["tiers"], created["tiers"]);
    for up_to in ["18446744073709551616", "-1", "1.0", "\"1\""] {
        post(largest(up_to)).expect_error(400, "validation_error");
    }
}

fn members_that_exclude_each_other_are_refused(place: &Place) {
    let stock = Stock::open(place);
    let tier = json!([{ "unit_amount": "1" }]);
    let usage = |more: &Value| {
        let mut body = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": stock.meter });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let table = [
        ("/v1/prices", json!({ "type": null }), "type"),
        ("/v1/prices", json!({ "entity_type": "" }), "entity_type"),
        ("/v1/prices", json!({ "entity_id": "" }), "entity_id"),
        ("/v1/prices", json!({ "entity_type": "PRICE" }), "entity_type"),
        ("/v1/prices", json!({ "currency": null }), "currency"),
        ("/v1/prices", json!({ "billing_model": null }), "billing_model"),
        ("/v1/prices", json!({ "billing_period": null }), "billing_period"),
        (
            "/v1/prices",
            json!({ "billing_period_count": null }),
            "billing_period_count",
        ),
        ("/v1/prices", json!({ "invoice_cadence": null }), "invoice_cadence"),
        ("/v1/prices", json!({ "amount": null }), "amount"),
        (
            "/v1/prices",
            json!({ "billing_model": "PACKAGE" }),
            "transform_quantity",
        ),
        (
            "/v1/prices",
            json!({ "billing_model": "TIERED", "tier_mode": "SLAB" }),
            "tiers",
        ),
        (
            "/v1/prices",
            json!({ "billing_model": "TIERED", "tiers": tier }),
            "tier_mode",
        ),
        ("/v1/prices", price_tiers(&json!([])), "tiers"),
        (
            "/v1/prices",
            price_tiers(&json!([{ "up_to": 5, "unit_amount": "1" }, { "up_to": 5, "unit_amount": "2" }])),
            "tiers",
        ),
        (
            "/v1/prices",
            price_tiers(&json!([{ "unit_amount": "1" }, { "unit_amount": "2" }])),
            "tiers",
        ),
        (
            "/v1/prices",
            usage(&json!({ "invoice_cadence": "ADVANCE" })),
            "invoice_cadence",
        ),
        (
            "/v1/prices",
            usage(&json!({ "billing_period": "ONETIME" })),
            "invoice_cadence",
        ),
        ("/v1/prices", usage(&json!({ "meter_id": null })), "meter_id"),
        ("/v1/prices", usage(&json!({ "min_quantity": 0 })), "min_quantity"),
        (
            "/v1/prices",
            usage(&json!({ "trial_period_days": 1 })),
            "trial_period_days",
        ),
        (
            "/v1/prices",
            json!({ "billing_period": "ONETIME", "trial_period_days": 1 }),
            "trial_period_days",
        ),
        (
            "/v1/prices",
            json!({ "start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z" }),
            "end_date",
        ),
        (
            "/v1/prices",
            json!({ "price_unit_type": "CUSTOM" }),
            "price_unit_config",
        ),
        (
            "/v1/prices",
            json!({ "price_unit_config": { "price_unit": "CRD", "amount": "1" } }),
            "price_unit_config",
        ),
        (
            "/v1/prices",
            custom(&json!({ "price_unit": "CRD" })),
            "price_unit_config.amount",
        ),
        (
            "/v1/prices",
            json!({
                "price_unit_type": "CUSTOM", "tiers": tier,
                "price_unit_config": { "price_unit": "CRD", "amount": "1", "price_unit_tiers": tier },
            }),
            "price_unit_config.price_unit_tiers",
        ),
        (
            "/v1/prices",
            json!({ "price_unit_type": "CUSTOM", "currency": "USD", "price_unit_config": { "price_unit": "CRD", "amount": "1" } }),
            "currency",
        ),
        (
            "/v1/prices/units",
            json!({ "conversion_rate": "-1" }),
            "conversion_rate",
        ),
        (
            "/v1/prices/units",
            json!({ "conversion_rate": null }),
            "conversion_rate",
        ),
        ("/v1/prices/units", json!({ "symbol": "" }), "symbol"),
        ("/v1/coupons", json!({ "type": "" }), "type"),
        ("/v1/coupons", json!({ "cadence": "" }), "cadence"),
        ("/v1/coupons", json!({ "type": "fixed" }), "amount_off"),
        ("/v1/coupons", json!({ "percentage_off": null }), "percentage_off"),
        (
            "/v1/coupons",
            json!({ "duration_in_periods": 1 }),
            "duration_in_periods",
        ),
        ("/v1/coupons", json!({ "cadence": "repeated" }), "duration_in_periods"),
        (
            "/v1/coupons",
            json!({ "type": "fixed", "amount_off": "1", "currency": "us" }),
            "currency",
        ),
        ("/v1/taxes/rates", json!({ "tax_rate_type": "" }), "tax_rate_type"),
        ("/v1/taxes/rates", json!({ "fixed_value": "1" }), "fixed_value"),
        ("/v1/taxes/rates", json!({ "tax_rate_type": "fixed" }), "fixed_value"),
        ("/v1/taxes/rates", json!({ "code": "" }), "code"),
        ("/v1/taxes/associations", json!({ "entity_type": null }), "entity_type"),
        ("/v1/taxes/associations", json!({ "entity_id": null }), "entity_id"),
        (
            "/v1/taxes/associations",
            json!({ "end_date": "2001-01-01T00:00:00Z" }),
            "end_date",
        ),
        (
            "/v1/taxes/associations",
            json!({ "start_date": "2026-01-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z" }),
            "end_date",
        ),
        (
            "/v1/taxes/associations",
            json!({ "external_customer_id": "acme", "entity_id": "cust_other" }),
            "entity_id",
        ),
        ("/v1/entitlements", json!({ "plan_id": null }), "entity_id"),
        ("/v1/entitlements", json!({ "feature_type": "boolean" }), "feature_type"),
        ("/v1/entitlements", json!({ "feature_type": null }), "feature_type"),
        (
            "/v1/entitlements",
            json!({ "config_value": { "a": 1 } }),
            "config_value",
        ),
        (
            "/v1/entitlements",
            json!({ "aggregation_mode": "parallel" }),
            "aggregation_mode",
        ),
        ("/v1/entitlements", json!({ "grant_quota": "1" }), "grant_measure"),
        ("/v1/groups", json!({ "entity_type": "plan" }), "entity_type"),
        ("/v1/groups", json!({ "lookup_key": "" }), "lookup_key"),
        ("/v1/features", json!({ "type": "" }), "type"),
        ("/v1/features", json!({ "type": "metered" }), "meter_id"),
        ("/v1/features", json!({ "unit_singular": "call" }), "unit_plural"),
        ("/v1/plans", json!({ "name": "" }), "name"),
        ("/v1/costs", json!({ "name": "" }), "name"),
    ];
    for (kind, changes, member) in table {
        let refused = stock.good(kind, &changes);
        let before = stock.count(kind);
        let details = stock.api().post(kind, &refused).expect_error(400, "validation_error");
        assert!(details.get(member).is_some(), "{kind} {changes} gave {details}");
        assert_eq!(stock.count(kind), before, "{kind} {changes} left something behind");
    }
}

fn references_to_nothing_are_refused(place: &Place) {
    let stock = Stock::open(place);
    let usage = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": "meter_none" });
    let of_config = custom(&json!({ "price_unit": "NIL", "amount": "1" }));
    for (kind, changes) in [
        ("/v1/prices", json!({ "entity_id": "plan_none" })),
        ("/v1/prices", json!({ "entity_type": "COSTSHEET" })),
        ("/v1/prices", json!({ "entity_type": "SUBSCRIPTION" })),
        ("/v1/prices", usage),
        ("/v1/prices", of_config),
        ("/v1/entitlements", json!({ "plan_id": "plan_none" })),
        ("/v1/entitlements", json!({ "feature_id": "feat_none" })),
        (
            "/v1/entitlements",
            json!({ "entity_type": "SUBSCRIPTION", "entity_id": "subs_none" }),
        ),
        ("/v1/features", json!({ "group_id": "group_none" })),
        ("/v1/features", json!({ "type": "metered", "meter_id": "meter_none" })),
        ("/v1/taxes/associations", json!({ "tax_rate_code": "none" })),
        (
            "/v1/taxes/associations",
            json!({ "external_customer_id": "nobody", "entity_id": null }),
        ),
    ] {
        let refused = stock.good(kind, &changes);
        let before = stock.count(kind);
        let reply = stock.api().post(kind, &refused);
        assert_eq!(reply.status, 404, "{kind} {changes} answered {}", reply.text);
        reply.expect_error(404, "not_found");
        assert_eq!(stock.count(kind), before, "{kind} {changes} left something behind");
    }
    // A group is a fault of the price (spec 03 §3.2).
    let group = stock.good("/v1/prices", &json!({ "group_id": "group_none" }));
    stock
        .api()
        .post("/v1/prices", &group)
        .expect_error(400, "validation_error");
    for kind in [
        "/v1/plans",
        "/v1/prices",
        "/v1/prices/units",
        "/v1/features",
        "/v1/groups",
        "/v1/entitlements",
        "/v1/coupons",
        "/v1/taxes/rates",
        "/v1/taxes/associations",
        "/v1/costs",
    ] {
        let path = format!("{kind}/none");
        stock.api().get(&path).expect_error(404, "not_found");
        let update = stock.api().put(&path, &json!({}));
        // Groups have no update.
        if kind == "/v1/groups" {
            update.expect_no_route();
        } else {
            update.expect_error(404, "not_found");
        }
        let delete = stock
            .api()
            .raw(Method::DELETE, &path, "application/json", b"{}".to_vec());
        // Withdrawing a coupon that is not there is no error (spec 03 §4.5).
        if kind == "/v1/coupons" {
            delete.expect(200);
        } else {
            delete.expect_error(404, "not_found");
        }
    }
    for path in [
        "/v1/prices/lookup/none",
        "/v1/prices/units/code/NIL",
        "/v1/coupons/code/none",
        "/v1/coupons/associations/none",
        "/v1/costs/active",
    ] {
        stock.api().get(path).expect_error(404, "not_found");
    }
    let clone = json!({ "name": "Copy", "lookup_key": "copy" });
    stock
        .api()
        .post("/v1/plans/none/clone", &clone)
        .expect_error(404, "not_found");
}

fn what_is_in_use_is_not_deleted(place: &Place) {
    let stock = Stock::open(place);
    let api = stock.api();
    let created = |kind: &str, changes: &Value| {
        let reply = api.post(kind, &stock.good(kind, changes));
        assert!(reply.status < 300, "{}", reply.text);
        text(&reply.json(), "/id")
    };
    created("/v1/prices", &json!({}));
    let subscription = json!({
        "external_customer_id": "acme", "plan_id": stock.plan, "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    api.post("/v1/subscriptions", &subscription).expect(201);
    created("/v1/entitlements", &json!({}));
    created("/v1/taxes/associations", &json!({}));
    let rates = api.get("/v1/taxes/rates").expect(200);
    for (path, code) in [
        (format!("/v1/plans/{}", stock.plan), "invalid_operation"),
        (format!("/v1/features/{}", stock.feature), "invalid_operation"),
        (
            format!("/v1/taxes/rates/{}", text(&rates, "/items/0/id")),
            "validation_error",
        ),
    ] {
        api.delete(&path).expect_error(400, code);
        assert_eq!(api.get(&path).expect(200)["status"], "published", "{path}");
    }
    // Units, coupons and groups go although somebody refers to them.
    let price = created("/v1/prices", &custom(&json!({ "price_unit": "CRD", "amount": "100" })));
    let units = api.get("/v1/prices/units").expect(200);
    let unit = format!("/v1/prices/units/{}", text(&units, "/items/0/id"));
    api.delete(&unit).expect(200);
    assert_eq!(api.get(&unit).expect(200)["status"], "archived");
    let price = format!("/v1/prices/{price}");
    assert_eq!(api.get(&price).expect(200)["amount"], "1");
    api.put(&price, &json!({ "price_unit_amount": "200" }))
        .expect_error(404, "not_found");
    assert!(api.get(&price).expect(200).get("end_date").is_none());
}

fn lists_refuse_what_they_cannot_look_for(place: &Place) {
    let stock = Stock::open(place);
    let hundred_and_one: Vec<String> = (0..101).map(|number| format!("id_{number}")).collect();
    for kind in [
        "/v1/plans",
        "/v1/prices",
        "/v1/prices/units",
        "/v1/features",
        "/v1/groups",
        "/v1/entitlements",
        "/v1/coupons",
    ] {
        let path = format!("{kind}/search");
        for (body, detail) in [
            (json!({ "limit": 1001 }), "limit"),
            (json!({ "limit": -1 }), "limit"),
            (json!({ "offset": -1 }), "offset"),
            (json!({ "sort": [{ "field": "tenant_id" }] }), "field"),
            (
                json!({ "filters": [{ "field": "environment_id", "operator": "eq", "value": { "string": "x" } }] }),
                "field",
            ),
            (
                json!({ "filters": [{ "field": "created_at", "operator": "eq", "value": { "string": "x" } }] }),
                "field",
            ),
            (json!({ "filters": [{ "field": "id", "operator": "eq" }] }), "field"),
        ] {
            let details = stock.api().post(&path, &body).expect_error(400, "validation_error");
            assert!(details.get(detail).is_some(), "{path} {body} gave {details}");
        }
        for body in [
            json!({ "order": "up" }),
            json!({ "filters": [{ "field": "id", "operator": "like", "value": { "string": "x" } }] }),
        ] {
            stock.api().post(&path, &body).expect_error(400, "validation_error");
        }
        stock.api().post(&path, &json!({ "limit": 1000 })).expect(200);
        // An unknown status is no error; nothing has it (spec 01 A8).
        let nothing = stock.api().post(&path, &json!({ "status": "gone" })).expect(200);
        assert_eq!(nothing["items"], json!([]), "{path}");
    }
    for (path, fault) in [
        ("/v1/prices?expand=customer", "field"),
        ("/v1/coupons/associations?expand=plan", "field"),
        ("/v1/prices?limit=ten", "limit"),
        ("/v1/coupons/associations?active_only=maybe", "active_only"),
        ("/v1/taxes/associations?auto_apply=maybe", "auto_apply"),
        ("/v1/taxes/rates?scope=GLOBAL", "scope"),
        ("/v1/prices?entity_type=CUSTOMER", "entity_type"),
        ("/v1/prices?start_date_lt=tomorrow", "start_date_lt"),
    ] {
        let details = stock.api().get(path).expect_error(400, "validation_error");
        assert!(details.get(fault).is_some(), "{path} gave {details}");
    }
    for (member, path) in [
        ("coupon_ids", "/v1/coupons/associations"),
        ("subscription_ids", "/v1/coupons/associations"),
    ] {
        let of = |ids: &[String]| format!("{path}?{member}={}", ids.join(","));
        let details = stock
            .api()
            .get(&of(&hundred_and_one))
            .expect_error(400, "validation_error");
        assert!(details.get(member).is_some(), "{details}");
        stock.api().get(&of(&hundred_and_one[1..])).expect(200);
    }
    stock
        .api()
        .get("/v1/taxes/associations?external_customer_id=nobody")
        .expect_error(404, "not_found");
}

/// Spec 03 §2.1: text or number, with an exponent if you like; nothing else.
fn decimals_are_read_in_every_form(place: &Place) {
    let stock = Stock::open(place);
    let post = |amount: &str| {
        let body = stock.good("/v1/prices", &json!({ "amount": "AMOUNT" })).to_string();
        let body = body.replace("\"AMOUNT\"", amount);
        stock
            .api()
            .raw(Method::POST, "/v1/prices", "application/json", body.into())
    };
    for (sent, read) in [
        ("\"1.50\"", "1.5"),
        ("1.50", "1.5"),
        ("\"1e3\"", "1000"),
        ("1e3", "1000"),
        ("1E-3", "0.001"),
        ("0.00", "0"),
        ("\"-0\"", "0"),
        ("\"+7\"", "7"),
        ("\".5\"", "0.5"),
        ("\"0.0000000000000005\"", "0.000000000000001"),
        // Half away from zero at the fifteenth digit, also where a binary double would not see it.
        ("1234567890.123456789012345", "1234567890.123456789012345"),
    ] {
        assert_eq!(post(sent).expect(201)["amount"], read, "{sent}");
    }
    let before = stock.count("/v1/prices");
    for bad in [
        "\"\"",
        "\" 1\"",
        "\"1,5\"",
        "\"abc\"",
        "\"NaN\"",
        "\"Infinity\"",
        "\"0x10\"",
        "\"1e\"",
        "\"1e999999999\"",
        "1e400",
        "true",
        "{}",
        "[1]",
    ] {
        let reply = post(bad);
        assert_eq!(reply.status, 400, "{bad} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    assert_eq!(stock.count("/v1/prices"), before);
}
