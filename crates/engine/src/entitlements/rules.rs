//! What the records around an entitlement rule out (spec 03 §3.5).

use tariff_contract::error::ApiError;
use tariff_core::Status;
use tariff_core::vocabulary::{EntitlementAggregationMode, EntitlementEntityType};
use tariff_store::column::Word;
use tariff_store::entity::{entitlements, features as feature_rows, meters as meter_rows, subscriptions};
use tariff_store::{Listing, Test};

use super::{feature_taken, unknown_id};
use crate::engine::Work;
use crate::error::Result;
use crate::records::{Narrow, filled};
use crate::{features, meters};

/// The feature, locked: none of its entitlements is written while it is withdrawn, or while another one's terms are
/// compared with theirs.
pub(super) async fn locked_feature(work: &Work<'_>, id: &str) -> Result<feature_rows::Model> {
    let feature = work.rows().lock::<feature_rows::Entity>(id).await?;
    feature.ok_or_else(|| features::unknown_id(id))
}

/// The entitlement that one of a subscription takes the place of; others keep the id unread (spec 03 §3.5).
pub(super) async fn overridden(
    work: &Work<'_>,
    entity_type: EntitlementEntityType,
    feature_id: &str,
    parent_id: Option<String>,
) -> Result<Option<String>> {
    let Some(id) = filled(parent_id) else { return Ok(None) };
    if entity_type == EntitlementEntityType::Subscription {
        let parent = work.rows().get::<entitlements::Entity>(&id).await?;
        let parent = parent.ok_or_else(|| unknown_id(&id))?;
        if parent.feature_id != feature_id {
            let message = "The entitlement to be overridden is of another feature";
            return Err(ApiError::validation(message).detail("parent_entitlement_id", id).into());
        }
    }
    Ok(Some(id))
}

/// Refuses a second entitlement of a subscription for a feature (spec 03 §3.5). Those of plans and addons are kept unique
/// by the schema.
pub(super) async fn check_unique(work: &Work<'_>, entitlement: &entitlements::Model) -> Result<()> {
    let parallel = Some(Word(EntitlementAggregationMode::Parallel));
    let of_subscription = entitlement.entity_type.0 == EntitlementEntityType::Subscription;
    if !of_subscription || entitlement.aggregation_mode == parallel || entitlement.status.0 != Status::Published {
        return Ok(());
    }
    let rows = work.rows();
    // Two requests at a time must not both find nothing.
    rows.lock::<subscriptions::Entity>(&entitlement.entity_id).await?;
    let others = Listing::all()
        .equal("entity_type", EntitlementEntityType::Subscription.as_str())
        .equal("entity_id", entitlement.entity_id.as_str())
        .equal("feature_id", entitlement.feature_id.as_str())
        .with("id", Test::NotEqual(entitlement.id.as_str().into()))
        .published();
    let others = rows.list::<entitlements::Entity>(&others).await?;
    match others.iter().find(|other| other.aggregation_mode != parallel) {
        Some(other) => {
            let error = feature_taken(&entitlement.feature_id)();
            Err(error.detail("entitlement_id", other.id.as_str()).into())
        }
        None => Ok(()),
    }
}

/// The meter of a metered feature, which must not be one whose buckets are maxima (spec 03 §3.5 "metered guard").
pub(super) async fn meter_of(work: &Work<'_>, feature: &feature_rows::Model) -> Result<Option<meter_rows::Model>> {
    let Some(meter_id) = &feature.meter_id else {
        return Ok(None);
    };
    let meter = meters::get(&work.rows(), meter_id).await?;
    if meters::is_bucketed_maximum(&meter) {
        let message = "A feature whose meter takes the maximum of each bucket cannot be limited";
        return Err(ApiError::validation(message)
            .detail("feature_id", feature.id.clone())
            .into());
    }
    Ok(Some(meter))
}
