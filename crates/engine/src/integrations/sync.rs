//! Bringing one entity to its providers on request (spec 01 B2, spec 07 §3.4).
//!
//! No provider is talked to yet: the request is checked in full, and refused as not built when a connected provider would
//! have to act (spec 07 §4.11).

use tariff_contract::error::ApiError;
use tariff_contract::integration_sync::{SyncIntegrationRequest, SyncMethod};
use tariff_contract::integrations::IntegrationEntityType;
use tariff_contract::secrets::SecretProvider;
use tariff_core::Status;
use tariff_core::vocabulary::InvoiceStatus;
use tariff_store::entity::{connections, invoices};
use tariff_store::{Listing, Scoped};

use super::capabilities::synchronizes;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::{customers, invoices as billing};

impl Engine {
    /// Pushes or pulls a customer or an invoice. Without a connected provider that takes part there is nothing to do.
    ///
    /// # Errors
    /// `validation_error` for another kind of entity; `not_found`; `invalid_operation` for the push of an invoice that
    /// is a draft, skipped or zero; `not_implemented` when a connected provider would have to act.
    pub async fn sync_integration(&self, context: &Context, request: SyncIntegrationRequest) -> Result<()> {
        request.validate()?;
        let entity_type = request.entity_type.unwrap_or(IntegrationEntityType::Customer);
        let entity_id = request.entity_id.unwrap_or_default();
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let method = if entity_type == IntegrationEntityType::Invoice {
            let invoice = billing::get(&rows, &entity_id).await?;
            let method = request.method.unwrap_or(SyncMethod::Push);
            if method == SyncMethod::Push {
                refuse_skipped(&invoice)?;
            }
            method
        } else {
            customers::get(&rows, &entity_id).await?;
            SyncMethod::Push
        };
        match acting_provider(&rows, entity_type, method).await? {
            None => Ok(()),
            Some(provider) => {
                let error = ApiError::not_implemented("Synchronizing with this provider is not built");
                Err(error.detail("provider_type", provider.as_str()).into())
            }
        }
    }
}

/// Providers hear of an invoice once something is owed by it.
fn refuse_skipped(invoice: &invoices::Model) -> Result<()> {
    let status = invoice.invoice_status.0;
    let pending = matches!(status, InvoiceStatus::Draft | InvoiceStatus::Skipped);
    if pending || invoice.total.0.is_zero() {
        let error = ApiError::invalid_operation("An invoice that is a draft, skipped or zero is not synchronized");
        return Err(error.detail("invoice_status", status.as_str()).into());
    }
    Ok(())
}

/// The first connected provider that synchronizes this kind of entity in this direction.
async fn acting_provider(
    rows: &Scoped<'_>,
    entity_type: IntegrationEntityType,
    method: SyncMethod,
) -> Result<Option<SecretProvider>> {
    let listing = Listing::all().equal("status", Status::Published.as_str());
    let connections = rows.list::<connections::Entity>(&listing).await?;
    Ok(connections
        .iter()
        .filter_map(|connection| connection.provider_type.parse().ok())
        .find(|provider| synchronizes(*provider, entity_type, method)))
}
