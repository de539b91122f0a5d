//! On whose behalf, for whose data and at what time a use case runs.

use std::sync::Arc;

use tariff_core::{Clock, Scope, Timestamp};

use crate::access::roles::{Permission, Role};

/// Person or service account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserKind {
    /// A person, or a static key of the configuration.
    Person,
    /// A service account.
    ServiceAccount,
}

impl UserKind {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "user",
            Self::ServiceAccount => "service_account",
        }
    }

    /// The kind of a stored word; whatever is no service account is a person.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        if word == Self::ServiceAccount.as_str() {
            Self::ServiceAccount
        } else {
            Self::Person
        }
    }
}

/// What every use case needs to know about its caller.
#[derive(Clone)]
pub struct Context {
    /// Tenant and environment. The environment is empty on the few routes that run without one (spec 01 A3).
    pub scope: Scope,
    /// The acting user.
    pub user_id: String,
    /// Person or service account.
    pub user_kind: UserKind,
    /// The caller's roles.
    pub roles: Vec<Role>,
    /// Tells the time in this environment.
    pub clock: Arc<dyn Clock>,
}

impl Context {
    /// The present moment in this environment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether any of the caller's roles grants the permission.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        self.roles.iter().any(|role| role.grants(permission))
    }

    /// Whether the caller is a person with the role `super_admin`.
    #[must_use]
    pub fn is_super_admin_person(&self) -> bool {
        self.user_kind == UserKind::Person && self.roles.contains(&Role::SuperAdmin)
    }

    /// The tenant.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.scope.tenant_id
    }
}
