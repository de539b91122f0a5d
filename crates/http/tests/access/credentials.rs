//! The table of refusals before a route is reached (spec 01 A2), and which environment a request runs in (A3).

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tariff_core::Status;
use tariff_engine::StaticKey;
use tariff_engine::access::keys;
use tariff_store::column::Word;
use tariff_store::entity::{tenants, users};
use tariff_store::{access, set};

use crate::support::{AUTH_SECRET, Server, Tenant, text};

const EXPIRED: i64 = 1_600_000_000;
const LATER: i64 = 1_900_000_000;

fn signed(algorithm: Algorithm, secret: &str, claims: &Value) -> String {
    encode(
        &Header::new(algorithm),
        claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .unwrap()
}

fn token(claims: &Value) -> String {
    signed(Algorithm::HS256, AUTH_SECRET, claims)
}

#[tokio::test]
async fn what_is_no_credential_is_told_exactly() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let (user_id, tenant_id) = (tenant.user_id.as_str(), tenant.tenant_id.as_str());
    let bearer = |claims: Value| format!("Bearer {}", token(&claims));
    let foreign = signed(
        Algorithm::HS256,
        "another secret",
        &json!({"user_id": user_id, "tenant_id": tenant_id}),
    );
    let table = [
        (None, "Unauthorized"),
        (Some("Token x".to_owned()), "Invalid authorization header format"),
        (Some("bearer x".to_owned()), "Invalid authorization header format"),
        (Some("Bearer x".to_owned()), "Invalid token"),
        (Some(format!("Bearer {foreign}")), "Invalid token"),
        (
            Some(bearer(
                json!({"user_id": user_id, "tenant_id": tenant_id, "exp": EXPIRED}),
            )),
            "Invalid token",
        ),
        (
            Some(bearer(
                json!({"user_id": user_id, "tenant_id": tenant_id, "nbf": LATER}),
            )),
            "Invalid token",
        ),
        (Some(bearer(json!({"tenant_id": tenant_id}))), "Invalid token"),
        (
            Some(bearer(json!({"user_id": "", "tenant_id": tenant_id}))),
            "Invalid token claims",
        ),
        (
            Some(bearer(json!({"user_id": user_id, "tenant_id": ""}))),
            "Invalid token claims",
        ),
        // The default tenant, in which nobody of this id exists.
        (Some(bearer(json!({"user_id": user_id}))), "Unauthorized"),
        (
            Some(bearer(json!({"user_id": "user_unknown", "tenant_id": tenant_id}))),
            "Unauthorized",
        ),
    ];
    for (authorization, message) in table {
        let visitor = server.visitor().with("x-environment-id", &tenant.environment_id);
        let client = authorization.map_or(visitor.clone(), |header| visitor.with("authorization", &header));
        client
            .get("/v1/customers")
            .await
            .expect_exactly(401, json!({"error": message}));
    }
}

#[tokio::test]
async fn a_token_of_any_hmac_variant_opens_a_session() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let claims = json!({"user_id": tenant.user_id, "tenant_id": tenant.tenant_id, "exp": LATER});
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let client = server.visitor().with_token(&signed(algorithm, AUTH_SECRET, &claims));
        client.get("/v1/users/me").await.expect(200);
    }
    let bound = json!({
        "user_id": tenant.user_id, "tenant_id": tenant.tenant_id, "environment_id": tenant.environment_id,
    });
    let client = server.visitor().with_token(&token(&bound));
    client.get("/v1/customers").await.expect(200);
    client
        .with("x-environment-id", "env_unknown")
        .get("/v1/customers")
        .await
        .expect(200);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days_and_with_its_user() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    server.set_time("2024-03-31T11:59:59Z");
    tenant.session.get("/v1/users/me").await.expect(200);
    server.set_time("2024-03-31T12:00:01Z");
    let refused = tenant.session.get("/v1/users/me").await;
    refused.expect_exactly(401, json!({"error": "Invalid token"}));

    server.set_time("2024-03-02T00:00:00Z");
    let session = server.begin().await;
    let changes = users::ActiveModel {
        status: set(Word(Status::Archived)),
        ..Default::default()
    };
    let rows = session.tenant(&tenant.tenant_id);
    rows.update::<users::Entity>(&tenant.user_id, changes).await.unwrap();
    session.commit().await.unwrap();
    let refused = tenant.session.get("/v1/users/me").await;
    refused.expect_exactly(401, json!({"error": "Unauthorized"}));
}

#[tokio::test]
async fn a_session_names_an_environment_of_its_tenant() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let stranger = server.sign_up("b@example.com").await;
    let refused = json!({"error": "Access denied", "message": "Invalid or inaccessible environment"});
    for client in [
        tenant.session.clone(),
        tenant.session.with("x-environment-id", "env_unknown"),
        tenant.session.with("x-environment-id", &stranger.environment_id),
    ] {
        client.get("/v1/customers").await.expect_exactly(403, refused.clone());
    }
    tenant.here().get("/v1/customers").await.expect(200);
    // Routes that need none still check one that is sent.
    for path in ["/v1/users/me", "/v1/environments"] {
        tenant.session.get(path).await.expect(200);
        let client = tenant.session.with("x-environment-id", "env_unknown");
        client.get(path).await.expect_exactly(403, refused.clone());
    }
}

