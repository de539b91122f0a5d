//! Users: people and service accounts of a tenant (spec 01 B6).
//!
//! Owns their records and roles. Their passwords and sessions are the business of `auth`, their keys of `secrets`.

mod create;
mod me;
mod role_change;
mod search;
mod service_accounts;
mod support_chat;

use tariff_contract::error::ApiError;
use tariff_contract::users::{UserResponse, UserType};
use tariff_contract::{FieldErrors, Metadata};
use tariff_core::Status;
use tariff_store::entity::{tenants, users};
use tariff_store::{Session, access as lookup};

use crate::access::roles::Role;
use crate::context::{Context, UserKind};
use crate::engine::Work;
use crate::error::{Error, Result};
use crate::tenants as companies;

/// The published user of this id, held until the transaction ends.
pub(crate) async fn lock_published(work: &Work<'_>, id: &str) -> Result<users::Model> {
    let user = work.tenant_rows().lock::<users::Entity>(id).await?;
    user.filter(|user| user.status.0 == Status::Published)
        .ok_or_else(|| unknown(id))
}

fn unknown(id: &str) -> Error {
    Error(ApiError::not_found(format!("User with ID {id} was not found")).detail("user_id", id))
}

fn is_person(user: &users::Model) -> bool {
    UserKind::parse(&user.kind) == UserKind::Person
}

/// The roles named, if a user of this kind may hold them together and the caller may hand them out (spec 01 A4).
fn checked_roles(context: &Context, kind: UserKind, names: &[String]) -> Result<Vec<Role>> {
    let mut roles: Vec<Role> = Vec::with_capacity(names.len());
    let mut errors = FieldErrors::new();
    for name in names {
        match name.parse::<Role>() {
            Ok(role) if role.may_be_held_by(kind) => {
                if !roles.contains(&role) {
                    roles.push(role);
                }
            }
            Ok(_) => errors.add("roles", format!("{name} cannot be held by this kind of user")),
            Err(_) => errors.add("roles", format!("{name} is not a role")),
        }
    }
    let combined = roles.contains(&Role::SuperAdmin) && roles.len() > 1;
    errors.check(!combined, "roles", "super_admin cannot be combined with other roles");
    errors.finish()?;
    if let Some(role) = roles
        .iter()
        .find(|role| !context.roles.iter().any(|held| held.includes(**role)))
    {
        let message = "Only roles whose permissions you hold yourself can be handed out";
        return Err(ApiError::permission_denied(message)
            .detail("role", role.as_str())
            .into());
    }
    Ok(roles)
}

fn names(roles: &[Role]) -> Vec<String> {
    roles.iter().map(|role| role.as_str().to_owned()).collect()
}

/// The tenant of a user, which every answer about the user carries.
async fn tenant_of(session: &Session, tenant_id: &str) -> Result<tenants::Model> {
    Ok(lookup::tenant(session, tenant_id)
        .await?
        .ok_or_else(|| companies::unknown(tenant_id))?)
}

/// The wire form of a user.
fn response(user: users::Model, tenant: &tenants::Model) -> UserResponse {
    UserResponse {
        r#type: if is_person(&user) {
            UserType::User
        } else {
            UserType::ServiceAccount
        },
        id: user.id,
        email: user.email,
        name: user.name,
        roles: user.roles.0,
        metadata: user.metadata.map(|metadata| Metadata(metadata.0)),
        tenant: Some(companies::response(tenant.clone())),
    }
}

/// An answer that the contract gives a name of its own, with the members of [`UserResponse`].
macro_rules! answer_as {
    ($answer:ident, $user:expr $(, $member:ident: $value:expr)*) => {{
        let user: ::tariff_contract::users::UserResponse = $user;
        ::tariff_contract::users::$answer {
            id: user.id,
            email: user.email,
            name: user.name,
            roles: user.roles,
            metadata: user.metadata,
            tenant: user.tenant,
            r#type: user.r#type,
            $($member: $value,)*
        }
    }};
}
use answer_as;
