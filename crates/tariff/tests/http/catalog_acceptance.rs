//! The acceptance checks of spec 03 §8 on the catalog, by number: 1 to 9, 17 and 19 to 21. What they only touch is looked
//! at closely in `prices`, `catalog`, `coupons`, `taxes` and `costs`; the cost sheets of 21 are in `costs`.

use std::thread;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::{Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    acceptance_01_a_flat_fee_needs_a_count_and_is_shown_as_people_write_it,
    acceptance_02_what_no_price_can_be_is_refused,
    acceptance_03_a_currency_is_lower_case_and_a_unit_takes_no_other,
    acceptance_04_a_custom_price_is_converted,
    acceptance_05_one_bad_item_spoils_the_whole_bulk,
    acceptance_06_new_terms_make_a_new_version,
    acceptance_07_the_lookup_key_moves_to_the_new_version,
    acceptance_08_a_price_ends_once_and_stays_readable,
    acceptance_09_a_plan_in_use_is_not_deleted,
    acceptance_17_of_two_concurrent_redemptions_one_succeeds,
    acceptance_19_taxes_are_copied_down_and_fall_on_the_discounted_base,
    acceptance_20_a_tax_rate_in_use_neither_changes_nor_goes,
    acceptance_21_a_deleted_group_lets_go_of_prices_and_features,
    the_checks_of_a_price_come_in_their_order,
    terms_change_in_every_direction,
    terms_of_custom_prices_change_in_every_direction,
);

const LATER: &str = "2040-01-01T00:00:00Z";

struct Shop {
    tenant: Tenant,
    plan: String,
}