#[tokio::test]
async fn a_key_runs_in_its_own_environment_whatever_the_header_says() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let staging = json!({"name": "Staging", "type": "development"});
    let staging = text(
        &tenant.session.post("/v1/environments", &staging).await.expect(201),
        "id",
    );
    let client = tenant.with_own_key().await.with("x-environment-id", &staging);
    let customer = json!({"external_id": "x", "name": "n"});
    let created = client.post("/v1/customers", &customer).await.expect(201);
    assert_eq!(created["environment_id"], tenant.environment_id);
}

#[tokio::test]
async fn an_unusable_key_leaves_the_decision_to_the_session() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let client = tenant.session.with("x-api-key", "sk_unknown");
    client.get("/v1/users/me").await.expect(200);
}

#[tokio::test]
async fn a_key_of_the_configuration_acts_as_a_super_admin_without_environment() {
    let server = Server::start_with(|config| {
        let known = |is_active| StaticKey {
            tenant_id: "tenant_static".to_owned(),
            user_id: "user_static".to_owned(),
            name: String::new(),
            is_active,
        };
        config.static_keys.insert(keys::hash("sk_on"), known(true));
        config.static_keys.insert(keys::hash("sk_off"), known(false));
    })
    .await;
    let client = server.visitor().with("x-api-key", "sk_on");
    client
        .get("/v1/users/me")
        .await
        .expect_exactly(500, json!({"message": "failed to verify tenant access"}));
    let other = server.sign_up("a@example.com").await;
    let other = access::tenant(&server.store.read(), &other.tenant_id).await.unwrap();
    let tenant = tenants::Model {
        id: "tenant_static".to_owned(),
        ..other.unwrap()
    };
    let session = server.begin().await;
    access::insert_tenant(&session, tenant).await.unwrap();
    session.commit().await.unwrap();
    client.get("/v1/users/me").await.expect_error(404, "not_found");
    client.get("/v1/environments").await.expect(200);
    client.get("/v1/customers").await.expect(403);
    let off = server.visitor().with("x-api-key", "sk_off");
    off.get("/v1/environments")
        .await
        .expect_exactly(401, json!({"error": "Unauthorized"}));
}

async fn set_operational_state(server: &Server, tenant: &Tenant, state: &str) {
    let session = server.begin().await;
    let changes = tenants::ActiveModel {
        operational_state: set(state.to_owned()),
        ..Default::default()
    };
    access::update_tenant(&session, &tenant.tenant_id, changes)
        .await
        .unwrap();
    session.commit().await.unwrap();
}

#[tokio::test]
async fn a_suspended_tenant_reads_and_does_not_write() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    set_operational_state(&server, &tenant, "suspended").await;
    tenant.here().get("/v1/customers").await.expect(200);
    tenant.here().post("/v1/customers/search", &json!({})).await.expect(200);
    let refused = tenant.here().post("/v1/customers", &json!({})).await;
    refused.expect_exactly(403, json!({"message": "tenant account is suspended"}));
    set_operational_state(&server, &tenant, "active").await;
    tenant
        .here()
        .post("/v1/customers", &json!({}))
        .await
        .expect_error(400, "validation_error");
}

#[tokio::test]
async fn configuration_restricts_a_user_to_environments() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let staging = json!({"name": "Staging", "type": "development"});
    let staging = text(
        &tenant.session.post("/v1/environments", &staging).await.expect(201),
        "id",
    );
    let restricted = server.restarted_with(|config| {
        let users = [(tenant.user_id.clone(), vec![staging.clone()])].into();
        config.allowed_environments.insert(tenant.tenant_id.clone(), users);
    });
    let session = restricted.takes_over(&tenant.session);
    session
        .with("x-environment-id", &staging)
        .get("/v1/customers")
        .await
        .expect(200);
    let refused = session
        .with("x-environment-id", &tenant.environment_id)
        .get("/v1/customers")
        .await;
    refused.expect_exactly(
        403,
        json!({"error": "Access denied", "message": "You don't have access to this environment"}),
    );
    let list = session.get("/v1/environments").await.expect(200);
    assert_eq!(
        (list["total"].clone(), list["environments"][0]["id"].clone()),
        (json!(1), json!(staging))
    );
    let path = format!("/v1/environments/{}", tenant.environment_id);
    session.get(&path).await.expect_error(403, "permission_denied");
    let clock = format!("{path}/clock");
    let now = json!({"now": "2024-03-02T00:00:00Z"});
    let refused = session.with("x-environment-id", &staging).post(&clock, &now).await;
    refused.expect_error(403, "permission_denied");
}
