//! Which windows there are in a period: those opened before, and those that its usage opens.

use std::collections::BTreeMap;

use tariff_contract::error::ApiError;
use tariff_core::calendar::Period;
use tariff_core::entitlement::NextGrant;
use tariff_core::vocabulary::EntitlementGrantMeasure;
use tariff_core::{Decimal, Scope, Timestamp};
use tariff_store::entity::entitlement_grants;
use tariff_usage::UsageLog;

use super::super::facts::Billable;
use super::super::plan::PlannedLine;
use super::{Measuring, Slot};
use crate::error::Result;

/// Most windows of one slot that a period is cut into; a year has 8,784 hours at most.
const WINDOWS_MAX: usize = 10_000;

/// A grant as billing needs it.
#[derive(Debug, Clone)]
pub(crate) struct GrantWindow {
    pub entitlement_id: String,
    pub measure: EntitlementGrantMeasure,
    pub quota: Decimal,
    pub window: Period,
}

impl From<&entitlement_grants::Model> for GrantWindow {
    fn from(grant: &entitlement_grants::Model) -> Self {
        Self {
            entitlement_id: grant.entitlement_id.clone(),
            measure: grant.measure.0,
            quota: grant.quota.0.clone(),
            window: Period::new(grant.valid_from.0, grant.valid_to.0),
        }
    }
}

/// The grants of each meter in the window that the lines are planned for.
pub(crate) async fn windows(
    log: &dyn UsageLog,
    scope: &Scope,
    subject: &Billable,
    planned: &[PlannedLine],
) -> Result<BTreeMap<String, Vec<GrantWindow>>> {
    let mut found = BTreeMap::new();
    if subject.grants.is_empty() {
        return Ok(found);
    }
    let mut measuring = Measuring::new(log, scope, subject);
    for line in planned {
        let item = subject.items.get(line.item);
        let Some(metered) = item.and_then(|item| item.meter.as_ref()) else {
            continue;
        };
        let meter_id = &metered.row.id;
        if subject.grants.measures(meter_id) && !found.contains_key(meter_id) {
            found.insert(meter_id.clone(), of_meter(&mut measuring, meter_id, line.window).await?);
        }
    }
    Ok(found)
}

async fn of_meter(measuring: &mut Measuring<'_>, meter_id: &str, window: Period) -> Result<Vec<GrantWindow>> {
    let subject = measuring.subject;
    let grants = &subject.grants;
    let stored = grants.stored.iter().filter(|grant| grant.meter_id == meter_id);
    let mut found: Vec<GrantWindow> = stored.map(GrantWindow::from).collect();
    let subscription = &subject.subscription;
    let current = Period::new(subscription.current_period_start.0, subscription.current_period_end.0);
    for slot in grants.slots.iter().filter(|slot| slot.meter_id == meter_id) {
        for billing in billing_periods(current, window) {
            // Billing sees the period as it will be when it is over.
            let opened = measuring.open(slot, billing, billing.end, WINDOWS_MAX + 1).await?;
            if opened.len() > WINDOWS_MAX {
                let message = format!("The period has more than {WINDOWS_MAX} grant windows");
                return Err(ApiError::validation(message).into());
            }
            let configuration = &slot.slot.configuration;
            found.extend(opened.into_iter().map(|window| GrantWindow {
                entitlement_id: configuration.entitlement_id.clone(),
                measure: configuration.measure,
                quota: configuration.quota.clone(),
                window,
            }));
        }
    }
    Ok(found)
}

/// The billing periods that a window is looked at by: the current one if it is touched, and what lies before it.
fn billing_periods(current: Period, window: Period) -> Vec<Period> {
    let before = Period::new(window.start, window.end.min(current.start));
    let touched = window.intersection(&current).map(|_| current);
    let before = Some(before).filter(|before| !before.is_empty());
    before.into_iter().chain(touched).collect()
}

impl Measuring<'_> {
    /// The windows that a slot opens in a billing period after those opened before, as seen at `now`; at most `max`.
    pub(crate) async fn open(
        &mut self,
        slot: &Slot,
        billing: Period,
        now: Timestamp,
        max: usize,
    ) -> Result<Vec<Period>> {
        let terms = slot.slot.configuration.terms;
        let zone = self.subject.schedule().zone;
        let opened_before = self.subject.grants.stored.iter().filter(|grant| {
            let inside = grant.valid_from.0 < billing.end && grant.valid_to.0 > billing.start;
            inside && slot.slot.owns(&grant.entitlement_id, &grant.feature_id)
        });
        let mut covered_until = opened_before.map(|grant| grant.valid_to.0).max();
        let mut opened = Vec::new();
        while opened.len() < max {
            let window = match terms.next(billing, covered_until, now, &zone)? {
                NextGrant::Nothing => None,
                NextGrant::Opens(window) => Some(window),
                NextGrant::WithUsage(range) => match self.first_usage(&slot.meter_id, range).await? {
                    Some(first) => terms.window(billing, range.start, first, &zone)?,
                    None => None,
                },
            };
            let Some(window) = window.filter(|window| !window.is_empty()) else {
                break;
            };
            covered_until = Some(window.end);
            opened.push(window);
        }
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(start: i64, end: i64) -> Period {
        let day = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        Period::new(day(start), day(end))
    }

    #[test]
    fn a_window_is_looked_at_by_billing_periods() {
        let current = period(30, 60);
        for (window, expected) in [
            (current, vec![current]),
            (period(0, 30), vec![period(0, 30)]),
            (period(40, 45), vec![current]),
            (period(20, 40), vec![period(20, 30), current]),
            (period(60, 90), vec![]),
        ] {
            assert_eq!(billing_periods(current, window), expected, "{window:?}");
        }
    }
}
