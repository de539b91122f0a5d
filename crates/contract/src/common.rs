//! Small answers that several resources share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Says that an action succeeded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SuccessResponse {
    /// What happened.
    pub message: String,
}

/// Background work that was started.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = models::TemporalWorkflowResult)]
pub struct WorkflowStarted {
    /// What happened.
    pub message: String,
    /// Id of this run of the workflow.
    pub run_id: String,
    /// Id of the background workflow.
    pub workflow_id: String,
}
