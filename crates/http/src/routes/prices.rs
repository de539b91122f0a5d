//! `/v1/prices` (spec 03 §4.2).

use tariff_contract::common::SuccessResponse;
use tariff_contract::prices::{
    CreateBulkPriceRequest, CreateBulkPriceResponse, CreatePriceRequest, DeletePriceRequest, ListPricesResponse,
    PriceFilter, PriceResponse, UpdatePriceRequest,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Price), Write(Entity::Price));
    api.tag("Prices")
        .post("/v1/prices", write, "createPrice", "Create price", create)
        .post(
            "/v1/prices/bulk",
            write,
            "createPricesBulk",
            "Create several prices at once",
            create_bulk,
        )
        .get("/v1/prices", open, "listPrices", "List prices", list)
        .post("/v1/prices/search", open, "queryPrice", "Search prices", search)
        .get(
            "/v1/prices/lookup/{lookup_key}",
            open,
            "getPriceByLookupKey",
            "Get price by lookup key",
            get_by_key,
        )
        .get("/v1/prices/{id}", open, "getPrice", "Get price", get)
        .put(
            "/v1/prices/{id}",
            write,
            "updatePrice",
            "Update price or make a new version",
            update,
        )
        .delete("/v1/prices/{id}", write, "deletePrice", "End price", delete)
}

async fn create(call: Call, Body(request): Body<CreatePriceRequest>) -> Result<Created<PriceResponse>> {
    Ok(Created(call.engine.create_price(&call.context, request).await?))
}

async fn create_bulk(
    call: Call,
    Body(request): Body<CreateBulkPriceRequest>,
) -> Result<Created<CreateBulkPriceResponse>> {
    Ok(Created(call.engine.create_prices(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<PriceFilter>) -> Result<Answer<ListPricesResponse>> {
    Ok(Answer(call.engine.list_prices(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<PriceFilter>) -> Result<Answer<ListPricesResponse>> {
    Ok(Answer(call.engine.list_prices(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<PriceResponse>> {
    Ok(Answer(call.engine.get_price(&call.context, &id).await?))
}

async fn get_by_key(call: Call, Path(lookup_key): Path) -> Result<Answer<PriceResponse>> {
    Ok(Answer(
        call.engine.get_price_by_lookup_key(&call.context, &lookup_key).await?,
    ))
}

async fn update(call: Call, Path(id): Path, Body(request): Body<UpdatePriceRequest>) -> Result<Answer<PriceResponse>> {
    Ok(Answer(call.engine.update_price(&call.context, &id, request).await?))
}

async fn delete(
    call: Call,
    Path(id): Path,
    Body(request): Body<DeletePriceRequest>,
) -> Result<Answer<SuccessResponse>> {
    call.engine.delete_price(&call.context, &id, request).await?;
    Ok(Answer(SuccessResponse {
        message: "price deleted successfully".to_owned(),
    }))
}
