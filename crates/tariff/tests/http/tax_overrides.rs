//! The taxes that a request gives to a new record: the rules are the same wherever they are sent.

use serde_json::{Value, json};

use crate::support::client::{Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    overrides_obey_the_same_rules_everywhere,
    a_record_has_so_many_automatic_taxes_and_no_more,
);

/// Most rates that one request attaches.
const OVERRIDES_MAX: usize = 100;

fn overrides_obey_the_same_rules_everywhere(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let api = &tenant.api;
    let rate = json!({ "name": "VAT", "code": "vat", "tax_rate_type": "percentage", "percentage_value": "20" });
    api.post("/v1/taxes/rates", &rate).expect(201);
    tenant.customer("acme", "Acme");
    let plan = text(&api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201), "/id");
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": "10",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    });
    api.post("/v1/prices", &price).expect(201);
    let customer = |overrides: &Value| -> Reply {
        let body = json!({ "external_id": "taxed", "name": "Taxed", "tax_rate_overrides": overrides });
        api.post("/v1/customers", &body)
    };
    let subscription = |overrides: &Value| -> Reply {
        let body = json!({
            "external_customer_id": "acme", "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
            "tax_rate_overrides": overrides,
        });
        api.post("/v1/subscriptions", &body)
    };
    let good = json!({ "tax_rate_code": "vat", "currency": "USD", "priority": 0 });
    let with = |member: &str, value: Value| {
        let mut changed = good.clone();
        changed[member] = value;
        json!([good, changed])
    };
    for create in [&customer as &dyn Fn(&Value) -> Reply, &subscription] {
        for (overrides, field) in [
            (with("currency", Value::Null), "tax_rate_overrides[1].currency"),
            (with("currency", json!("us")), "tax_rate_overrides[1].currency"),
            (with("priority", json!(-1)), "tax_rate_overrides[1].priority"),
            (with("tax_rate_code", json!("")), "tax_rate_overrides[1].tax_rate_code"),
            (json!(vec![good.clone(); OVERRIDES_MAX + 1]), "tax_rate_overrides"),
        ] {
            let details = create(&overrides).expect_error(400, "validation_error");
            assert!(details.get(field).is_some(), "{field}: {details}");
        }
    }
    let most = json!(vec![good.clone(); OVERRIDES_MAX]);
    for (created, entity_type) in [(customer(&most), "customer"), (subscription(&most), "subscription")] {
        let id = text(&created.expect(201), "/id");
        let query = format!("entity_type={entity_type}&entity_id={id}&limit=1");
        let found = api.get(&format!("/v1/taxes/associations?{query}")).expect(200);
        assert_eq!(found["pagination"]["total"], OVERRIDES_MAX);
        assert_eq!(
            (&found["items"][0]["currency"], &found["items"][0]["auto_apply"]),
            (&json!("usd"), &json!(false))
        );
    }
}

fn a_record_has_so_many_automatic_taxes_and_no_more(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let api = &tenant.api;
    let rate = json!({ "name": "VAT", "code": "vat", "tax_rate_type": "percentage", "percentage_value": "20" });
    api.post("/v1/taxes/rates", &rate).expect(201);
    let automatic = json!({ "tax_rate_code": "vat", "currency": "usd", "auto_apply": true });
    let customer = json!({
        "external_id": "taxed", "name": "Taxed", "tax_rate_overrides": vec![automatic; OVERRIDES_MAX],
    });
    api.post("/v1/customers", &customer).expect(201);
    let attach = |auto_apply: bool| {
        let body = json!({ "tax_rate_code": "vat", "external_customer_id": "taxed", "auto_apply": auto_apply });
        api.post("/v1/taxes/associations", &body)
    };
    let details = attach(true).expect_error(400, "validation_error");
    assert!(details["entity_id"].is_string(), "{details}");
    // By hand there may be more of them, as long as they stay so.
    let by_hand = format!("/v1/taxes/associations/{}", text(&attach(false).expect(200), "/id"));
    let automatic = json!({ "auto_apply": true });
    api.put(&by_hand, &automatic).expect_error(400, "validation_error");
    let listed = api.get("/v1/taxes/associations?auto_apply=true&limit=1").expect(200);
    assert_eq!(listed["pagination"]["total"], OVERRIDES_MAX);
    let one = format!("/v1/taxes/associations/{}", text(&listed, "/items/0/id"));
    // One that applies by itself already is no further one.
    api.put(&one, &automatic).expect(200);
    api.delete(&one).expect(200);
    api.put(&by_hand, &automatic).expect(200);
}
