//! API keys of an environment (spec 01 A2, B7).
//!
//! Owns minting, listing and revoking. How a key is recognized is the business of [`crate::access`].

use std::collections::BTreeMap;

use tariff_contract::error::ApiError;
use tariff_contract::list::PlainFilter;
use tariff_contract::secrets::{
    CreateAPIKeyRequest, CreateAPIKeyResponse, ListSecretsResponse, SecretProvider, SecretResponse, SecretType,
};
use tariff_contract::users::UserType;
use tariff_contract::{DateTime, Pagination};
use tariff_core::{Status, Timestamp};
use tariff_store::column::{Time, Word};
use tariff_store::entity::{secrets, users};
use tariff_store::{Listing, TenantRows, set};

use crate::access::bootstrap::new_secret;
use crate::access::keys::{self, KeyKind};
use crate::context::{Context, UserKind};
use crate::engine::{Engine, Work};
use crate::error::{Error, Result};
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::users as people;

impl Engine {
    /// Mints a key of the caller, or of a service account, for the request's environment. Its text is in the answer and
    /// nowhere else.
    ///
    /// # Errors
    /// `validation_error` for field rules and an owner that is no service account; `permission_denied` when the caller
    /// may not mint for others; `not_found` for an unknown owner.
    pub async fn create_api_key(
        &self,
        context: &Context,
        request: CreateAPIKeyRequest,
    ) -> Result<CreateAPIKeyResponse> {
        request.validate()?;
        let work = self.begin(context).await?;
        let service_account_id = request.service_account_id.filter(|id| !id.is_empty());
        let owner = owner(&work, service_account_id.as_deref()).await?;
        let kind = match request.r#type {
            Some(SecretType::PublishableKey) => KeyKind::Publishable,
            Some(SecretType::PrivateKey | SecretType::Integration) | None => KeyKind::Private,
        };
        let api_key = keys::generate(kind);
        let name = request.name.unwrap_or_default();
        let expires_at = request.expires_at.map(Timestamp::from);
        let mut secret = new_secret(&owner, &name, kind, &api_key, expires_at, work.server_now);
        secret.created_by.clone_from(&context.user_id);
        secret.updated_by.clone_from(&context.user_id);
        let secret = work.rows().insert::<secrets::Entity>(secret).await?;
        work.commit().await?;
        let service_account_name = service_account_id.map(|_| owner.name);
        Ok(CreateAPIKeyResponse {
            secret: response(secret, service_account_name),
            api_key,
        })
    }

    /// The published private keys: to super-admin people all of them, to others their own. `user_id` narrows the former.
    ///
    /// # Errors
    /// `validation_error` for bad paging.
    pub async fn list_api_keys(
        &self,
        context: &Context,
        filter: PlainFilter,
        user_id: Option<String>,
    ) -> Result<ListSecretsResponse> {
        let options = filter.list_options()?;
        let mut listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .equal("status", Status::Published.as_str())
            .equal("type", KeyKind::Private.as_str());
        if !context.is_super_admin_person() {
            listing = listing.equal("user_id", context.user_id.as_str());
        } else if let Some(user_id) = user_id.filter(|id| !id.is_empty()) {
            listing = listing.equal("user_id", user_id);
        }
        let session = self.read();
        let (secrets, total) = session.scoped(&context.scope).page::<secrets::Entity>(&listing).await?;
        let names = service_account_names(&session.tenant(context.tenant_id()), &secrets).await?;
        let items = secrets.into_iter().map(|secret| {
            let name = names.get(&secret.user_id).cloned();
            response(secret, name)
        });
        let pagination = Pagination::next(total, options.limit, options.offset);
        Ok(ListSecretsResponse {
            items: items.collect(),
            pagination,
        })
    }

    /// Revokes a key, at once. Revoking it again changes nothing.
    ///
    /// # Errors
    /// `not_found`; `permission_denied` for somebody else's key.
    pub async fn revoke_api_key(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let secret = work
            .rows()
            .lock::<secrets::Entity>(id)
            .await?
            .ok_or_else(|| unknown(id))?;
        if secret.user_id != context.user_id && !context.is_super_admin_person() {
            return Err(ApiError::permission_denied("Only the owner or a super admin may revoke this key").into());
        }
        if secret.status.0 == Status::Deleted {
            return Ok(());
        }
        let changes = secrets::ActiveModel {
            status: set(Word(Status::Deleted)),
            updated_at: set(Time(work.server_now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        work.rows().update::<secrets::Entity>(id, changes).await?;
        work.commit().await
    }
}

/// Whose key it becomes. The record is held until the key is stored, because its roles are copied into the key.
async fn owner(work: &Work<'_>, service_account_id: Option<&str>) -> Result<users::Model> {
    let Some(id) = service_account_id else {
        return people::lock_published(work, &work.context.user_id).await;
    };
    if !work.context.is_super_admin_person() {
        let message = "Only a super admin may create keys of service accounts";
        return Err(ApiError::permission_denied(message).into());
    }
    let owner = people::lock_published(work, id).await?;
    if UserKind::parse(&owner.kind) != UserKind::ServiceAccount {
        let error = ApiError::validation("The user is not a service account");
        return Err(error.detail("service_account_id", id).into());
    }
    Ok(owner)
}

/// The live keys of a user in every environment: published, and not expired at `now`.
pub(crate) async fn live_keys_of(rows: &TenantRows<'_>, user_id: &str, now: Timestamp) -> Result<Vec<secrets::Model>> {
    let listing = Listing::all()
        .equal("user_id", user_id)
        .equal("status", Status::Published.as_str());
    let mut keys = rows.list::<secrets::Entity>(&listing).await?;
    keys.retain(|key| key.expires_at.is_none_or(|expires_at| expires_at.0 >= now));
    Ok(keys)
}

async fn service_account_names(rows: &TenantRows<'_>, secrets: &[secrets::Model]) -> Result<BTreeMap<String, String>> {
    let of_service_accounts = secrets.iter().filter(|secret| is_of_service_account(secret));
    let ids: Vec<String> = of_service_accounts.map(|secret| secret.user_id.clone()).collect();
    let owners = rows.list::<users::Entity>(&Listing::all().within("id", ids)).await?;
    Ok(owners.into_iter().map(|owner| (owner.id, owner.name)).collect())
}

fn is_of_service_account(secret: &secrets::Model) -> bool {
    UserKind::parse(&secret.user_type) == UserKind::ServiceAccount
}

fn unknown(id: &str) -> Error {
    Error(ApiError::not_found(format!("API key with ID {id} was not found")).detail("secret_id", id))
}

fn response(secret: secrets::Model, service_account_name: Option<String>) -> SecretResponse {
    SecretResponse {
        r#type: match KeyKind::parse(&secret.kind) {
            Some(KeyKind::Publishable) => SecretType::PublishableKey,
            Some(KeyKind::Private) | None => SecretType::PrivateKey,
        },
        user_type: if is_of_service_account(&secret) {
            UserType::ServiceAccount
        } else {
            UserType::User
        },
        id: secret.id,
        name: secret.name,
        provider: SecretProvider::Flexprice,
        display_id: secret.display_id,
        roles: secret.roles.0,
        expires_at: secret.expires_at.map(|expires_at| DateTime(expires_at.0)),
        last_used_at: None,
        service_account_name,
        status: secret.status.0,
        user_id: secret.user_id,
        created_at: DateTime(secret.created_at.0),
        updated_at: DateTime(secret.updated_at.0),
    }
}
