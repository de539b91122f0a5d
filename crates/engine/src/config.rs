//! What a deployment decides about the engine.

use std::collections::HashMap;
use std::time::Duration;

/// Settings of the deployment, not of a tenant.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Signs session and portal tokens.
    pub auth_secret: String,
    /// Encrypts the credentials of connections: 32 bytes, or text that is hashed to as many (spec 07 §2.6).
    pub encryption_key: String,
    /// Name of a tenant that signs up without one.
    pub default_tenant_name: String,
    /// Where the customer portal lives; the token is appended as `?token=`.
    pub portal_url: String,
    /// How long a customer-portal session lasts, in hours; zero counts as one.
    pub portal_session_hours: u32,
    /// Whether reading routes demand the read permission of their entity (spec 01 A4, Q13).
    pub strict_read_permissions: bool,
    /// Keys of the configuration, by lower-case hex SHA-256 of the key text (spec 01 A2).
    pub static_keys: HashMap<String, StaticKey>,
    /// Environments a user is restricted to: tenant id → user id → environment ids (spec 01 A3).
    pub allowed_environments: HashMap<String, HashMap<String, Vec<String>>>,
    /// How often an event name that no meter records is reported by `event.rejected`; absent where it never is
    /// (spec 02 §3.3).
    pub rejected_event_window: Option<Duration>,
    /// How long entries of the audit log are kept, by the server's clock; absent where they are kept for ever.
    pub audit_log_retention: Option<Duration>,
    /// Whether tenants may set up single sign-on (spec 01 B8 `saml_config`).
    pub single_sign_on: bool,
    /// Whether a plan sync brings prices of every type to subscriptions, by the rule of their creation, instead of usage
    /// prices of the same period alone (spec 03 Q14).
    pub plan_sync_all_prices: bool,
    /// Hex secret with which the support chat verifies who is writing; absent where there is no such chat (spec 01 B6).
    pub chat_secret: Option<String>,
}

/// A key that the configuration holds; it has the role `super_admin` and no bound environment.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct StaticKey {
    /// The tenant it acts in.
    pub tenant_id: String,
    /// The user it acts as.
    pub user_id: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// Whether it is accepted.
    pub is_active: bool,
}

impl EngineConfig {
    /// The defaults, with these secrets.
    #[must_use]
    pub fn new(auth_secret: impl Into<String>, encryption_key: impl Into<String>) -> Self {
        Self {
            auth_secret: auth_secret.into(),
            encryption_key: encryption_key.into(),
            default_tenant_name: "Tariff".to_owned(),
            portal_url: "http://localhost:8080/portal".to_owned(),
            portal_session_hours: 1,
            strict_read_permissions: false,
            static_keys: HashMap::new(),
            allowed_environments: HashMap::new(),
            rejected_event_window: None,
            audit_log_retention: None,
            single_sign_on: false,
            plan_sync_all_prices: false,
            chat_secret: None,
        }
    }
}
