//! `/v1/plans` (spec 03 §4.1).

use tariff_contract::common::{SuccessResponse, WorkflowStarted};
use tariff_contract::entitlements::ListEntitlementsResponse;
use tariff_contract::plans::{
    ClonePlanRequest, CreatePlanRequest, ListPlansResponse, PlanFilter, PlanResponse, UpdatePlanRequest,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Plan), Write(Entity::Plan));
    api.tag("Plans")
        .post("/v1/plans", write, "createPlan", "Create plan", create)
        .get("/v1/plans", open, "listPlans", "List plans", list)
        .post("/v1/plans/search", open, "queryPlan", "Search plans", search)
        .get("/v1/plans/{id}", open, "getPlan", "Get plan", get)
        .put("/v1/plans/{id}", write, "updatePlan", "Update plan", update)
        .delete("/v1/plans/{id}", write, "deletePlan", "Archive plan", delete)
        .post("/v1/plans/{id}/clone", write, "clonePlan", "Clone plan", clone)
        .post(
            "/v1/plans/{id}/sync/subscriptions",
            write,
            "syncPlanPrices",
            "Bring the plan's prices to its subscriptions",
            sync,
        )
        .post(
            "/v1/plans/{id}/sync/subscriptions/v2",
            write,
            "syncPlanPricesV2",
            "Bring the plan's prices to its subscriptions",
            sync,
        )
        .tag("Entitlements")
        .get(
            "/v1/plans/{id}/entitlements",
            open,
            "getPlanEntitlements",
            "Entitlements of a plan",
            entitlements,
        )
}

async fn create(call: Call, Body(request): Body<CreatePlanRequest>) -> Result<Created<PlanResponse>> {
    Ok(Created(call.engine.create_plan(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<PlanFilter>) -> Result<Answer<ListPlansResponse>> {
    Ok(Answer(call.engine.list_plans(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<PlanFilter>) -> Result<Answer<ListPlansResponse>> {
    Ok(Answer(call.engine.list_plans(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<PlanResponse>> {
    Ok(Answer(call.engine.get_plan(&call.context, &id).await?))
}

async fn update(call: Call, Path(id): Path, Body(request): Body<UpdatePlanRequest>) -> Result<Answer<PlanResponse>> {
    Ok(Answer(call.engine.update_plan(&call.context, &id, request).await?))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.delete_plan(&call.context, &id).await?;
    // The wording is the contract's (spec 03 §4.1).
    Ok(Answer(SuccessResponse {
        message: "price deleted successfully".to_owned(),
    }))
}

async fn clone(call: Call, Path(id): Path, Body(request): Body<ClonePlanRequest>) -> Result<Created<PlanResponse>> {
    Ok(Created(call.engine.clone_plan(&call.context, &id, request).await?))
}

async fn sync(call: Call, Path(id): Path) -> Result<Answer<WorkflowStarted>> {
    Ok(Answer(call.engine.sync_plan_prices(&call.context, &id).await?))
}

async fn entitlements(call: Call, Path(id): Path) -> Result<Answer<ListEntitlementsResponse>> {
    Ok(Answer(call.engine.list_plan_entitlements(&call.context, &id).await?))
}
