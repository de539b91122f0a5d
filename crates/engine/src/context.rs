//! On whose behalf, for whose data and at what time a use case runs.

use std::sync::Arc;

use tariff_core::vocabulary::AuditActor;
use tariff_core::{Clock, IdPrefix, Scope, Timestamp};
use tariff_store::Author;

use crate::access::roles::{Permission, Role};
use crate::ids::mint;

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

/// What a caller came in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// A session, by password.
    Session,
    /// An API key: the id of its record, or `static:` and its name in the configuration.
    ApiKey(String),
    /// A session of the customer portal.
    PortalSession,
    /// None: it is the server itself, because time passed or an event came in.
    Worker,
}

/// Through which door and in which request a use case was asked for; for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// What the caller came in with.
    pub credential: Credential,
    /// The request, if there is one.
    pub request_id: Option<String>,
}

impl From<Credential> for Origin {
    fn from(credential: Credential) -> Self {
        Self {
            credential,
            request_id: None,
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
    /// Through which door the caller came.
    pub origin: Origin,
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

    /// On whose behalf a transaction writes that begins at `now`.
    pub(crate) fn author(&self, now: Timestamp, server_now: Timestamp) -> Author {
        let (actor, api_key_id) = match (&self.origin.credential, self.user_kind) {
            (Credential::Worker, _) => (AuditActor::Worker, None),
            (Credential::PortalSession, _) => (AuditActor::Portal, None),
            (Credential::Session, kind) => (actor_of(kind), None),
            (Credential::ApiKey(id), kind) => (actor_of(kind), Some(id.clone())),
        };
        Author {
            user_id: self.user_id.clone(),
            actor,
            api_key_id,
            request_id: self.origin.request_id.clone(),
            effective_at: now,
            written_at: server_now,
            new_id: new_entry_id,
        }
    }

    /// The tenant.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.scope.tenant_id
    }
}

fn actor_of(kind: UserKind) -> AuditActor {
    match kind {
        UserKind::Person => AuditActor::User,
        UserKind::ServiceAccount => AuditActor::ServiceAccount,
    }
}

/// The id of an entry of the audit log.
pub(crate) fn new_entry_id() -> String {
    mint(IdPrefix::AuditLog)
}
