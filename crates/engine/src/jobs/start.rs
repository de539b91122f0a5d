//! Starting a run, as part of the transaction of whoever asks for it.

use serde_json::Value;
use tariff_contract::common::WorkflowStarted;
use tariff_contract::error::ApiError;
use tariff_core::vocabulary::{WorkflowStatus, WorkflowType};
use tariff_core::{IdPrefix, Scope};
use tariff_store::column::{Json, Time, Word};
use tariff_store::due;
use tariff_store::entity::job_runs;

use super::deadline;
use super::take::close;
use crate::engine::Work;
use crate::error::{Result, on_duplicate};
use crate::ids::{mint, ulid};

/// What is to be done.
pub(crate) struct NewRun<'a> {
    pub workflow_type: WorkflowType,
    /// Where the run is listed.
    pub scope: &'a Scope,
    /// The record it was asked for: its kind, as in the audit log, and its id.
    pub entity: (&'static str, &'a str),
    /// What no two open runs of this type may work on.
    pub lock_key: &'a str,
    /// All that the worker needs to know.
    pub input: Value,
    /// What the caller is told.
    pub message: &'static str,
}

/// Writes a run. The caller commits it, and then calls [`Engine::wake_worker`](crate::Engine::wake_worker).
///
/// # Errors
/// `already_exists` while another run works on the same.
pub(crate) async fn start(work: &Work<'_>, new: NewRun<'_>) -> Result<WorkflowStarted> {
    close_overdue(work, &new).await?;
    let (entity_type, entity_id) = new.entity;
    let prefix = IdPrefix::Workflow.as_str();
    let run = job_runs::Model {
        id: mint(IdPrefix::WorkflowRun),
        tenant_id: String::new(),
        environment_id: String::new(),
        workflow_id: format!("{prefix}_{}_{entity_id}_{}", new.workflow_type, ulid()),
        workflow_type: Word(new.workflow_type),
        task_queue: task_queue(new.workflow_type).to_owned(),
        entity_type: entity_type.to_owned(),
        entity_id: entity_id.to_owned(),
        lock_key: new.lock_key.to_owned(),
        run_status: Word(WorkflowStatus::Running),
        input: Json(new.input),
        progress: None,
        result: None,
        error: None,
        attempts: 0,
        lease_holder: None,
        // Nobody has it: it may be taken at once.
        lease_until: Time(work.server_now),
        created_by: work.context.user_id.clone(),
        created_at: Time(work.server_now),
        started_at: None,
        closed_at: None,
    };
    let rows = work.session.scoped(new.scope);
    let refusal = || {
        ApiError::already_exists("This work is under way already")
            .detail("entity_id", entity_id)
            .detail("workflow_type", new.workflow_type.as_str())
    };
    let run = rows
        .insert::<job_runs::Entity>(run)
        .await
        .map_err(on_duplicate(refusal))?;
    Ok(WorkflowStarted {
        message: new.message.to_owned(),
        workflow_id: run.workflow_id,
        run_id: run.id,
    })
}

/// Closes a run that is in the way although its time is over: no worker has lived to do it.
async fn close_overdue(work: &Work<'_>, new: &NewRun<'_>) -> Result<()> {
    let tenant_id = work.context.tenant_id();
    let open = due::open_run(&work.session, tenant_id, new.workflow_type, new.lock_key).await?;
    let Some(open) = open.filter(|run| deadline(run) <= work.server_now) else {
        return Ok(());
    };
    let scope = Scope::new(open.tenant_id, open.environment_id);
    let rows = work.session.scoped(&scope);
    let locked = rows.lock::<job_runs::Entity>(&open.id).await?;
    if let Some(run) = locked.filter(|run| run.run_status.0 == WorkflowStatus::Running) {
        close(&rows, &run, WorkflowStatus::TimedOut, work.server_now).await?;
    }
    Ok(())
}

/// The queue that a workflow is listed under.
fn task_queue(workflow_type: WorkflowType) -> &'static str {
    match workflow_type {
        WorkflowType::PriceSync => "price",
        WorkflowType::EnvironmentClone => "environment",
    }
}
