//! Places that are limited: never one more is taken (spec 01 B4, B6; spec 03 §5.13).

use serde_json::json;

use super::{WRITERS, at_once, expect_winners, plan_with_fee};
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_coupon_is_redeemed_as_often_as_it_may_be,
    invitations_stop_at_the_quota,
    environments_stop_at_the_quota,
);

/// Redemptions of the coupon.
const REDEMPTIONS_MAX: usize = 5;
/// Users of a tenant unless it is told otherwise, the first included.
const USERS_MAX: usize = 10;

fn a_coupon_is_redeemed_as_often_as_it_may_be(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let plan = plan_with_fee(&tenant.api);
    let coupon = json!({
        "name": "Few", "coupon_code": "few", "type": "percentage", "cadence": "forever", "percentage_off": "10",
        "max_redemptions": REDEMPTIONS_MAX,
    });
    let coupon = text(&tenant.api.post("/v1/coupons", &coupon).expect(201), "/id");
    for number in 0..WRITERS {
        tenant.customer(&format!("customer-{number}"), "N");
    }
    let replies = at_once(|number| {
        let subscription = json!({
            "external_customer_id": format!("customer-{number}"), "plan_id": plan, "currency": "usd",
            "billing_period": "MONTHLY", "billing_period_count": 1, "collection_method": "send_invoice",
            "payment_behavior": "default_active", "subscription_coupons": [{ "coupon_code": "few" }],
        });
        tenant.api.post("/v1/subscriptions", &subscription)
    });
    expect_winners(&replies, REDEMPTIONS_MAX, 201, &[400]);
    let coupon = tenant.api.get(&format!("/v1/coupons/{coupon}")).expect(200);
    assert_eq!(coupon["total_redemptions"], REDEMPTIONS_MAX);
    // Whoever was refused has nothing half-made.
    let subscriptions = tenant.api.get("/v1/subscriptions?limit=1000").expect(200);
    assert_eq!(subscriptions["pagination"]["total"], REDEMPTIONS_MAX);
    let invoices = tenant.api.get("/v1/invoices?limit=1000").expect(200);
    assert_eq!(invoices["pagination"]["total"], REDEMPTIONS_MAX);
}

fn invitations_stop_at_the_quota(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let replies = at_once(|number| {
        let email = format!("guest-{number}-{}", tenant.email);
        let body = json!({ "type": "user", "email": email, "roles": ["all_reader"] });
        tenant.session().post("/v1/users", &body)
    });
    expect_winners(&replies, USERS_MAX - 1, 201, &[400]);
    let search = json!({ "type": "user", "limit": 100 });
    let people = tenant.session().post("/v1/users/search", &search).expect(200);
    assert_eq!(people["pagination"]["total"], USERS_MAX);
}

/// A tenant may have two development environments, one of which comes with it.
fn environments_stop_at_the_quota(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let replies = at_once(|number| {
        let body = json!({ "name": format!("E{number}"), "type": "development" });
        tenant.session().post("/v1/environments", &body)
    });
    expect_winners(&replies, 1, 201, &[400]);
    assert_eq!(tenant.session().get("/v1/environments").expect(200)["total"], 2);
}
