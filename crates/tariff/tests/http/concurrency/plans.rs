//! A plan that is archived while subscriptions to it are made: whoever was told that a subscription exists has one to a
//! published plan (spec 03 Q25).

use serde_json::json;

use super::{at_once, plan_with_fee};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(a_plan_is_archived_or_subscribed_to,);

/// Plans that the race is run for; it is a short one.
const PLANS: usize = 5;

fn a_plan_is_archived_or_subscribed_to(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    tenant.customer("acme", "Acme");
    for _ in 0..PLANS {
        let plan = plan_with_fee(&tenant.api);
        let subscription = json!({
            "external_customer_id": "acme", "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        let path = format!("/v1/plans/{plan}");
        let replies = at_once(|number| {
            if number % 2 == 0 {
                tenant.api.delete(&path)
            } else {
                tenant.api.post("/v1/subscriptions", &subscription)
            }
        });
        for reply in &replies {
            assert!(
                reply.status < 500,
                "{} answered {}: {}",
                reply.what,
                reply.status,
                reply.text
            );
        }
        let archived = replies.iter().any(|reply| reply.status == 200);
        let subscribed = replies.iter().filter(|reply| reply.status == 201).count();
        assert!(
            archived != (subscribed > 0),
            "archived: {archived}, subscriptions: {subscribed}"
        );
        let status = tenant.api.get(&path).expect(200)["status"].clone();
        assert_eq!(status, if archived { "archived" } else { "published" });
    }
}
