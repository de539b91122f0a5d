//! A question about one meter's usage, without saying whose.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::calendar::Period;

use super::filter::filters_bytes;
use super::{Measure, Meter, MeterFilter, QueryFilters, WindowGrid};
use crate::vocabulary::{AggregationType, ResetUsage, WindowSize};

/// Which of the two readings of events is asked for (spec 02 §4.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Raw events as they are now: negative numbers count, a never-reset meter looks back over all time
    /// (`/events/usage`, `/events/usage/meter`).
    Raw,
    /// Recorded usage: each event's quantity is clamped at zero, always periodic (analytics, billing).
    Recorded,
}

/// What a meter recorded from some moment on. Recording is not retroactive (spec 02 §4.1): events taken in before a
/// change were measured by the definition of their time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingRevision {
    /// Events taken in at or after this moment, until the next revision's.
    pub from: Timestamp,
    /// The filters in force; `None` while the meter is archived and records nothing.
    pub filters: Option<Vec<MeterFilter>>,
}

/// Most bytes that the filters of a meter's revisions have together: every question about recorded usage reads them.
pub const RECORDING_BYTES_MAX: usize = 1024 * 1024;

impl RecordingRevision {
    /// How many bytes the filters of these revisions have together.
    #[must_use]
    pub fn bytes(recording: &[Self]) -> usize {
        let filters = recording.iter().filter_map(|revision| revision.filters.as_deref());
        filters.map(filters_bytes).sum()
    }

    /// The filters in force at that moment; `None` if nothing was recorded then. Without revisions the meter always was
    /// as it is.
    pub(super) fn filters_at<'a>(
        recording: &'a [Self],
        moment: Timestamp,
        meter: &'a Meter,
    ) -> Option<&'a [MeterFilter]> {
        if recording.is_empty() {
            return Some(meter.filters());
        }
        let revision = recording.iter().rev().find(|revision| revision.from <= moment)?;
        revision.filters.as_deref()
    }
}

/// What rows are told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// The event's source.
    Source,
    /// The text of this property.
    Property(String),
}

/// A question about one meter's usage.
#[derive(Debug, Clone)]
pub struct UsageQuestion {
    /// The meter.
    pub meter: Arc<Meter>,
    /// Raw events or recorded usage.
    pub basis: Basis,
    /// The period asked about.
    pub period: Period,
    /// How the meter changed over time, by `from` ascending; empty: it always was as it is. Only for recorded usage.
    pub recording: Vec<RecordingRevision>,
    /// Filters in addition to the meter's.
    pub filters: QueryFilters,
    /// Accepted sources; empty for all.
    pub sources: Vec<String>,
    /// One answer per combination of these; replaces a bucketed meter's own grouping.
    pub group_by: Vec<Dimension>,
    /// Also answer per window of this grid.
    pub windows: Option<WindowGrid>,
    /// Also answer per instant, as windows of no width. They go before [`windows`](Self::windows) and before buckets.
    pub by_instant: bool,
    /// Zone of a bucketed meter's buckets; UTC for recorded usage.
    pub bucket_zone: TimeZone,
    /// Day of month on which buckets of `MONTH` start: the subscription's billing anchor.
    pub bucket_anchor_day: Option<i8>,
    /// Also name the distinct sources of each answer.
    pub collect_sources: bool,
    /// Most rows, windows and buckets, all together, that the answer may keep apart; beyond it is [too
    /// large](super::UsageAnswer::is_too_large).
    pub cells_max: usize,
}

impl UsageQuestion {
    /// The plain question: one number for the meter over the period.
    #[must_use]
    pub fn new(meter: Arc<Meter>, basis: Basis, period: Period) -> Self {
        Self {
            meter,
            basis,
            period,
            recording: Vec::new(),
            filters: QueryFilters::new(),
            sources: Vec::new(),
            group_by: Vec::new(),
            windows: None,
            by_instant: false,
            bucket_zone: TimeZone::UTC,
            bucket_anchor_day: None,
            collect_sources: false,
            cells_max: usize::MAX,
        }
    }

    /// Whether events before the period's start matter, because the meter never resets (spec 02 §4.9).
    #[must_use]
    pub fn needs_history(&self) -> bool {
        self.basis == Basis::Raw && self.meter.reset_usage() == ResetUsage::Never
    }

    /// The grid of the meter's buckets, if it is bucketed and not asked for by the instant.
    #[must_use]
    pub fn bucket_grid(&self) -> Option<WindowGrid> {
        if self.by_instant {
            return None;
        }
        let size = self.meter.aggregation().bucket_size()?;
        Some(WindowGrid::new(size, self.bucket_zone.clone(), self.bucket_anchor_day))
    }

    /// The display window that the bucket starting at `bucket` is shown in: the bucket itself unless windows are wider
    /// (spec 02 §4.10).
    #[must_use]
    pub fn display_window(&self, bucket: Timestamp) -> Timestamp {
        match (&self.windows, self.meter.aggregation().bucket_size()) {
            (Some(grid), Some(size)) if grid.size() > size => grid.start_of(bucket),
            _ => bucket,
        }
    }

    /// The end of the display window that starts at `start`; the start itself when no windows are asked for.
    #[must_use]
    pub fn display_window_end(&self, start: Timestamp) -> Timestamp {
        let grid = match (&self.windows, self.bucket_grid()) {
            (Some(windows), Some(buckets)) if windows.size() > buckets.size() => windows.clone(),
            (Some(_), Some(buckets)) => buckets,
            (Some(windows), None) => windows.clone(),
            (None, _) => return start,
        };
        grid.next_start(start)
    }

    /// The width of the windows that the answer really has: never narrower than the meter's buckets (spec 02 §4.10).
    #[must_use]
    pub fn effective_window_size(&self) -> Option<WindowSize> {
        let requested = self.windows.as_ref().map(WindowGrid::size)?;
        Some(
            self.meter
                .aggregation()
                .bucket_size()
                .map_or(requested, |bucket| bucket.max(requested)),
        )
    }

    /// Whether a plain count of events by time is all that is asked, so that no event's content matters.
    #[must_use]
    pub fn reads_properties(&self) -> bool {
        let aggregation = self.meter.aggregation();
        !matches!(aggregation.measure(), Measure::Events)
            || aggregation.kind() != AggregationType::Count
            || !self.meter.filters().is_empty()
            || self
                .recording
                .iter()
                .any(|revision| revision.filters.as_ref().is_some_and(|filters| !filters.is_empty()))
            || self.filters.values().any(|values| !values.is_empty())
            || self
                .group_by
                .iter()
                .any(|dimension| matches!(dimension, Dimension::Property(_)))
    }

    /// The filters under which an event taken in at that moment is measured; `None` if it left no record.
    pub(super) fn filters_at(&self, ingested_at: Timestamp) -> Option<&[MeterFilter]> {
        match self.basis {
            Basis::Raw => Some(self.meter.filters()),
            Basis::Recorded => RecordingRevision::filters_at(&self.recording, ingested_at, &self.meter),
        }
    }
}
