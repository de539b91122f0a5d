//! Renaming and removing service accounts (spec 01 B6).

use tariff_contract::error::ApiError;
use tariff_contract::users::{UpdateServiceAccountRequest, UpdateServiceAccountResponse};
use tariff_core::Status;
use tariff_store::column::{Time, Word};
use tariff_store::entity::users;
use tariff_store::set;

use super::role_change::refuse_with_live_keys;
use super::{answer_as, is_person, lock_published, response, tenant_of, unknown};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;

impl Engine {
    /// Renames a service account.
    ///
    /// # Errors
    /// `validation_error` without a name and for an archived one; `not_found`, also for a person.
    pub async fn update_service_account(
        &self,
        context: &Context,
        id: &str,
        request: UpdateServiceAccountRequest,
    ) -> Result<UpdateServiceAccountResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let account = work.tenant_rows().lock::<users::Entity>(id).await?;
        let account = account.filter(|user| !is_person(user)).ok_or_else(|| unknown(id))?;
        if account.status.0 != Status::Published {
            return Err(ApiError::validation("The service account is archived")
                .detail("user_id", id)
                .into());
        }
        let changes = users::ActiveModel {
            name: set(request.name.unwrap_or_default()),
            updated_at: set(Time(work.server_now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        let updated = work.tenant_rows().update::<users::Entity>(id, changes).await?;
        let tenant = tenant_of(&work.session, context.tenant_id()).await?;
        work.commit().await?;
        let account = updated.ok_or_else(|| unknown(id))?;
        Ok(answer_as!(UpdateServiceAccountResponse, response(account, &tenant)))
    }

    /// Archives a service account that owns no live key.
    ///
    /// # Errors
    /// `not_found`, also when it is archived already; `validation_error` for a person and for live keys.
    pub async fn delete_service_account(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let user = lock_published(&work, id).await?;
        if is_person(&user) {
            return Err(ApiError::validation("Only service accounts can be deleted")
                .detail("user_id", id)
                .into());
        }
        refuse_with_live_keys(&work, id).await?;
        let changes = users::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.server_now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        work.tenant_rows().update::<users::Entity>(id, changes).await?;
        work.commit().await
    }
}
