//! What was used inside a window, since when, and from when on it reached a quota.

use std::collections::BTreeMap;

use tariff_core::calendar::Period;
use tariff_core::entitlement::{InstantSearch, turns};
use tariff_core::proration::line_window;
use tariff_core::vocabulary::EntitlementGrantMeasure;
use tariff_core::{Decimal, Scope, Timestamp};
use tariff_usage::UsageLog;

use super::super::amounts::Reader;
use super::super::facts::{Billable, BillableItem};
use super::Timeline;
use super::overage::counts_money;
use crate::error::Result;

/// Measures what grants of a subscription allow.
pub(crate) struct Measuring<'a> {
    pub subject: &'a Billable,
    /// The usage of each meter that grants measure, by the meter's id.
    timelines: BTreeMap<&'a str, Timeline<'a>>,
}

impl<'a> Measuring<'a> {
    /// Makes ready to measure the grants of a subscription; nothing is read yet.
    pub(crate) fn new(log: &'a dyn UsageLog, scope: &'a Scope, subject: &'a Billable) -> Self {
        let timeline = |metered| {
            Timeline::new(Reader {
                log,
                scope,
                subject,
                metered,
            })
        };
        let meters = subject.grants.meters.iter();
        let timelines = meters.map(|(id, metered)| (id.as_str(), timeline(metered)));
        Self {
            subject,
            timelines: timelines.collect(),
        }
    }

    /// Makes ready for many questions about windows from this one on; `until` is the end of the last one.
    pub(crate) async fn read_on(&mut self, meter_id: &str, window: Period, until: Timestamp) -> Result<()> {
        match self.timelines.get_mut(meter_id) {
            Some(timeline) => timeline.read_on(window, until).await,
            None => Ok(()),
        }
    }

    /// What was used of a meter in a period, in units or in money.
    pub(crate) async fn used(
        &self,
        meter_id: &str,
        measure: EntitlementGrantMeasure,
        period: Period,
    ) -> Result<Decimal> {
        let Some(timeline) = self.timelines.get(meter_id) else {
            return Ok(Decimal::zero());
        };
        match measure {
            EntitlementGrantMeasure::Quantity => timeline.used(period).await,
            EntitlementGrantMeasure::Amount => self.spent(timeline, meter_id, period).await,
        }
    }

    /// What the lines of the meter charge for a period. Parallel lines each have the whole allowance (Q27), so that the
    /// dearest succession of lines tells how far it is used up.
    async fn spent(&self, timeline: &Timeline<'_>, meter_id: &str, period: Period) -> Result<Decimal> {
        let measures = |item: &&BillableItem| {
            counts_money(item) && item.meter.as_ref().is_some_and(|metered| metered.row.id == meter_id)
        };
        let parts: Vec<(&BillableItem, Period)> = (self.subject.items.iter().filter(measures))
            .filter_map(|item| {
                let part = line_window(period, item.item.start_date.0, item.item.end_date.map(|end| end.0))?;
                Some((item, part.period))
            })
            .collect();
        let periods: Vec<Period> = parts.iter().map(|(_, part)| *part).collect();
        let mut spent: BTreeMap<usize, Decimal> = BTreeMap::new();
        for turn in turns(&periods) {
            if let Some((item, part)) = parts.get(turn.line) {
                let cost = item.pricing.cost(&timeline.used(*part).await?);
                *spent.entry(turn.chain).or_default() += &cost;
            }
        }
        Ok(spent.into_values().max().unwrap_or_default())
    }

    /// The time of the first usage of a meter in a period.
    pub(super) async fn first_usage(&mut self, meter_id: &str, period: Period) -> Result<Option<Timestamp>> {
        match self.timelines.get_mut(meter_id) {
            Some(timeline) => timeline.first(period).await,
            None => Ok(None),
        }
    }

    /// The first instant at which the usage since the start of a period, by whose end it has reached the quota, is seen to
    /// have reached it. So it is the time of the evaluation that first sees it, if one ran at every instant: the answer
    /// does not depend on when one really ran. Usage that does not add up may shrink again; there it is the end.
    pub(crate) async fn crossing(
        &mut self,
        meter_id: &str,
        measure: EntitlementGrantMeasure,
        quota: &Decimal,
        period: Period,
    ) -> Result<Timestamp> {
        if !self.timelines.get(meter_id).is_some_and(Timeline::adds_up) {
            return Ok(period.end);
        }
        self.read_on(meter_id, period, period.end).await?;
        let mut search = InstantSearch::within(period);
        while let Some(probe) = search.probe() {
            let used = self.used(meter_id, measure, Period::new(period.start, probe)).await?;
            search.narrow(probe, used >= *quota);
        }
        Ok(search.found())
    }
}
