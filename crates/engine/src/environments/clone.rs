//! Copying the catalog of one environment into another (spec 01 B4 "clone"): starting the background job.

use serde_json::json;
use tariff_contract::common::WorkflowStarted;
use tariff_contract::environments::CloneEnvironmentRequest;
use tariff_contract::error::ApiError;
use tariff_core::Scope;
use tariff_core::vocabulary::{EnvironmentType, WorkflowType};
use tariff_store::entity::environments;

use super::copy::Input;
use super::{insert, unknown};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::{self, NewRun};

impl Engine {
    /// Starts copying published features and plans into another environment, which is created if none is named: in the
    /// transaction that also starts the work. Doing it again copies only what is missing.
    ///
    /// # Errors
    /// `validation_error` for field rules, a target equal to the source, and a used-up quota; `not_found`;
    /// `permission_denied` outside the caller's allow-list; `already_exists` while another copy is made into the target.
    pub async fn clone_environment(
        &self,
        context: &Context,
        id: &str,
        request: CloneEnvironmentRequest,
    ) -> Result<WorkflowStarted> {
        request.validate()?;
        let source = self.accessible(context, id).await?;
        let named = match request.target_environment_id.filter(|target| !target.is_empty()) {
            Some(target) if target == id => {
                let error = ApiError::validation("The target must be another environment");
                return Err(error.detail("target_environment_id", target).into());
            }
            Some(target) => Some(self.accessible(context, &target).await?),
            None => None,
        };
        let work = self.begin(context).await?;
        let target = match named {
            Some(target) => target,
            None => {
                let kind = request.r#type.unwrap_or(EnvironmentType::Development);
                insert(&work, &request.name.unwrap_or_default(), kind).await?
            }
        };
        let input = Input {
            source_environment_id: source.id.clone(),
            target_environment_id: target.id.clone(),
        };
        let run = NewRun {
            workflow_type: WorkflowType::EnvironmentClone,
            // The caller may be in no environment at all.
            scope: &Scope::new(context.tenant_id(), &source.id),
            entity: ("environment", &source.id),
            // Copies from one source may be made side by side; two into one target would find the same things missing.
            lock_key: &target.id,
            input: json!(input),
            message: "environment clone started",
        };
        let started = jobs::start(&work, run).await?;
        work.commit().await?;
        self.wake_worker();
        Ok(started)
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
}
