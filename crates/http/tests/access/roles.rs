//! The roles and what they let through (spec 01 A4, B6).

use serde_json::{Value, json};

use crate::support::{Server, text};

#[tokio::test]
async fn the_catalogue_lists_roles_in_order() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let ids = |list: Value| -> Vec<String> {
        list["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|role| text(role, "id"))
            .collect()
    };
    for (query, expected) in [
        (
            "",
            vec![
                "super_admin",
                "all_reader",
                "all_writer",
                "event_ingestor",
                "event_reader",
            ],
        ),
        ("?user_type=user", vec!["super_admin", "all_reader", "all_writer"]),
        (
            "?user_type=service_account",
            vec!["super_admin", "event_ingestor", "event_reader"],
        ),
    ] {
        let list = tenant.here().get(&format!("/v1/rbac/roles{query}")).await.expect(200);
        assert_eq!(ids(list), expected, "{query}");
    }
    tenant
        .here()
        .get("/v1/rbac/roles?user_type=robot")
        .await
        .expect_error(400, "validation_error");
    let role = tenant.here().get("/v1/rbac/roles/event_ingestor").await.expect(200);
    assert_eq!(role["role"]["permissions"], json!({"event": ["write"]}));
    let unknown = tenant.here().get("/v1/rbac/roles/owner").await;
    unknown.expect_exactly(404, json!({"error": "Role not found"}));
}

#[tokio::test]
async fn each_role_lets_through_what_it_grants() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let insufficient = json!({"message": "insufficient permissions"});
    let not_a_super_admin = json!({"message": "This action requires a user account with Super Admin access"});
    let ingestor = tenant.service_account("event_ingestor").await;
    // Reading routes without a permission of their own are open to every credential.
    ingestor.get("/v1/customers").await.expect(200);
    ingestor
        .post("/v1/customers", &json!({}))
        .await
        .expect_exactly(403, insufficient.clone());
    ingestor
        .get("/v1/secrets/api/keys")
        .await
        .expect_exactly(403, insufficient.clone());
    ingestor
        .put("/v1/users/x/roles", &json!({}))
        .await
        .expect_exactly(403, not_a_super_admin.clone());

    for (role, reads, writes) in [("all_reader", 200, 403), ("all_writer", 200, 400)] {
        let person = server.invited(&tenant, &format!("{role}@example.com"), role).await;
        let person = person.with("x-environment-id", &tenant.environment_id);
        person.get("/v1/secrets/api/keys").await.expect(reads);
        person.post("/v1/customers", &json!({})).await.expect(writes);
        person
            .put("/v1/users/x/roles", &json!({}))
            .await
            .expect_exactly(403, not_a_super_admin.clone());
    }
    // A service account is no person, whatever its roles.
    let account = tenant.service_account("super_admin").await;
    account
        .put("/v1/users/x/roles", &json!({}))
        .await
        .expect_exactly(403, not_a_super_admin);
}

#[tokio::test]
async fn strict_reads_demand_the_permission_to_read() {
    let server = Server::start_with(|config| config.strict_read_permissions = true).await;
    let tenant = server.sign_up("a@example.com").await;
    let ingestor = tenant.service_account("event_ingestor").await;
    let refused = ingestor.get("/v1/customers").await;
    refused.expect_exactly(403, json!({"message": "insufficient permissions"}));
    tenant.here().get("/v1/customers").await.expect(200);
}
