//! Addons: what is sold on top of a plan (spec 03 §3.4, §4.3).
//!
//! Owns their records. Their prices and entitlements are records of their own; attaching them is the business of
//! subscriptions.

mod associations;
mod create;
mod delete;
mod find;
mod update;

use tariff_contract::DateTime;
use tariff_contract::addons::{AddonResponse, CreateAddonResponse};
use tariff_contract::error::ApiError;
use tariff_store::Scoped;
use tariff_store::entity::addons;

pub(crate) use associations::{active_in, end_with_subscription, granting, in_force_during, not_over};

use crate::error::{Error, Result};

/// The addon of this id, whatever its status.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<addons::Model> {
    rows.get::<addons::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

pub(crate) fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Addon with ID {id} was not found")).detail("addon_id", id))
}

/// The wire form of an addon, without its prices, entitlements and credit grants.
pub(crate) fn response(addon: addons::Model) -> AddonResponse {
    AddonResponse {
        id: addon.id,
        name: addon.name,
        lookup_key: addon.lookup_key,
        description: addon.description,
        metadata: addon.metadata.map(|metadata| metadata.0),
        prices: Vec::new(),
        entitlements: Vec::new(),
        credit_grants: Vec::new(),
        tenant_id: addon.tenant_id,
        environment_id: addon.environment_id,
        status: addon.status.0,
        created_at: DateTime(addon.created_at.0),
        updated_at: DateTime(addon.updated_at.0),
        created_by: addon.created_by,
        updated_by: addon.updated_by,
    }
}

/// The wire form of a new addon.
fn created(addon: addons::Model) -> CreateAddonResponse {
    let addon = response(addon);
    CreateAddonResponse {
        id: addon.id,
        name: addon.name,
        lookup_key: addon.lookup_key,
        description: addon.description,
        metadata: addon.metadata,
        prices: addon.prices,
        entitlements: addon.entitlements,
        credit_grants: addon.credit_grants,
        tenant_id: addon.tenant_id,
        environment_id: addon.environment_id,
        status: addon.status,
        created_at: addon.created_at,
        updated_at: addon.updated_at,
        created_by: addon.created_by,
        updated_by: addon.updated_by,
    }
}
