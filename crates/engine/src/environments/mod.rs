//! Environments: separate worlds of data inside a tenant (spec 01 B4).
//!
//! Owns their records and quotas, and copying a catalog from one to another. Which environment a request runs in is
//! decided by [`crate::access`].

mod clone;
mod copy;

pub(crate) use copy::copy_catalog;

use tariff_contract::DateTime;
use tariff_contract::environments::{
    CreateEnvironmentRequest, EnvironmentResponse, ListEnvironmentsResponse, UpdateEnvironmentRequest,
};
use tariff_contract::error::ApiError;
use tariff_contract::list::PlainFilter;
use tariff_core::Status;
use tariff_core::vocabulary::EnvironmentType;
use tariff_store::column::Time;
use tariff_store::entity::environments;
use tariff_store::{Listing, Test, access as lookup, set};

use crate::access::bootstrap::new_environment;
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Error, Result};
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::settings;

impl Engine {
    /// Creates an environment, within the tenant's quota.
    ///
    /// # Errors
    /// `validation_error` for field rules and when the quota of its type is used up.
    pub async fn create_environment(
        &self,
        context: &Context,
        request: CreateEnvironmentRequest,
    ) -> Result<EnvironmentResponse> {
        request.validate()?;
        let kind = request.r#type.unwrap_or(EnvironmentType::Development);
        let work = self.begin(context).await?;
        let created = insert(&work, &request.name.unwrap_or_default(), kind).await?;
        work.commit().await?;
        Ok(response(created))
    }

    /// The published environments that the caller may enter.
    ///
    /// # Errors
    /// `validation_error` for bad paging.
    pub async fn list_environments(&self, context: &Context, filter: PlainFilter) -> Result<ListEnvironmentsResponse> {
        let options = filter.list_options()?;
        let mut listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .equal("status", Status::Published.as_str());
        if let Some(allowed) = self.allowed_environments(context) {
            listing = listing.with("id", Test::In(allowed.iter().map(|id| id.as_str().into()).collect()));
        }
        let session = self.read();
        let found = session
            .tenant(context.tenant_id())
            .list::<environments::Entity>(&listing)
            .await?;
        let environments: Vec<_> = found.into_iter().map(response).collect();
        Ok(ListEnvironmentsResponse {
            total: environments.len() as u64,
            environments,
            offset: options.offset,
            limit: options.limit,
        })
    }

    /// The environment of this id.
    ///
    /// # Errors
    /// `not_found`; `permission_denied` outside the caller's allow-list.
    pub async fn get_environment(&self, context: &Context, id: &str) -> Result<EnvironmentResponse> {
        let session = self.read();
        let found = session
            .tenant(context.tenant_id())
            .get::<environments::Entity>(id)
            .await?;
        let found = found.ok_or_else(|| unknown(id))?;
        self.refuse_outside_allow_list(context, id)?;
        Ok(response(found))
    }

    /// Renames an environment.
    ///
    /// # Errors
    /// `validation_error` for field rules and for another type; as [`Engine::get_environment`].
    pub async fn update_environment(
        &self,
        context: &Context,
        id: &str,
        request: UpdateEnvironmentRequest,
    ) -> Result<EnvironmentResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let current = work
            .tenant_rows()
            .lock::<environments::Entity>(id)
            .await?
            .ok_or_else(|| unknown(id))?;
        self.refuse_outside_allow_list(context, id)?;
        let kind = request.r#type.unwrap_or_default();
        if !kind.is_empty() && kind != current.kind.0.as_str() {
            let error = ApiError::validation("The type of an environment cannot be changed");
            return Err(error.detail("type", current.kind.0.as_str()).into());
        }
        let Some(name) = request.name.filter(|name| !name.is_empty()) else {
            return Ok(response(current));
        };
        let changes = environments::ActiveModel {
            name: set(name),
            updated_at: set(Time(work.server_now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        let updated = work.tenant_rows().update::<environments::Entity>(id, changes).await?;
        work.commit().await?;
        Ok(response(updated.ok_or_else(|| unknown(id))?))
    }

    fn allowed_environments(&self, context: &Context) -> Option<&Vec<String>> {
        self.config()
            .allowed_environments
            .get(context.tenant_id())?
            .get(&context.user_id)
    }

    pub(crate) fn refuse_outside_allow_list(&self, context: &Context, id: &str) -> Result<()> {
        if self.may_enter(context.tenant_id(), &context.user_id, id) {
            return Ok(());
        }
        Err(ApiError::permission_denied("You don't have access to this environment").into())
    }
}

/// Inserts an environment of the caller's tenant, if the quota of its type has room.
pub(crate) async fn insert(work: &Work<'_>, name: &str, kind: EnvironmentType) -> Result<environments::Model> {
    let tenant_id = work.context.tenant_id();
    // Held, so that two creations do not both take the last place.
    lookup::lock_tenant(&work.session, tenant_id).await?;
    let quotas = settings::tenant_config(&work.session, tenant_id).await?;
    let quota = match kind {
        EnvironmentType::Development => quotas.development,
        EnvironmentType::Production => quotas.production,
    };
    let listing = Listing::all()
        .equal("type", kind.as_str())
        .equal("status", Status::Published.as_str());
    let present = work.tenant_rows().count::<environments::Entity>(&listing).await?;
    if i64::try_from(present).unwrap_or(i64::MAX) >= quota {
        let message = format!("The tenant may have {quota} environments of type {kind}");
        return Err(ApiError::validation(message)
            .detail("type", kind.as_str())
            .detail("quota", quota)
            .into());
    }
    let environment = new_environment(name, kind, &work.context.user_id, work.server_now);
    Ok(work.tenant_rows().insert::<environments::Entity>(environment).await?)
}

fn unknown(id: &str) -> Error {
    Error(ApiError::not_found(format!("Environment with ID {id} was not found")).detail("environment_id", id))
}

fn response(environment: environments::Model) -> EnvironmentResponse {
    EnvironmentResponse {
        id: environment.id,
        name: environment.name,
        r#type: environment.kind.0,
        created_at: DateTime(environment.created_at.0),
        updated_at: DateTime(environment.updated_at.0),
    }
}
