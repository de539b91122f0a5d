//! Who is calling from the customer portal (spec 01 A2 "Portal session token").

use super::authenticate::{Principal, Refusal};
use crate::context::{Context, Credential, UserKind};
use crate::engine::Engine;

/// A customer in the portal.
#[derive(Clone)]
pub struct PortalVisitor {
    /// The customer; whatever belongs to another one does not exist for it.
    pub customer_id: String,
    /// Its tenant and environment. It acts under its own id and holds no role.
    pub context: Context,
}

impl Engine {
    /// The customer of a portal session.
    ///
    /// # Errors
    /// The [`Refusal`] to answer with.
    pub async fn enter_portal(&self, token: Option<&str>) -> Result<PortalVisitor, Refusal> {
        let token = token
            .filter(|token| !token.is_empty())
            .ok_or(Refusal::SessionTokenMissing)?;
        let claims = self
            .tokens()
            .read_portal(token, self.server_now())
            .ok_or(Refusal::SessionTokenInvalid)?;
        let principal = Principal {
            tenant_id: claims.tenant_id,
            user_id: claims.customer_id.clone(),
            user_kind: UserKind::Person,
            roles: Vec::new(),
            bound_environment: Some(claims.environment_id),
            credential: Credential::PortalSession,
        };
        let context = self
            .enter(principal, None, false)
            .await
            .map_err(|refusal| match refusal {
                // The environment of a token of ours can only be missing if it is gone.
                Refusal::InvalidEnvironment => Refusal::SessionTokenInvalid,
                other => other,
            })?;
        Ok(PortalVisitor {
            customer_id: claims.customer_id,
            context,
        })
    }
}
