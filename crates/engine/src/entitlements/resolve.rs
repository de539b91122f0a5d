//! The entitlements that count for a subscription (spec 03 §5.10 "Entitlements of a subscription").

use std::collections::BTreeSet;

use tariff_core::vocabulary::EntitlementEntityType;
use tariff_core::{Period, Timestamp};
use tariff_store::Scoped;
use tariff_store::entity::{addon_associations, entitlements, subscriptions};

use super::{of_owners, of_plan};
use crate::addons;
use crate::error::Result;

/// The published entitlements of the plan, those of each addon that grants them at `now`, once for each time it is
/// attached, then those of the subscription itself that are live at `now`; newest first inside each group.
/// A live one of the subscription takes the place of the one it overrides. Disabled ones are among them, since they may
/// be what overrides.
pub(crate) async fn of_subscription(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    now: Timestamp,
) -> Result<Vec<entitlements::Model>> {
    let attached = addons::granting(rows, subscription, now).await?;
    resolved(rows, subscription, attached, now).await
}

/// As [`of_subscription`] for the invoice of a period: the addons are those in force in that period, which need not be
/// the current one any more.
pub(crate) async fn of_billed_period(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    period: Period,
    now: Timestamp,
) -> Result<Vec<entitlements::Model>> {
    let attached = addons::in_force_during(rows, &subscription.id, period).await?;
    resolved(rows, subscription, attached, now).await
}

/// As [`of_subscription`], with the addons that are attached from a later date on.
pub(crate) async fn of_subscription_from_now(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    now: Timestamp,
) -> Result<Vec<entitlements::Model>> {
    let from = subscription.current_period_start.0;
    let attached = addons::not_over(rows, &subscription.id, from).await?;
    resolved(rows, subscription, attached, now).await
}

async fn resolved(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    attached: Vec<addon_associations::Model>,
    now: Timestamp,
) -> Result<Vec<entitlements::Model>> {
    let own_kind = EntitlementEntityType::Subscription;
    let mut own = of_owners(rows, own_kind, [subscription.id.clone()]).await?;
    own.retain(|entitlement| is_live(entitlement, now));
    let overridden: BTreeSet<&String> = own
        .iter()
        .filter_map(|entitlement| entitlement.parent_entitlement_id.as_ref())
        .collect();
    let mut all = of_plan(rows, &subscription.plan_id).await?;
    all.extend(of_addons(rows, attached).await?);
    all.retain(|entitlement| !overridden.contains(&entitlement.id));
    drop(overridden);
    all.extend(own);
    Ok(all)
}

/// The published entitlements of the addon of each attachment.
async fn of_addons(rows: &Scoped<'_>, attached: Vec<addon_associations::Model>) -> Result<Vec<entitlements::Model>> {
    if attached.is_empty() {
        return Ok(Vec::new());
    }
    let addon_ids: BTreeSet<String> = attached
        .iter()
        .map(|association| association.addon_id.clone())
        .collect();
    let granted = of_owners(rows, EntitlementEntityType::Addon, addon_ids).await?;
    let of_addon = |association: &addon_associations::Model| {
        let of_addon = granted.iter().filter(|row| row.entity_id == association.addon_id);
        of_addon.cloned().collect::<Vec<_>>()
    };
    Ok(attached.iter().flat_map(of_addon).collect())
}

fn is_live(entitlement: &entitlements::Model, now: Timestamp) -> bool {
    entitlement.start_date.is_none_or(|start| start.0 <= now) && entitlement.end_date.is_none_or(|end| end.0 > now)
}
