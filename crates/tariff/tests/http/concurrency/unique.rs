//! One name, many creations: exactly one record gets it (spec 01 A8, B6, B9).

use serde_json::{Value, json};

use super::{at_once, expect_winners};
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::{PASSWORD, Tenant};

crate::tests!(
    a_name_is_given_once,
    an_email_is_invited_once,
    an_email_signs_up_once,
    a_customer_is_deleted_once,
    a_subscription_gets_an_entitlement_once,
    a_feature_is_included_or_withdrawn,
);

fn a_name_is_given_once(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let plan = text(
        &tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201),
        "/id",
    );
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": "10",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1, "lookup_key": "one",
    });
    let creations: [(&str, Value, &str); 8] = [
        (
            "/v1/customers",
            json!({ "external_id": "one", "name": "N" }),
            "/v1/customers?external_id=one",
        ),
        (
            "/v1/plans",
            json!({ "name": "N", "lookup_key": "one" }),
            "/v1/plans?lookup_key=one",
        ),
        (
            "/v1/features",
            json!({ "name": "N", "type": "boolean", "lookup_key": "one" }),
            "/v1/features?lookup_keys=one",
        ),
        ("/v1/prices", price, &format!("/v1/prices?plan_ids={plan}")),
        (
            "/v1/prices/units",
            json!({ "name": "N", "code": "one", "symbol": "c", "base_currency": "usd", "conversion_rate": "0.01" }),
            "/v1/prices/units",
        ),
        (
            "/v1/coupons",
            json!({
                "name": "N", "coupon_code": "one", "type": "percentage", "cadence": "forever", "percentage_off": "10",
            }),
            "/v1/coupons?coupon_codes=one",
        ),
        (
            "/v1/taxes/rates",
            json!({ "name": "N", "code": "one", "tax_rate_type": "percentage", "percentage_value": "19" }),
            "/v1/taxes/rates?taxrate_codes=one",
        ),
        (
            "/v1/groups",
            json!({ "name": "N", "entity_type": "price", "lookup_key": "one" }),
            "",
        ),
    ];
    for (path, body, list) in creations {
        let replies = at_once(|_| tenant.api.post(path, &body));
        expect_winners(&replies, 1, 201, &[409]);
        for reply in replies.iter().filter(|reply| reply.status == 409) {
            reply.expect_error(409, "already_exists");
        }
        let found = if list.is_empty() {
            tenant.api.post("/v1/groups/search", &json!({ "lookup_key": "one" }))
        } else {
            tenant.api.get(list)
        };
        assert_eq!(found.expect(200)["items"].as_array().unwrap().len(), 1, "{path}");
    }
}

/// A plan with a price, and a subscription to it.
fn subscribe(tenant: &Tenant) -> String {
    let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "type": "FIXED", "amount": "10",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ARREAR", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    });
    tenant.api.post("/v1/prices", &price).expect(201);
    let customer = tenant.customer("one", "N");
    let subscription = json!({
        "customer_id": customer["id"], "plan_id": plan["id"], "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    text(&tenant.api.post("/v1/subscriptions", &subscription).expect(201), "/id")
}

fn a_subscription_gets_an_entitlement_once(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let subscription = subscribe(&tenant);
    let feature = json!({ "name": "N", "type": "boolean" });
    let feature = tenant.api.post("/v1/features", &feature).expect(201);
    let body = json!({
        "entity_type": "SUBSCRIPTION", "entity_id": subscription, "feature_id": feature["id"],
        "feature_type": "boolean", "is_enabled": true,
    });
    let replies = at_once(|_| tenant.api.post("/v1/entitlements", &body));
    expect_winners(&replies, 1, 201, &[409]);
    let found = tenant.api.get(&format!("/v1/entitlements?entity_ids={subscription}"));
    assert_eq!(found.expect(200)["pagination"]["total"], 1);
}

/// A feature that is withdrawn while plans include it is in none of them in the end, or it is not withdrawn.
fn a_feature_is_included_or_withdrawn(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    for round in 0..4 {
        let feature = json!({ "name": "N", "type": "boolean", "lookup_key": format!("feature-{round}") });
        let feature = tenant.api.post("/v1/features", &feature).expect(201);
        let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
        let path = format!("/v1/features/{}", text(&feature, "/id"));
        let body = json!({
            "plan_id": plan["id"], "feature_id": feature["id"], "feature_type": "boolean", "is_enabled": true,
        });
        at_once(|number| {
            if number % 2 == 0 {
                tenant.api.delete(&path)
            } else {
                tenant.api.post("/v1/entitlements", &body)
            }
        });
        let withdrawn = tenant.api.get(&path).expect(200)["status"] == "archived";
        let list = format!("/v1/entitlements?entity_ids={}", text(&plan, "/id"));
        let included = tenant.api.get(&list).expect(200)["pagination"]["total"] == 1;
        assert!(withdrawn != included, "withdrawn: {withdrawn}, included: {included}");
    }
}

fn an_email_is_invited_once(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let body = json!({ "type": "user", "email": format!("guest-{}", tenant.email), "roles": ["all_reader"] });
    let replies = at_once(|_| tenant.session().post("/v1/users", &body));
    expect_winners(&replies, 1, 201, &[409]);
}

fn an_email_signs_up_once(place: &Place) {
    let client = place.server().client();
    let tenant = Tenant::sign_up(&client);
    let body = json!({ "email": format!("new-{}", tenant.email), "password": PASSWORD });
    let replies = at_once(|_| client.post("/v1/auth/signup", &body));
    expect_winners(&replies, 1, 200, &[409]);
}

fn a_customer_is_deleted_once(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let path = format!("/v1/customers/{}", text(&tenant.customer("one", "N"), "/id"));
    let replies = at_once(|_| tenant.api.delete(&path));
    expect_winners(&replies, 1, 204, &[404]);
}
