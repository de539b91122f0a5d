//! Reading runs: what has become of background work (spec 07 §3.3).

use std::time::Duration;

use tariff_contract::error::ApiError;
use tariff_contract::list::StatusFilter;
use tariff_contract::workflows::{
    BatchWorkflowsRequest, BatchWorkflowsResponse, ListWorkflowsResponse, WorkflowActivity, WorkflowDetails,
    WorkflowExecution, WorkflowExecutionFilter, WorkflowSummary, WorkflowTimeline,
};
use tariff_contract::{DateTime, Pagination};
use tariff_core::Status;
use tariff_core::vocabulary::WorkflowStatus;
use tariff_store::Scoped;
use tariff_store::entity::job_runs;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;

impl Engine {
    /// The runs that match, those started last first.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_workflows(
        &self,
        context: &Context,
        filter: WorkflowExecutionFilter,
    ) -> Result<ListWorkflowsResponse> {
        let mut options = filter.list_options()?;
        // Runs are never withdrawn: all of them are published records.
        let status = options.status.take();
        let none_matches = status.is_some_and(|status| status != StatusFilter::Is(Status::Published));
        let mut listing = listing::of(&options, DefaultStatus::Any, TimeRange::On("start_time"))
            .equal_if("entity_type", filter.entity)
            .equal_if("entity_id", filter.entity_id)
            .equal_if("task_queue", filter.task_queue)
            .equal_if("workflow_id", filter.workflow_id)
            .equal_if("workflow_status", filter.workflow_status)
            .equal_if("workflow_type", filter.workflow_type);
        if none_matches {
            listing = listing.within("id", Vec::<String>::new());
        }
        let session = self.read();
        let (runs, total) = session
            .scoped(&context.scope)
            .page::<job_runs::Entity>(&listing)
            .await?;
        Ok(ListWorkflowsResponse {
            items: runs.into_iter().map(execution).collect(),
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }

    /// Several runs with everything known about them, in the order of the request.
    ///
    /// # Errors
    /// `validation_error` for none or too many; `not_found` when one of them is unknown.
    pub async fn get_workflows(
        &self,
        context: &Context,
        request: BatchWorkflowsRequest,
    ) -> Result<BatchWorkflowsResponse> {
        request.validate()?;
        let with_activities = request.include_activities.unwrap_or_default();
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let mut workflows = Vec::new();
        for named in request.workflows.unwrap_or_default() {
            let run = run_of(&rows, &named.workflow_id, &named.run_id).await?;
            workflows.push(details(run, with_activities));
        }
        Ok(BatchWorkflowsResponse { workflows })
    }

    /// A run with everything known about it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_workflow(&self, context: &Context, workflow_id: &str, run_id: &str) -> Result<WorkflowDetails> {
        let session = self.read();
        let run = run_of(&session.scoped(&context.scope), workflow_id, run_id).await?;
        Ok(details(run, true))
    }

    /// The state of a run in short.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_workflow_summary(
        &self,
        context: &Context,
        workflow_id: &str,
        run_id: &str,
    ) -> Result<WorkflowSummary> {
        let session = self.read();
        let run = run_of(&session.scoped(&context.scope), workflow_id, run_id).await?;
        Ok(WorkflowSummary {
            error: run.error.clone(),
            execution: execution(run),
        })
    }

    /// What happened to a run.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_workflow_timeline(
        &self,
        context: &Context,
        workflow_id: &str,
        run_id: &str,
    ) -> Result<WorkflowTimeline> {
        let session = self.read();
        let run = run_of(&session.scoped(&context.scope), workflow_id, run_id).await?;
        Ok(WorkflowTimeline {
            items: activities(&run),
            workflow_id: run.workflow_id,
            run_id: run.id,
        })
    }
}

/// The run of these ids; one that belongs to another workflow is unknown.
async fn run_of(rows: &Scoped<'_>, workflow_id: &str, run_id: &str) -> Result<job_runs::Model> {
    let found = rows.get::<job_runs::Entity>(run_id).await?;
    let found = found.filter(|run| run.workflow_id == workflow_id);
    found.ok_or_else(|| {
        let error = ApiError::not_found(format!("Workflow {workflow_id} with run {run_id} was not found"));
        Error(error.detail("workflow_id", workflow_id).detail("run_id", run_id))
    })
}

fn execution(run: job_runs::Model) -> WorkflowExecution {
    let took = run.closed_at.map(|closed| {
        let took = closed.0.duration_since(run.created_at.0);
        u64::try_from(took.as_millis()).unwrap_or_default()
    });
    WorkflowExecution {
        close_time: run.closed_at.map(|closed| DateTime(closed.0)),
        duration_ms: took.map(|took| i64::try_from(took).unwrap_or(i64::MAX)),
        entity: run.entity_type,
        entity_id: run.entity_id,
        run_id: Some(run.id),
        start_time: Some(DateTime(run.created_at.0)),
        task_queue: run.task_queue,
        total_duration: took.map(|took| format!("{:?}", Duration::from_millis(took))),
        workflow_id: Some(run.workflow_id),
        workflow_type: run.workflow_type.0.to_string(),
        status: run.run_status.0.to_string(),
        created_by: run.created_by,
    }
}

fn details(mut run: job_runs::Model, with_activities: bool) -> WorkflowDetails {
    WorkflowDetails {
        activities: with_activities.then(|| activities(&run)),
        input: std::mem::take(&mut run.input.0),
        result: run.result.take().or(run.progress.take()).map(|result| result.0),
        error: run.error.take(),
        attempts: run.attempts,
        execution: execution(run),
    }
}

fn activities(run: &job_runs::Model) -> Vec<WorkflowActivity> {
    let running = WorkflowStatus::Running;
    let moments = [
        ("requested", running, Some(run.created_at)),
        ("started", running, run.started_at),
        ("closed", run.run_status.0, run.closed_at),
    ];
    let happened = moments.into_iter().filter_map(|(name, status, time)| {
        Some(WorkflowActivity {
            name: name.to_owned(),
            status: status.to_string(),
            time: DateTime(time?.0),
        })
    });
    happened.collect()
}
