//! A tenant of a test's own, so that tests can share a server and run side by side.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

use super::client::{Client, text};

/// Password of every user that tests sign up.
pub const PASSWORD: &str = "correct horse battery";

static SIGN_UPS: AtomicU32 = AtomicU32::new(0);

/// A signed-up tenant with its first environment and an API key in it.
pub struct Tenant {
    /// E-mail address of the user.
    pub email: String,
    /// The user, a super admin.
    pub user_id: String,
    /// The tenant.
    pub tenant_id: String,
    /// Session token of the user.
    pub token: String,
    /// The environment that sign-up creates.
    pub environment_id: String,
    /// Client with a private key of that environment.
    pub api: Client,
    key: String,
}

impl Tenant {
    /// Signs up somebody new.
    pub fn sign_up(server: &Client) -> Self {
        let number = SIGN_UPS.fetch_add(1, Ordering::Relaxed);
        // A provided database outlives the test run, so a number alone would come back.
        let email = format!("user-{}-{number}@example.test", std::process::id());
        let answer = server
            .post(
                "/v1/auth/signup",
                &json!({ "email": email, "password": PASSWORD, "tenant_name": "Test" }),
            )
            .expect(200);
        let token = text(&answer, "/token");
        let session = server.with_token(&token);
        let environments = session.get("/v1/environments").expect(200);
        let environment_id = text(&environments, "/environments/0/id");
        let key = new_key(
            &session,
            &environment_id,
            &json!({ "name": "tests", "type": "private_key" }),
        );
        Self {
            email,
            user_id: text(&answer, "/user_id"),
            tenant_id: text(&answer, "/tenant_id"),
            token,
            environment_id,
            api: server.with_key(&text(&key, "/api_key")),
            key: text(&key, "/api_key"),
        }
    }

    /// The private key of [`Self::api`].
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Client with the user's session, in the first environment.
    pub fn session(&self) -> Client {
        self.bare_session().with("x-environment-id", &self.environment_id)
    }

    /// Client with the user's session and no environment.
    pub fn bare_session(&self) -> Client {
        self.api.with_token(&self.token)
    }

    /// Client with the key of a new service account that holds `role` alone.
    pub fn service_account(&self, role: &str) -> Client {
        let account = json!({ "type": "service_account", "name": role, "roles": [role] });
        let account = self.session().post("/v1/users", &account).expect(201);
        let key = json!({ "name": role, "type": "private_key", "service_account_id": account["id"] });
        let key = new_key(&self.bare_session(), &self.environment_id, &key);
        self.api.with_key(&text(&key, "/api_key"))
    }

    /// Creates a customer and returns it.
    pub fn customer(&self, external_id: &str, name: &str) -> Value {
        let body = json!({ "external_id": external_id, "name": name, "skip_onboarding_workflow": true });
        self.api.post("/v1/customers", &body).expect(201)
    }

    /// Sets the test clock of the environment.
    pub fn set_clock(&self, now: &str) {
        let path = format!("/v1/environments/{}/clock", self.environment_id);
        let reply = self.api.post(&path, &json!({ "now": now }));
        assert!(
            (200..300).contains(&reply.status),
            "{} answered {}: {}",
            reply.what,
            reply.status,
            reply.text
        );
    }
}

/// Creates an API key in an environment and returns the whole answer.
pub fn new_key(session: &Client, environment_id: &str, body: &Value) -> Value {
    session
        .with("x-environment-id", environment_id)
        .post("/v1/secrets/api/keys", body)
        .expect(201)
}
