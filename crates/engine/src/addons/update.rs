//! Updating an addon: members that are sent replace, the rest stays. The lookup key never changes.

use tariff_contract::addons::{AddonResponse, UpdateAddonRequest};
use tariff_store::column::{Json, Time};
use tariff_store::entity::addons;
use tariff_store::set;

use super::{response, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// Updates the members that are sent.
    ///
    /// # Errors
    /// `validation_error` for field rules; `not_found`.
    pub async fn update_addon(
        &self,
        context: &Context,
        id: &str,
        request: UpdateAddonRequest,
    ) -> Result<AddonResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let mut changes = addons::ActiveModel {
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        if let Some(name) = request.name {
            changes.name = set(name);
        }
        if let Some(description) = request.description {
            changes.description = set(description);
        }
        if let Some(metadata) = request.metadata {
            changes.metadata = set(Some(Json(metadata)));
        }
        let updated = work.rows().update::<addons::Entity>(id, changes).await?;
        let addon = updated.ok_or_else(|| unknown_id(id))?;
        work.commit().await?;
        Ok(response(addon))
    }
}
