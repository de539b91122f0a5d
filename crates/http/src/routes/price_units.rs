//! `/v1/prices/units` (spec 03 §3.3, §4.2).

use tariff_contract::common::SuccessResponse;
use tariff_contract::price_units::{
    CreatePriceUnitRequest, ListPriceUnitsResponse, PriceUnitFilter, PriceUnitResponse, UpdatePriceUnitRequest,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Price), Write(Entity::Price));
    api.tag("Price Units")
        .post(
            "/v1/prices/units",
            write,
            "createPriceUnit",
            "Create custom price unit",
            create,
        )
        .get("/v1/prices/units", open, "listPriceUnits", "List price units", list)
        .post(
            "/v1/prices/units/search",
            open,
            "queryPriceUnit",
            "Search price units",
            search,
        )
        .get("/v1/prices/units/{id}", open, "getPriceUnit", "Get price unit", get)
        .get(
            "/v1/prices/units/code/{code}",
            open,
            "getPriceUnitByCode",
            "Get price unit by code",
            get_by_code,
        )
        .put(
            "/v1/prices/units/{id}",
            write,
            "updatePriceUnit",
            "Update price unit",
            update,
        )
        .delete(
            "/v1/prices/units/{id}",
            write,
            "deletePriceUnit",
            "Archive price unit",
            delete,
        )
}

async fn create(call: Call, Body(request): Body<CreatePriceUnitRequest>) -> Result<Created<PriceUnitResponse>> {
    Ok(Created(call.engine.create_price_unit(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<PriceUnitFilter>) -> Result<Answer<ListPriceUnitsResponse>> {
    Ok(Answer(call.engine.list_price_units(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<PriceUnitFilter>) -> Result<Answer<ListPriceUnitsResponse>> {
    Ok(Answer(call.engine.list_price_units(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<PriceUnitResponse>> {
    Ok(Answer(call.engine.get_price_unit(&call.context, &id).await?))
}

async fn get_by_code(call: Call, Path(code): Path) -> Result<Answer<PriceUnitResponse>> {
    Ok(Answer(call.engine.get_price_unit_by_code(&call.context, &code).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdatePriceUnitRequest>,
) -> Result<Answer<PriceUnitResponse>> {
    Ok(Answer(
        call.engine.update_price_unit(&call.context, &id, request).await?,
    ))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.delete_price_unit(&call.context, &id).await?;
    Ok(Answer(SuccessResponse {
        message: "price unit deleted successfully".to_owned(),
    }))
}
