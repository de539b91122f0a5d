//! Plans: what is sold (spec 03 §3.1, §4.1, §5.8).
//!
//! Owns their records and copies. Their prices and entitlements are records of their own.

mod clone;
mod create;
mod delete;
mod find;
mod update;

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::plans::PlanResponse;
use tariff_store::Scoped;
use tariff_store::entity::plans;

use crate::error::{Error, Result};
use crate::records::metadata_out;

pub(crate) use find::with_belongings;

/// The plan of this id, whatever its status.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<plans::Model> {
    rows.get::<plans::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

pub(crate) fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Plan with ID {id} was not found")).detail("plan_id", id))
}

fn lookup_key_taken(lookup_key: &str) -> impl FnOnce() -> ApiError + use<> {
    let lookup_key = lookup_key.to_owned();
    move || ApiError::already_exists("A plan with this lookup key already exists").detail("lookup_key", lookup_key)
}

/// The wire form of a plan, without its prices, entitlements and credit grants.
pub(crate) fn response(plan: plans::Model) -> PlanResponse {
    PlanResponse {
        id: plan.id,
        name: plan.name,
        lookup_key: plan.lookup_key,
        description: plan.description,
        display_order: plan.display_order,
        metadata: metadata_out(plan.metadata),
        prices: Vec::new(),
        entitlements: Vec::new(),
        credit_grants: Vec::new(),
        tenant_id: plan.tenant_id,
        environment_id: plan.environment_id,
        status: plan.status.0,
        created_at: DateTime(plan.created_at.0),
        updated_at: DateTime(plan.updated_at.0),
        created_by: plan.created_by,
        updated_by: plan.updated_by,
    }
}
