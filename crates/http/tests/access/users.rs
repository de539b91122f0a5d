//! People and service accounts (spec 01 B6, acceptance 16).

use serde_json::{Value, json};

use crate::support::{Server, text};

#[tokio::test]
async fn an_invited_person_logs_in_with_the_password_that_is_shown_once() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let invitation = json!({"type": "user", "email": "Bob@example.com", "name": "Bob", "roles": ["all_reader"]});
    let created = tenant.session.post("/v1/users", &invitation).await.expect(201);
    let password = text(&created, "password");
    assert_eq!(password.chars().count(), 16);
    assert_eq!(
        (&created["roles"], &created["tenant"]["id"]),
        (&json!(["all_reader"]), &json!(tenant.tenant_id))
    );
    let login = json!({"email": "bob@example.com", "password": password});
    let token = text(
        &server.visitor().post("/v1/auth/login", &login).await.expect(200),
        "token",
    );
    let me = server
        .visitor()
        .with_token(&token)
        .get("/v1/users/me")
        .await
        .expect(200);
    assert_eq!((&me["name"], &me["email"]), (&json!("Bob"), &json!("Bob@example.com")));
    assert!(me.get("password").is_none());

    tenant
        .session
        .post("/v1/users", &invitation)
        .await
        .expect_error(409, "already_exists");
    let stranger = server.sign_up("c@example.com").await;
    stranger
        .session
        .post("/v1/users", &invitation)
        .await
        .expect_error(409, "already_exists");
}

#[tokio::test]
async fn invitations_follow_rules_in_their_order() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let unspecific = json!({"type": "user", "email": "d@example.com"});
    let created = tenant.session.post("/v1/users", &unspecific).await.expect(201);
    assert_eq!(created["roles"], json!(["super_admin"]));
    for (body, status) in [
        (json!({"email": "x@example.com"}), 400),
        (json!({"type": "robot", "email": "x@example.com"}), 400),
        (json!({"type": "user"}), 400),
        (json!({"type": "user", "email": "x"}), 400),
        (
            json!({"type": "user", "email": "x@example.com", "roles": ["owner"]}),
            400,
        ),
        (
            json!({"type": "user", "email": "x@example.com", "roles": ["event_ingestor"]}),
            400,
        ),
        (
            json!({"type": "user", "email": "x@example.com", "roles": ["super_admin", "all_reader"]}),
            400,
        ),
        (json!({"type": "service_account"}), 400),
        (json!({"type": "service_account", "roles": ["all_reader"]}), 400),
        (
            json!({"type": "service_account", "roles": ["event_reader"], "email": "x@example.com"}),
            400,
        ),
        (
            json!({"type": "service_account", "roles": ["event_reader", "event_ingestor"]}),
            201,
        ),
    ] {
        tenant.session.post("/v1/users", &body).await.expect(status);
    }
    // A writer holds every permission but is no super admin.
    let writer = server.invited(&tenant, "w@example.com", "all_writer").await;
    for body in [
        json!({"type": "user", "email": "x@example.com", "roles": ["all_reader"]}),
        json!({"type": "service_account", "roles": ["super_admin"]}),
    ] {
        writer
            .post("/v1/users", &body)
            .await
            .expect_error(403, "permission_denied");
    }
    writer
        .post(
            "/v1/users",
            &json!({"type": "service_account", "roles": ["event_reader"]}),
        )
        .await
        .expect(201);
}

#[tokio::test]
async fn a_tenant_may_have_ten_users_of_both_kinds() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    for _ in 0..9 {
        tenant.new_service_account("event_reader").await;
    }
    let body = json!({"type": "user", "email": "b@example.com"});
    tenant
        .session
        .post("/v1/users", &body)
        .await
        .expect_error(400, "validation_error");
}

#[tokio::test]
async fn the_caller_changes_name_and_merges_metadata() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    for (body, name, metadata) in [
        (
            json!({"name": "Ann", "metadata": {"a": "1", "b": "2"}}),
            "Ann",
            json!({"a": "1", "b": "2"}),
        ),
        (
            json!({"name": "", "metadata": {"b": "3"}}),
            "Ann",
            json!({"a": "1", "b": "3"}),
        ),
        (json!({}), "Ann", json!({"a": "1", "b": "3"})),
    ] {
        let me = tenant.session.put("/v1/users/me", &body).await.expect(200);
        assert_eq!((&me["name"], &me["metadata"]), (&json!(name), &metadata));
    }
    // A key stands for its owner.
    let me = tenant.with_own_key().await.get("/v1/users/me").await.expect(200);
    assert_eq!(me["id"], tenant.user_id);
}

#[tokio::test]
async fn merged_metadata_has_a_limit() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let part = |key: &str| json!({"metadata": {key: "x".repeat(600 * 1024)}});
    tenant.session.put("/v1/users/me", &part("a")).await.expect(200);
    let refused = tenant.session.put("/v1/users/me", &part("b")).await;
    assert_eq!(
        refused.expect_error(400, "validation_error")["details"]["metadata"],
        "is too large"
    );
    // What is there can be replaced.
    let me = tenant.session.put("/v1/users/me", &part("a")).await.expect(200);
    assert_eq!(me["metadata"].as_object().unwrap().len(), 1);
}

