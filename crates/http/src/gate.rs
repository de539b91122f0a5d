//! The checks before a handler, in their fixed order (spec 01 A1): credentials, environment, tenant, permission.

use axum::body::Body;
use axum::http::{HeaderMap, Response};
use tariff_engine::access::authenticate::Credentials;
use tariff_engine::access::portal::PortalVisitor;
use tariff_engine::access::roles::{Action, Entity, Permission};
use tariff_engine::{Context, Engine};

use crate::answer;

/// What a route asks of its caller.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Access {
    /// Any valid credential; the server option for strict reads demands reading this entity.
    Open(Entity),
    /// The permission to read.
    Read(Entity),
    /// The permission to write.
    Write(Entity),
    /// As [`Access::Write`], and the caller must be a person with the role `super_admin`.
    SuperAdmin(Entity),
}

impl Access {
    pub(crate) fn writes(self) -> bool {
        match self {
            Self::Open(_) | Self::Read(_) => false,
            Self::Write(_) | Self::SuperAdmin(_) => true,
        }
    }

    /// The permission that is always demanded, as the specification's table of routes writes it.
    pub(crate) fn documented(self) -> Option<String> {
        match self {
            Self::Open(_) => None,
            Self::Read(entity) => Some(format!("{}:read", entity.as_str())),
            Self::Write(entity) => Some(format!("{}:write", entity.as_str())),
            Self::SuperAdmin(entity) => Some(format!("{}:write, super", entity.as_str())),
        }
    }

    fn permission(self, strict_reads: bool) -> Option<Permission> {
        match self {
            Self::Open(entity) => strict_reads.then_some(Permission {
                entity,
                action: Action::Read,
            }),
            Self::Read(entity) => Some(Permission {
                entity,
                action: Action::Read,
            }),
            Self::Write(entity) | Self::SuperAdmin(entity) => Some(Permission {
                entity,
                action: Action::Write,
            }),
        }
    }
}

/// Routes that work without an environment (spec 01 A3); the last is another name for one of `/v1/tenants` (Q23).
const WITHOUT_ENVIRONMENT: [&str; 4] = ["/v1/users", "/v1/environments", "/v1/tenants", "/v1/tenant/billing"];

/// Lets a request in, or gives the answer that turns it away.
pub(crate) async fn admit(
    engine: &Engine,
    headers: &HeaderMap,
    template: &str,
    access: Access,
) -> Result<Context, Box<Response<Body>>> {
    let refuse = |refusal| Box::new(answer::refusal(refusal));
    let environment_id = text(headers, "x-environment-id");
    let credentials = Credentials {
        api_key: text(headers, "x-api-key"),
        authorization: text(headers, "authorization"),
        environment_id,
    };
    let principal = engine.authenticate(credentials).await.map_err(refuse)?;
    let mut context = engine
        .enter(principal, environment_id, environment_optional(template))
        .await
        .map_err(refuse)?;
    context.origin.request_id = request_id(headers);
    engine.check_tenant(&context, access.writes()).await.map_err(refuse)?;
    if matches!(access, Access::SuperAdmin(_)) && !context.is_super_admin_person() {
        return Err(Box::new(answer::forbidden(
            "This action requires a user account with Super Admin access",
        )));
    }
    if let Some(permission) = access.permission(engine.config().strict_read_permissions)
        && !context.may(permission)
    {
        return Err(Box::new(answer::forbidden("insufficient permissions")));
    }
    Ok(context)
}

/// Lets a customer into the portal, or gives the answer that turns it away.
pub(crate) async fn admit_to_portal(
    engine: &Engine,
    headers: &HeaderMap,
    writes: bool,
) -> Result<PortalVisitor, Box<Response<Body>>> {
    let refuse = |refusal| Box::new(answer::refusal(refusal));
    let mut visitor = engine
        .enter_portal(text(headers, "x-session-token"))
        .await
        .map_err(refuse)?;
    visitor.context.origin.request_id = request_id(headers);
    engine.check_tenant(&visitor.context, writes).await.map_err(refuse)?;
    Ok(visitor)
}

/// The request's id, which the envelope of every request has put among its headers.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    text(headers, "x-request-id").map(str::to_owned)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn environment_optional(template: &str) -> bool {
    WITHOUT_ENVIRONMENT.iter().any(|prefix| {
        template
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
