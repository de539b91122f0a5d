//! `/v1/environments` (spec 01 B4).

use tariff_contract::common::WorkflowStarted;
use tariff_contract::environments::{
    CloneEnvironmentRequest, CreateEnvironmentRequest, EnvironmentResponse, ListEnvironmentsResponse,
    UpdateEnvironmentRequest,
};
use tariff_contract::list::PlainFilter;
use tariff_engine::access::roles::Entity;

use crate::answer::{Accepted, Answer, Created, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Read, Write};
use crate::input::{Body, Path, Query};

pub(super) fn register(api: Api) -> Api {
    let (read, write) = (Read(Entity::Environment), Write(Entity::Environment));
    api.tag("Environments")
        .post(
            "/v1/environments",
            write,
            "createEnvironment",
            "Create environment",
            create,
        )
        .get("/v1/environments", read, "getEnvironments", "List environments", list)
        .get("/v1/environments/{id}", read, "getEnvironment", "Get environment", get)
        .put(
            "/v1/environments/{id}",
            write,
            "updateEnvironment",
            "Rename environment",
            update,
        )
        .post(
            "/v1/environments/{id}/clone",
            write,
            "cloneEnvironment",
            "Copy features and plans into another environment",
            clone,
        )
}

async fn create(call: Call, Body(request): Body<CreateEnvironmentRequest>) -> Result<Created<EnvironmentResponse>> {
    Ok(Created(call.engine.create_environment(&call.context, request).await?))
}

async fn list(call: Call, Query(filter): Query<PlainFilter>) -> Result<Answer<ListEnvironmentsResponse>> {
    Ok(Answer(call.engine.list_environments(&call.context, filter).await?))
}

async fn get(call: Call, Path(id): Path) -> Result<Answer<EnvironmentResponse>> {
    Ok(Answer(call.engine.get_environment(&call.context, &id).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateEnvironmentRequest>,
) -> Result<Answer<EnvironmentResponse>> {
    Ok(Answer(
        call.engine.update_environment(&call.context, &id, request).await?,
    ))
}

async fn clone(
    call: Call,
    Path(id): Path,
    Body(request): Body<CloneEnvironmentRequest>,
) -> Result<Accepted<WorkflowStarted>> {
    Ok(Accepted(
        call.engine.clone_environment(&call.context, &id, request).await?,
    ))
}
