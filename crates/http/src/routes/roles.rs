//! `/v1/rbac/roles` (spec 01 A4, B6).

use axum::body::Body as HttpBody;
use axum::http::{Response, StatusCode};
use tariff_contract::roles::{GetRoleResponse, ListRolesResponse, RoleFilter};
use tariff_engine::access::roles::Entity;

use crate::answer::{self, Answer, Output, Result};
use crate::api::{Api, Call};
use crate::gate::Access::Open;
use crate::input::{Path, Query};
use crate::openapi::Description;

pub(super) fn register(api: Api) -> Api {
    let open = Open(Entity::User);
    api.tag("Roles")
        .get("/v1/rbac/roles", open, "listRbacRoles", "List roles", list)
        .get("/v1/rbac/roles/{id}", open, "getRbacRole", "Get role", get)
}

/// A role, or a 404 whose body is not the standard one (spec 01 A5).
struct RoleOrNothing(Option<GetRoleResponse>);

impl Output for RoleOrNothing {
    fn into_response(self) -> Response<HttpBody> {
        match self.0 {
            Some(role) => Answer(role).into_response(),
            None => answer::json(StatusCode::NOT_FOUND, &serde_json::json!({"error": "Role not found"})),
        }
    }

    fn describe(description: &mut Description) {
        Answer::<GetRoleResponse>::describe(description);
    }
}

async fn list(call: Call, Query(filter): Query<RoleFilter>) -> Result<Answer<ListRolesResponse>> {
    Ok(Answer(call.engine.list_roles(filter)?))
}

async fn get(call: Call, Path(id): Path) -> Result<RoleOrNothing> {
    Ok(RoleOrNothing(call.engine.find_role(&id)))
}
