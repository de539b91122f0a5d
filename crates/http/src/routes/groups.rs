//! `/v1/groups` (spec 01 B3).

use tariff_contract::groups::{CreateGroupRequest, GroupFilter, GroupResponse, ListGroupsResponse};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Created, NoContent, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Write};
use crate::input::{Body, Path};

pub(super) fn register(api: Api) -> Api {
    let (open, write) = (Open(Entity::Group), Write(Entity::Group));
    api.tag("Groups")
        .post("/v1/groups", write, "createGroup", "Create group", create)
        .post("/v1/groups/search", open, "queryGroup", "Search groups", search)
        .get("/v1/groups/{id}", open, "getGroup", "Get group", get)
        .delete(
            "/v1/groups/{id}",
            write,
            "deleteGroup",
            "Archive group, detach members",
            delete,
        )
}

async fn create(call: Call, Body(request): Body<CreateGroupRequest>) -> Result<Created<GroupResponse>> {
    Ok(Created(call.engine.create_group(&call.context, request).await?))
}

async fn search(call: Call, Body(filter): Body<GroupFilter>) -> Result<Answer<ListGroupsResponse>> {
    Ok(Answer(call.engine.list_groups(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<GroupResponse>> {
    Ok(Answer(call.engine.get_group(&call.context, &id).await?))
}

async fn delete(call: Call, Path(id): Path) -> Result<NoContent> {
    call.engine.delete_group(&call.context, &id).await?;
    Ok(NoContent)
}
