//! Plans, prices and price units.

use serde_json::{Value, json};

use crate::support::client::{Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_price_is_shown_as_people_write_it,
    a_price_refuses_what_cannot_be_billed,
    every_billing_model_is_stored,
    amounts_keep_fifteen_decimals,
    a_custom_unit_is_converted_once,
    prices_come_in_bulk_or_not_at_all,
    new_terms_make_a_new_version,
    a_price_ends_once,
    prices_are_found_again,
    a_plan_is_updated_and_withdrawn,
    a_cloned_plan_takes_its_prices_along,
    price_units_are_found_by_code,
);

const DATE: &str = "2030-01-01T00:00:00Z";

struct Shop {
    tenant: Tenant,
    plan: String,
}

impl Shop {
    fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        let plan = text(
            &tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201),
            "/id",
        );
        Self { tenant, plan }
    }

    /// A flat monthly fee with `changes` laid over it; null takes a member away.
    fn request(&self, changes: &Value) -> Value {
        let mut body = json!({
            "entity_type": "PLAN", "entity_id": self.plan, "currency": "USD", "type": "FIXED",
            "billing_model": "FLAT_FEE", "amount": "12.50", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    }

    fn create(&self, changes: &Value) -> Reply {
        self.tenant.api.post("/v1/prices", &self.request(changes))
    }

    fn meter(&self) -> String {
        let body = json!({
            "name": "Calls", "event_name": "call", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD",
        });
        text(&self.tenant.api.post("/v1/meters", &body).expect(201), "/id")
    }

    fn found(&self, filter: &Value) -> Vec<String> {
        let found = self.tenant.api.post("/v1/prices/search", filter).expect(200);
        found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|price| text(price, "/id"))
            .collect()
    }
}

fn a_price_is_shown_as_people_write_it(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.create(&json!({})).expect(201);
    assert_eq!(price["amount"], "12.5");
    assert_eq!(price["display_amount"], "$12.5");
    assert_eq!(price["currency"], "usd");
    assert_eq!(price["transform_quantity"], json!({ "divide_by": 1 }));
    assert_eq!(price["billing_cadence"], "RECURRING");
    assert_eq!(price["display_name"], "Pro");
    assert_eq!(price["metadata"], json!({}));
    assert!(
        price.get("end_date").is_none() && price.get("parent_price_id").is_none(),
        "{price}"
    );
    let read = shop
        .tenant
        .api
        .get(&format!("/v1/prices/{}", text(&price, "/id")))
        .expect(200);
    assert_eq!(read, price);
    let shown = |currency: &str, amount: &str| {
        shop.create(&json!({ "currency": currency, "amount": amount }))
            .expect(201)["display_amount"]
            .clone()
    };
    assert_eq!(shown("aed", "7"), "AED7");
    assert_eq!(shown("JPY", "1e3"), "¥1000");
}

