//! `/v1/users`: people and service accounts (spec 01 B6).

use tariff_contract::users::{
    ChatVerificationResponse, CreateUserRequest, CreateUserResponse, ListUsersResponse, UpdateServiceAccountRequest,
    UpdateServiceAccountResponse, UpdateUserRequest, UpdateUserResponse, UpdateUserRolesRequest,
    UpdateUserRolesResponse, UserFilter, UserResponse,
};
use tariff_engine::access::roles::Entity;

use crate::answer::{Answer, CreatedOnce, NoContent, Result};
use crate::api::{Api, Call};
use crate::gate::Access::{Open, Read, SuperAdmin, Write};
use crate::input::{Body, Path};

pub(super) fn register(api: Api) -> Api {
    let (open, read, write) = (Open(Entity::User), Read(Entity::User), Write(Entity::User));
    let super_admin = SuperAdmin(Entity::User);
    api.tag("Users")
        .get("/v1/users/me", open, "getUserInfo", "Get the caller", get_me)
        .put("/v1/users/me", write, "updateUser", "Update the caller", update_me)
        .post(
            "/v1/users",
            write,
            "createUser",
            "Invite a person or create a service account",
            create,
        )
        .post("/v1/users/search", read, "queryUser", "Search users", search)
        .post(
            "/v1/users/chat/verify",
            open,
            "verifyChatUser",
            "Get a token for the support chat",
            verify_for_chat,
        )
        .put(
            "/v1/users/{id}",
            write,
            "updateServiceAccount",
            "Rename service account",
            update,
        )
        .put(
            "/v1/users/{id}/roles",
            super_admin,
            "updateUserRoles",
            "Replace the roles of a person",
            update_roles,
        )
        .delete(
            "/v1/users/{id}",
            write,
            "deleteServiceAccount",
            "Archive service account",
            delete,
        )
}

async fn get_me(call: Call) -> Result<Answer<UserResponse>> {
    Ok(Answer(call.engine.get_own_user(&call.context).await?))
}

async fn update_me(call: Call, Body(request): Body<UpdateUserRequest>) -> Result<Answer<UpdateUserResponse>> {
    Ok(Answer(call.engine.update_own_user(&call.context, request).await?))
}

async fn create(call: Call, Body(request): Body<CreateUserRequest>) -> Result<CreatedOnce<CreateUserResponse>> {
    Ok(CreatedOnce(call.engine.create_user(&call.context, request).await?))
}

async fn search(call: Call, Body(filter): Body<UserFilter>) -> Result<Answer<ListUsersResponse>> {
    Ok(Answer(call.engine.search_users(&call.context, filter).await?))
}

async fn verify_for_chat(call: Call) -> Result<Answer<ChatVerificationResponse>> {
    Ok(Answer(call.engine.verify_for_chat(&call.context).await?))
}

async fn update(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateServiceAccountRequest>,
) -> Result<Answer<UpdateServiceAccountResponse>> {
    Ok(Answer(
        call.engine.update_service_account(&call.context, &id, request).await?,
    ))
}

async fn update_roles(
    call: Call,
    Path(id): Path,
    Body(request): Body<UpdateUserRolesRequest>,
) -> Result<Answer<UpdateUserRolesResponse>> {
    Ok(Answer(
        call.engine.update_user_roles(&call.context, &id, request).await?,
    ))
}

async fn delete(call: Call, Path(id): Path) -> Result<NoContent> {
    call.engine.delete_service_account(&call.context, &id).await?;
    Ok(NoContent)
}
