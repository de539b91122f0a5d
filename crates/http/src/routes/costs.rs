//! `/v1/costs` (spec 03 §4.7).

use tariff_contract::costs::{
    CostsheetFilter, CostsheetResponse, CreateCostsheetRequest, CreateCostsheetResponse, DeleteCostsheetResponse,
    GetCostAnalyticsRequest, GetDetailedCostAnalyticsResponse, ListCostsheetResponse, UpdateCostsheetRequest,
    UpdateCostsheetResponse,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::CostSheet), Write(Entity::CostSheet));
    api.tag("Costs")
        .post("/v1/costs", write, "createCostsheet", "Create cost sheet", create)
        .post("/v1/costs/search", open, "queryCostsheet", "Search cost sheets", search)
        .get(
            "/v1/costs/active",
            open,
            "getActiveCostsheet",
            "Get active cost sheet",
            get_active,
        )
        .post(
            "/v1/costs/analytics",
            open,
            "getDetailedCostAnalytics",
            "Revenue and cost analytics",
            analytics,
        )
        .get("/v1/costs/{id}", open, "getCostsheet", "Get cost sheet", get)
        .put("/v1/costs/{id}", write, "updateCostsheet", "Update cost sheet", update)
        .delete("/v1/costs/{id}", write, "deleteCostsheet", "Delete cost sheet", delete)
}

async fn create(call: Call, Body(request): Body<CreateCostsheetRequest>) -> Result<Created<CreateCostsheetResponse>> {
    let costsheet = Some(call.engine.create_costsheet(&call.context, request).await?);
    Ok(Created(CreateCostsheetResponse { costsheet }))
}

async fn search(call: Call, Body(filter): Body<CostsheetFilter>) -> Result<Answer<ListCostsheetResponse>> {
    Ok(Answer(call.engine.list_costsheets(&call.context, filter).await?))
}

async fn get_active(call: Call) -> Result<Answer<CostsheetResponse>> {
    Ok(Answer(call.engine.get_active_costsheet(&call.context).await?))
}

async fn analytics(
    call: Call,
    Body(request): Body<GetCostAnalyticsRequest>,
) -> Result<Answer<GetDetailedCostAnalyticsResponse>> {
    Ok(Answer(call.engine.cost_analytics(&call.context, request).await?))
}

/// Not wrapped, although the contract says so: clients of the reference read it flat (spec 03 §4.7).
async fn get(call: Call, Path(id): Path) -> Result<Answer<CostsheetResponse>> {
    Ok(Answer(call.engine.get_costsheet(&call.context, &id).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateCostsheetRequest>,
) -> Result<Answer<UpdateCostsheetResponse>> {
    let costsheet = Some(call.engine.update_costsheet(&call.context, &id, request).await?);
    Ok(Answer(UpdateCostsheetResponse { costsheet }))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<DeleteCostsheetResponse>> {
    Ok(Answer(call.engine.delete_costsheet(&call.context, &id).await?))
}
