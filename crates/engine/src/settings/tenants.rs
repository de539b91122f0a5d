//! Settings of a whole tenant: its quotas, and how its people sign on.

use serde::{Deserialize, Serialize};
use tariff_contract::FieldErrors;

use super::{SettingKey, SettingValue};
use crate::access::roles::Role;
use crate::context::UserKind;

/// How many environments and users a tenant may have (`tenant_config`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantConfig {
    /// Most published environments of type `production`.
    pub production: i64,
    /// Most published environments of type `development`.
    pub development: i64,
    /// Most published users, people and service accounts together; with 0 nobody can be added.
    pub max_users: i64,
}

impl Default for TenantConfig {
    fn default() -> Self {
        Self {
            production: 0,
            development: 2,
            max_users: 10,
        }
    }
}

impl SettingValue for TenantConfig {
    const KEY: SettingKey = SettingKey::TenantConfig;

    fn check(&self, errors: &mut FieldErrors) {
        for (name, value) in [
            ("production", self.production),
            ("development", self.development),
            ("max_users", self.max_users),
        ] {
            errors.check(value >= 0, name, "must not be negative");
        }
    }
}

/// How the people of a tenant sign on through an identity provider (`saml_config`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlConfig {
    /// Whether single sign-on is set up.
    pub enabled: bool,
    /// Whether it is in use; operators decide this, never the API.
    pub active: bool,
    /// Whether people without the role `super_admin` can sign on in no other way.
    pub enforce_sso: bool,
    /// Entity id of the identity provider.
    pub idp_entity_id: String,
    /// Where the identity provider takes log-in requests.
    pub idp_sso_url: String,
    /// Certificate that signs the identity provider's answers, PEM.
    pub idp_certificate: String,
    /// Attribute that holds the e-mail; empty means the subject's name.
    pub email_attribute: String,
    /// Role of people who sign on for the first time.
    pub default_role: String,
}

impl SamlConfig {
    /// Whether passwords are refused.
    #[must_use]
    pub fn enforces_single_sign_on(&self) -> bool {
        self.enabled && self.active && self.enforce_sso
    }
}

impl Default for SamlConfig {
    fn default() -> Self {
        Self {
            enabled: false,
            active: false,
            enforce_sso: false,
            idp_entity_id: String::new(),
            idp_sso_url: String::new(),
            idp_certificate: String::new(),
            email_attribute: String::new(),
            default_role: Role::AllReader.as_str().to_owned(),
        }
    }
}

impl SettingValue for SamlConfig {
    const KEY: SettingKey = SettingKey::SamlConfig;

    fn check(&self, errors: &mut FieldErrors) {
        let role = self.default_role.parse::<Role>();
        let holds = role.is_ok_and(|role| role.may_be_held_by(UserKind::Person) && role != Role::SuperAdmin);
        errors.check(
            holds,
            "default_role",
            "must be a role for people other than super_admin",
        );
    }
}
