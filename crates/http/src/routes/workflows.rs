//! `/v1/workflows`: what has become of background work (spec 07 §3.3).

use tariff_contract::workflows::{
    BatchWorkflowsRequest, BatchWorkflowsResponse, ListWorkflowsResponse, WorkflowDetails, WorkflowExecutionFilter,
    WorkflowSummary, WorkflowTimeline,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::Read;
use crate::input::{Body, PathPair};

pub(super) fn register(api: Api) -> Api {
    let read = Read(Entity::Workflow);
    api.tag("Workflows")
        .post(
            "/v1/workflows/search",
            read,
            "queryWorkflow",
            "Search workflows",
            search,
        )
        .post(
            "/v1/workflows/batch",
            read,
            "batchWorkflows",
            "Get several workflows",
            batch,
        )
        .get(
            "/v1/workflows/{workflow_id}/{run_id}",
            read,
            "getWorkflow",
            "Get workflow",
            get,
        )
        .get(
            "/v1/workflows/{workflow_id}/{run_id}/summary",
            read,
            "getWorkflowSummary",
            "State of a workflow in short",
            summary,
        )
        .get(
            "/v1/workflows/{workflow_id}/{run_id}/timeline",
            read,
            "getWorkflowTimeline",
            "What happened to a workflow",
            timeline,
        )
}

async fn search(call: Call, Body(filter): Body<WorkflowExecutionFilter>) -> Result<Answer<ListWorkflowsResponse>> {
    Ok(Answer(call.engine.list_workflows(&call.context, filter).await?))
}

async fn batch(call: Call, Body(request): Body<BatchWorkflowsRequest>) -> Result<Answer<BatchWorkflowsResponse>> {
    Ok(Answer(call.engine.get_workflows(&call.context, request).await?))
}

async fn get(call: Call, PathPair(workflow_id, run_id): PathPair) -> Result<Answer<WorkflowDetails>> {
    let found = call.engine.get_workflow(&call.context, &workflow_id, &run_id);
    Ok(Answer(found.await?))
}

async fn summary(call: Call, PathPair(workflow_id, run_id): PathPair) -> Result<Answer<WorkflowSummary>> {
    let found = call.engine.get_workflow_summary(&call.context, &workflow_id, &run_id);
    Ok(Answer(found.await?))
}

async fn timeline(call: Call, PathPair(workflow_id, run_id): PathPair) -> Result<Answer<WorkflowTimeline>> {
    let found = call.engine.get_workflow_timeline(&call.context, &workflow_id, &run_id);
    Ok(Answer(found.await?))
}
