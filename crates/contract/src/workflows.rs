//! Background workflows on the wire (spec 07).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::list::{list_filter, list_response};
use crate::time::DateTime;

/// A background workflow.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkflowExecutionDTO)]
pub struct WorkflowExecution {
    /// Close time.
    pub close_time: Option<DateTime>,
    /// Duration ms.
    pub duration_ms: Option<i64>,
    /// Entity.
    pub entity: String,
    /// Id of the owning record.
    pub entity_id: String,
    /// Id of this run of the workflow.
    pub run_id: Option<String>,
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// Task queue.
    pub task_queue: String,
    /// Total duration.
    pub total_duration: String,
    /// Id of the background workflow.
    pub workflow_id: Option<String>,
    /// Workflow type.
    pub workflow_type: String,
    /// Lifecycle state of the record.
    pub status: String,
    /// User who created it.
    pub created_by: String,
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
