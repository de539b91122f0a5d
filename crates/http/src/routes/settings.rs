//! `/v1/settings/{key}` (spec 01 B8).

use tariff_contract::common::SuccessResponse;
use tariff_contract::settings::{SettingResponse, UpdateSettingRequest};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Read, SuperAdmin};
use crate::input::{Body, Path};

pub(super) fn register(api: Api) -> Api {
    let (read, super_admin) = (Read(Entity::Setting), SuperAdmin(Entity::Setting));
    api.tag("Settings")
        .get("/v1/settings/{key}", read, "getSetting", "Get setting", get)
        .put(
            "/v1/settings/{key}",
            super_admin,
            "updateSetting",
            "Merge into a setting",
            update,
        )
        .delete(
            "/v1/settings/{key}",
            super_admin,
            "deleteSetting",
            "Reset a setting to its default",
            reset,
        )
}

async fn get(call: Call, Path(key): Path) -> Result<Answer<SettingResponse>> {
    Ok(Answer(call.engine.get_setting(&call.context, &key).await?))
}

async fn update(
    call: Call,
    Path(key): Path,
    Body(request): Body<UpdateSettingRequest>,
) -> Result<Answer<SettingResponse>> {
    Ok(Answer(call.engine.update_setting(&call.context, &key, request).await?))
}

async fn reset(call: Call, Path(key): Path) -> Result<Answer<SuccessResponse>> {
    call.engine.reset_setting(&call.context, &key).await?;
    Ok(Answer(SuccessResponse {
        message: "Setting deleted successfully".to_owned(),
    }))
}
