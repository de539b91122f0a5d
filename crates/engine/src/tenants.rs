//! Tenants: the companies that use this server (spec 01 B5).
//!
//! Owns reading and changing the caller's own tenant. Tenants are created by sign-up only.

use tariff_contract::error::ApiError;
use tariff_contract::tenants::{TenantBillingUsage, TenantResponse, UpdateTenantRequest};
use tariff_contract::{DateTime, Metadata};
use tariff_store::column::{Json, Time};
use tariff_store::entity::tenants;
use tariff_store::{access as lookup, set};

use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};

impl Engine {
    /// The caller's tenant.
    ///
    /// # Errors
    /// `permission_denied` for any other id, whether it exists or not.
    pub async fn get_tenant(&self, context: &Context, id: &str) -> Result<TenantResponse> {
        if id != context.tenant_id() {
            return Err(ApiError::permission_denied("Only your own tenant can be read").into());
        }
        let tenant = lookup::tenant(&self.read(), id).await?.ok_or_else(|| unknown(id))?;
        Ok(response(tenant))
    }

    /// Changes the caller's tenant: an empty name, and whatever is omitted, stays.
    ///
    /// # Errors
    /// `validation_error`.
    pub async fn update_tenant(&self, context: &Context, request: UpdateTenantRequest) -> Result<TenantResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let mut changes = tenants::ActiveModel {
            updated_at: set(Time(work.server_now)),
            ..Default::default()
        };
        if let Some(name) = request.name.filter(|name| !name.is_empty()) {
            changes.name = set(name);
        }
        if let Some(details) = request.billing_details {
            let document = serde_json::to_value(details).map_err(|error| Error(ApiError::internal(error)))?;
            changes.billing_details = set(Some(Json(document)));
        }
        if let Some(metadata) = request.metadata {
            changes.metadata = set(Some(Json(metadata.0)));
        }
        let updated = lookup::update_tenant(&work.session, context.tenant_id(), changes).await?;
        work.commit().await?;
        Ok(response(updated.ok_or_else(|| unknown(context.tenant_id()))?))
    }

    /// What the caller's tenant uses of the platform: nothing, as this server does not bill its own tenants.
    #[must_use]
    pub fn get_tenant_billing(&self) -> TenantBillingUsage {
        TenantBillingUsage::default()
    }
}

pub(crate) fn unknown(id: &str) -> ApiError {
    ApiError::not_found(format!("Tenant with ID {id} was not found")).detail("tenant_id", id)
}

/// The wire form of a tenant. Its operational state is the operators' business and not shown (spec 01 A3).
pub(crate) fn response(tenant: tenants::Model) -> TenantResponse {
    TenantResponse {
        // Written from the same type, so it always decodes.
        billing_details: tenant
            .billing_details
            .and_then(|details| serde_json::from_value(details.0).ok()),
        id: tenant.id,
        name: tenant.name,
        metadata: tenant.metadata.map(|metadata| Metadata(metadata.0)),
        status: tenant.status.0.as_str().to_owned(),
        created_at: DateTime(tenant.created_at.0),
        updated_at: DateTime(tenant.updated_at.0),
    }
}
