//! Whose data a query may touch.

/// A tenant and one of its environments. Every query of an environment-scoped entity needs one, so that a query
/// that forgets the tenant does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// Tenant id, `tenant_…`.
    pub tenant_id: String,
    /// Environment id, `env_…`.
    pub environment_id: String,
}

impl Scope {
    /// The scope of one environment of one tenant.
    pub fn new(tenant_id: impl Into<String>, environment_id: impl Into<String>) -> Self {
        Self {
            tenant_id: tenant_id.into(),
            environment_id: environment_id.into(),
        }
    }
}
