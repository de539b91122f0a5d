//! `/v1/addons` (spec 03 §4.3).

use tariff_contract::addons::{
    AddonFilter, AddonResponse, CreateAddonRequest, CreateAddonResponse, ListAddonsResponse, UpdateAddonRequest,
};
use tariff_contract::common::SuccessResponse;
use tariff_contract::entitlements::ListEntitlementsResponse;
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Addon), Write(Entity::Addon));
    api.tag("Addons")
        .post("/v1/addons", write, "createAddon", "Create addon", create)
        .get("/v1/addons", open, "listAddons", "List addons", list)
        .post("/v1/addons/search", open, "queryAddon", "Search addons", search)
        .get("/v1/addons/{id}", open, "getAddon", "Get addon", get)
        .get(
            "/v1/addons/lookup/{lookup_key}",
            open,
            "getAddonByLookupKey",
            "Get addon by lookup key",
            by_lookup_key,
        )
        .put("/v1/addons/{id}", write, "updateAddon", "Update addon", update)
        .delete("/v1/addons/{id}", write, "deleteAddon", "Archive addon", delete)
        .tag("Entitlements")
        .get(
            "/v1/addons/{id}/entitlements",
            open,
            "getAddonEntitlements",
            "Entitlements of an addon",
            entitlements,
        )
}

async fn create(call: Call, Body(request): Body<CreateAddonRequest>) -> Result<Created<CreateAddonResponse>> {
    Ok(Created(call.engine.create_addon(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<AddonFilter>) -> Result<Answer<ListAddonsResponse>> {
    Ok(Answer(call.engine.list_addons(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<AddonFilter>) -> Result<Answer<ListAddonsResponse>> {
    Ok(Answer(call.engine.list_addons(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<AddonResponse>> {
    Ok(Answer(call.engine.get_addon(&call.context, &id).await?))
}

async fn by_lookup_key(call: Call, Path(lookup_key): Path) -> Result<Answer<AddonResponse>> {
    Ok(Answer(
        call.engine.get_addon_by_lookup_key(&call.context, &lookup_key).await?,
    ))
}

async fn update(call: Call, Path(id): Path, Body(request): Body<UpdateAddonRequest>) -> Result<Answer<AddonResponse>> {
    Ok(Answer(call.engine.update_addon(&call.context, &id, request).await?))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.delete_addon(&call.context, &id).await?;
    Ok(Answer(SuccessResponse {
        message: "addon deleted successfully".to_owned(),
    }))
}

async fn entitlements(call: Call, Path(id): Path) -> Result<Answer<ListEntitlementsResponse>> {
    Ok(Answer(call.engine.list_addon_entitlements(&call.context, &id).await?))
}
