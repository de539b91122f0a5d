//! From credentials to a context: principal, tenant, environment (spec 01 A2, A3).

use std::sync::Arc;

use tariff_core::{Clock, Scope, Status, Timestamp};
use tariff_store::access as lookup;
use tariff_store::entity::{environments, secrets};

use super::keys;
use super::roles::{self, Role};
use super::tokens::DEFAULT_TENANT_ID;
use crate::clock;
use crate::context::{Context, Credential, UserKind};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::operators::OperationalState;

/// What a request brings to prove who it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The API key header.
    pub api_key: Option<&'a str>,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The environment header; it counts only when the credential carries no environment.
    pub environment_id: Option<&'a str>,
}

/// Why a request is turned away before its route is looked at. Each has its own body on the wire (spec 01 A2).
#[derive(Debug)]
pub enum Refusal {
    /// No usable credential.
    Unauthorized,
    /// The `Authorization` header does not start with `Bearer `.
    InvalidAuthorizationHeader,
    /// The token's signature, validity or claims are wrong.
    InvalidToken,
    /// The token names an empty user or tenant.
    InvalidTokenClaims,
    /// The environment is missing, unknown or of another tenant.
    InvalidEnvironment,
    /// The environment is outside the caller's configured list.
    ForbiddenEnvironment,
    /// The tenant's record is missing or unreadable.
    TenantUnverified,
    /// The tenant is suspended and the route writes.
    TenantSuspended,
    /// The customer portal was called without a session token.
    SessionTokenMissing,
    /// The session token's signature, validity or claims are wrong.
    SessionTokenInvalid,
    /// The look-up of the user failed.
    UserLookupFailed(Error),
    /// The look-up of the environment failed.
    EnvironmentLookupFailed(Error),
}

/// Who a credential stands for.
#[derive(Debug, Clone)]
pub struct Principal {
    /// The tenant.
    pub tenant_id: String,
    /// The user.
    pub user_id: String,
    /// Person or service account.
    pub user_kind: UserKind,
    /// The roles that count for this request.
    pub roles: Vec<Role>,
    /// The environment the credential carries, if any.
    pub bound_environment: Option<String>,
    /// The credential.
    pub credential: Credential,
}

impl Engine {
    /// Who is calling.
    ///
    /// # Errors
    /// The [`Refusal`] to answer with.
    pub async fn authenticate(&self, credentials: Credentials<'_>) -> Result<Principal, Refusal> {
        if let Some(key) = credentials.api_key.filter(|key| !key.is_empty())
            && let Some(principal) = self.principal_of_key(key).await.map_err(Refusal::UserLookupFailed)?
        {
            return Ok(principal);
        }
        let authorization = credentials.authorization.ok_or(Refusal::Unauthorized)?;
        let token = authorization
            .strip_prefix("Bearer ")
            .ok_or(Refusal::InvalidAuthorizationHeader)?;
        let claims = self
            .tokens()
            .read_session(token, self.server_now())
            .ok_or(Refusal::InvalidToken)?;
        let tenant_id = claims.tenant_id.unwrap_or_else(|| DEFAULT_TENANT_ID.to_owned());
        if claims.user_id.is_empty() || tenant_id.is_empty() {
            return Err(Refusal::InvalidTokenClaims);
        }
        let session = self.read();
        let user = session
            .tenant(&tenant_id)
            .get::<tariff_store::entity::users::Entity>(&claims.user_id)
            .await;
        let user = user.map_err(|error| Refusal::UserLookupFailed(error.into()))?;
        let user = user
            .filter(|user| user.status.0 == Status::Published)
            .ok_or(Refusal::Unauthorized)?;
        Ok(Principal {
            tenant_id,
            user_id: user.id,
            user_kind: UserKind::Person,
            roles: roles::known(&user.roles.0),
            bound_environment: claims.environment_id.filter(|id| !id.is_empty()),
            credential: Credential::Session,
        })
    }

