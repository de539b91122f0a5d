//! The customer's own doors (spec 01 A2 "Portal session token", Q14).

use serde_json::json;

use crate::support::{Server, text};

const INFO: &str = "/v1/customer/portal/info";

#[tokio::test]
async fn a_portal_session_lasts_an_hour() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let customer = json!({"external_id": "x", "name": "n"});
    let customer = tenant.here().post("/v1/customers", &customer).await.expect(201);
    let opened = tenant.here().get("/v1/customers/portal/x").await.expect(200);
    let visitor = server.visitor().with("x-session-token", &text(&opened, "token"));
    assert_eq!(visitor.get(INFO).await.expect(200), customer);

    let missing = json!({"error": "Session token required"});
    server.visitor().get(INFO).await.expect_exactly(401, missing.clone());
    // No other credential opens the portal, and the portal's token opens nothing else.
    tenant.here().get(INFO).await.expect_exactly(401, missing);
    let bad = json!({"error": "Invalid or expired session token"});
    let guess = server.visitor().with("x-session-token", "guess");
    guess.get(INFO).await.expect_exactly(401, bad.clone());
    visitor.get("/v1/customers").await.expect(401);
    server.set_time("2024-03-01T13:00:01Z");
    visitor.get(INFO).await.expect_exactly(401, bad);
}

#[tokio::test]
async fn a_customer_changes_its_address_but_not_its_ids() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let customer = json!({"external_id": "x", "name": "n", "metadata": {"tier": "gold"}});
    tenant.here().post("/v1/customers", &customer).await.expect(201);
    let opened = tenant.here().get("/v1/customers/portal/x").await.expect(200);
    let visitor = server.visitor().with("x-session-token", &text(&opened, "token"));
    let wish = json!({
        "name": "New name", "address_city": "Berlin", "external_id": "y", "metadata": {"tier": "platinum"},
        "integration_entity_mapping": [{"provider_type": "stripe", "provider_entity_id": "cus_1"}],
    });
    let changed = visitor.put(INFO, &wish).await.expect(200);
    assert_eq!(
        (&changed["name"], &changed["address_city"]),
        (&json!("New name"), &json!("Berlin"))
    );
    assert_eq!(
        (&changed["external_id"], &changed["metadata"]),
        (&json!("x"), &json!({"tier": "gold"}))
    );
    assert!(changed.get("integrations").is_none());
    visitor
        .put(INFO, &json!({"email": "bad"}))
        .await
        .expect_error(400, "validation_error");
    let layout = visitor.get("/v1/customer/portal/config").await.expect(200);
    assert_eq!(layout["key"], "customer_portal_config");
}
