//! Creating a group.

use tariff_contract::error::ApiError;
use tariff_contract::groups::{CreateGroupRequest, GroupResponse};
use tariff_core::vocabulary::GroupEntityType;
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Time, Word};
use tariff_store::entity::groups;

use super::response;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result, on_duplicate};
use crate::ids::mint;

impl Engine {
    /// Creates a group.
    ///
    /// # Errors
    /// `validation_error` for field rules, `already_exists` when a published group has the lookup key.
    pub async fn create_group(&self, context: &Context, request: CreateGroupRequest) -> Result<GroupResponse> {
        request.validate()?;
        let entity_type: GroupEntityType = request
            .entity_type
            .unwrap_or_default()
            .parse()
            .map_err(|_| Error(ApiError::validation("entity_type must be price or feature")))?;
        let lookup_key = request.lookup_key.unwrap_or_default();
        let work = self.begin(context).await?;
        let group = groups::Model {
            id: mint(IdPrefix::Group),
            tenant_id: String::new(),
            environment_id: String::new(),
            name: request.name.unwrap_or_default(),
            entity_type: Word(entity_type),
            lookup_key: lookup_key.clone(),
            metadata: None,
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
        };
        let inserted = work.rows().insert::<groups::Entity>(group).await;
        let group = inserted.map_err(on_duplicate(|| {
            ApiError::already_exists("A group with this lookup key already exists").detail("lookup_key", lookup_key)
        }))?;
        work.commit().await?;
        Ok(response(group))
    }
}
