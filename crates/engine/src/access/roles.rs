//! Roles and what they grant (spec 01 A4).

use std::str::FromStr;

use super::UnknownRole;
use crate::context::UserKind;

/// What a permission is about. One word for each entity of the permission column in spec 01's appendix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the entity of its name")]
pub enum Entity {
    Addon,
    Ai,
    AlertSettings,
    AuditLog,
    CheckoutSession,
    Connection,
    CostSheet,
    Coupon,
    CreditGrant,
    CreditNote,
    Customer,
    Entitlement,
    Environment,
    Event,
    Feature,
    Group,
    Integration,
    Invoice,
    Meter,
    Oauth,
    Payment,
    Plan,
    Portal,
    Price,
    Secret,
    Setting,
    Subscription,
    Task,
    Tax,
    Tenant,
    User,
    Wallet,
    Webhook,
    Workflow,
}

impl Entity {
    /// The word of the specification's permission column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Addon => "addon",
            Self::Ai => "ai",
            Self::AlertSettings => "alert_settings",
            Self::AuditLog => "audit_log",
            Self::CheckoutSession => "checkoutsession",
            Self::Connection => "connection",
            Self::CostSheet => "costsheet",
            Self::Coupon => "coupon",
            Self::CreditGrant => "creditgrant",
            Self::CreditNote => "creditnote",
            Self::Customer => "customer",
            Self::Entitlement => "entitlement",
            Self::Environment => "environment",
            Self::Event => "event",
            Self::Feature => "feature",
            Self::Group => "group",
            Self::Integration => "integration",
            Self::Invoice => "invoice",
            Self::Meter => "meter",
            Self::Oauth => "oauth",
            Self::Payment => "payment",
            Self::Plan => "plan",
            Self::Portal => "portal",
            Self::Price => "price",
            Self::Secret => "secret",
            Self::Setting => "setting",
            Self::Subscription => "subscription",
            Self::Task => "task",
            Self::Tax => "tax",
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Wallet => "wallet",
            Self::Webhook => "webhook",
            Self::Workflow => "workflow",
        }
    }
}

/// Reading or writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Look at it.
    Read,
    /// Change it.
    Write,
}

/// One pair of entity and action, which a route may require.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// What is touched.
    pub entity: Entity,
    /// How.
    pub action: Action,
}

/// A built-in role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    SuperAdmin,
    /// Reads everything.
    AllReader,
    /// Reads and writes everything.
    AllWriter,
    /// Writes events.
    EventIngestor,
    /// Reads events.
    EventReader,
}

impl Role {
    /// Every role, in the order of the specification's table.
    pub const ALL: [Self; 5] = [
        Self::SuperAdmin,
        Self::AllReader,
        Self::AllWriter,
        Self::EventIngestor,
        Self::EventReader,
    ];

    /// The role's id on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SuperAdmin => "super_admin",
            Self::AllReader => "all_reader",
            Self::AllWriter => "all_writer",
            Self::EventIngestor => "event_ingestor",
            Self::EventReader => "event_reader",
        }
    }

    /// Whether the role grants the permission.
    #[must_use]
    pub fn grants(self, permission: Permission) -> bool {
        match self {
            Self::SuperAdmin | Self::AllWriter => true,
            Self::AllReader => permission.action == Action::Read,
            Self::EventIngestor => permission.entity == Entity::Event && permission.action == Action::Write,
            Self::EventReader => permission.entity == Entity::Event && permission.action == Action::Read,
        }
    }

    /// Whether everything that `other` grants is granted by this role too.
    #[must_use]
    pub fn includes(self, other: Self) -> bool {
        match self {
            Self::SuperAdmin => true,
            // Some routes are for super admins alone.
            Self::AllWriter => other != Self::SuperAdmin,
            Self::AllReader => matches!(other, Self::AllReader | Self::EventReader),
            Self::EventIngestor | Self::EventReader => self == other,
        }
    }

    /// Whether this kind of user may hold the role.
    #[must_use]
    pub fn may_be_held_by(self, kind: UserKind) -> bool {
        match self {
            Self::SuperAdmin => true,
            Self::AllReader | Self::AllWriter => kind == UserKind::Person,
            Self::EventIngestor | Self::EventReader => kind == UserKind::ServiceAccount,
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == id)
            .ok_or(UnknownRole)
    }
}

/// The known roles among stored role ids; an id that is no longer known grants nothing.
#[must_use]
pub fn known(ids: &[String]) -> Vec<Role> {
    ids.iter().filter_map(|id| id.parse().ok()).collect()
}
