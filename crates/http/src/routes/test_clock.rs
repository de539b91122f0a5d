//! `/v1/environments/{id}/clock`: the test clock of a development environment.

use serde::{Deserialize, Serialize};
use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_engine::access::roles::Entity;
use utoipa::ToSchema;

use crate::answer::{Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::Write;
use crate::input::{Body, Path};

pub(super) fn register(api: Api) -> Api {
    let write = Write(Entity::Environment);
    api.tag("Environments").post(
        "/v1/environments/{id}/clock",
        write,
        "setEnvironmentClock",
        "Set or advance the test clock of a development environment; due billing work is done before it answers",
        set,
    )
}

/// The time to set.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
struct SetClockRequest {
    /// RFC 3339; not before the clock's present time.
    #[schema(required = true)]
    now: Option<DateTime>,
}

/// The time of the environment.
#[derive(Debug, Serialize, ToSchema)]
struct ClockResponse {
    environment_id: String,
    now: DateTime,
}

async fn set(call: Call, Path(id): Path, Body(request): Body<SetClockRequest>) -> Result<Answer<ClockResponse>> {
    let now = request
        .now
        .ok_or_else(|| ApiError::validation("now is required").detail("now", "is required"))?;
    let now = call.engine.set_test_clock(&call.context, &id, now.0).await?;
    Ok(Answer(ClockResponse {
        environment_id: id,
        now,
    }))
}
