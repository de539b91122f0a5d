//! `/v1/secrets/api/keys` (spec 01 B7).

use serde::Deserialize;
use tariff_contract::list::PlainFilter;
use tariff_contract::secrets::{CreateAPIKeyRequest, CreateAPIKeyResponse, ListSecretsResponse};
use tariff_engine::access::roles::Entity;
use utoipa::ToSchema;

use crate::answer::{Answer, CreatedOnce, NoContent, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Read, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (read, write) = (Read(Entity::Secret), Write(Entity::Secret));
    api.tag("Secrets")
        .post("/v1/secrets/api/keys", write, "createApiKey", "Create API key", create)
        .get("/v1/secrets/api/keys", read, "listApiKeys", "List API keys", list)
        .delete(
            "/v1/secrets/api/keys/{id}",
            write,
            "deleteApiKey",
            "Revoke API key",
            revoke,
        )
}

/// Whose keys to list.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct OwnerQuery {
    /// For super-admin people only; others see their own keys.
    user_id: Option<String>,
}

async fn create(call: Call, Body(request): Body<CreateAPIKeyRequest>) -> Result<CreatedOnce<CreateAPIKeyResponse>> {
    Ok(CreatedOnce(call.engine.create_api_key(&call.context, request).await?))
}

async fn list(
    call: Call,
    Query(filter): Query<PlainFilter>,
    Query(owner): Query<OwnerQuery>,
) -> Result<Answer<ListSecretsResponse>> {
    Ok(Answer(
        call.engine.list_api_keys(&call.context, filter, owner.user_id).await?,
    ))
}

async fn revoke(call: Call, Path(id): Path) -> Result<NoContent> {
    call.engine.revoke_api_key(&call.context, &id).await?;
    Ok(NoContent)
}
