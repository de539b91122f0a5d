//! Changing a connection: what is sent replaces, the rest stays (spec 07 §3.4).

use tariff_contract::connections::{ConnectionResponse, UpdateConnectionRequest};
use tariff_store::column::Time;
use tariff_store::entity::connections;
use tariff_store::set;

use super::{metadata_in, provider_of, response, sync_in, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::filled;

impl Engine {
    /// Updates a published connection. Of its credentials only those can be replaced that check webhooks.
    ///
    /// # Errors
    /// `not_found`; `validation_error` for field rules and for credentials that cannot be replaced.
    pub async fn update_connection(
        &self,
        context: &Context,
        id: &str,
        request: UpdateConnectionRequest,
    ) -> Result<ConnectionResponse> {
        let work = self.begin(context).await?;
        let rows = work.rows();
        let current = rows.lock::<connections::Entity>(id).await?;
        let current = current
            .filter(super::find::is_published)
            .ok_or_else(|| unknown_id(id))?;
        request.validate(provider_of(&current)?)?;
        let mut changes = connections::ActiveModel {
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        if let Some(name) = filled(request.name) {
            changes.name = set(name);
        }
        if request.metadata.is_some() {
            changes.metadata = set(metadata_in(request.metadata));
        }
        if request.sync_config.is_some() {
            changes.sync_config = set(sync_in(request.sync_config.as_ref())?);
        }
        if let Some(replaced) = request.encrypted_secret_data {
            let vault = self.vault()?;
            let mut credentials = vault.open(id, &current.encrypted_secret_data)?;
            credentials.0.extend(replaced.0);
            changes.encrypted_secret_data = set(vault.seal(id, &credentials)?);
        }
        let updated = rows.update::<connections::Entity>(id, changes).await?;
        let connection = updated.ok_or_else(|| unknown_id(id))?;
        work.commit().await?;
        response(connection)
    }
}
