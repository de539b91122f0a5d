//! One evaluation: what the events ask for, read without holding anything, then written under the subscription's lock.

use tariff_core::entitlement::GrantProgress;
use tariff_core::vocabulary::{EntitlementGrantMeasure, EntitlementGrantStatus, SubscriptionStatus, SubscriptionType};
use tariff_core::{Decimal, Period, SignedDuration, Timestamp};
use tariff_store::Scoped;
use tariff_store::entity::{entitlement_grants, subscriptions};

use super::record;
use crate::billing::grants::{Grants, Measuring, Slot, WINDOWS_READ_MIN, stored};
use crate::billing::{self, Billable};
use crate::context::Context;
use crate::engine::Engine;
use crate::entitlements;
use crate::error::Result;

/// Most windows that one transaction opens of a slot; those that are left are opened by the next one.
const OPENED_MAX: usize = 500;
/// Most transactions of one evaluation, those included that found the grants changed meanwhile.
const ROUNDS_MAX: usize = 50;

/// What an evaluation found.
pub(super) struct Findings {
    /// The grants that it looked at, as they were.
    pub seen: Vec<entitlement_grants::Model>,
    pub opened: Vec<Opened>,
    pub changed: Vec<Changed>,
}

/// A window to be opened.
pub(super) struct Opened {
    pub entitlement_id: String,
    pub feature_id: String,
    pub meter_id: String,
    pub measure: EntitlementGrantMeasure,
    pub progress: GrantProgress,
    pub outcome: Outcome,
}

/// A grant that is not any more what it was.
pub(super) struct Changed {
    pub grant: entitlement_grants::Model,
    pub outcome: Outcome,
}

/// What measuring a grant came to.
pub(super) struct Outcome {
    pub usage: Decimal,
    /// From when on the quota is reached, if it was not seen before.
    pub crossed_at: Option<Timestamp>,
    pub closes: bool,
}

/// Evaluates the grants of a subscription in its current period, or in the one that is about to be billed. Does nothing
/// when nothing has changed.
pub(crate) async fn evaluate(engine: &Engine, context: &Context, id: &str, billed: Option<Period>) -> Result<()> {
    for _ in 0..ROUNDS_MAX {
        let session = engine.read();
        let rows = session.scoped(&context.scope);
        let subscription = crate::subscriptions::get(&rows, id).await?;
        let Some(findings) = look(engine, context, &rows, subscription, billed).await? else {
            return Ok(());
        };
        drop(session);
        let work = engine.begin(context).await?;
        let Some(subscription) = work.rows().lock::<subscriptions::Entity>(id).await? else {
            return Ok(());
        };
        let period = billed.unwrap_or_else(|| current_period(&subscription));
        // Somebody else may have evaluated since: then what was found is out of date.
        if stored(&work.rows(), id, period).await? == findings.seen {
            record::write(&work, &subscription, findings).await?;
            work.commit().await?;
        }
    }
    Ok(())
}

/// Looks for what has to be written; `None` when there is nothing.
async fn look(
    engine: &Engine,
    context: &Context,
    rows: &Scoped<'_>,
    subscription: subscriptions::Model,
    billed: Option<Period>,
) -> Result<Option<Findings>> {
    let now = context.now();
    let period = billed.unwrap_or_else(|| current_period(&subscription));
    let seen = stored(rows, &subscription.id, period).await?;
    let opens = billed.is_some() || is_live(&subscription);
    if seen.is_empty() && !(opens && is_configured(rows, &subscription, period, last_instant(period, now)).await?) {
        return Ok(None);
    }
    let subject = billing::load(rows, subscription, period, last_instant(period, now)).await?;
    let mut measuring = Measuring::new(engine.usage_log().as_ref(), &context.scope, &subject);
    let mut findings = Findings {
        opened: Vec::new(),
        changed: Vec::new(),
        seen,
    };
    for grant in findings.seen.iter().filter(|grant| grant.closed_at.is_none()) {
        findings.changed.extend(measure(&mut measuring, grant, now).await?);
    }
    let slots = if opens { slots(&subject) } else { &[] };
    for slot in slots {
        open(&mut measuring, slot, (period, now), &mut findings.opened).await?;
    }
    let found = !findings.opened.is_empty() || !findings.changed.is_empty();
    Ok(found.then_some(findings))
}