impl Shop {
    fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        Self {
            plan: text(&plan, "/id"),
            tenant,
        }
    }

    /// A flat monthly fee with `changes` laid over it; null takes a member away.
    fn request(&self, changes: &Value) -> Value {
        let body = json!({
            "entity_type": "PLAN", "entity_id": self.plan, "currency": "usd", "type": "FIXED",
            "billing_model": "FLAT_FEE", "amount": "10", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        with(body, changes)
    }

    fn create(&self, changes: &Value) -> Reply {
        self.tenant.api.post("/v1/prices", &self.request(changes))
    }

    fn price(&self, changes: &Value) -> Value {
        self.create(changes).expect(201)
    }

    fn put(&self, price: &Value, change: &Value) -> Reply {
        self.tenant.api.put(&path_of(price), change)
    }

    fn end(&self, price: &Value, body: &str) -> Reply {
        self.tenant
            .api
            .raw(Method::DELETE, &path_of(price), "application/json", body.into())
    }

    fn read(&self, price: &Value) -> Value {
        self.tenant.api.get(&path_of(price)).expect(200)
    }

    fn count(&self, filter: &Value) -> Value {
        let found = self.tenant.api.post("/v1/prices/search", filter).expect(200);
        found["pagination"]["total"].clone()
    }

    fn subscribe(&self, external_id: &str, changes: &Value) -> Reply {
        let body = json!({
            "external_customer_id": external_id, "plan_id": self.plan, "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        self.tenant.api.post("/v1/subscriptions", &with(body, changes))
    }
}

fn path_of(price: &Value) -> String {
    format!("/v1/prices/{}", text(price, "/id"))
}

fn with(mut object: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

fn members(object: &Value, names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| object[*name].clone()).collect()
}

fn acceptance_01_a_flat_fee_needs_a_count_and_is_shown_as_people_write_it(place: &Place) {
    let shop = Shop::open(place);
    shop.create(&json!({ "billing_period_count": null }))
        .expect_error(400, "validation_error");
    let price = shop.price(&json!({ "amount": "12.50" }));
    assert_eq!(
        members(&price, &["amount", "display_amount", "billing_cadence"]),
        [json!("12.5"), json!("$12.5"), json!("RECURRING")]
    );
    assert_eq!(price["transform_quantity"]["divide_by"], 1);
}

fn acceptance_02_what_no_price_can_be_is_refused(place: &Place) {
    let shop = Shop::open(place);
    let usage = json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": "meter_none" });
    for (changes, status, code) in [
        (
            json!({ "type": "USAGE", "meter_id": "meter_none" }),
            400,
            "validation_error",
        ),
        (
            json!({ "billing_period": "ONETIME", "invoice_cadence": "ARREAR" }),
            400,
            "validation_error",
        ),
        (usage, 404, "not_found"),
        (json!({ "entity_id": "plan_none" }), 404, "not_found"),
        (
            json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": [{ "up_to": "10", "unit_amount": "1" }] }),
            400,
            "validation_error",
        ),
    ] {
        shop.create(&changes).expect_error(status, code);
    }
    assert_eq!(shop.count(&json!({})), 0);
}

/// A unit `CRD` of 0.01 usd, shown as `©`.
fn unit(shop: &Shop) -> String {
    let unit =
        json!({ "name": "Credit", "code": "CRD", "symbol": "©", "base_currency": "usd", "conversion_rate": "0.01" });
    text(&shop.tenant.api.post("/v1/prices/units", &unit).expect(201), "/id")
}

fn custom(config: &Value) -> Value {
    json!({ "price_unit_type": "CUSTOM", "amount": null, "price_unit_config": with(json!({ "price_unit": "CRD" }), config) })
}

fn acceptance_03_a_currency_is_lower_case_and_a_unit_takes_no_other(place: &Place) {
    let shop = Shop::open(place);
    assert_eq!(shop.price(&json!({ "currency": "USD" }))["currency"], "usd");
    unit(&shop);
    let upper = with(custom(&json!({ "amount": "100" })), &json!({ "currency": "USD" }));
    shop.create(&upper).expect_error(400, "validation_error");
}

fn acceptance_04_a_custom_price_is_converted(place: &Place) {
    let shop = Shop::open(place);
    unit(&shop);
    let price = shop.price(&custom(&json!({ "amount": 100 })));
    assert_eq!(
        members(&price, &["amount", "price_unit_amount", "display_price_unit_amount"]),
        [json!("1"), json!("100"), json!("©100")]
    );
}

fn acceptance_05_one_bad_item_spoils_the_whole_bulk(place: &Place) {
    let shop = Shop::open(place);
    let bulk = |items: &[Value]| shop.tenant.api.post("/v1/prices/bulk", &json!({ "items": items }));
    let good = shop.request(&json!({}));
    let group = json!({ "group_id": "group_none" });
    for bad in [
        json!({ "billing_period_count": 0 }),
        json!({ "amount": "-1" }),
        json!({ "trial_period_days": -1 }),
        json!({ "invoice_cadence": "ARREAR", "billing_period": "ONETIME" }),
        group,
    ] {
        let items = [good.clone(), shop.request(&bad), good.clone()];
        let details = bulk(&items).expect_error(400, "validation_error");
        assert_eq!(details["index"], 1, "{bad}");
    }
    for unknown in [
        json!({ "entity_id": "plan_none" }),
        json!({ "type": "USAGE", "invoice_cadence": "ARREAR", "meter_id": "meter_none" }),
        custom(&json!({ "amount": "1" })),
    ] {
        let details = bulk(&[good.clone(), good.clone(), shop.request(&unknown)]).expect_error(404, "not_found");
        assert_eq!(details["index"], 2, "{unknown}");
    }
    // Lookup keys collide inside a bulk and with what is there (Q7).
    let keyed = shop.request(&json!({ "lookup_key": "k" }));
    bulk(&[keyed.clone(), keyed.clone()]).expect_error(409, "already_exists");
    assert_eq!(shop.count(&json!({})), 0);
    bulk(&vec![good.clone(); 101]).expect_error(400, "validation_error");
    bulk(&[]).expect_error(400, "validation_error");
    bulk(&vec![good; 100]).expect(201);
    assert_eq!(shop.count(&json!({})), 100);
}

fn acceptance_06_new_terms_make_a_new_version(place: &Place) {
    let shop = Shop::open(place);
    let first = shop.price(&json!({ "start_date": "2024-01-01T00:00:00Z" }));
    let same = shop.put(&first, &json!({ "description": "x" })).expect(200);
    assert_eq!(same["id"], first["id"]);
    let second = shop
        .put(&first, &json!({ "amount": "20", "effective_from": LATER }))
        .expect(200);
    assert_ne!(second["id"], first["id"]);
    assert_eq!(
        members(&second, &["start_date", "parent_price_id"]),
        [json!(LATER), first["id"].clone()]
    );
    assert!(second.get("end_date").is_none(), "{second}");
    assert_eq!(shop.read(&first)["end_date"], LATER);
    let third = shop
        .put(&second, &json!({ "amount": "30", "effective_from": LATER }))
        .expect(200);
    assert_eq!(third["parent_price_id"], first["id"]);
    for (price, change) in [
        (&first, json!({ "amount": "40" })),
        (&third, json!({ "effective_from": LATER })),
        (
            &third,
            json!({ "amount": "40", "effective_from": "2039-12-31T23:59:59Z" }),
        ),
    ] {
        shop.put(price, &change).expect_error(400, "validation_error");
    }
    assert!(shop.read(&third).get("end_date").is_none());
    // Labels of a price that has ended still change.
    assert_eq!(
        shop.put(&first, &json!({ "display_name": "Old" })).expect(200)["display_name"],
        "Old"
    );
}

fn acceptance_07_the_lookup_key_moves_to_the_new_version(place: &Place) {
    let shop = Shop::open(place);
    let by_key = |key: &str| shop.tenant.api.get(&format!("/v1/prices/lookup/{key}"));
    let first = shop.price(&json!({ "lookup_key": "base", "start_date": "2024-01-01T00:00:00Z" }));
    let second = shop
        .put(&first, &json!({ "amount": "20", "effective_from": LATER }))
        .expect(200);
    assert_eq!(by_key("base").expect(200)["id"], second["id"]);
    // The old version is not found by its key, and is what customers pay until then.
    shop.tenant.customer("acme", "Acme");
    let subscription = shop.subscribe("acme", &json!({})).expect(201);
    let prices: Vec<_> = subscription["line_items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["price_id"].clone())
        .collect();
    assert!(prices.contains(&first["id"]), "{subscription}");
    // A key of a price that will end is free for another one (§3.2).
    let ending = shop.price(&json!({ "lookup_key": "ends", "end_date": LATER }));
    by_key("ends").expect_error(404, "not_found");
    let other = shop.price(&json!({ "lookup_key": "ends" }));
    assert_eq!(by_key("ends").expect(200)["id"], other["id"]);
    shop.create(&json!({ "lookup_key": "ends" }))
        .expect_error(409, "already_exists");
    // In place the key of an ended price collides with nothing; that of an open one does (Q7).
    shop.put(&ending, &json!({ "lookup_key": "base" })).expect(200);
    shop.put(&other, &json!({ "lookup_key": "base" }))
        .expect_error(409, "already_exists");
    shop.put(&other, &json!({ "amount": "1", "lookup_key": "base" }))
        .expect_error(409, "already_exists");
    assert!(
        shop.read(&other).get("end_date").is_none(),
        "a refused version ended its price"
    );
    by_key("none").expect_error(404, "not_found");
}

fn acceptance_08_a_price_ends_once_and_stays_readable(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.price(&json!({ "start_date": "2024-01-01T00:00:00Z" }));
    shop.end(&price, "").expect_error(400, "validation_error");
    shop.end(&price, r#"{"end_date":"2023-12-31T23:59:59Z"}"#)
        .expect_error(400, "validation_error");
    assert!(shop.read(&price).get("end_date").is_none());
    shop.end(&price, "{}").expect(200);
    shop.end(&price, "{}").expect_error(400, "validation_error");
    let read = shop.read(&price);
    assert!(read["end_date"].is_string() && read["status"] == "published", "{read}");
    assert_eq!(shop.count(&json!({})), 0);
    assert_eq!(shop.count(&json!({ "allow_expired_prices": true })), 1);
    let plan = shop.tenant.api.get(&format!("/v1/plans/{}", shop.plan)).expect(200);
    assert_eq!(plan["prices"][0]["id"], price["id"]);
    let unexpired = shop
        .tenant
        .api
        .post("/v1/plans/search", &json!({ "expand": "prices" }))
        .expect(200);
    assert!(unexpired["items"][0].get("prices").is_none(), "{unexpired}");
    // An end in the future hides nothing yet.
    let other = shop.price(&json!({}));
    shop.end(&other, &format!(r#"{{"end_date":"{LATER}"}}"#)).expect(200);
    assert_eq!(shop.count(&json!({})), 1);
    let none = json!({ "id": "price_none" });
    shop.end(&none, "{}").expect_error(404, "not_found");
}

fn acceptance_09_a_plan_in_use_is_not_deleted(place: &Place) {
    let shop = Shop::open(place);
    shop.price(&json!({}));
    shop.tenant.customer("acme", "Acme");
    let path = format!("/v1/plans/{}", shop.plan);
    let subscription = shop.subscribe("acme", &json!({})).expect(201);
    shop.tenant.api.delete(&path).expect_error(400, "invalid_operation");
    assert_eq!(shop.tenant.api.get(&path).expect(200)["status"], "published");
    let cancel = format!("/v1/subscriptions/{}/cancel", text(&subscription, "/id"));
    shop.tenant
        .api
        .post(&cancel, &json!({ "cancellation_type": "immediate" }))
        .expect(200);
    assert_eq!(
        shop.tenant.api.delete(&path).expect(200),
        json!({ "message": "price deleted successfully" })
    );
    assert_eq!(shop.tenant.api.get(&path).expect(200)["status"], "archived");
    // Its prices stay published (§3.1).
    assert_eq!(shop.count(&json!({ "plan_ids": [shop.plan] })), 1);
}

fn acceptance_17_of_two_concurrent_redemptions_one_succeeds(place: &Place) {
    let shop = Shop::open(place);
    shop.price(&json!({}));
    let coupon = json!({
        "name": "c", "coupon_code": " Save10 ", "type": "percentage", "cadence": "forever", "percentage_off": "10",
        "max_redemptions": 1,
    });
    let api = &shop.tenant.api;
    let created = api.post("/v1/coupons", &coupon).expect(201);
    assert_eq!(api.get("/v1/coupons/code/save10").expect(200)["id"], created["id"]);
    api.post("/v1/coupons", &coupon).expect_error(409, "already_exists");
    api.post("/v1/coupons", &with(coupon, &json!({ "percentage_off": 101 })))
        .expect_error(400, "validation_error");
    for customer in ["first", "second"] {
        shop.tenant.customer(customer, customer);
    }
    let redeemed = json!({ "subscription_coupons": [{ "coupon_code": "SAVE10" }] });
    let answers: Vec<Reply> = thread::scope(|scope| {
        let tries = ["first", "second"].map(|customer| {
            let (shop, redeemed) = (&shop, &redeemed);
            scope.spawn(move || shop.subscribe(customer, redeemed))
        });
        tries.map(|attempt| attempt.join().unwrap()).into()
    });
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 400], "{answers:?}");
    for refused in answers.iter().filter(|answer| answer.status == 400) {
        refused.expect_error(400, "validation_error");
    }
    let subscriptions = api.post("/v1/subscriptions/search", &json!({})).expect(200);
    assert_eq!(
        subscriptions["pagination"]["total"], 1,
        "a refused subscription is there"
    );
    let path = format!("/v1/coupons/{}", text(&created, "/id"));
    assert_eq!(api.get(&path).expect(200)["total_redemptions"], 1);
}

/// Prepaid credits are not looked at: there are no wallets yet.
fn acceptance_19_taxes_are_copied_down_and_fall_on_the_discounted_base(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    shop.price(&json!({ "amount": "100" }));
    let rate = json!({ "name": "GST", "code": "gst", "tax_rate_type": "percentage", "percentage_value": "18" });
    let rate = api.post("/v1/taxes/rates", &rate).expect(201);
    let association = json!({
        "tax_rate_code": "gst", "entity_type": "tenant", "entity_id": shop.tenant.tenant_id, "auto_apply": true,
    });
    api.post("/v1/taxes/associations", &association).expect(200);
    let coupon = json!({
        "name": "ten", "coupon_code": "ten", "type": "percentage", "cadence": "forever", "percentage_off": "10",
    });
    api.post("/v1/coupons", &coupon).expect(201);
    shop.tenant.customer("acme", "Acme");
    let untaxed = json!({ "external_id": "free", "name": "Free", "tax_rate_overrides": [] });
    api.post("/v1/customers", &untaxed).expect(201);
    let copies = |query: &str| {
        let found = api.get(&format!("/v1/taxes/associations?{query}")).expect(200);
        let items = found["items"].as_array().unwrap().iter();
        items.map(|item| item["tax_rate_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(copies("external_customer_id=acme"), [rate["id"].clone()]);
    assert!(copies("external_customer_id=free").is_empty());
    let totals = |subscription: &Value| {
        let preview = json!({ "subscription_id": subscription["id"] });
        let preview = api.post("/v1/invoices/preview", &preview).expect(200);
        members(&preview, &["subtotal", "total_discount", "total_tax", "total"])
    };
    let plain = shop.subscribe("acme", &json!({})).expect(201);
    let own = format!("entity_type=subscription&entity_id={}", text(&plain, "/id"));
    assert_eq!(copies(&own), [rate["id"].clone()]);
    assert_eq!(totals(&plain), [json!("100"), json!("0"), json!("18"), json!("118")]);
    let discounted = json!({ "subscription_coupons": [{ "coupon_code": "ten" }] });
    let discounted = shop.subscribe("acme", &discounted).expect(201);
    assert_eq!(
        totals(&discounted),
        [json!("100"), json!("10"), json!("16.2"), json!("106.2")]
    );
    let free = shop.subscribe("free", &json!({})).expect(201);
    assert_eq!(totals(&free), [json!("100"), json!("0"), json!("0"), json!("100")]);
}

fn acceptance_20_a_tax_rate_in_use_neither_changes_nor_goes(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let rate = json!({ "name": "VAT", "code": "vat", "tax_rate_type": "percentage", "percentage_value": "20" });
    let rate = format!(
        "/v1/taxes/rates/{}",
        text(&api.post("/v1/taxes/rates", &rate).expect(201), "/id")
    );
    let association = json!({ "tax_rate_code": "vat", "entity_type": "tenant", "entity_id": shop.tenant.tenant_id });
    let association = api.post("/v1/taxes/associations", &association).expect(200);
    let rename = json!({ "name": "Other" });
    api.put(&rate, &rename).expect_error(400, "validation_error");
    api.delete(&rate).expect_error(400, "validation_error");
    assert_eq!(
        members(&api.get(&rate).expect(200), &["name", "status"]),
        [json!("VAT"), json!("published")]
    );
    api.delete(&format!("/v1/taxes/associations/{}", text(&association, "/id")))
        .expect(200);
    api.put(&rate, &rename).expect(200);
    api.delete(&rate).expect(204);
}

fn acceptance_21_a_deleted_group_lets_go_of_prices_and_features(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let group = |kind: &str| {
        let body = json!({ "name": "G", "entity_type": kind, "lookup_key": kind });
        text(&api.post("/v1/groups", &body).expect(201), "/id")
    };
    let (of_prices, of_features) = (group("price"), group("feature"));
    shop.create(&json!({ "group_id": of_features }))
        .expect_error(400, "validation_error");
    let price = shop.price(&json!({ "group_id": of_prices }));
    assert_eq!(price["group"]["id"], of_prices.as_str());
    let feature = json!({ "name": "F", "type": "boolean", "group_id": of_features });
    let feature = format!(
        "/v1/features/{}",
        text(&api.post("/v1/features", &feature).expect(201), "/id")
    );
    for id in [&of_prices, &of_features] {
        api.delete(&format!("/v1/groups/{id}")).expect(204);
    }
    for member in [shop.read(&price), api.get(&feature).expect(200)] {
        assert!(
            member.get("group_id").is_none() && member.get("group").is_none(),
            "{member}"
        );
    }
    // A withdrawn group takes no new members, neither at once nor later.
    shop.create(&json!({ "group_id": of_prices }))
        .expect_error(400, "validation_error");
    shop.put(&price, &json!({ "group_id": of_prices }))
        .expect_error(400, "validation_error");
}

/// Spec 03 §4.2: body, owner, limit, then amount, trial and cadence, meter, unit, group, and the key last.
fn the_checks_of_a_price_come_in_their_order(place: &Place) {
    let shop = Shop::open(place);
    shop.price(&json!({ "lookup_key": "taken" }));
    let mut changes = json!({
        "billing_period_count": 0, "entity_id": "plan_none", "amount": "-1", "type": "USAGE", "meter_id": "meter_none",
        "invoice_cadence": "ADVANCE", "group_id": "group_none", "lookup_key": "taken",
    });
    let mut refused = |status: u16, code: &str, detail: &str, repair: Value| {
        let details = shop.create(&changes).expect_error(status, code);
        assert!(details.get(detail).is_some(), "{changes} gave {details}");
        changes = with(changes.clone(), &repair);
    };
    refused(
        400,
        "validation_error",
        "billing_period_count",
        json!({ "billing_period_count": 1 }),
    );
    refused(404, "not_found", "plan_id", json!({ "entity_id": shop.plan }));
    refused(400, "validation_error", "amount", json!({ "amount": "1" }));
    refused(
        400,
        "validation_error",
        "invoice_cadence",
        json!({ "invoice_cadence": "ARREAR" }),
    );
    refused(
        404,
        "not_found",
        "meter_id",
        json!({
            "type": "FIXED", "price_unit_type": "CUSTOM", "amount": null,
            "price_unit_config": { "price_unit": "CRD", "amount": "1" },
        }),
    );
    refused(
        404,
        "not_found",
        "code",
        json!({ "price_unit_type": "FIAT", "amount": "1", "price_unit_config": null }),
    );
    refused(400, "validation_error", "group_id", json!({ "group_id": null }));
    refused(409, "already_exists", "lookup_key", json!({ "lookup_key": "free" }));
    shop.price(&changes);
}

fn tiers() -> Value {
    json!([{ "up_to": 10, "unit_amount": "2" }, { "unit_amount": "1", "flat_amount": "5" }])
}

fn terms_change_in_every_direction(place: &Place) {
    let shop = Shop::open(place);
    let shown = ["billing_model", "amount", "transform_quantity", "tier_mode", "tiers"];
    let ten = json!({ "divide_by": 10, "round": "down" });
    let package = json!({ "billing_model": "PACKAGE", "transform_quantity": ten });
    let tiered = json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "tiers": tiers() });
    let one = json!({ "divide_by": 1 });
    let null = Value::Null;
    let mut price = shop.price(&json!({ "min_quantity": 3, "metadata": { "a": "1" }, "trial_period_days": 2 }));
    for (change, expected) in [
        // Nothing but the amount.
        (
            json!({ "amount": "12" }),
            [json!("FLAT_FEE"), json!("12"), one.clone(), null.clone(), null.clone()],
        ),
        // Flat to package: the amount is kept.
        (
            package,
            [json!("PACKAGE"), json!("12"), ten.clone(), null.clone(), null.clone()],
        ),
        // Package to package: the package is kept.
        (
            json!({ "amount": "13" }),
            [json!("PACKAGE"), json!("13"), ten.clone(), null.clone(), null.clone()],
        ),
        // Package to tiers: the amount is left behind.
        (
            tiered.clone(),
            [json!("TIERED"), json!("0"), ten.clone(), json!("SLAB"), tiers()],
        ),
        // Tiers keep what is not sent.
        (
            json!({ "tier_mode": "VOLUME" }),
            [json!("TIERED"), json!("0"), ten.clone(), json!("VOLUME"), tiers()],
        ),
        // Tiers to flat: no amount is there to be kept.
        (
            json!({ "billing_model": "FLAT_FEE" }),
            [json!("FLAT_FEE"), json!("0"), ten.clone(), null.clone(), null.clone()],
        ),
        // Flat to tiers, and from there to a package at a new amount.
        (
            tiered,
            [json!("TIERED"), json!("0"), ten.clone(), json!("SLAB"), tiers()],
        ),
        (
            json!({ "billing_model": "PACKAGE", "amount": "7" }),
            [json!("PACKAGE"), json!("7"), ten, null.clone(), null],
        ),
    ] {
        let next = shop.put(&price, &change).expect(200);
        assert_eq!(members(&next, &shown), expected, "{change}");
        let kept = [
            "type",
            "billing_period",
            "min_quantity",
            "trial_period_days",
            "metadata",
            "display_name",
        ];
        assert_eq!(members(&next, &kept), members(&price, &kept), "{change}");
        price = next;
    }
    for change in [
        json!({ "billing_model": "TIERED" }),
        json!({ "billing_model": "TIERED", "tiers": tiers() }),
        json!({ "billing_model": "TIERED", "tiers": [], "tier_mode": "SLAB" }),
        json!({ "transform_quantity": { "divide_by": 0 } }),
        json!({ "amount": "-1" }),
        json!({ "amount": "10000000000" }),
        json!({ "price_unit_amount": "1" }),
        json!({ "price_unit_tiers": tiers() }),
        json!({ "amount": "1", "price_unit_amount": "1" }),
        json!({ "amount": "1", "group_id": "group_none" }),
    ] {
        shop.put(&price, &change).expect_error(400, "validation_error");
    }
    assert!(
        shop.read(&price).get("end_date").is_none(),
        "a refused version ended its price"
    );
    // Groups: absent keeps, "" removes, an id sets; the old version follows the change.
    let group = json!({ "name": "G", "entity_type": "price", "lookup_key": "g" });
    let group = text(&shop.tenant.api.post("/v1/groups", &group).expect(201), "/id");
    let grouped = shop.put(&price, &json!({ "group_id": group })).expect(200);
    let kept = shop.put(&grouped, &json!({ "amount": "8" })).expect(200);
    assert_eq!(kept["group_id"], group.as_str());
    let removed = shop
        .put(&kept, &json!({ "amount": "9", "group_id": "", "metadata": {} }))
        .expect(200);
    assert!(
        removed.get("group_id").is_none() && shop.read(&kept).get("group_id").is_none(),
        "{removed}"
    );
    assert_eq!(removed["metadata"], json!({}));
}

fn terms_of_custom_prices_change_in_every_direction(place: &Place) {
    let shop = Shop::open(place);
    unit(&shop);
    let shown = [
        "billing_model",
        "amount",
        "price_unit_amount",
        "tiers",
        "price_unit_tiers",
    ];
    let converted = json!([{ "up_to": 10, "unit_amount": "0.02" }, { "unit_amount": "0.01", "flat_amount": "0.05" }]);
    let null = Value::Null;
    let mut price = shop.price(&custom(&json!({ "amount": "100" })));
    for (change, expected) in [
        (
            json!({ "price_unit_amount": "250" }),
            [
                json!("FLAT_FEE"),
                json!("2.5"),
                json!("250"),
                null.clone(),
                null.clone(),
            ],
        ),
        (
            json!({ "billing_model": "PACKAGE", "transform_quantity": { "divide_by": 5 } }),
            [json!("PACKAGE"), json!("2.5"), json!("250"), null.clone(), null.clone()],
        ),
        (
            json!({ "billing_model": "TIERED", "tier_mode": "SLAB", "price_unit_tiers": tiers() }),
            [json!("TIERED"), json!("0"), null.clone(), converted, tiers()],
        ),
        (
            json!({ "billing_model": "FLAT_FEE", "price_unit_amount": "7" }),
            [json!("FLAT_FEE"), json!("0.07"), json!("7"), null.clone(), null],
        ),
    ] {
        let next = shop.put(&price, &change).expect(200);
        assert_eq!(members(&next, &shown), expected, "{change}");
        assert_eq!(
            members(&next, &["price_unit", "conversion_rate"]),
            [json!("CRD"), json!("0.01")]
        );
        price = next;
    }
    for change in [
        json!({ "amount": "1" }),
        json!({ "tiers": tiers() }),
        json!({ "billing_model": "TIERED", "tier_mode": "SLAB" }),
        json!({ "price_unit_amount": "-1" }),
    ] {
        shop.put(&price, &change).expect_error(400, "validation_error");
    }
    assert!(shop.read(&price).get("end_date").is_none());
}
