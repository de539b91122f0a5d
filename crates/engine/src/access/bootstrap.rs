//! New tenants: the one a fresh server creates for itself, and those that sign up (spec 01 B9).

use std::collections::BTreeMap;

use tariff_core::vocabulary::{AuditActor, EnvironmentType};
use tariff_core::{IdPrefix, Scope, Status, Timestamp};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{environments, secrets, tenants, users};
use tariff_store::{Author, Session, StoreError, access as lookup};

use super::keys::{self, KeyKind};
use super::roles::Role;
use crate::context::{UserKind, new_entry_id};
use crate::engine::Engine;
use crate::error::Result;
use crate::ids::mint;
use crate::operators::OperationalState;

/// What a fresh server tells its operator once.
#[derive(Debug, Clone)]
pub struct FirstAccess {
    /// `tenant_…`.
    pub tenant_id: String,
    /// `user_…`, a super admin.
    pub user_id: String,
    /// `env_…`, of type `development`.
    pub environment_id: String,
    /// The private key's text; only its hash is stored.
    pub api_key: String,
}

/// Who and what a new tenant begins with.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewTenant {
    /// Id of the first user, who is also the one who creates the tenant.
    pub user_id: String,
    pub name: String,
    pub email: String,
    pub password_hash: Option<String>,
    pub metadata: Option<BTreeMap<String, String>>,
}

impl Engine {
    /// On an empty store: creates a first tenant, user, environment and API key. Otherwise does nothing.
    ///
    /// # Errors
    /// `database_error`.
    pub async fn bootstrap(&self) -> Result<Option<FirstAccess>> {
        let user_id = mint(IdPrefix::User);
        let now = self.server_now();
        let session = self
            .store()
            .begin(founder(&user_id, AuditActor::Worker, None, now))
            .await?;
        if !lookup::is_empty(&session).await? {
            return Ok(None);
        }
        let name = self.config().default_tenant_name.clone();
        let (user, environment) = create_tenant(
            &session,
            NewTenant {
                user_id,
                name,
                ..NewTenant::default()
            },
            now,
        )
        .await?;
        let api_key = keys::generate(KeyKind::Private);
        let scope = Scope::new(&user.tenant_id, &environment.id);
        let secret = new_secret(&user, "First key", KeyKind::Private, &api_key, None, now);
        session.scoped(&scope).insert::<secrets::Entity>(secret).await?;
        session.commit().await?;
        Ok(Some(FirstAccess {
            tenant_id: user.tenant_id,
            user_id: user.id,
            environment_id: environment.id,
            api_key,
        }))
    }
}

/// On whose behalf a new tenant is written.
pub(crate) fn founder(user_id: &str, actor: AuditActor, request_id: Option<String>, now: Timestamp) -> Author {
    Author {
        user_id: user_id.to_owned(),
        actor,
        api_key_id: None,
        request_id,
        effective_at: now,
        written_at: now,
        new_id: new_entry_id,
    }
}

/// A tenant with its first user and one environment named `Sandbox`.
pub(crate) async fn create_tenant(
    session: &Session,
    new: NewTenant,
    now: Timestamp,
) -> Result<(users::Model, environments::Model), StoreError> {
    let user_id = new.user_id;
    let tenant = tenants::Model {
        id: mint(IdPrefix::Tenant),
        name: new.name,
        operational_state: OperationalState::Trialing.as_str().to_owned(),
        billing_details: None,
        metadata: new.metadata.clone().map(Json),
        status: Word(Status::Published),
        created_at: Time(now),
        updated_at: Time(now),
    };
    let tenant = lookup::insert_tenant(session, tenant).await?;
    let user = users::Model {
        id: user_id.clone(),
        tenant_id: tenant.id.clone(),
        kind: UserKind::Person.as_str().to_owned(),
        email_lowercase: new.email.to_lowercase(),
        email: new.email,
        name: String::new(),
        roles: Json(vec![Role::SuperAdmin.as_str().to_owned()]),
        metadata: new.metadata.map(Json),
        password_hash: new.password_hash,
        status: Word(Status::Published),
        created_at: Time(now),
        updated_at: Time(now),
        created_by: user_id.clone(),
        updated_by: user_id,
    };
    let rows = session.tenant(&tenant.id);
    let user = rows.insert::<users::Entity>(user).await?;
    let environment = new_environment("Sandbox", EnvironmentType::Development, &user.id, now);
    let environment = rows.insert::<environments::Entity>(environment).await?;
    Ok((user, environment))
}

/// The record of an environment.
pub(crate) fn new_environment(
    name: &str,
    kind: EnvironmentType,
    created_by: &str,
    now: Timestamp,
) -> environments::Model {
    environments::Model {
        id: mint(IdPrefix::Environment),
        tenant_id: String::new(),
        name: name.to_owned(),
        kind: Word(kind),
        test_clock_at: None,
        status: Word(Status::Published),
        created_at: Time(now),
        updated_at: Time(now),
        created_by: created_by.to_owned(),
        updated_by: created_by.to_owned(),
    }
}

/// The record of a key: its hash, and a snapshot of its owner's roles (spec 01 A2).
pub(crate) fn new_secret(
    owner: &users::Model,
    name: &str,
    kind: KeyKind,
    api_key: &str,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> secrets::Model {
    secrets::Model {
        id: mint(IdPrefix::Secret),
        tenant_id: owner.tenant_id.clone(),
        environment_id: String::new(),
        name: name.to_owned(),
        kind: kind.as_str().to_owned(),
        key_hash: keys::hash(api_key),
        display_id: keys::display_id(api_key),
        user_id: owner.id.clone(),
        user_type: owner.kind.clone(),
        roles: owner.roles.clone(),
        expires_at: expires_at.map(Time),
        status: Word(Status::Published),
        created_at: Time(now),
        updated_at: Time(now),
        created_by: owner.id.clone(),
        updated_by: owner.id.clone(),
    }
}
