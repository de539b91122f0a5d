//! The credentials that a first start creates.

use std::fmt;

/// First tenant, user, environment and API key of an empty store. The key is readable only here and now.
#[derive(Clone)]
pub struct FirstAccess {
    /// `tenant_…`
    pub tenant_id: String,
    /// `user_…`, a super admin.
    pub user_id: String,
    /// `env_…`, of type development.
    pub environment_id: String,
    /// `sk_…`
    pub api_key: String,
}

impl From<tariff_engine::access::bootstrap::FirstAccess> for FirstAccess {
    fn from(access: tariff_engine::access::bootstrap::FirstAccess) -> Self {
        Self {
            tenant_id: access.tenant_id,
            user_id: access.user_id,
            environment_id: access.environment_id,
            api_key: access.api_key,
        }
    }
}

/// The block that a first start prints; scripts read its lines, so their form stays as it is.
impl fmt::Display for FirstAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "First access, shown only this once:")?;
        writeln!(formatter, "  tenant       {}", self.tenant_id)?;
        writeln!(formatter, "  user         {}", self.user_id)?;
        writeln!(formatter, "  environment  {}", self.environment_id)?;
        writeln!(formatter, "  API key      {}", self.api_key)
    }
}
