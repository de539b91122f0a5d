//! Limits of a short first period (spec 03 §5.10, spec 04 §4.15).

use tariff_core::entitlement::prorated_limit;
use tariff_core::proration::first_period_proration;
use tariff_core::vocabulary::{EntitlementEntityType, FeatureType};
use tariff_core::{Decimal, IdPrefix};
use tariff_store::Listing;
use tariff_store::column::{Time, Word};
use tariff_store::entity::{entitlements, subscription_line_items, subscriptions};

use super::{insert, of_plan};
use crate::billing;
use crate::engine::Work;
use crate::error::Result;
use crate::ids::mint;
use crate::records::Narrow;

/// Gives a new subscription with prorations its share of the plan's metered limits for a first calendar period that is
/// short: as entitlements of its own, which end with the period.
pub(crate) async fn prorate_limits(work: &Work<'_>, subscription: &subscriptions::Model) -> Result<()> {
    let Some(coefficient) = coefficient(work, subscription).await? else {
        return Ok(());
    };
    for row in of_plan(&work.rows(), &subscription.plan_id).await? {
        let metered = row.is_enabled && row.feature_type.0 == FeatureType::Metered;
        if let Some(limit) = row.usage_limit.filter(|_| metered) {
            let limit = prorated_limit(limit, &coefficient)?;
            insert(work, for_first_period(work, subscription, row, limit)).await?;
        }
    }
    Ok(())
}

/// The share; `None` when the first period includes everything.
async fn coefficient(work: &Work<'_>, subscription: &subscriptions::Model) -> Result<Option<Decimal>> {
    let listing = Listing::all()
        .equal("subscription_id", subscription.id.as_str())
        .published();
    let lines = work.rows().list::<subscription_line_items::Entity>(&listing).await?;
    let mixed = lines
        .iter()
        .any(|line| line.billing_period != subscription.billing_period);
    let first = first_period_proration(
        &billing::schedule(subscription),
        subscription.start_date.0,
        subscription.billing_cycle.0,
        subscription.proration_behavior.0,
        mixed,
    )?;
    let coefficient = first.map(|first| first.limit_coefficient);
    Ok(coefficient.filter(|coefficient| *coefficient != Decimal::one()))
}

fn for_first_period(
    work: &Work<'_>,
    subscription: &subscriptions::Model,
    of_plan: entitlements::Model,
    limit: i64,
) -> entitlements::Model {
    let user_id = &work.context.user_id;
    entitlements::Model {
        id: mint(IdPrefix::Entitlement),
        entity_type: Word(EntitlementEntityType::Subscription),
        entity_id: subscription.id.clone(),
        parent_entitlement_id: Some(of_plan.id),
        usage_limit: Some(limit),
        start_date: Some(subscription.current_period_start),
        end_date: Some(subscription.current_period_end),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id.clone(),
        ..of_plan
    }
}
