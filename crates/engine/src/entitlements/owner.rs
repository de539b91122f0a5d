//! What owns entitlements: plans, addons and subscriptions (spec 03 §3.5).

use tariff_contract::entitlements::CreateEntitlementRequest;
use tariff_contract::error::ApiError;
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_store::Scoped;
use tariff_store::entity::subscriptions;

use crate::error::{Error, Result};
use crate::records::filled;
use crate::{addons, plans};

/// The existing owner that a request names, by `entity_type` and `entity_id` or by the older `plan_id`.
///
/// # Errors
/// `not_found` for an unknown owner, `validation_error` without one.
pub(super) async fn of_request(
    rows: &Scoped<'_>,
    request: &CreateEntitlementRequest,
) -> Result<(EntitlementEntityType, String)> {
    let named = request.entity_type.zip(filled(request.entity_id.clone()));
    let by_plan = || filled(request.plan_id.clone()).map(|plan_id| (EntitlementEntityType::Plan, plan_id));
    let (entity_type, entity_id) = named.or_else(by_plan).ok_or_else(|| {
        ApiError::validation("entity_type and entity_id, or plan_id, are required").detail("entity_id", "is required")
    })?;
    check_exists(rows, entity_type, &entity_id).await?;
    Ok((entity_type, entity_id))
}

async fn check_exists(rows: &Scoped<'_>, entity_type: EntitlementEntityType, id: &str) -> Result<()> {
    let unknown = || {
        let message = format!("{entity_type} with ID {id} was not found");
        Error(ApiError::not_found(message).detail("entity_id", id))
    };
    match entity_type {
        EntitlementEntityType::Plan => plans::get(rows, id).await.map(drop),
        EntitlementEntityType::Subscription => rows
            .get::<subscriptions::Entity>(id)
            .await?
            .ok_or_else(unknown)
            .map(drop),
        EntitlementEntityType::Addon => addons::get(rows, id).await.map(drop),
    }
}