fn a_price_refuses_what_cannot_be_billed(place: &Place) {
    let shop = Shop::open(place);
    let meter = shop.meter();
    let usage = |changes: Value| {
        let mut body = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": meter });
        for (name, value) in changes.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let tiers = json!([{ "up_to": 10, "unit_amount": "1" }, { "unit_amount": "0.5" }]);
    for changes in [
        json!({ "billing_period_count": null }),
        json!({ "billing_period_count": 0 }),
        json!({ "currency": "dollar" }),
        json!({ "entity_type": "PRICE" }),
        json!({ "amount": null }),
        json!({ "amount": "" }),
        json!({ "amount": "-1" }),
        json!({ "amount": "12345678901" }),
        json!({ "billing_period": "ONETIME", "invoice_cadence": "ARREAR" }),
        json!({ "billing_period": "ONETIME", "trial_period_days": 3 }),
        json!({ "billing_model": "PACKAGE" }),
        json!({ "billing_model": "PACKAGE", "transform_quantity": { "divide_by": 0 } }),
        json!({ "billing_model": "TIERED", "tier_mode": "SLAB" }),
        json!({ "billing_model": "TIERED", "tiers": tiers }),
        json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [{ "up_to": "10", "unit_amount": "1" }] }),
        json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [{ "up_to": 1.5, "unit_amount": "1" }] }),
        json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [{ "up_to": -1, "unit_amount": "1" }] }),
        json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [{ "unit_amount": "1" }, { "unit_amount": "2" }] }),
        json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [{ "unit_amount": "-1" }] }),
        json!({ "price_unit_type": "CUSTOM" }),
        json!({ "price_unit_config": { "price_unit": "CRD", "amount": "1" } }),
        json!({ "start_date": DATE, "end_date": "2029-12-31T23:59:59Z" }),
        json!({ "metadata": { "gstin": "x" } }),
        json!({ "group_id": "group_none" }),
        usage(json!({ "invoice_cadence": "ADVANCE" })),
        usage(json!({ "meter_id": null })),
        usage(json!({ "min_quantity": 1 })),
        usage(json!({ "trial_period_days": 1 })),
    ] {
        let reply = shop.create(&changes);
        assert_eq!(reply.status, 400, "{changes} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    for changes in [
        usage(json!({ "meter_id": "meter_none" })),
        json!({ "entity_id": "plan_none" }),
        json!({ "entity_type": "ADDON", "entity_id": "addon_none" }),
        json!({ "price_unit_type": "CUSTOM", "price_unit_config": { "price_unit": "CRD", "amount": "1" } }),
    ] {
        shop.create(&changes).expect_error(404, "not_found");
    }
    assert!(shop.found(&json!({})).is_empty());
}

fn every_billing_model_is_stored(place: &Place) {
    let shop = Shop::open(place);
    let meter = shop.meter();
    let package = shop
        .create(&json!({
            "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": meter, "billing_model": "PACKAGE",
            "amount": "0.5", "transform_quantity": { "divide_by": 1000 },
        }))
        .expect(201);
    assert_eq!(
        package["transform_quantity"],
        json!({ "divide_by": 1000, "round": "up" })
    );
    assert_eq!(package["meter"]["event_name"], "call");
    assert_eq!(package["display_name"], "Calls");
    let tiered = shop
        .create(&json!({
            "billing_model": "TIERED", "tier_mode": "VOLUME", "amount": null,
            "tiers": [{ "unit_amount": "0.02" }, { "up_to": 10, "unit_amount": "0.10", "flat_amount": "1" }],
            "min_quantity": 3,
        }))
        .expect(201);
    assert_eq!(tiered["display_amount"], "$0");
    assert_eq!(tiered["min_quantity"], "3");
    let tiers = json!([{ "unit_amount": "0.02" }, { "up_to": 10, "unit_amount": "0.1", "flat_amount": "1" }]);
    assert_eq!(tiered["tiers"], tiers);
    let fixed = shop.create(&json!({ "meter_id": meter })).expect(201);
    assert!(fixed.get("meter_id").is_none(), "{fixed}");
    let sequence = |price: &Value| price["sequence"].as_i64().unwrap();
    assert!(sequence(&package) < sequence(&tiered) && sequence(&tiered) < sequence(&fixed));
}