#[tokio::test]
async fn roles_change_only_without_live_keys_and_never_ones_own() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let bob = server.invited(&tenant, "bob@example.com", "super_admin").await;
    let bob_id = text(&bob.get("/v1/users/me").await.expect(200), "id");
    let path = format!("/v1/users/{bob_id}/roles");
    let readers = json!({"roles": ["all_reader"]});

    let own = format!("/v1/users/{}/roles", tenant.user_id);
    tenant
        .session
        .put(&own, &readers)
        .await
        .expect_error(403, "permission_denied");
    for bad in [
        json!({}),
        json!({"roles": []}),
        json!({"roles": [""]}),
        json!({"roles": ["event_reader"]}),
    ] {
        tenant
            .session
            .put(&path, &bad)
            .await
            .expect_error(400, "validation_error");
    }
    tenant
        .session
        .put("/v1/users/user_unknown/roles", &readers)
        .await
        .expect_error(404, "not_found");
    let account = tenant.new_service_account("event_reader").await;
    let of_account = format!("/v1/users/{account}/roles");
    tenant
        .session
        .put(&of_account, &readers)
        .await
        .expect_error(400, "validation_error");

    let key = json!({"name": "bobs", "type": "private_key"});
    let bob_here = bob.with("x-environment-id", &tenant.environment_id);
    let key = bob_here.post("/v1/secrets/api/keys", &key).await.expect(201);
    let key_id = text(&key["secret"], "id");
    let refused = tenant
        .session
        .put(&path, &readers)
        .await
        .expect_error(400, "validation_error");
    assert_eq!(refused["details"]["active_api_key_count"], 1);
    assert_eq!(
        refused["details"]["active_api_keys"][&tenant.environment_id],
        json!({"env_name": "Sandbox", "api_keys": [{"id": key_id, "key_name": "bobs"}]}),
    );
    tenant
        .here()
        .delete(&format!("/v1/secrets/api/keys/{key_id}"))
        .await
        .expect(204);
    let changed = tenant.session.put(&path, &readers).await.expect(200);
    assert_eq!(changed["roles"], json!(["all_reader"]));
    // Roles are read at each request, so the session follows.
    bob.put("/v1/users/me", &json!({})).await.expect(403);
}

#[tokio::test]
async fn a_service_account_is_renamed_and_archived() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let id = tenant.new_service_account("event_reader").await;
    let path = format!("/v1/users/{id}");
    let renamed = tenant.session.put(&path, &json!({"name": "Reader"})).await.expect(200);
    assert_eq!(
        (&renamed["name"], &renamed["type"]),
        (&json!("Reader"), &json!("service_account"))
    );
    tenant
        .session
        .put(&path, &json!({"name": ""}))
        .await
        .expect_error(400, "validation_error");

    let person = format!("/v1/users/{}", tenant.user_id);
    tenant
        .session
        .put(&person, &json!({"name": "x"}))
        .await
        .expect_error(404, "not_found");
    tenant
        .session
        .delete(&person)
        .await
        .expect_error(400, "validation_error");

    let key = json!({"name": "k", "type": "private_key", "service_account_id": id});
    let key = tenant.new_key(&key).await;
    let refused = tenant.session.delete(&path).await.expect_error(400, "validation_error");
    assert_eq!(refused["details"]["active_api_key_count"], 1);
    let revoke = format!("/v1/secrets/api/keys/{}", text(&key["secret"], "id"));
    tenant.here().delete(&revoke).await.expect(204);
    tenant.session.delete(&path).await.expect(204);
    tenant.session.delete(&path).await.expect_error(404, "not_found");
    tenant
        .session
        .put(&path, &json!({"name": "x"}))
        .await
        .expect_error(400, "validation_error");
}

#[tokio::test]
async fn search_finds_published_users() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let reader = tenant.new_service_account("event_reader").await;
    let ingestor = tenant.new_service_account("event_ingestor").await;
    let gone = tenant.new_service_account("event_reader").await;
    tenant.session.delete(&format!("/v1/users/{gone}")).await.expect(204);
    let stranger = server.sign_up("b@example.com").await;
    stranger.new_service_account("event_reader").await;
    let ids = |list: &Value| -> Vec<String> {
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|user| text(user, "id"))
            .collect()
    };
    for (body, expected) in [
        (json!({}), vec![&ingestor, &reader]),
        (json!({"type": "user"}), vec![&tenant.user_id]),
        (json!({"roles": ["event_reader", "super_admin"]}), vec![&reader]),
        (
            json!({"roles": ["event_reader", "event_ingestor"]}),
            vec![&ingestor, &reader],
        ),
        (json!({"user_ids": [reader]}), vec![&reader]),
        (json!({"status": "archived"}), vec![]),
        (
            json!({"order": "asc", "sort": [{"field": "name", "direction": "desc"}]}),
            vec![&reader, &ingestor],
        ),
    ] {
        let list = tenant.session.post("/v1/users/search", &body).await.expect(200);
        assert_eq!(ids(&list).iter().collect::<Vec<_>>(), expected, "{body}");
    }
}

#[tokio::test]
async fn the_support_chat_gets_a_proof_where_it_is_configured() {
    let server = Server::start_with(|config| config.chat_secret = Some("6b6579".to_owned())).await;
    let tenant = server.sign_up("a@example.com").await;
    // HMAC-SHA256 of the e-mail under the key "key".
    let expected = "a58174f17d84bb276f38bdb6296c740d521221a465299af8b66b54e5cc8e18bf";
    let answer = tenant.session.post("/v1/users/chat/verify", &json!({})).await;
    answer.expect_exactly(200, json!({"token": expected, "expires_at": ""}));
    let plain = Server::start().await;
    let tenant = plain.sign_up("a@example.com").await;
    tenant
        .session
        .post("/v1/users/chat/verify", &json!({}))
        .await
        .expect_error(500, "internal_error");
}
