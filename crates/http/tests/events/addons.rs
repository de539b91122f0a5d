//! The outbound events of addons on subscriptions (spec 03 §2.3, spec 04 §3.7).

use axum::body::Body;
use serde_json::{Value, json};

use crate::support::Server;

async fn create(server: &Server, path: &str, body: &Value) -> String {
    let created = server.post(path, body).await.expect(201);
    created["id"].as_str().unwrap().to_owned()
}

fn fee(owner_type: &str, owner: &str) -> Value {
    json!({
        "entity_type": owner_type, "entity_id": owner, "currency": "usd", "type": "FIXED", "amount": "1",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    })
}

#[tokio::test]
async fn attaching_and_detaching_update_the_subscription() {
    let server = Server::start().await;
    let customer = json!({"external_id": "cust_1", "name": "Acme"});
    create(&server, "/v1/customers", &customer).await;
    let plan = create(&server, "/v1/plans", &json!({"name": "Pro"})).await;
    let addon = create(&server, "/v1/addons", &json!({"name": "Seats", "lookup_key": "seats"})).await;
    create(&server, "/v1/prices", &fee("PLAN", &plan)).await;
    create(&server, "/v1/prices", &fee("ADDON", &addon)).await;
    let subscription = json!({
        "external_customer_id": "cust_1", "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
        "addons": [{"addon_id": addon}],
    });
    let subscription = create(&server, "/v1/subscriptions", &subscription).await;
    // A new subscription tells of its addons itself, and addons alone tell of nothing.
    assert!(server.outbox("subscription.updated").await.is_empty());

    let attach = json!({"subscription_id": subscription, "addon_id": addon});
    let attached = server.post("/v1/subscriptions/addon", &attach).await.expect(200);
    let told = server.outbox("subscription.updated").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].entity_id, subscription);
    let refused = json!({"subscription_id": subscription, "addon_id": "addon_none"});
    server.post("/v1/subscriptions/addon", &refused).await.expect(404);
    for status in [200, 400] {
        let detach = json!({"addon_association_id": attached["id"]}).to_string();
        let answer = server
            .respond("DELETE", "/v1/subscriptions/addon", Body::from(detach))
            .await;
        assert_eq!(answer.status().as_u16(), status);
        // The refused second time tells nothing.
        assert_eq!(server.outbox("subscription.updated").await.len(), 2);
    }
}
