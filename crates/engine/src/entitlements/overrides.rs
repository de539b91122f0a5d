//! Entitlements of the plan that a new subscription changes for itself (spec 03 §5.10, spec 04 §4.5).

use tariff_contract::FieldErrors;
use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::OverrideEntitlementRequest;
use tariff_core::vocabulary::{EntitlementEntityType, FeatureType, UsageResetPeriod};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{entitlements, subscriptions};

use super::{insert, unknown_id};
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;
use crate::records::filled;

/// Creates the entitlements that take the place of the plan's, from the subscription's start on.
///
/// # Errors
/// `validation_error` for an entitlement of an addon and for members that do not fit the feature's type; `not_found`
/// for one that is not the plan's.
pub(crate) async fn override_for(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    requests: &[OverrideEntitlementRequest],
) -> Result<()> {
    for (index, request) in requests.iter().enumerate() {
        let parent = overridable(work, subscription, request).await?;
        check_type(&parent, request, index)?;
        insert(work, overriding(work, subscription, parent, request)).await?;
    }
    Ok(())
}

/// The published entitlement of the plan that a request names.
async fn overridable(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    request: &OverrideEntitlementRequest,
) -> Result<entitlements::Model> {
    let id = request.entitlement_id.as_deref().unwrap_or_default();
    let found = work.rows().get::<entitlements::Entity>(id).await?;
    let parent = found
        .filter(|entitlement| entitlement.status.0 == Status::Published)
        .ok_or_else(|| unknown_id(id))?;
    match parent.entity_type.0 {
        EntitlementEntityType::Addon => {
            let message = "Only entitlements of the plan can be overridden, not those of an addon";
            Err(ApiError::validation(message).detail("entitlement_id", id).into())
        }
        EntitlementEntityType::Plan if parent.entity_id == subscription.plan_id => Ok(parent),
        EntitlementEntityType::Plan | EntitlementEntityType::Subscription => Err(unknown_id(id)),
    }
}

/// A member that means nothing to the feature's type is a fault, not an ornament.
fn check_type(
    parent: &entitlements::Model,
    request: &OverrideEntitlementRequest,
    index: usize,
) -> Result<(), ApiError> {
    let mut errors = FieldErrors::new();
    let feature_type = parent.feature_type.0;
    let sent = [
        ("usage_limit", request.usage_limit.is_some(), FeatureType::Metered),
        (
            "static_value",
            request.static_value.as_ref().is_some_and(|value| !value.is_empty()),
            FeatureType::Static,
        ),
        ("config_value", request.config_value.is_some(), FeatureType::Config),
    ];
    for (field, sent, fitting) in sent {
        if sent && feature_type != fitting {
            let reason = format!("is only for {fitting} features");
            errors.add(format!("override_entitlements[{index}].{field}"), reason);
        }
    }
    errors.finish()
}

fn overriding(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    parent: entitlements::Model,
    request: &OverrideEntitlementRequest,
) -> entitlements::Model {
    let metered = parent.feature_type.0 == FeatureType::Metered;
    let monthly = metered.then_some(Word(UsageResetPeriod::Monthly));
    entitlements::Model {
        entity_type: Word(EntitlementEntityType::Subscription),
        entity_id: subscription.id.clone(),
        parent_entitlement_id: Some(parent.id),
        id: mint(IdPrefix::Entitlement),
        is_enabled: request.is_enabled.unwrap_or(parent.is_enabled),
        // Taken as sent: nothing means unlimited, whatever the plan says.
        usage_limit: request.usage_limit,
        usage_reset_period: parent.usage_reset_period.or(monthly),
        static_value: filled(request.static_value.clone()).unwrap_or(parent.static_value),
        config_value: request
            .config_value
            .clone()
            .map(|value| Json(serde_json::Value::Object(value)))
            .or(parent.config_value),
        start_date: Some(subscription.start_date),
        end_date: None,
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: work.context.user_id.clone(),
        updated_by: work.context.user_id.clone(),
        ..parent
    }
}
