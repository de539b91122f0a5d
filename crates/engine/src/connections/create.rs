//! Connecting an environment to a provider (spec 07 §3.4).

use tariff_contract::connections::{ConnectionResponse, CreateConnectionRequest};
use tariff_contract::error::ApiError;
use tariff_contract::secrets::SecretProvider;
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Time, Word};
use tariff_store::entity::connections;

use super::{metadata_in, response, sync_in};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::ids::mint;

impl Engine {
    /// Stores a connection and encrypts its credentials, which are not tried out.
    ///
    /// # Errors
    /// `validation_error` for field rules; `already_exists` when the provider is connected already; only storage may be
    /// connected many times.
    pub async fn create_connection(
        &self,
        context: &Context,
        request: CreateConnectionRequest,
    ) -> Result<ConnectionResponse> {
        request.validate()?;
        let provider = request.provider_type.unwrap_or(SecretProvider::Flexprice);
        let work = self.begin(context).await?;
        let id = mint(IdPrefix::Connection);
        let credentials = request.encrypted_secret_data.unwrap_or_default().of_provider(provider);
        let connection = connections::Model {
            encrypted_secret_data: self.vault()?.seal(&id, &credentials)?,
            id,
            tenant_id: String::new(),
            environment_id: String::new(),
            name: request.name.unwrap_or_default(),
            provider_type: provider.as_str().to_owned(),
            metadata: metadata_in(request.metadata),
            sync_config: sync_in(request.sync_config.as_ref())?,
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
        };
        let inserted = work.rows().insert::<connections::Entity>(connection).await;
        let connection = inserted.map_err(on_duplicate(|| {
            ApiError::already_exists("The environment is connected to this provider already")
                .detail("provider_type", provider.as_str())
        }))?;
        work.commit().await?;
        response(connection)
    }
}
