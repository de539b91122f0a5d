//! The caller's own record (spec 01 B6).

use std::collections::BTreeMap;

use tariff_contract::error::ApiError;
use tariff_contract::users::{UpdateUserRequest, UpdateUserResponse, UserResponse};
use tariff_store::column::{Json, Time};
use tariff_store::entity::users;
use tariff_store::set;

use super::{answer_as, lock_published, response, tenant_of, unknown};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

/// Most bytes of a user's metadata: as many as one request may bring (spec 01 A9), so that merging cannot go on for ever.
const METADATA_BYTES_MAX: usize = 1024 * 1024;

impl Engine {
    /// The credential's user: for an API key its owner.
    ///
    /// # Errors
    /// `not_found` for a key of the configuration whose user has no record.
    pub async fn get_own_user(&self, context: &Context) -> Result<UserResponse> {
        let session = self.read();
        let user = session
            .tenant(context.tenant_id())
            .get::<users::Entity>(&context.user_id)
            .await?;
        let user = user.ok_or_else(|| unknown(&context.user_id))?;
        Ok(response(user, &tenant_of(&session, context.tenant_id()).await?))
    }

    /// Changes the caller's name, unless it is empty, and merges metadata.
    ///
    /// # Errors
    /// `validation_error`, also when the merged metadata gets too large; as [`Engine::get_own_user`].
    pub async fn update_own_user(&self, context: &Context, request: UpdateUserRequest) -> Result<UpdateUserResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let current = lock_published(&work, &context.user_id).await?;
        let mut changes = users::ActiveModel {
            updated_at: set(Time(work.server_now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        if let Some(name) = request.name.filter(|name| !name.is_empty()) {
            changes.name = set(name);
        }
        if let Some(metadata) = request.metadata {
            let mut merged = current.metadata.map(|metadata| metadata.0).unwrap_or_default();
            merged.extend(metadata.0);
            refuse_too_large(&merged)?;
            changes.metadata = set(Some(Json(merged)));
        }
        let updated = work
            .tenant_rows()
            .update::<users::Entity>(&context.user_id, changes)
            .await?;
        let updated = updated.ok_or_else(|| unknown(&context.user_id))?;
        let tenant = tenant_of(&work.session, context.tenant_id()).await?;
        work.commit().await?;
        Ok(answer_as!(UpdateUserResponse, response(updated, &tenant)))
    }
}

fn refuse_too_large(metadata: &BTreeMap<String, String>) -> Result<()> {
    let bytes: usize = metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes <= METADATA_BYTES_MAX {
        return Ok(());
    }
    let message = format!("Metadata may have at most {METADATA_BYTES_MAX} bytes in all");
    Err(ApiError::validation(message).detail("metadata", "is too large").into())
}
