//! Renewal: closing ended periods with one draft each and moving the subscription on (spec 04 §4.8, spec 05 §5.22).

use tariff_core::vocabulary::{BillingReason, SubscriptionStatus, SubscriptionType};
use tariff_core::{Period, Status, Timestamp};
use tariff_store::column::{Time, Word};
use tariff_store::entity::subscriptions;
use tariff_store::set;

use super::LATE_EVENTS_WAIT;
use crate::billing;
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;
use crate::invoices::{self, DraftOf};
use crate::subscriptions::{end_now, unknown};

/// Most periods closed by one transaction; a subscription further behind catches up in the renewals that follow.
const PERIODS_PER_RENEWAL_MAX: usize = 100;

impl Engine {
    /// Renews a subscription whose current period has ended: a draft for every ended period, oldest first, then the
    /// new current period or, at its end, the cancellation. Does nothing when no period has ended.
    pub(crate) async fn renew_subscription(&self, context: &Context, id: &str) -> Result<()> {
        let work = self.begin(context).await?;
        let subscription = work
            .rows()
            .lock::<subscriptions::Entity>(id)
            .await?
            .ok_or_else(|| unknown(id))?;
        if is_due(&subscription, work.now) {
            renew(&work, subscription).await?;
            work.commit().await?;
        }
        Ok(())
    }
}

fn is_due(subscription: &subscriptions::Model, now: Timestamp) -> bool {
    subscription.status.0 == Status::Published
        && subscription.subscription_status.0 == SubscriptionStatus::Active
        && matches!(
            subscription.subscription_type.0,
            SubscriptionType::Standalone | SubscriptionType::Parent
        )
        && subscription.current_period_end.0 <= now
}

async fn renew(work: &Work<'_>, subscription: subscriptions::Model) -> Result<()> {
    let due = ended_periods(&subscription, work.now)?;
    for period in &due.ended {
        let draft = DraftOf {
            subscription: &subscription,
            reason: BillingReason::SubscriptionCycle,
            period: *period,
            process_at: Some(
                work.now
                    .max(period.end.checked_add(LATE_EVENTS_WAIT).unwrap_or(period.end)),
            ),
        };
        invoices::open_draft(work, draft).await?;
    }
    let mut changes = subscriptions::ActiveModel {
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    match due.next {
        Next::Current(period) => {
            changes.current_period_start = set(Time(period.start));
            changes.current_period_end = set(Time(period.end));
        }
        Next::Cancelled(at) => {
            end_now(work, &subscription, at).await?;
            changes.subscription_status = set(Word(SubscriptionStatus::Cancelled));
            changes.cancelled_at = set(Some(Time(at)));
            work.publish("subscription.cancelled", "subscription", &subscription.id)
                .await?;
        }
    }
    work.rows()
        .update::<subscriptions::Entity>(&subscription.id, changes)
        .await?;
    work.publish("subscription.updated", "subscription", &subscription.id)
        .await
}

/// What a renewal finds.
#[derive(Debug, PartialEq, Eq)]
struct DueRenewal {
    /// Periods to bill, oldest first.
    ended: Vec<Period>,
    next: Next,
}

/// What follows the ended periods.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    /// The new current period.
    Current(Period),
    /// Nothing: the subscription ended at this instant.
    Cancelled(Timestamp),
}

/// The ended periods, from the stored current one on, up to now, the end date, the cancellation, or the bound.
fn ended_periods(subscription: &subscriptions::Model, now: Timestamp) -> Result<DueRenewal> {
    let mut ended = Vec::new();
    let mut current = Period::new(subscription.current_period_start.0, subscription.current_period_end.0);
    let schedule = billing::schedule(subscription);
    let ends = [subscription.cancel_at, subscription.end_date]
        .into_iter()
        .flatten()
        .map(|end| end.0)
        .min();
    loop {
        if current.end > now || ended.len() == PERIODS_PER_RENEWAL_MAX {
            return Ok(DueRenewal {
                ended,
                next: Next::Current(current),
            });
        }
        ended.push(current);
        if let Some(end) = ends.filter(|end| *end <= current.end) {
            return Ok(DueRenewal {
                ended,
                next: Next::Cancelled(end),
            });
        }
        match schedule.period_from(current.end)? {
            Some(next) => current = next,
            None => {
                return Ok(DueRenewal {
                    ended,
                    next: Next::Cancelled(current.end),
                });
            }
        }
    }
}
