//! What operators decide about tenants, past the API (spec 01 A3).

use std::fmt;
use std::str::FromStr;

use tariff_core::Timestamp;
use tariff_core::vocabulary::AuditActor;
use tariff_store::entity::tenants;
use tariff_store::{Store, access as lookup, set};

use crate::access::bootstrap::founder;
use crate::error::{Error, Result};
use crate::tenants::unknown;

/// The user that an operator acts as.
const OPERATOR_USER_ID: &str = "operator";

/// What operators have decided about a tenant; no answer shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationalState {
    /// As every tenant begins.
    Trialing,
    /// Nothing stands in its way.
    Active,
    /// Nothing can be written.
    Suspended,
}

impl OperationalState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Trialing, Self::Active, Self::Suspended];

    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

impl fmt::Display for OperationalState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A word that names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is neither trialing, active nor suspended")]
pub struct UnknownState;

impl FromStr for OperationalState {
    type Err = UnknownState;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|state| state.as_str() == word);
        found.ok_or(UnknownState)
    }
}

/// Sets the operational state of a tenant. Servers on the same database heed it within a second.
///
/// # Errors
/// `not_found`; `database_error`.
pub async fn set_operational_state(
    store: &Store,
    tenant_id: &str,
    state: OperationalState,
    now: Timestamp,
) -> Result<()> {
    let session = store
        .begin(founder(OPERATOR_USER_ID, AuditActor::Worker, None, now))
        .await?;
    let changes = tenants::ActiveModel {
        operational_state: set(state.as_str().to_owned()),
        ..Default::default()
    };
    let updated = lookup::update_tenant(&session, tenant_id, changes).await?;
    if updated.is_none() {
        return Err(Error(unknown(tenant_id)));
    }
    session.commit().await?;
    Ok(())
}