    async fn principal_of_key(&self, key: &str) -> Result<Option<Principal>> {
        let key_hash = keys::hash(key);
        if let Some(known) = self.config().static_keys.get(&key_hash).filter(|known| known.is_active) {
            return Ok(Some(Principal {
                tenant_id: known.tenant_id.clone(),
                user_id: known.user_id.clone(),
                user_kind: UserKind::Person,
                roles: vec![Role::SuperAdmin],
                bound_environment: None,
                credential: Credential::ApiKey(format!("static:{}", known.name)),
            }));
        }
        let session = self.read();
        let read = lookup::secret_by_hash(&session, &key_hash);
        let stored = self
            .recent()
            .secrets
            .get_or(self.store(), key_hash.as_str(), read)
            .await?;
        Ok(stored
            .filter(|secret| is_accepted(secret, self.server_now()))
            .map(|secret| Principal {
                user_kind: UserKind::parse(&secret.user_type),
                roles: roles::known(&secret.roles.0),
                tenant_id: secret.tenant_id.clone(),
                user_id: secret.user_id.clone(),
                bound_environment: Some(secret.environment_id.clone()),
                credential: Credential::ApiKey(secret.id.clone()),
            }))
    }

    /// The context of a request: the principal in its environment, at that environment's time.
    /// With `environment_optional` a request that names no environment runs without one.
    ///
    /// # Errors
    /// The [`Refusal`] to answer with.
    pub async fn enter(
        &self,
        principal: Principal,
        environment_header: Option<&str>,
        environment_optional: bool,
    ) -> Result<Context, Refusal> {
        let wanted = principal
            .bound_environment
            .as_deref()
            .or(environment_header)
            .filter(|id| !id.is_empty());
        let (environment_id, clock) = match wanted {
            Some(id) => self.environment_clock(&principal, id).await?,
            None if environment_optional => (String::new(), Arc::clone(self.server_clock())),
            None => return Err(Refusal::InvalidEnvironment),
        };
        Ok(Context {
            scope: Scope::new(principal.tenant_id, environment_id),
            user_id: principal.user_id,
            user_kind: principal.user_kind,
            roles: principal.roles,
            origin: principal.credential.into(),
            clock,
        })
    }

    async fn environment_clock(&self, principal: &Principal, id: &str) -> Result<(String, Arc<dyn Clock>), Refusal> {
        let session = self.read();
        let rows = session.tenant(&principal.tenant_id);
        let read = rows.get::<environments::Entity>(id);
        let scope = Scope::new(&principal.tenant_id, id);
        let environment = self.recent().environments.get_or(self.store(), &scope, read).await;
        let environment = environment.map_err(|error| Refusal::EnvironmentLookupFailed(error.into()))?;
        let environment = environment.ok_or(Refusal::InvalidEnvironment)?;
        if !self.may_enter(&principal.tenant_id, &principal.user_id, &environment.id) {
            return Err(Refusal::ForbiddenEnvironment);
        }
        let clock = clock::of_environment(self.server_clock(), environment.test_clock_at.map(Timestamp::from));
        Ok((scope.environment_id, clock))
    }

    /// Whether the deployment's configuration lets the user into the environment.
    #[must_use]
    pub fn may_enter(&self, tenant_id: &str, user_id: &str, environment_id: &str) -> bool {
        let restricted = self
            .config()
            .allowed_environments
            .get(tenant_id)
            .and_then(|users| users.get(user_id));
        restricted.is_none_or(|environments| environments.iter().any(|id| id == environment_id))
    }

    /// Refuses a tenant that does not exist and, on writing routes, one that is suspended.
    ///
    /// # Errors
    /// The [`Refusal`] to answer with.
    pub async fn check_tenant(&self, context: &Context, writes: bool) -> Result<(), Refusal> {
        let session = self.read();
        let read = lookup::tenant(&session, context.tenant_id());
        let tenant = self
            .recent()
            .tenants
            .get_or(self.store(), context.tenant_id(), read)
            .await;
        let tenant = tenant.ok().flatten().ok_or(Refusal::TenantUnverified)?;
        if writes && tenant.operational_state == OperationalState::Suspended.as_str() {
            return Err(Refusal::TenantSuspended);
        }
        Ok(())
    }
}

fn is_accepted(secret: &secrets::Model, now: Timestamp) -> bool {
    let expired = secret.expires_at.is_some_and(|expires_at| expires_at.0 < now);
    secret.status.0 == Status::Published && secret.kind == keys::KeyKind::Private.as_str() && !expired
}
