//! Copying the catalog of one environment into another (spec 01 B4 "clone").

use std::sync::Arc;

use tariff_contract::common::WorkflowStarted;
use tariff_contract::environments::CloneEnvironmentRequest;
use tariff_contract::error::ApiError;
use tariff_core::vocabulary::EnvironmentType;
use tariff_core::{IdPrefix, Scope, Timestamp};
use tariff_store::entity::environments;

use super::copy::CatalogCopy;
use super::{insert, unknown};
use crate::clock;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::idempotency;
use crate::ids::{mint, ulid};

impl Engine {
    /// Copies published features and plans into another environment, which is created if none is named. The work runs in
    /// this process and is done when this returns, also when the caller goes away meanwhile. Doing it again copies only
    /// what is missing.
    ///
    /// # Errors
    /// `validation_error` for field rules, a target equal to the source, and a used-up quota; `not_found`;
    /// `permission_denied` outside the caller's allow-list.
    pub async fn clone_environment(
        self: Arc<Self>,
        context: Context,
        id: String,
        request: CloneEnvironmentRequest,
    ) -> Result<WorkflowStarted> {
        request.validate()?;
        let source = self.accessible(&context, &id).await?;
        let target = match request.target_environment_id.filter(|target| !target.is_empty()) {
            Some(target) if target == id => {
                let error = ApiError::validation("The target must be another environment");
                return Err(error.detail("target_environment_id", target).into());
            }
            Some(target) => self.accessible(&context, &target).await?,
            None => {
                let work = self.begin(&context).await?;
                let kind = request.r#type.unwrap_or(EnvironmentType::Development);
                let created = insert(&work, &request.name.unwrap_or_default(), kind).await?;
                work.commit().await?;
                created
            }
        };
        let copy = CatalogCopy::new(self.inside(&context, source), self.inside(&context, target));
        let work = tokio::spawn(idempotency::inherit(async move { copy.run(&self).await }));
        work.await.map_err(|error| Error(ApiError::internal(error)))??;
        Ok(WorkflowStarted {
            message: "environment clone completed".to_owned(),
            workflow_id: format!("{}_EnvironmentCloneWorkflow_{}", IdPrefix::Workflow.as_str(), ulid()),
            run_id: mint(IdPrefix::WorkflowRun),
        })
    }

    async fn accessible(&self, context: &Context, id: &str) -> Result<environments::Model> {
        let session = self.read();
        let found = session
            .tenant(context.tenant_id())
            .get::<environments::Entity>(id)
            .await?;
        let found = found.ok_or_else(|| unknown(id))?;
        self.refuse_outside_allow_list(context, id)?;
        Ok(found)
    }

    /// The caller's context inside an environment, at that environment's time.
    fn inside(&self, context: &Context, environment: environments::Model) -> Context {
        Context {
            scope: Scope::new(context.tenant_id(), environment.id),
            clock: clock::of_environment(self.server_clock(), environment.test_clock_at.map(Timestamp::from)),
            ..context.clone()
        }
    }
}
