//! Customer-portal sessions (spec 01 A2, B1).

use tariff_contract::DateTime;
use tariff_contract::customers::CustomerPortalResponse;
use tariff_contract::error::ApiError;
use tariff_core::Timestamp;

use super::get_by_external_id;
use crate::access::tokens::PortalClaims;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};

impl Engine {
    /// Opens a portal session for the published customer of this external id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn open_portal_session(&self, context: &Context, external_id: &str) -> Result<CustomerPortalResponse> {
        let customer = get_by_external_id(&self.read().scoped(&context.scope), external_id).await?;
        // Sessions live by the server's clock: a test clock must not open or close doors.
        let issued_at = self.server_now().as_second();
        let expires_at = issued_at + i64::from(self.config().portal_session_hours.max(1)) * 60 * 60;
        let token = self.tokens().portal(&PortalClaims {
            customer_id: customer.id,
            external_customer_id: customer.external_id,
            tenant_id: customer.tenant_id,
            environment_id: customer.environment_id,
            iat: issued_at,
            exp: expires_at,
        })?;
        let expires_at = Timestamp::from_second(expires_at).map_err(|error| Error(ApiError::internal(error)))?;
        let url = format!("{}?token={token}", self.config().portal_url);
        Ok(CustomerPortalResponse {
            url,
            token,
            expires_at: DateTime(expires_at),
        })
    }
}
