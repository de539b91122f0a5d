//! `/v1/entitlements` (spec 03 §4.4).

use tariff_contract::common::SuccessResponse;
use tariff_contract::entitlements::{
    CreateBulkEntitlementRequest, CreateBulkEntitlementResponse, CreateEntitlementRequest, EntitlementFilter,
    EntitlementResponse, ListEntitlementsResponse, UpdateEntitlementRequest,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Entitlement), Write(Entity::Entitlement));
    api.tag("Entitlements")
        .post(
            "/v1/entitlements",
            write,
            "createEntitlement",
            "Create entitlement",
            create,
        )
        .post(
            "/v1/entitlements/bulk",
            write,
            "createEntitlementsBulk",
            "Create several entitlements",
            create_bulk,
        )
        .get("/v1/entitlements", open, "listEntitlements", "List entitlements", list)
        .post(
            "/v1/entitlements/search",
            open,
            "queryEntitlement",
            "Search entitlements",
            search,
        )
        .get("/v1/entitlements/{id}", open, "getEntitlement", "Get entitlement", get)
        .put(
            "/v1/entitlements/{id}",
            write,
            "updateEntitlement",
            "Update entitlement",
            update,
        )
        .delete(
            "/v1/entitlements/{id}",
            write,
            "deleteEntitlement",
            "Archive entitlement",
            delete,
        )
}

async fn create(call: Call, Body(request): Body<CreateEntitlementRequest>) -> Result<Created<EntitlementResponse>> {
    Ok(Created(call.engine.create_entitlement(&call.context, request).await?))
}

async fn create_bulk(
    call: Call,
    Body(request): Body<CreateBulkEntitlementRequest>,
) -> Result<Created<CreateBulkEntitlementResponse>> {
    Ok(Created(call.engine.create_entitlements(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<EntitlementFilter>) -> Result<Answer<ListEntitlementsResponse>> {
    Ok(Answer(call.engine.list_entitlements(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<EntitlementFilter>) -> Result<Answer<ListEntitlementsResponse>> {
    Ok(Answer(call.engine.list_entitlements(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<EntitlementResponse>> {
    Ok(Answer(call.engine.get_entitlement(&call.context, &id).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateEntitlementRequest>,
) -> Result<Answer<EntitlementResponse>> {
    Ok(Answer(
        call.engine.update_entitlement(&call.context, &id, request).await?,
    ))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.delete_entitlement(&call.context, &id).await?;
    Ok(Answer(SuccessResponse {
        message: "entitlement deleted successfully".to_owned(),
    }))
}
