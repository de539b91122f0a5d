//! Rules of prices that show only in what becomes of them: on a line, in a bulk, in an error.

use reqwest::Method;
use serde_json::{Value, json};

use crate::concurrency::{at_once, expect_winners};
use crate::support::client::{Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_default_quantity_of_zero_charges_nothing,
    a_bulk_echoes_its_items,
    a_bulk_names_the_item_that_is_no_price,
    a_refused_change_names_its_member,
    an_owner_has_five_thousand_prices,
);

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

    /// A flat monthly fee with `changes` laid over it.
    fn request(&self, changes: &Value) -> Value {
        let mut body = json!({
            "entity_type": "PLAN", "entity_id": self.plan, "currency": "usd", "type": "FIXED",
            "billing_model": "FLAT_FEE", "amount": "10", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
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

    fn price(&self, changes: &Value) -> Value {
        self.create(changes).expect(201)
    }

    fn end(&self, path: &str, body: &Value) -> Reply {
        let body = body.to_string().into();
        self.tenant.api.raw(Method::DELETE, path, "application/json", body)
    }

    fn bulk(&self, items: &[Value]) -> Reply {
        self.tenant.api.post("/v1/prices/bulk", &json!({ "items": items }))
    }

    fn count(&self) -> Value {
        let found = self.tenant.api.get("/v1/prices").expect(200);
        found["pagination"]["total"].clone()
    }
}

/// Spec 03 §5.6: the requested quantity, else `min_quantity` if it is set, else one.
fn a_default_quantity_of_zero_charges_nothing(place: &Place) {
    let shop = Shop::open(place);
    let quantities = [("unset", json!(null)), ("zero", json!(0)), ("three", json!(3))];
    for (name, min_quantity) in &quantities {
        shop.price(&json!({ "display_name": name, "min_quantity": min_quantity }));
    }
    shop.tenant.customer("acme", "Acme");
    let subscription = json!({
        "external_customer_id": "acme", "plan_id": shop.plan, "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    let subscription = shop.tenant.api.post("/v1/subscriptions", &subscription).expect(201);
    let lines = subscription["line_items"].as_array().unwrap();
    let mut shown: Vec<_> = lines
        .iter()
        .map(|line| (text(line, "/display_name"), text(line, "/quantity")))
        .collect();
    shown.sort();
    let expected = [("three", "3"), ("unset", "1"), ("zero", "0")];
    assert_eq!(
        shown,
        expected.map(|(name, quantity)| (name.to_owned(), quantity.to_owned()))
    );
    assert_eq!(subscription["latest_invoice"]["total"], "40");
}

/// Spec 03 §4.2: the currency as it was sent, and no sequence; what is stored is as of a single creation.
fn a_bulk_echoes_its_items(place: &Place) {
    let shop = Shop::open(place);
    let items = [
        shop.request(&json!({ "currency": "USD" })),
        shop.request(&json!({ "currency": "eur" })),
    ];
    let created = shop.bulk(&items).expect(201);
    for (place, currency, stored) in [(0, "USD", "usd"), (1, "eur", "eur")] {
        let item = &created["items"][place];
        assert_eq!(item["currency"], currency);
        assert!(item.get("sequence").is_none(), "{item}");
        let path = format!("/v1/prices/{}", text(item, "/id"));
        let read = shop.tenant.api.get(&path).expect(200);
        assert_eq!(read["currency"], stored);
        assert!(read["sequence"].is_i64(), "{read}");
        assert_eq!(read["display_amount"], item["display_amount"]);
    }
}

fn a_bulk_names_the_item_that_is_no_price(place: &Place) {
    let shop = Shop::open(place);
    let good = shop.request(&json!({}));
    for bad in [
        shop.request(&json!({ "type": "RENTED" })),
        shop.request(&json!({ "billing_model": 5 })),
        shop.request(&json!({ "amount": "ten" })),
        shop.request(&json!({ "tiers": [{ "up_to": "10" }] })),
        json!("price"),
        json!(["10"]),
        Value::Null,
    ] {
        let refused = shop.bulk(&[good.clone(), bad.clone(), good.clone(), bad.clone()]);
        let details = refused.expect_error(400, "validation_error");
        assert_eq!(details["index"], 1, "{bad}");
    }
    // An item before it that breaks a rule comes first.
    let ruled_out = shop.request(&json!({ "billing_period_count": 0 }));
    let details = shop.bulk(&[ruled_out, json!(1)]).expect_error(400, "validation_error");
    assert_eq!(details["index"], 0);
    assert_eq!(shop.count(), 0);
    // Numbers keep all their digits on the way.
    let exact = shop
        .request(&json!({}))
        .to_string()
        .replace("\"10\"", "0.123456789012345");
    let body = format!("{{\"items\":[{exact}]}}");
    let created = shop
        .tenant
        .api
        .raw(Method::POST, "/v1/prices/bulk", "application/json", body.into())
        .expect(201);
    assert_eq!(created["items"][0]["amount"], "0.123456789012345");
}

fn a_refused_change_names_its_member(place: &Place) {
    let shop = Shop::open(place);
    let price = shop.price(&json!({ "start_date": "2030-01-01T00:00:00Z" }));
    let path = format!("/v1/prices/{}", text(&price, "/id"));
    let early = "2029-12-31T23:59:59Z";
    let change = json!({ "amount": "20", "effective_from": early });
    let details = shop
        .tenant
        .api
        .put(&path, &change)
        .expect_error(400, "validation_error");
    assert!(details.get("effective_from").is_some(), "{details}");
    let refused = shop.end(&path, &json!({ "end_date": early }));
    let details = refused.expect_error(400, "validation_error");
    assert!(details.get("end_date").is_some(), "{details}");
    assert_eq!(shop.tenant.api.get(&path).expect(200), price);
}

/// Spec 03 §3.2: single creation is refused with 5,000 prices there, a bulk when it would go beyond.
fn an_owner_has_five_thousand_prices(place: &Place) {
    let shop = Shop::open(place);
    let good = shop.request(&json!({}));
    for _ in 0..49 {
        shop.bulk(&vec![good.clone(); 100]).expect(201);
    }
    shop.bulk(&vec![good.clone(); 90]).expect(201);
    let details = shop.bulk(&vec![good.clone(); 11]).expect_error(400, "validation_error");
    assert_eq!(details["entity_id"], shop.plan.as_str());
    assert_eq!(shop.count(), 4990);
    let replies = at_once(|_| shop.create(&json!({})));
    expect_winners(&replies, 10, 201, &[400]);
    assert_eq!(shop.count(), 5000);
    // An ended price makes room, and so does the one that a new version ends.
    let path = |price: &Value| format!("/v1/prices/{}", text(price, "/id"));
    let found = shop.tenant.api.get("/v1/prices?limit=2").expect(200);
    let change = json!({ "amount": "11" });
    shop.tenant.api.put(&path(&found["items"][0]), &change).expect(200);
    shop.create(&json!({})).expect_error(400, "validation_error");
    shop.end(&path(&found["items"][1]), &json!({})).expect(200);
    shop.price(&json!({}));
    // Another owner has room of its own.
    let other = json!({ "name": "Other" });
    let other = shop.tenant.api.post("/v1/plans", &other).expect(201);
    shop.price(&json!({ "entity_id": other["id"] }));
}
