//! Commitments that start again in every window of a bucketed meter (spec 03 §5.12, spec 04 §4.14).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::line::{Commitment, CommitmentCharge};
use crate::pricing::Pricing;
use crate::{BillingError, Decimal};

/// Minutes of a day.
const DAY_MINUTES: u32 = 24 * 60;

/// Price and commitment of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowTerms {
    /// Prices the window's values, each by itself.
    pub pricing: Pricing,
    /// Applied to their cost; without one the window costs its list price.
    pub commitment: Option<Commitment>,
}

/// Terms of the windows that start within a part of the UTC day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeBucket {
    /// First minute of the day, 0 to 1440.
    pub start_minute: u32,
    /// Minute of the day after the last one; at or before `start_minute` it lies on the next day. 1440 is the end of the
    /// day.
    pub end_minute: u32,
    /// What applies there.
    pub terms: WindowTerms,
}

/// Usage of one window: one value, or one per group of a MAX meter with `group_by`, whose costs add up (spec 03 Q28).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageWindow {
    /// Start of the window.
    pub start: Timestamp,
    /// The values; none in an empty window.
    pub values: Vec<Decimal>,
}

/// The charge of one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowCharge {
    /// Start of the window.
    pub start: Timestamp,
    /// Position of the time bucket that applied; `None` for the line's own terms.
    pub time_bucket: Option<usize>,
    /// Unrounded.
    pub charge: CommitmentCharge,
}

/// The charges of all windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowedCharge {
    /// In order of time.
    pub windows: Vec<WindowCharge>,
    /// Their sum, unrounded; round its charge once.
    pub total: CommitmentCharge,
}

/// The windowed terms of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowedCommitment {
    /// Terms of windows outside all time buckets.
    pub line: WindowTerms,
    /// Must not overlap.
    pub time_buckets: Vec<TimeBucket>,
}

impl WindowTerms {
    /// The charge of a window with these values, unrounded.
    #[must_use]
    pub fn charge(&self, values: &[Decimal]) -> CommitmentCharge {
        let cost = self.pricing.bucketed_cost(values).amount;
        match &self.commitment {
            Some(commitment) => commitment.charge(&cost),
            None => CommitmentCharge::list_price(cost),
        }
    }

    fn has_true_up(&self) -> bool {
        self.commitment.as_ref().is_some_and(|commitment| commitment.true_up)
    }
}

impl TimeBucket {
    /// Whether the bucket covers a minute of the day.
    #[must_use]
    pub fn covers(&self, minute: u32) -> bool {
        if self.start_minute < self.end_minute {
            self.start_minute <= minute && minute < self.end_minute
        } else {
            minute >= self.start_minute || minute < self.end_minute
        }
    }

    /// Length in minutes.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        if self.start_minute < self.end_minute {
            self.end_minute - self.start_minute
        } else {
            DAY_MINUTES - self.start_minute + self.end_minute
        }
    }
}

impl WindowedCommitment {
    /// Whether the time buckets fit a meter whose buckets last `meter_minutes`.
    ///
    /// # Errors
    /// [`BillingError::Invalid`] when they overlap, leave the day, or start or last no multiple of the meter's bucket.
    pub fn check_time_buckets(&self, meter_minutes: u32) -> Result<(), BillingError> {
        let mut covered = vec![false; DAY_MINUTES as usize];
        for bucket in &self.time_buckets {
            if bucket.start_minute > DAY_MINUTES || bucket.end_minute > DAY_MINUTES {
                return Err(BillingError::Invalid("a time bucket lies outside the day"));
            }
            let is_aligned = |minutes: u32| meter_minutes > 0 && minutes.is_multiple_of(meter_minutes);
            if !is_aligned(bucket.start_minute) || !is_aligned(bucket.minutes()) {
                return Err(BillingError::Invalid(
                    "a time bucket does not match the meter's bucket size",
                ));
            }
            for (minute, is_covered) in (0_u32..).zip(&mut covered) {
                if bucket.covers(minute) && std::mem::replace(is_covered, true) {
                    return Err(BillingError::Invalid("time buckets overlap"));
                }
            }
        }
        Ok(())
    }

    /// The terms of the window starting at `start`, with the position of its time bucket.
    #[must_use]
    pub fn terms_at(&self, start: Timestamp) -> (Option<usize>, &WindowTerms) {
        let time = TimeZone::UTC.to_datetime(start).time();
        // Clock fields are never negative.
        let minute = u32::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute())).unwrap_or(0);
        let bucket = self
            .time_buckets
            .iter()
            .enumerate()
            .find(|(_, bucket)| bucket.covers(minute));
        bucket.map_or((None, &self.line), |(index, bucket)| (Some(index), &bucket.terms))
    }

    /// Whether windows without usage can cost anything.
    #[must_use]
    pub fn has_true_up(&self) -> bool {
        self.line.has_true_up() || self.time_buckets.iter().any(|bucket| bucket.terms.has_true_up())
    }

    /// Charges each window with usage, and each empty window of `grid` where a true-up applies
    /// (see [`super::window_grid`]). Usage off the grid is charged too (Q20).
    #[must_use]
    pub fn charge(&self, usage: &[UsageWindow], grid: &[Timestamp]) -> WindowedCharge {
        let mut windows: BTreeMap<Timestamp, Vec<Decimal>> = BTreeMap::new();
        for start in grid {
            if self.terms_at(*start).1.has_true_up() {
                windows.insert(*start, Vec::new());
            }
        }
        for window in usage {
            windows
                .entry(window.start)
                .or_default()
                .extend(window.values.iter().cloned());
        }
        let windows: Vec<WindowCharge> = windows
            .into_iter()
            .map(|(start, values)| {
                let (time_bucket, terms) = self.terms_at(start);
                WindowCharge {
                    start,
                    time_bucket,
                    charge: terms.charge(&values),
                }
            })
            .collect();
        WindowedCharge {
            total: windows.iter().map(|window| &window.charge).sum(),
            windows,
        }
    }
}
