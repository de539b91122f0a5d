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
use super::overage::counts_money;
use crate::error::Result;

/// Measures what grants of a subscription allow.
pub(crate) struct Measuring<'a> {
    pub log: &'a dyn UsageLog,
    pub scope: &'a Scope,
    pub subject: &'a Billable,
}

impl Measuring<'_> {
    fn reader(&self, meter_id: &str) -> Option<Reader<'_>> {
        Some(Reader {
            log: self.log,
            scope: self.scope,
            subject: self.subject,
            metered: self.subject.grants.meters.get(meter_id)?,
        })
    }

    /// What was used of a meter in a period, in units or in money.
    pub(crate) async fn used(
        &self,
        meter_id: &str,
        measure: EntitlementGrantMeasure,
        period: Period,
    ) -> Result<Decimal> {
        let Some(reader) = self.reader(meter_id) else {
            return Ok(Decimal::zero());
        };
        match measure {
            EntitlementGrantMeasure::Quantity => Ok(reader.usage(period).await?.value),
            EntitlementGrantMeasure::Amount => self.spent(&reader, meter_id, period).await,
        }
    }

    /// What the lines of the meter charge for a period. Parallel lines each have the whole allowance (Q27), so that the
    /// dearest succession of lines tells how far it is used up.
    async fn spent(&self, reader: &Reader<'_>, meter_id: &str, period: Period) -> Result<Decimal> {
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
                let cost = item.pricing.cost(&reader.usage(*part).await?.value);
                *spent.entry(turn.chain).or_default() += &cost;
            }
        }
        Ok(spent.into_values().max().unwrap_or_default())
    }

    /// The time of the first usage of a meter in a period.
    pub(super) async fn first_usage(&self, meter_id: &str, period: Period) -> Result<Option<Timestamp>> {
        let Some(reader) = self.reader(meter_id) else {
            return Ok(None);
        };
        if reader.usage(period).await?.event_count == 0 {
            return Ok(None);
        }
        let mut search = InstantSearch::within(period);
        while let Some(probe) = search.probe() {
            let past = reader.usage(Period::new(period.start, probe)).await?;
            search.narrow(probe, past.event_count > 0);
        }
        Ok(Some(search.cause().max(period.start)))
    }

    /// The first instant at which the usage since the start of a period, by whose end it has reached the quota, is seen to
    /// have reached it. So it is the time of the evaluation that first sees it, if one ran at every instant: the answer
    /// does not depend on when one really ran. Usage that does not add up may shrink again; there it is the end.
    pub(crate) async fn crossing(
        &self,
        meter_id: &str,
        measure: EntitlementGrantMeasure,
        quota: &Decimal,
        period: Period,
    ) -> Result<Timestamp> {
        let Some(reader) = self.reader(meter_id).filter(adds_up) else {
            return Ok(period.end);
        };
        let mut search = InstantSearch::within(period);
        while let Some(probe) = search.probe() {
            let past = Period::new(period.start, probe);
            let used = match measure {
                EntitlementGrantMeasure::Quantity => reader.usage(past).await?.value,
                EntitlementGrantMeasure::Amount => self.spent(&reader, meter_id, past).await?,
            };
            search.narrow(probe, used >= *quota);
        }
        Ok(search.found())
    }
}

/// Whether the usage of a period is the sum of that of its parts: SUM, COUNT, SUM_WITH_MULTIPLIER without buckets.
pub(super) fn adds_up(reader: &Reader<'_>) -> bool {
    let aggregation = reader.metered.meter.aggregation();
    aggregation.kind().adds_up() && aggregation.bucket_size().is_none()
}
