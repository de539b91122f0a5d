//! Customers who are addressed, subscribed or linked while others change them or take them away (spec 01 B1, B2).

use serde_json::{Value, json};

use super::{at_once, plan_with_fee};
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    nobody_becomes_a_subscriber_while_deleted,
    an_update_reaches_whoever_has_the_external_id,
    a_customer_is_linked_once,
);

/// Customers that are taken away; writers share them.
const ROUNDS: usize = 8;

fn nobody_becomes_a_subscriber_while_deleted(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let plan = plan_with_fee(&tenant.api);
    let customers: Vec<String> = (0..ROUNDS)
        .map(|round| text(&tenant.customer(&format!("c-{round}"), "N"), "/id"))
        .collect();
    let replies = at_once(|writer| {
        let customer = &customers[writer % ROUNDS];
        if writer < ROUNDS {
            return tenant.api.delete(&format!("/v1/customers/{customer}"));
        }
        // Half of them by the external id.
        let (member, name) = if writer % 2 == 0 {
            ("customer_id", customer.clone())
        } else {
            ("external_customer_id", format!("c-{}", writer % ROUNDS))
        };
        let mut subscription = json!({
            "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY", "billing_period_count": 1,
            "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        subscription[member] = json!(name);
        tenant.api.post("/v1/subscriptions", &subscription)
    });
    for (round, customer) in customers.iter().enumerate() {
        let deleted = replies[round].status == 204;
        let subscribed = replies[ROUNDS..]
            .iter()
            .skip(round)
            .step_by(ROUNDS)
            .any(|reply| reply.status == 201);
        assert_ne!(deleted, subscribed, "{customer}");
        let read = tenant.api.get(&format!("/v1/customers/{customer}")).expect(200);
        assert_eq!(read["status"], if deleted { "archived" } else { "published" });
    }
    for reply in replies {
        assert!(reply.status < 500, "{} answered {}", reply.what, reply.text);
    }
}

fn an_update_reaches_whoever_has_the_external_id(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let customers: Vec<String> = (0..ROUNDS)
        .map(|round| text(&tenant.customer(&format!("c-{round}"), "N"), "/id"))
        .collect();
    let replies = at_once(|writer| {
        let (round, customer) = (writer % ROUNDS, &customers[writer % ROUNDS]);
        let by_id = format!("/v1/customers/{customer}");
        let by_name = format!("/v1/customers?external_customer_id=c-{round}");
        match writer / ROUNDS {
            0 if round % 2 == 0 => tenant.api.delete(&by_id),
            0 => tenant
                .api
                .put(&by_id, &json!({ "external_id": format!("renamed-{round}") })),
            1 => tenant.api.post(
                "/v1/customers",
                &json!({ "external_id": format!("c-{round}"), "name": "Successor" }),
            ),
            _ => tenant.api.put(&by_name, &json!({ "contact": "1" })),
        }
    });
    for reply in &replies[2 * ROUNDS..] {
        assert!(
            matches!(reply.status, 200 | 404),
            "{} answered {}",
            reply.what,
            reply.text
        );
        let Ok(answer) = serde_json::from_str::<Value>(&reply.text) else {
            panic!("{} answered {}", reply.what, reply.text);
        };
        if reply.status == 200 {
            assert_eq!(answer["status"], "published", "{answer}");
            let addressed = format!("external_customer_id={}", text(&answer, "/external_id"));
            assert!(reply.what.ends_with(&addressed), "{} reached {answer}", reply.what);
        }
    }
}

fn a_customer_is_linked_once(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let connection = json!({
        "name": "Stripe", "provider_type": "stripe",
        "encrypted_secret_data": { "publishable_key": "pk", "secret_key": "sk", "webhook_secret": "wh" },
    });
    tenant.api.post("/v1/connections", &connection).expect(201);
    let path = format!("/v1/customers/{}", text(&tenant.customer("c", "N"), "/id"));
    let replies = at_once(|writer| {
        let mut link = json!({ "provider_type": "stripe", "provider_entity_id": format!("cus_{writer}") });
        if writer % 2 == 0 {
            return tenant.api.put(&path, &json!({ "integration_entity_mapping": [link] }));
        }
        link["entity_type"] = json!("customer");
        link["entity_id"] = json!(path.rsplit('/').next());
        tenant.api.post("/v1/integrations/link", &link)
    });
    for reply in &replies {
        assert_eq!(reply.status, 200, "{} answered {}", reply.what, reply.text);
    }
    let read = tenant.api.get(&format!("{path}?expand=integrations")).expect(200);
    assert_eq!(read["integrations"].as_array().map(Vec::len), Some(1), "{read}");
}