fn amounts_keep_fifteen_decimals(place: &Place) {
    let shop = Shop::open(place);
    let exact = shop
        .create(&json!({ "amount": "9999999999.123456789012345" }))
        .expect(201);
    assert_eq!(exact["amount"], "9999999999.123456789012345");
    let fixed = |quantity: u64| json!({ "type": "FIXED", "invoice_cadence": "ADVANCE", "amount": "1", "min_quantity": quantity });
    shop.create(&fixed(1_000_000_000_000_000_000)).expect(201);
    shop.create(&fixed(1_000_000_000_000_000_001))
        .expect_error(400, "validation_error");
    shop.create(&json!({ "amount": "10000000000" }))
        .expect_error(400, "validation_error");
    let rounded = shop.create(&json!({ "amount": "0.0000000000000005" })).expect(201);
    assert_eq!(rounded["amount"], "0.000000000000001");
    let tiers = json!([{ "unit_amount": "0.00000000000000000012345" }]);
    let tiered = json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": tiers });
    let tiered = shop.create(&tiered).expect(201);
    assert_eq!(tiered["tiers"][0]["unit_amount"], "0.00000000000000000012345");
    for price in [&exact, &rounded, &tiered] {
        let read = shop
            .tenant
            .api
            .get(&format!("/v1/prices/{}", text(price, "/id")))
            .expect(200);
        assert_eq!(
            (&read["amount"], &read["tiers"]),
            (&price["amount"], &price.get("tiers").cloned().unwrap_or_default())
        );
    }
}

fn a_custom_unit_is_converted_once(place: &Place) {
    let shop = Shop::open(place);
    let unit = json!({
        "name": "Credit", "code": "CRD", "symbol": "©", "base_currency": "USD", "conversion_rate": "0.01",
    });
    let unit = shop.tenant.api.post("/v1/prices/units", &unit).expect(201);
    assert_eq!(unit["base_currency"], "usd");
    let custom = |config: Value| json!({ "currency": "usd", "price_unit_type": "CUSTOM", "amount": null, "price_unit_config": config });
    let flat = shop
        .create(&custom(json!({ "price_unit": "CRD", "amount": 100 })))
        .expect(201);
    assert_eq!(flat["amount"], "1");
    assert_eq!(flat["price_unit_amount"], "100");
    assert_eq!(flat["display_price_unit_amount"], "©100");
    assert_eq!(flat["conversion_rate"], "0.01");
    assert_eq!(flat["pricing_unit"]["code"], "CRD");
    let mut tiered = custom(json!({
        "price_unit": "CRD", "price_unit_tiers": [{ "up_to": 5, "unit_amount": "7", "flat_amount": "300" }],
    }));
    tiered["billing_model"] = json!("TIERED");
    tiered["tier_mode"] = json!("SLAB");
    let tiered = shop.create(&tiered).expect(201);
    assert_eq!(
        tiered["tiers"],
        json!([{ "up_to": 5, "unit_amount": "0.07", "flat_amount": "3" }])
    );
    // The currency must be the unit's, byte for byte.
    let mut upper = custom(json!({ "price_unit": "CRD", "amount": 100 }));
    upper["currency"] = json!("USD");
    shop.create(&upper).expect_error(400, "validation_error");
    let path = format!("/v1/prices/{}", text(&flat, "/id"));
    shop.tenant
        .api
        .put(&path, &json!({ "amount": "2" }))
        .expect_error(400, "validation_error");
    let next = shop
        .tenant
        .api
        .put(&path, &json!({ "price_unit_amount": "250" }))
        .expect(200);
    assert_eq!(
        (&next["amount"], &next["price_unit_amount"]),
        (&json!("2.5"), &json!("250"))
    );
    // Without the unit no new version can be converted, but what is sold stays readable.
    shop.tenant
        .api
        .delete(&format!("/v1/prices/units/{}", text(&unit, "/id")))
        .expect(200);
    let path = format!("/v1/prices/{}", text(&next, "/id"));
    shop.tenant
        .api
        .put(&path, &json!({ "price_unit_amount": "1" }))
        .expect_error(404, "not_found");
    assert_eq!(
        shop.tenant.api.get(&path).expect(200)["display_price_unit_amount"],
        "©250"
    );
}

