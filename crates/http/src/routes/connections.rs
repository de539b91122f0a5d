//! `/v1/connections` (spec 07 §3.4).

use tariff_contract::connections::{
    ConnectionFilter, ConnectionResponse, CreateConnectionRequest, ListConnectionsResponse, UpdateConnectionRequest,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, NoContent, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Connection), Write(Entity::Connection));
    api.tag("Connections")
        .post(
            "/v1/connections",
            write,
            "createConnection",
            "Connect to a provider",
            create,
        )
        .get("/v1/connections", open, "listConnections", "List connections", list)
        .post(
            "/v1/connections/search",
            open,
            "queryConnection",
            "Search connections",
            search,
        )
        .get("/v1/connections/{id}", open, "getConnection", "Get connection", get)
        .put(
            "/v1/connections/{id}",
            write,
            "updateConnection",
            "Update connection",
            update,
        )
        .delete(
            "/v1/connections/{id}",
            write,
            "deleteConnection",
            "End a connection",
            delete,
        )
}

async fn create(call: Call, Body(request): Body<CreateConnectionRequest>) -> Result<Created<ConnectionResponse>> {
    Ok(Created(call.engine.create_connection(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<ConnectionFilter>) -> Result<Answer<ListConnectionsResponse>> {
    Ok(Answer(call.engine.list_connections(&call.context, filter).await?))
}

async fn search(call: Call, Body(filter): Body<ConnectionFilter>) -> Result<Answer<ListConnectionsResponse>> {
    Ok(Answer(call.engine.list_connections(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<ConnectionResponse>> {
    Ok(Answer(call.engine.get_connection(&call.context, &id).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateConnectionRequest>,
) -> Result<Answer<ConnectionResponse>> {
    Ok(Answer(
        call.engine.update_connection(&call.context, &id, request).await?,
    ))
}

async fn delete(call: Call, Path(id): Path) -> Result<NoContent> {
    call.engine.delete_connection(&call.context, &id).await?;
    Ok(NoContent)
}
