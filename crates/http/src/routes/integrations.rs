//! `/v1/integrations` (spec 01 B2).

use serde::Deserialize;
use tariff_contract::common::SuccessResponse;
use tariff_contract::integration_config::IntegrationConfigResponse;
use tariff_contract::integration_sync::SyncIntegrationRequest;
use tariff_contract::integrations::{
    DelinkIntegrationMappingRequest, IntegrationEntityType, LinkIntegrationMappingRequest,
    LinkIntegrationMappingResponse, ListEntityIntegrationMappingsResponse,
};
use tariff_engine::access::roles::Entity;
use utoipa::ToSchema;

use crate::answer::{Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Integration), Write(Entity::Integration));
    api.tag("Integrations")
        .post(
            "/v1/integrations/link",
            write,
            "linkIntegrationMapping",
            "Link an entity to a provider's record",
            link,
        )
        .delete(
            "/v1/integrations/link",
            write,
            "delinkIntegrationMapping",
            "Remove such a link",
            delink,
        )
        .post(
            "/v1/integrations/sync",
            write,
            "syncIntegration",
            "Push or pull one entity to its providers",
            sync,
        )
        .get(
            "/v1/integrations/mappings",
            open,
            "getEntityIntegrationMappings",
            "List the links of an entity",
            list,
        )
        .get(
            "/v1/integrations/config",
            open,
            "getIntegrationConfig",
            "Get what is synchronized with whom",
            config,
        )
}

/// Whose links to list.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct EntityQuery {
    entity_type: Option<IntegrationEntityType>,
    entity_id: Option<String>,
}

async fn link(
    call: Call,
    Body(request): Body<LinkIntegrationMappingRequest>,
) -> Result<Answer<LinkIntegrationMappingResponse>> {
    Ok(Answer(call.engine.link_integration(&call.context, request).await?))
}

async fn delink(call: Call, Body(request): Body<DelinkIntegrationMappingRequest>) -> Result<Answer<SuccessResponse>> {
    call.engine.delink_integration(&call.context, request).await?;
    Ok(Answer(SuccessResponse {
        message: "Integration mapping delinked successfully".to_owned(),
    }))
}

async fn sync(call: Call, Body(request): Body<SyncIntegrationRequest>) -> Result<Answer<SuccessResponse>> {
    call.engine.sync_integration(&call.context, request).await?;
    Ok(Answer(SuccessResponse {
        message: "integration sync triggered successfully".to_owned(),
    }))
}

async fn list(call: Call, Query(query): Query<EntityQuery>) -> Result<Answer<ListEntityIntegrationMappingsResponse>> {
    let entity_id = query.entity_id.unwrap_or_default();
    Ok(Answer(
        call.engine
            .list_integration_links(&call.context, query.entity_type, &entity_id)
            .await?,
    ))
}

async fn config(call: Call) -> Result<Answer<IntegrationConfigResponse>> {
    Ok(Answer(call.engine.get_integration_config(&call.context).await?))
}
