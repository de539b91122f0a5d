//! `/v1/meters` (spec 02 §3.2).

use tariff_contract::common::SuccessResponse;
use tariff_contract::meters::{
    CreateMeterRequest, ListMetersResponse, MeterListFilter, MeterResponse, UpdateMeterRequest,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Meter), Write(Entity::Meter));
    api.tag("Meters")
        .post("/v1/meters", write, "createMeter", "Create meter", create)
        .get("/v1/meters", open, "listMeters", "List meters", list)
        .get("/v1/meters/{id}", open, "getMeter", "Get meter", get)
        .put(
            "/v1/meters/{id}",
            write,
            "updateMeter",
            "Merge filters into meter",
            update,
        )
        .post(
            "/v1/meters/{id}/disable",
            write,
            "disableMeter",
            "Archive meter",
            disable,
        )
        .delete("/v1/meters/{id}", write, "deleteMeter", "Archive meter", delete)
}

async fn create(call: Call, Body(request): Body<CreateMeterRequest>) -> Result<Created<MeterResponse>> {
    Ok(Created(call.engine.create_meter(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<MeterListFilter>) -> Result<Answer<ListMetersResponse>> {
    Ok(Answer(call.engine.list_meters(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<MeterResponse>> {
    Ok(Answer(call.engine.get_meter(&call.context, &id).await?))
}

async fn update(call: Call, Path(id): Path, Body(request): Body<UpdateMeterRequest>) -> Result<Answer<MeterResponse>> {
    Ok(Answer(call.engine.update_meter(&call.context, &id, request).await?))
}

async fn disable(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.archive_meter(&call.context, &id).await?;
    Ok(Answer(SuccessResponse {
        message: "Meter disabled successfully".to_owned(),
    }))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.archive_meter(&call.context, &id).await?;
    Ok(Answer(SuccessResponse {
        message: "Meter deleted successfully".to_owned(),
    }))
}
