//! Background workflows on the wire (spec 07).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::list::{list_filter, list_response};
use crate::time::DateTime;

/// Most workflows of a batch (spec 07 §3.3).
const WORKFLOWS_MAX: usize = 50;

/// A background workflow.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkflowExecutionDTO)]
pub struct WorkflowExecution {
    /// When it was closed.
    pub close_time: Option<DateTime>,
    /// From start to close, in milliseconds; once it is closed.
    pub duration_ms: Option<i64>,
    /// Kind of the record it was started for, such as `plan`.
    pub entity: String,
    /// Id of that record.
    pub entity_id: String,
    /// Id of this run of the workflow.
    pub run_id: Option<String>,
    /// When it was started.
    pub start_time: Option<DateTime>,
    /// Task queue.
    pub task_queue: String,
    /// The same for people, such as `1.204s`; once it is closed.
    pub total_duration: Option<String>,
    /// Id of the background workflow.
    pub workflow_id: Option<String>,
    /// Workflow type.
    pub workflow_type: String,
    /// `Running`, `Completed`, `Failed`, `Canceled`, `Terminated`, `ContinuedAsNew`, `TimedOut` or `Unknown`.
    pub status: String,
    /// User who created it.
    pub created_by: String,
}

/// A workflow with everything known about it.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WorkflowDetails {
    /// The workflow.
    #[serde(flatten)]
    pub execution: WorkflowExecution,
    /// What it works on.
    #[schema(value_type = Object)]
    pub input: Value,
    /// What it has done: so far while it runs, in all once it is closed.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Why it failed, or why it was last interrupted.
    pub error: Option<String>,
    /// How often a worker has taken it up since it last got on.
    pub attempts: i64,
    /// What happened to it, oldest first; on request.
    pub activities: Option<Vec<WorkflowActivity>>,
}

/// The state of a workflow in short.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WorkflowSummary {
    /// The workflow.
    #[serde(flatten)]
    pub execution: WorkflowExecution,
    /// Why it failed, or why it was last interrupted.
    pub error: Option<String>,
}

/// Something that happened to a workflow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WorkflowActivity {
    /// `requested`, `started`, or `closed`.
    pub name: String,
    /// The state it was in from then on.
    pub status: String,
    /// When.
    pub time: DateTime,
}

/// What happened to a workflow.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WorkflowTimeline {
    /// Id of the background workflow.
    pub workflow_id: String,
    /// Id of this run of the workflow.
    pub run_id: String,
    /// Oldest first.
    pub items: Vec<WorkflowActivity>,
}

/// Names one run of a workflow.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct WorkflowRunId {
    /// Id of the background workflow.
    pub workflow_id: String,
    /// Id of the run.
    pub run_id: String,
}

/// Which workflows to get.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct BatchWorkflowsRequest {
    /// 1 to 50 runs.
    pub workflows: Option<Vec<WorkflowRunId>>,
    /// Whether to tell what happened to each.
    pub include_activities: Option<bool>,
}

impl BatchWorkflowsRequest {
    /// Checks the field rules (spec 07 §3.3).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let named = self.workflows.as_ref().map_or(0, Vec::len);
        if (1..=WORKFLOWS_MAX).contains(&named) {
            return Ok(());
        }
        let rule = format!("must have 1 to {WORKFLOWS_MAX} entries");
        Err(ApiError::validation(format!("workflows {rule}")).detail("workflows", rule))
    }
}

/// Several workflows, in the order of the request.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BatchWorkflowsResponse {
    /// The workflows.
    pub workflows: Vec<WorkflowDetails>,
}

list_response! {
    /// A page of workflows.
    ListWorkflowsResponse of WorkflowExecution
}

list_filter! {
    /// Which workflow executions to list.
    WorkflowExecutionFilter as types::WorkflowExecutionFilter {
        /// Entity.
        pub entity: Option<String>,
        /// Id of the owning record.
        pub entity_id: Option<String>,
        /// Task queue.
        pub task_queue: Option<String>,
        /// Id of the background workflow.
        pub workflow_id: Option<String>,
        /// Workflow status.
        pub workflow_status: Option<String>,
        /// Workflow type.
        pub workflow_type: Option<String>,
    }
}
