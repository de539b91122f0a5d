//! The caller's tenant (spec 01 B5).

use serde_json::json;

use crate::support::{Server, text};

#[tokio::test]
async fn only_the_own_tenant_can_be_read() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let stranger = server.sign_up("b@example.com").await;
    let own = tenant
        .session
        .get(&format!("/v1/tenants/{}", tenant.tenant_id))
        .await
        .expect(200);
    assert_eq!(
        (text(&own, "name"), text(&own, "status")),
        ("Acme".to_owned(), "published".to_owned())
    );
    assert_eq!(own["created_at"], "2024-03-01T12:00:00Z");
    for id in [stranger.tenant_id.as_str(), "tenant_unknown"] {
        let refused = tenant.session.get(&format!("/v1/tenants/{id}")).await;
        refused.expect_error(403, "permission_denied");
    }
}

#[tokio::test]
async fn what_is_omitted_stays() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let update = "/v1/tenants/update";
    let details =
        json!({"email": "bills@example.com", "address": {"address_line1": "1 Road", "address_country": "DE"}});
    let body = json!({"billing_details": details, "metadata": {"a": "1"}});
    let changed = tenant.session.put(update, &body).await.expect(200);
    assert_eq!(
        (&changed["billing_details"], &changed["name"]),
        (&details, &json!("Acme"))
    );
    let renamed = tenant
        .session
        .put(update, &json!({"name": "Acme Inc"}))
        .await
        .expect(200);
    assert_eq!(
        (&renamed["billing_details"], &renamed["name"]),
        (&details, &json!("Acme Inc"))
    );
    assert_eq!(renamed["metadata"], json!({"a": "1"}));
    let kept = tenant
        .session
        .put(update, &json!({"name": "", "metadata": {}}))
        .await
        .expect(200);
    assert_eq!((&kept["name"], &kept["metadata"]), (&json!("Acme Inc"), &json!({})));
    for bad in [
        json!({"name": "x".repeat(101)}),
        json!({"billing_details": {"address": {"address_country": "de"}}}),
        json!({"billing_details": {"address": {"address_postal_code": "x".repeat(21)}}}),
    ] {
        tenant
            .session
            .put(update, &bad)
            .await
            .expect_error(400, "validation_error");
    }
}

#[tokio::test]
async fn the_platform_bills_nobody() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    for path in ["/v1/tenants/billing", "/v1/tenant/billing"] {
        // With an environment or without.
        for caller in [tenant.here(), tenant.session.clone()] {
            let answer = caller.get(path).await;
            answer.expect_exactly(200, json!({"usage": null, "subscriptions": null}));
        }
    }
}
