//! The attachments of addons to subscriptions: which of them count when, and their end with the subscription's
//! (spec 03 §3.4). Attaching and detaching is the business of subscriptions.

use tariff_core::vocabulary::AddonStatus;
use tariff_core::{Period, Timestamp};
use tariff_store::column::{Time, Word};
use tariff_store::entity::{addon_associations, subscriptions};
use tariff_store::{Filter, Listing, Scoped, Test, set};

use crate::engine::Work;
use crate::error::Result;
use crate::records::Narrow;

/// Those of a subscription that are active in a window, newest first: a start at its end is in, an end at its start is
/// not (spec 03 §3.4). What is detached is not among them, even before it ends.
pub(crate) async fn active_in(
    rows: &Scoped<'_>,
    subscription_id: &str,
    window: Period,
) -> Result<Vec<addon_associations::Model>> {
    let mut found = not_ended_in(rows, subscription_id, window).await?;
    found.retain(|association| association.addon_status.0 == AddonStatus::Active);
    Ok(found)
}

/// Those of a subscription that grant their entitlements at `now`, newest first: the active ones of its current period,
/// and those detached that have not ended yet (spec 03 §5.10, spec 04 Q18).
pub(crate) async fn granting(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    now: Timestamp,
) -> Result<Vec<addon_associations::Model>> {
    let current = Period::new(subscription.current_period_start.0, subscription.current_period_end.0);
    let mut found = not_ended_in(rows, &subscription.id, current).await?;
    found.retain(|association| match association.addon_status.0 {
        AddonStatus::Active => true,
        AddonStatus::Cancelled => association.end_date.is_some_and(|end| end.0 > now),
        AddonStatus::Pending => false,
    });
    Ok(found)
}

async fn not_ended_in(
    rows: &Scoped<'_>,
    subscription_id: &str,
    window: Period,
) -> Result<Vec<addon_associations::Model>> {
    let listing = running_after(subscription_id, window.start).with("start_date", Test::LessOrEqual(window.end.into()));
    lasting(rows, &listing).await
}

/// Those of a subscription that were in force at some time of a billed period, newest first. What was detached since
/// still counts for the time before: the period's usage was used under it.
pub(crate) async fn in_force_during(
    rows: &Scoped<'_>,
    subscription_id: &str,
    period: Period,
) -> Result<Vec<addon_associations::Model>> {
    let listing = running_after(subscription_id, period.start)
        .with("addon_status", Test::NotEqual(AddonStatus::Pending.as_str().into()))
        .with("start_date", Test::Less(period.end.into()));
    lasting(rows, &listing).await
}

/// Those of a subscription that are not over by an instant, the coming and the detached ones included, newest first.
pub(crate) async fn not_over(
    rows: &Scoped<'_>,
    subscription_id: &str,
    at: Timestamp,
) -> Result<Vec<addon_associations::Model>> {
    lasting(rows, &running_after(subscription_id, at)).await
}

/// What matches, without what was withdrawn before it began.
async fn lasting(rows: &Scoped<'_>, listing: &Listing) -> Result<Vec<addon_associations::Model>> {
    let mut found = rows.list::<addon_associations::Entity>(listing).await?;
    found.retain(|association| association.end_date.is_none_or(|end| end.0 > association.start_date.0));
    Ok(found)
}

fn running_after(subscription_id: &str, at: Timestamp) -> Listing {
    let mut listing = Listing::all().equal("subscription_id", subscription_id).published();
    let end = |test| Filter {
        field: "end_date".to_owned(),
        test,
    };
    listing
        .any_of
        .push(vec![end(Test::IsNull), end(Test::Greater(at.into()))]);
    listing
}

/// Cancels the attachments of a subscription that ends at `effective` (spec 04 §4.8, §4.10). Those that are detached
/// already end earlier than they would have.
pub(crate) async fn end_with_subscription(work: &Work<'_>, subscription_id: &str, effective: Timestamp) -> Result<()> {
    for association in not_over(&work.rows(), subscription_id, effective).await? {
        let changes = addon_associations::ActiveModel {
            addon_status: set(Word(AddonStatus::Cancelled)),
            cancelled_at: set(association.cancelled_at.or(Some(Time(work.now)))),
            end_date: set(Some(Time(effective.max(association.start_date.0)))),
            updated_at: set(Time(work.now)),
            updated_by: set(work.context.user_id.clone()),
            ..Default::default()
        };
        work.rows()
            .update::<addon_associations::Entity>(&association.id, changes)
            .await?;
    }
    Ok(())
}
