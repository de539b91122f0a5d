//! Creating an addon.

use tariff_contract::addons::{CreateAddonRequest, CreateAddonResponse};
use tariff_contract::error::ApiError;
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::addons;

use super::created;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::ids::mint;

impl Engine {
    /// Creates an addon without prices.
    ///
    /// # Errors
    /// `validation_error` for field rules, `already_exists` when a published addon has the lookup key.
    pub async fn create_addon(&self, context: &Context, request: CreateAddonRequest) -> Result<CreateAddonResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let lookup_key = request.lookup_key.unwrap_or_default();
        let addon = addons::Model {
            id: mint(IdPrefix::Addon),
            tenant_id: String::new(),
            environment_id: String::new(),
            name: request.name.unwrap_or_default(),
            lookup_key: lookup_key.clone(),
            description: request.description.unwrap_or_default(),
            metadata: request.metadata.map(Json),
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
        };
        let inserted = work.rows().insert::<addons::Entity>(addon).await;
        let addon = inserted.map_err(on_duplicate(|| {
            ApiError::already_exists("An addon with this lookup key already exists").detail("lookup_key", lookup_key)
        }))?;
        work.commit().await?;
        Ok(created(addon))
    }
}
