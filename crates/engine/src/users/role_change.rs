//! Replacing the roles of a person (spec 01 B6).

use serde_json::{Map, Value, json};
use tariff_contract::error::ApiError;
use tariff_contract::users::{UpdateUserRolesRequest, UpdateUserRolesResponse};
use tariff_core::Status;
use tariff_store::column::{Json, Time};
use tariff_store::entity::{environments, secrets, users};
use tariff_store::{Listing, TenantRows, access as lookup, set};

use super::{answer_as, checked_roles, is_person, names, response, tenant_of, unknown};
use crate::access::roles::{self, Role};
use crate::context::{Context, Credential, UserKind};
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::secrets::live_keys_of;

impl Engine {
    /// Replaces the roles of another person, who must own no live key: keys keep the roles they were minted with.
    ///
    /// # Errors
    /// `validation_error` for bad roles, a user that is no published person, and live keys; `permission_denied` for the
    /// caller's own roles and for a caller who is no super admin any more; `not_found`.
    pub async fn update_user_roles(
        &self,
        context: &Context,
        id: &str,
        request: UpdateUserRolesRequest,
    ) -> Result<UpdateUserRolesResponse> {
        request.validate()?;
        if id == context.user_id {
            return Err(ApiError::permission_denied("Nobody may change their own roles").into());
        }
        let work = self.begin(context).await?;
        refuse_former_super_admin(&work).await?;
        // Held, so that no key is minted with the former roles meanwhile.
        let user = work
            .tenant_rows()
            .lock::<users::Entity>(id)
            .await?
            .ok_or_else(|| unknown(id))?;
        if user.status.0 != Status::Published || !is_person(&user) {
            return Err(ApiError::validation("Only roles of active people can be changed")
                .detail("user_id", id)
                .into());
        }
        let roles = checked_roles(context, UserKind::Person, &request.roles.unwrap_or_default())?;
        refuse_with_live_keys(&work, id).await?;
        let changes = users::ActiveModel {
            roles: set(Json(names(&roles))),
            updated_at: set(Time(work.server_now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        let updated = work.tenant_rows().update::<users::Entity>(id, changes).await?;
        let tenant = tenant_of(&work.session, context.tenant_id()).await?;
        work.commit().await?;
        let user = updated.ok_or_else(|| unknown(id))?;
        Ok(answer_as!(UpdateUserRolesResponse, response(user, &tenant)))
    }
}

/// Refuses a caller whose own roles were changed since the request came in: of two people who take the role from each
/// other at once, one keeps it. Keys carry their own roles, which no change of the owner's reaches.
async fn refuse_former_super_admin(work: &Work<'_>) -> Result<()> {
    if work.context.origin.credential != Credential::Session {
        return Ok(());
    }
    // Held, so that changes of roles follow one another.
    lookup::lock_tenant(&work.session, work.context.tenant_id()).await?;
    let caller = work.tenant_rows().get::<users::Entity>(&work.context.user_id).await?;
    if caller.is_some_and(|caller| roles::known(&caller.roles.0).contains(&Role::SuperAdmin)) {
        return Ok(());
    }
    Err(ApiError::permission_denied("Only a super admin may change roles").into())
}

/// Refuses while the user owns live keys in any environment, and tells which.
pub(super) async fn refuse_with_live_keys(work: &Work<'_>, user_id: &str) -> Result<()> {
    let rows = work.tenant_rows();
    let keys = live_keys_of(&rows, user_id, work.server_now).await?;
    if keys.is_empty() {
        return Ok(());
    }
    let count = keys.len();
    let error = ApiError::validation("The user owns active API keys; revoke them first");
    let error = error.detail("active_api_keys", by_environment(&rows, keys).await?);
    Err(error.detail("active_api_key_count", count).into())
}

async fn by_environment(rows: &TenantRows<'_>, keys: Vec<secrets::Model>) -> Result<Value> {
    let ids = keys.iter().map(|key| key.environment_id.clone());
    let environments = rows
        .list::<environments::Entity>(&Listing::all().within("id", ids))
        .await?;
    let mut grouped = Map::new();
    for environment in environments {
        let of_environment = keys.iter().filter(|key| key.environment_id == environment.id);
        let listed: Vec<Value> = of_environment
            .map(|key| json!({"id": key.id, "key_name": key.name}))
            .collect();
        grouped.insert(
            environment.id,
            json!({"env_name": environment.name, "api_keys": listed}),
        );
    }
    Ok(Value::Object(grouped))
}