/// Whether an entitlement of the subscription opens grants; asked first, because most subscriptions have none.
async fn is_configured(
    rows: &Scoped<'_>,
    subscription: &subscriptions::Model,
    period: Period,
    as_of: Timestamp,
) -> Result<bool> {
    let live = entitlements::of_billed_period(rows, subscription, period, as_of).await?;
    Ok(live.iter().any(|row| row.is_enabled && row.grant_config.is_some()))
}

fn slots(subject: &Billable) -> &[Slot] {
    let Grants { slots, .. } = &subject.grants;
    slots
}

async fn open(
    measuring: &mut Measuring<'_>,
    slot: &Slot,
    (period, now): (Period, Timestamp),
    opened: &mut Vec<Opened>,
) -> Result<()> {
    let configuration = &slot.slot.configuration;
    let windows = measuring.open(slot, period, now, OPENED_MAX).await?;
    let last_end = windows.last().map_or(now, |last| last.end.min(now));
    let reads_on = windows.len() >= WINDOWS_READ_MIN;
    for window in windows {
        if reads_on {
            let past = Period::new(window.start, window.end.min(now));
            measuring.read_on(&slot.meter_id, past, last_end).await?;
        }
        let progress = GrantProgress {
            window,
            quota: configuration.quota.clone(),
            is_exhausted: false,
        };
        let terms = (slot.meter_id.as_str(), configuration.measure);
        opened.push(Opened {
            entitlement_id: configuration.entitlement_id.clone(),
            feature_id: configuration.feature_id.clone(),
            meter_id: slot.meter_id.clone(),
            measure: configuration.measure,
            outcome: assess(measuring, terms, &progress, now).await?,
            progress,
        });
    }
    Ok(())
}

async fn measure(
    measuring: &mut Measuring<'_>,
    grant: &entitlement_grants::Model,
    now: Timestamp,
) -> Result<Option<Changed>> {
    let progress = GrantProgress {
        window: Period::new(grant.valid_from.0, grant.valid_to.0),
        quota: grant.quota.0.clone(),
        is_exhausted: grant.grant_status.0 == EntitlementGrantStatus::Exhausted,
    };
    let terms = (grant.meter_id.as_str(), grant.measure.0);
    let outcome = assess(measuring, terms, &progress, now).await?;
    let changes = outcome.closes || outcome.crossed_at.is_some();
    Ok(changes.then(|| Changed {
        grant: grant.clone(),
        outcome,
    }))
}

async fn assess(
    measuring: &mut Measuring<'_>,
    (meter_id, measure): (&str, EntitlementGrantMeasure),
    progress: &GrantProgress,
    now: Timestamp,
) -> Result<Outcome> {
    let measured = progress.measured(now);
    let usage = measuring.used(meter_id, measure, measured).await?;
    let step = progress.step(&usage, now);
    let crossed_at = if step.exhausts {
        Some(measuring.crossing(meter_id, measure, &progress.quota, measured).await?)
    } else {
        None
    };
    Ok(Outcome {
        usage,
        crossed_at,
        closes: step.closes,
    })
}

fn current_period(subscription: &subscriptions::Model) -> Period {
    Period::new(subscription.current_period_start.0, subscription.current_period_end.0)
}

fn is_live(subscription: &subscriptions::Model) -> bool {
    let status = subscription.subscription_status.0;
    let kind = subscription.subscription_type.0;
    matches!(status, SubscriptionStatus::Active | SubscriptionStatus::Trialing)
        && matches!(kind, SubscriptionType::Standalone | SubscriptionType::Parent)
}

/// The instant as of which entitlements are live in a period: now, or its last one.
pub(crate) fn last_instant(period: Period, now: Timestamp) -> Timestamp {
    let last = period.end.checked_sub(SignedDuration::from_micros(1));
    now.min(last.unwrap_or(period.end))
}