fn prices_come_in_bulk_or_not_at_all(place: &Place) {
    let shop = Shop::open(place);
    let good = shop.request(&json!({}));
    let bulk = |items: &[Value]| shop.tenant.api.post("/v1/prices/bulk", &json!({ "items": items }));
    let bad = shop.request(&json!({ "type": "USAGE", "meter_id": "meter_none" }));
    let details = bulk(&[good.clone(), bad, good.clone()]).expect_error(400, "validation_error");
    assert_eq!(details["index"], 1);
    let keyed = shop.request(&json!({ "lookup_key": "base" }));
    bulk(&[keyed.clone(), keyed.clone()]).expect_error(409, "already_exists");
    assert!(shop.found(&json!({})).is_empty(), "a refused bulk left prices behind");
    bulk(&vec![good.clone(); 101]).expect_error(400, "validation_error");
    bulk(&[]).expect_error(400, "validation_error");
    assert_eq!(bulk(&[good, keyed]).expect(201)["items"].as_array().unwrap().len(), 2);
}

fn new_terms_make_a_new_version(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let first = shop
        .create(&json!({ "lookup_key": "base", "start_date": "2024-01-01T00:00:00Z" }))
        .expect(201);
    let path = format!("/v1/prices/{}", text(&first, "/id"));
    let renamed = api
        .put(&path, &json!({ "description": "x", "display_name": "" }))
        .expect(200);
    assert_eq!(renamed["id"], first["id"]);
    assert_eq!(
        (&renamed["description"], &renamed["display_name"]),
        (&json!("x"), &json!("Pro"))
    );
    assert_eq!(renamed["sequence"], first["sequence"]);
    for bad in [
        json!({ "effective_from": DATE }),
        json!({ "amount": "20", "effective_from": "2023-12-31T00:00:00Z" }),
        json!({ "price_unit_amount": "1" }),
        json!({ "amount": "1", "price_unit_amount": "1" }),
        json!({ "billing_model": "TIERED" }),
    ] {
        api.put(&path, &bad).expect_error(400, "validation_error");
    }
    let second = api
        .put(&path, &json!({ "amount": "20", "effective_from": DATE }))
        .expect(200);
    assert_ne!(second["id"], first["id"]);
    assert_eq!(second["start_date"], DATE);
    assert_eq!(second["parent_price_id"], first["id"]);
    assert_eq!(
        (&second["lookup_key"], &second["description"]),
        (&json!("base"), &json!("x"))
    );
    assert_eq!(api.get(&path).expect(200)["end_date"], DATE);
    assert_eq!(api.get("/v1/prices/lookup/base").expect(200)["id"], second["id"]);
    api.put(&path, &json!({ "amount": "21" }))
        .expect_error(400, "validation_error");
    let later = json!({
        "billing_model": "PACKAGE", "transform_quantity": { "divide_by": 10 }, "effective_from": "2031-01-01T00:00:00Z",
    });
    let third = api
        .put(&format!("/v1/prices/{}", text(&second, "/id")), &later)
        .expect(200);
    assert_eq!(third["parent_price_id"], first["id"]);
    assert_eq!(
        (&third["amount"], &third["billing_model"]),
        (&json!("20"), &json!("PACKAGE"))
    );
    assert!(third["sequence"].as_i64() > second["sequence"].as_i64());
    shop.create(&json!({ "lookup_key": "base" }))
        .expect_error(409, "already_exists");
    let other = shop.create(&json!({})).expect(201);
    let taken = api.put(
        &format!("/v1/prices/{}", text(&other, "/id")),
        &json!({ "lookup_key": "base" }),
    );
    taken.expect_error(409, "already_exists");
}

