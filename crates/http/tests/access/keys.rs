//! API keys: minting, expiry, revocation, who sees whose (spec 01 A2, B7).

use std::time::{Duration, Instant};

use serde_json::json;
use tariff_core::{Scope, Status};
use tariff_store::column::Word;
use tariff_store::entity::secrets;
use tariff_store::set;

use crate::support::{Server, text};

const KEYS: &str = "/v1/secrets/api/keys";

#[tokio::test]
async fn a_key_is_shown_once_and_listed_masked() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let created = tenant.new_key(&json!({"name": "ci", "type": "private_key"})).await;
    let key = text(&created, "api_key");
    assert!(key.starts_with("sk_"));
    let secret = &created["secret"];
    assert_eq!(
        text(secret, "display_id"),
        format!("{}***{}", &key[..5], &key[key.len() - 2..])
    );
    assert_eq!(secret["roles"], json!(["super_admin"]));
    assert_eq!(
        (&secret["user_type"], &secret["user_id"]),
        (&json!("user"), &json!(tenant.user_id))
    );
    assert!(secret.get("expires_at").is_none() && secret.get("last_used_at").is_none());
    let list = tenant.here().get(KEYS).await.expect(200);
    assert_eq!(list["items"], json!([secret]));
    assert_eq!(list["pagination"], json!({"total": 1, "limit": 50, "offset": 50}));
}

#[tokio::test]
async fn a_key_works_until_it_expires_or_is_revoked() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let refused = json!({"error": "Unauthorized"});

    let body = json!({"name": "short", "type": "private_key", "expires_at": "2024-03-01T13:00:00Z"});
    let expiring = tenant.new_key(&body).await;
    let client = tenant.keyed(&expiring);
    server.set_time("2024-03-01T13:00:00Z");
    client.get("/v1/customers").await.expect(200);
    server.set_time("2024-03-01T13:00:00.000001Z");
    client.get("/v1/customers").await.expect_exactly(401, refused.clone());

    let past = json!({"name": "past", "type": "private_key", "expires_at": "2020-01-01T00:00:00Z"});
    let past = tenant.new_key(&past).await;
    tenant
        .keyed(&past)
        .get("/v1/customers")
        .await
        .expect_exactly(401, refused.clone());

    let revoked = tenant.new_key(&json!({"name": "gone", "type": "private_key"})).await;
    tenant.keyed(&revoked).get("/v1/customers").await.expect(200);
    let path = format!("{KEYS}/{}", text(&revoked["secret"], "id"));
    tenant.here().delete(&path).await.expect(204);
    tenant.here().delete(&path).await.expect(204);
    tenant
        .keyed(&revoked)
        .get("/v1/customers")
        .await
        .expect_exactly(401, refused.clone());
    tenant
        .here()
        .delete(&format!("{KEYS}/secret_unknown"))
        .await
        .expect_error(404, "not_found");

    let publishable = tenant.new_key(&json!({"name": "web", "type": "publishable_key"})).await;
    assert!(text(&publishable, "api_key").starts_with("pk_"));
    tenant
        .keyed(&publishable)
        .get("/v1/customers")
        .await
        .expect_exactly(401, refused);
    let list = tenant.here().get(KEYS).await.expect(200);
    assert!(!list.to_string().contains("publishable_key"));
    assert!(!list.to_string().contains("gone"));
}

#[tokio::test]
async fn keys_of_service_accounts_are_for_super_admin_people_to_mint() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let account = tenant.new_service_account("event_ingestor").await;
    let body = json!({"name": "ingest", "type": "private_key", "service_account_id": account});
    let created = tenant.new_key(&body).await;
    assert_eq!(created["secret"]["service_account_name"], "event_ingestor");
    assert_eq!(created["secret"]["user_type"], "service_account");
    assert_eq!(created["secret"]["roles"], json!(["event_ingestor"]));

    let mut of_person = body.clone();
    of_person["service_account_id"] = json!(tenant.user_id);
    tenant
        .here()
        .post(KEYS, &of_person)
        .await
        .expect_error(400, "validation_error");
    let mut of_nobody = body.clone();
    of_nobody["service_account_id"] = json!("user_unknown");
    tenant
        .here()
        .post(KEYS, &of_nobody)
        .await
        .expect_error(404, "not_found");
    let admin_account = tenant.service_account("super_admin").await;
    admin_account
        .post(KEYS, &body)
        .await
        .expect_error(403, "permission_denied");
}

#[tokio::test]
async fn only_super_admin_people_see_and_revoke_keys_of_others() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let own = tenant.new_key(&json!({"name": "own", "type": "private_key"})).await;
    let account = tenant.service_account("super_admin").await;

    let seen = account
        .get(&format!("{KEYS}?user_id={}", tenant.user_id))
        .await
        .expect(200);
    assert_eq!(seen["pagination"]["total"], 1);
    assert_eq!(seen["items"][0]["name"], "super_admin");
    let path = format!("{KEYS}/{}", text(&own["secret"], "id"));
    account.delete(&path).await.expect_error(403, "permission_denied");

    assert_eq!(tenant.here().get(KEYS).await.expect(200)["pagination"]["total"], 2);
    let narrowed = tenant
        .here()
        .get(&format!("{KEYS}?user_id={}", tenant.user_id))
        .await
        .expect(200);
    assert_eq!(narrowed["pagination"]["total"], 1);
    let of_account = format!("{KEYS}/{}", text(&seen["items"][0], "id"));
    tenant.here().delete(&of_account).await.expect(204);
    account.get(KEYS).await.expect(401);
}

#[tokio::test]
async fn bad_requests_are_told() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    for body in [
        json!({}),
        json!({"name": "x"}),
        json!({"name": "x", "type": "integration"}),
        json!({"name": "x", "type": "secret"}),
        json!({"name": "x", "type": "private_key", "expires_at": "2024-01-01"}),
    ] {
        tenant
            .here()
            .post(KEYS, &body)
            .await
            .expect_error(400, "validation_error");
    }
    tenant
        .session
        .post(KEYS, &json!({"name": "x", "type": "private_key"}))
        .await
        .expect(403);
}

#[tokio::test]
async fn a_key_that_another_process_revoked_is_refused_soon() {
    const WAIT_MAX: Duration = Duration::from_secs(30);

    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let created = tenant.new_key(&json!({"name": "shared", "type": "private_key"})).await;
    let client = tenant.keyed(&created);
    client.get("/v1/customers").await.expect(200);

    let elsewhere = server.store_elsewhere().await;
    let session = elsewhere.begin(server.operator()).await.unwrap();
    let scope = Scope::new(&tenant.tenant_id, &tenant.environment_id);
    let changes = secrets::ActiveModel {
        status: set(Word(Status::Deleted)),
        ..Default::default()
    };
    let id = text(&created["secret"], "id");
    let rows = session.scoped(&scope);
    assert!(rows.update::<secrets::Entity>(&id, changes).await.unwrap().is_some());
    session.commit().await.unwrap();

    let revoked = Instant::now();
    while client.get("/v1/customers").await.status == 200 {
        assert!(revoked.elapsed() < WAIT_MAX, "the key still works");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    client
        .get("/v1/customers")
        .await
        .expect_exactly(401, json!({"error": "Unauthorized"}));
}
