//! The usage of one meter, read stretch by stretch and kept instant by instant.
//!
//! A busy period has hundreds of windows, and where each begins and is used up is found by looking at many instants. With
//! a question to the event log for each of them, most of the work would be done again and again; so the log is asked for
//! a stretch of events at a time, and what lies in it is told from memory.

use tariff_core::aggregation::UsageQuestion;
use tariff_core::calendar::Period;
use tariff_core::entitlement::{RunningUsage, StretchSearch};
use tariff_core::{Decimal, Timestamp};

use super::super::amounts::Reader;
use crate::error::Result;

/// Most events of a stretch: a few megabytes while it is read. More of them may only lie in one millisecond.
const STRETCH_EVENTS_MAX: u64 = 50_000;
/// Fewest windows for which reading all events is less work than asking for the usage of each window.
pub(crate) const WINDOWS_READ_MIN: usize = 4;

/// The usage of one meter over time.
pub(in crate::billing) struct Timeline<'a> {
    reader: Reader<'a>,
    stretch: Option<RunningUsage>,
}

impl<'a> Timeline<'a> {
    pub(in crate::billing) const fn new(reader: Reader<'a>) -> Self {
        Self { reader, stretch: None }
    }

    /// What was used in a period.
    pub(in crate::billing) async fn used(&self, period: Period) -> Result<Decimal> {
        if period.is_empty() {
            return Ok(Decimal::zero());
        }
        let stretch = self.stretch.as_ref().filter(|stretch| stretch.covers(period));
        match stretch.filter(|_| self.adds_up()) {
            Some(stretch) => Ok(stretch.used_in(period)),
            None => Ok(self.reader.usage(period).await?.value),
        }
    }

    /// The time of the first usage in a period.
    pub(in crate::billing) async fn first(&mut self, period: Period) -> Result<Option<Timestamp>> {
        let mut rest = period;
        if let Some(stretch) = &self.stretch
            && stretch.covers(Period::new(period.start, period.start))
        {
            if let Some(first) = stretch.first_in(period) {
                return Ok(Some(first));
            }
            rest.start = stretch.stretch().end;
        }
        if rest.is_empty() {
            return Ok(None);
        }
        self.read_from(rest).await?;
        Ok(self.stretch.as_ref().and_then(|stretch| stretch.first_in(rest)))
    }

    /// Makes ready for questions about a period and, as far as there is room, about what follows until `until`.
    pub(in crate::billing) async fn read_on(&mut self, period: Period, until: Timestamp) -> Result<()> {
        let is_read = self.stretch.as_ref().is_some_and(|stretch| stretch.covers(period));
        if is_read || period.is_empty() || !self.adds_up() {
            return Ok(());
        }
        self.read_from(Period::new(period.start, until.max(period.end))).await
    }

    /// Reads a stretch that tells the first usage of a period, with as much of what follows as there is room for.
    async fn read_from(&mut self, period: Period) -> Result<()> {
        let mut search = StretchSearch::within(period, self.events(period).await?, STRETCH_EVENTS_MAX);
        while let Some(probe) = search.probe() {
            search.narrow(probe, self.events(probe).await?);
        }
        let stretch = search.found();
        let instants = if search.is_empty() {
            Vec::new()
        } else {
            let question = UsageQuestion {
                by_instant: true,
                ..self.reader.question(stretch)
            };
            self.reader.ask(question).await?.windows
        };
        let used = instants.into_iter().map(|instant| (instant.start, instant.value));
        self.stretch = Some(RunningUsage::new(stretch, used));
        Ok(())
    }

    async fn events(&self, period: Period) -> Result<u64> {
        Ok(self.reader.usage(period).await?.event_count)
    }

    /// Whether the usage of a period is the sum of that of its parts: SUM, COUNT, SUM_WITH_MULTIPLIER without buckets.
    pub(in crate::billing) fn adds_up(&self) -> bool {
        let aggregation = self.reader.metered.meter.aggregation();
        aggregation.kind().adds_up() && aggregation.bucket_size().is_none()
    }
}