fn a_price_ends_once(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let price = shop.create(&json!({ "lookup_key": "base" })).expect(201);
    let path = format!("/v1/prices/{}", text(&price, "/id"));
    let end = |body: &str| api.raw("DELETE".parse().unwrap(), &path, "application/json", body.into());
    end("").expect_error(400, "validation_error");
    end(r#"{"end_date":"2020-01-01T00:00:00Z"}"#).expect_error(400, "validation_error");
    assert_eq!(end("{}").expect(200)["message"], "price deleted successfully");
    end("{}").expect_error(400, "validation_error");
    let read = api.get(&path).expect(200);
    assert!(read.get("end_date").is_some(), "{read}");
    assert_eq!(read["status"], "published");
    assert!(read["sequence"].as_i64() > price["sequence"].as_i64());
    assert!(shop.found(&json!({})).is_empty());
    assert_eq!(shop.found(&json!({ "allow_expired_prices": true })).len(), 1);
    let plan = api.get(&format!("/v1/plans/{}", shop.plan)).expect(200);
    assert_eq!(plan["prices"][0]["id"], price["id"]);
    api.get("/v1/prices/lookup/base").expect_error(404, "not_found");
}

fn prices_are_found_again(place: &Place) {
    let shop = Shop::open(place);
    let annual = text(
        &shop
            .create(&json!({ "billing_period": "ANNUAL", "amount": "100" }))
            .expect(201),
        "/id",
    );
    let future = text(&shop.create(&json!({ "start_date": DATE })).expect(201), "/id");
    let all = json!({ "entity_ids": [shop.plan] });
    assert_eq!(shop.found(&all), [future.clone(), annual.clone()]);
    assert_eq!(
        shop.found(&json!({ "plan_ids": [shop.plan], "billing_periods": ["ANNUAL"] })),
        std::slice::from_ref(&annual)
    );
    assert!(shop.found(&json!({ "plan_ids": ["plan_none"] })).is_empty());
    assert_eq!(
        shop.found(&json!({ "start_date_lt": DATE })),
        std::slice::from_ref(&annual)
    );
    let large = json!({ "field": "value", "operator": "gt", "data_type": "number", "value": { "number": 50 } });
    assert_eq!(
        shop.found(&json!({ "filters": [large] })),
        std::slice::from_ref(&annual)
    );
    let nope = json!({ "field": "nope", "operator": "eq", "data_type": "string", "value": { "string": "x" } });
    let refused = shop.tenant.api.post("/v1/prices/search", &json!({ "filters": [nope] }));
    refused.expect_error(400, "validation_error");
    let expanded = shop
        .tenant
        .api
        .get(&format!("/v1/prices?expand=plan&price_ids={annual}"))
        .expect(200);
    assert_eq!(expanded["items"][0]["plan"]["id"], shop.plan.as_str());
    shop.tenant
        .api
        .get("/v1/prices?expand=customers")
        .expect_error(400, "validation_error");
    let stranger = Tenant::sign_up(&place.server().client());
    stranger
        .api
        .get(&format!("/v1/prices/{annual}"))
        .expect_error(404, "not_found");
}

fn a_plan_is_updated_and_withdrawn(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    api.post("/v1/plans", &json!({})).expect_error(400, "validation_error");
    let other = api.post(
        "/v1/plans",
        &json!({ "name": "Other", "lookup_key": "other", "metadata": { "a": "1" } }),
    );
    assert_eq!(other.expect(201)["display_order"], 0);
    let path = format!("/v1/plans/{}", shop.plan);
    api.put(&path, &json!({ "lookup_key": "other" }))
        .expect_error(409, "already_exists");
    let updated = api
        .put(&path, &json!({ "lookup_key": "pro", "display_order": 5 }))
        .expect(200);
    assert_eq!(
        (&updated["lookup_key"], &updated["name"]),
        (&json!("pro"), &json!("Pro"))
    );
    assert_eq!(
        api.put(&path, &json!({ "lookup_key": "" })).expect(200)["lookup_key"],
        ""
    );
    let found = api
        .post("/v1/plans/search", &json!({ "metadata": { "a": "1" } }))
        .expect(200);
    assert_eq!(found["items"][0]["name"], "Other");
    shop.create(&json!({})).expect(201);
    let expanded = api.post(
        "/v1/plans/search",
        &json!({ "plan_ids": [shop.plan], "expand": "prices,bogus" }),
    );
    assert_eq!(expanded.expect(200)["items"][0]["prices"].as_array().unwrap().len(), 1);
    assert_eq!(api.delete(&path).expect(200)["message"], "price deleted successfully");
    assert_eq!(api.get(&path).expect(200)["status"], "archived");
    assert_eq!(api.get("/v1/plans").expect(200)["pagination"]["total"], 1);
    api.get("/v1/plans/plan_none").expect_error(404, "not_found");
}

fn a_cloned_plan_takes_its_prices_along(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let price = shop
        .create(&json!({ "lookup_key": "base", "start_date": "2024-01-01T00:00:00Z" }))
        .expect(201);
    shop.create(&json!({ "start_date": "2020-01-01T00:00:00Z", "end_date": "2021-01-01T00:00:00Z" }))
        .expect(201);
    let feature = api
        .post("/v1/features", &json!({ "name": "F", "type": "boolean" }))
        .expect(201);
    let entitlement = json!({ "plan_id": shop.plan, "feature_id": feature["id"], "feature_type": "boolean" });
    api.post("/v1/entitlements", &entitlement).expect(201);
    let path = format!("/v1/plans/{}/clone", shop.plan);
    api.post(&path, &json!({ "name": "Copy" }))
        .expect_error(400, "validation_error");
    let request = json!({ "name": "Copy", "lookup_key": "copy", "metadata": { "a": "1" } });
    let copy = api.post(&path, &request).expect(201);
    assert_eq!(copy["metadata"], json!({ "a": "1", "source_plan_id": shop.plan }));
    let prices = copy["prices"].as_array().unwrap();
    assert_eq!(prices.len(), 1);
    assert_ne!(prices[0]["id"], price["id"]);
    assert_eq!(
        (&prices[0]["lookup_key"], &prices[0]["start_date"]),
        (&json!(""), &price["start_date"])
    );
    assert_eq!(copy["entitlements"].as_array().unwrap().len(), 1);
    api.post(&path, &request).expect_error(409, "already_exists");
    assert_eq!(api.get("/v1/plans").expect(200)["pagination"]["total"], 2);
    api.post("/v1/plans/plan_none/clone", &request)
        .expect_error(404, "not_found");
}

fn price_units_are_found_by_code(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let unit =
        json!({ "name": "C", "code": "Crd", "symbol": "c", "base_currency": "eur", "conversion_rate": "0.0000123" });
    let created = api.post("/v1/prices/units", &unit).expect(201);
    assert_eq!(created["conversion_rate"], "0.0000123");
    api.post("/v1/prices/units", &unit).expect_error(409, "already_exists");
    for (member, bad) in [
        ("conversion_rate", json!("0")),
        ("code", json!("long")),
        ("symbol", json!("x".repeat(11))),
    ] {
        let mut body = unit.clone();
        body[member] = bad;
        api.post("/v1/prices/units", &body)
            .expect_error(400, "validation_error");
    }
    let path = format!("/v1/prices/units/{}", text(&created, "/id"));
    let updated = api
        .put(&path, &json!({ "name": "Credit", "conversion_rate": "5" }))
        .expect(200);
    assert_eq!(
        (&updated["name"], &updated["conversion_rate"]),
        (&json!("Credit"), &json!("0.0000123"))
    );
    assert_eq!(api.get("/v1/prices/units/code/Crd").expect(200)["id"], created["id"]);
    api.get("/v1/prices/units/code/crd").expect_error(404, "not_found");
    let listed = api.post("/v1/prices/units/search", &json!({})).expect(200);
    assert_eq!(listed["pagination"], json!({ "total": 1, "limit": 50, "offset": 0 }));
    api.delete(&path).expect(200);
    api.get("/v1/prices/units/code/Crd").expect_error(404, "not_found");
    assert_eq!(api.get(&path).expect(200)["status"], "archived");
}
