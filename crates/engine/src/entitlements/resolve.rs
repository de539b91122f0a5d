//! The entitlements that count for a subscription (spec 03 §5.10 "Entitlements of a subscription").

use std::collections::BTreeSet;

use tariff_core::Timestamp;
use tariff_core::vocabulary::EntitlementEntityType;
use tariff_store::Scoped;
use tariff_store::entity::{entitlements, subscriptions};

use super::{of_owners, of_plan};
use crate::error::Result;

/// The published entitlements of the plan, then those of the subscription itself that are live at `now`; newest first
/// inside each group. A live one of the subscription takes the place of the one it overrides. Disabled ones are among
/// them, since they may be what overrides.
pub(crate) async fn of_subscription(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
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
    all.retain(|entitlement| !overridden.contains(&entitlement.id));
    drop(overridden);
    all.extend(own);
    Ok(all)
}

fn is_live(entitlement: &entitlements::Model, now: Timestamp) -> bool {
    entitlement.start_date.is_none_or(|start| start.0 <= now) && entitlement.end_date.is_none_or(|end| end.0 > now)
}
