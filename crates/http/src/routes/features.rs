//! `/v1/features` (spec 02 §3.1).

use tariff_contract::common::SuccessResponse;
use tariff_contract::features::{
    CloneFeatureRequest, CreateFeatureRequest, FeatureFilter, FeatureResponse, ListFeaturesResponse,
    UpdateFeatureRequest,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Feature), Write(Entity::Feature));
    api.tag("Features")
        .post("/v1/features", write, "createFeature", "Create feature", create)
        .get("/v1/features", open, "listFeatures", "List features", list)
        .post("/v1/features/search", open, "queryFeature", "Search features", search)
        .get("/v1/features/{id}", open, "getFeature", "Get feature", get)
        .put("/v1/features/{id}", write, "updateFeature", "Update feature", update)
        .delete(
            "/v1/features/{id}",
            write,
            "deleteFeature",
            "Archive feature and its meter",
            delete,
        )
        .post("/v1/features/{id}/clone", write, "cloneFeature", "Clone feature", clone)
}

async fn create(call: Call, Body(request): Body<CreateFeatureRequest>) -> Result<Created<FeatureResponse>> {
    Ok(Created(call.engine.create_feature(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<FeatureFilter>) -> Result<Answer<ListFeaturesResponse>> {
    Ok(Answer(call.engine.list_features(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<FeatureFilter>) -> Result<Answer<ListFeaturesResponse>> {
    Ok(Answer(call.engine.list_features(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<FeatureResponse>> {
    Ok(Answer(call.engine.get_feature(&call.context, &id).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateFeatureRequest>,
) -> Result<Answer<FeatureResponse>> {
    Ok(Answer(call.engine.update_feature(&call.context, &id, request).await?))
}

async fn delete(call: Call, Path(id): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.delete_feature(&call.context, &id).await?;
    Ok(Answer(SuccessResponse {
        message: "feature deleted successfully".to_owned(),
    }))
}

async fn clone(
    call: Call,
    Path(id): Path,
    Body(request): Body<CloneFeatureRequest>,
) -> Result<Created<FeatureResponse>> {
    Ok(Created(call.engine.clone_feature(&call.context, &id, request).await?))
}
