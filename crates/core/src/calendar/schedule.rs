//! The chain of billing periods of one subscription, line or grant (spec 04 §4.3, §4.4, §4.8).

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::period::Period;
use super::span::{add_days, add_months, clipped, months_of};
use super::zone::local_to_utc;
use crate::error::BillingError;
use crate::vocabulary::BillingPeriod;

/// Most periods that one call enumerates; a daily subscription reaches it after 27 years without a renewal.
pub const PERIODS_MAX: usize = 10_000;

/// Steps in which the period of a date is looked for (spec 04 §4.4).
const LOOKUP_STEPS_MAX: usize = 240;

/// What determines every boundary after a given start.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Gives day, weekday or month, and the clock, of every boundary; see [`super::billing_anchor`].
    pub anchor: Timestamp,
    /// Unit of a period.
    pub period: BillingPeriod,
    /// Units per period, at least one.
    pub count: i64,
    /// Zone whose wall clock is kept.
    pub zone: TimeZone,
    /// Where the chain ends, if it does; the last period is clipped to it.
    pub end: Option<Timestamp>,
}

/// Periods that are over at an instant, and the one that is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollOver {
    /// Periods with `end <= now`, oldest first.
    pub closed: Vec<Period>,
    /// The period to become current; `None` when the schedule has ended.
    pub current: Option<Period>,
}

impl Schedule {
    /// The boundary that ends a period starting at `start`, clipped to [`Schedule::end`] (spec 04 §4.3). Equal to or
    /// before `start` exactly when the schedule has ended.
    ///
    /// # Errors
    /// [`BillingError::InvalidPeriodCount`], [`BillingError::NotRecurring`], [`BillingError::OutOfRange`].
    pub fn next_boundary(&self, start: Timestamp) -> Result<Timestamp, BillingError> {
        let boundary = self.unclipped_next_boundary(start)?;
        Ok(self.end.map_or(boundary, |end| boundary.min(end)))
    }

    /// [`Schedule::next_boundary`] as if the schedule had no end.
    ///
    /// # Errors
    /// As [`Schedule::next_boundary`].
    pub fn unclipped_next_boundary(&self, start: Timestamp) -> Result<Timestamp, BillingError> {
        let count = self.checked_count()?;
        let anchor = self.zone.to_datetime(self.anchor);
        let date = self.zone.to_datetime(start).date();
        let next = match self.period {
            BillingPeriod::Daily => add_days(date, count)?,
            BillingPeriod::Weekly => next_weekday(date, anchor.date(), count)?,
            BillingPeriod::Quarterly | BillingPeriod::HalfYearly if start < self.anchor => return Ok(self.anchor),
            BillingPeriod::Monthly | BillingPeriod::Quarterly | BillingPeriod::HalfYearly => {
                let day_this_month = anchor.day().min(date.days_in_month());
                if self.period == BillingPeriod::Monthly && date.day() < day_this_month {
                    clipped(date.year(), date.month(), day_this_month)?
                } else {
                    add_months(date, self.months(count)?, anchor.day())?
                }
            }
            BillingPeriod::Annual => {
                let in_year = add_months(date.first_of_year(), self.months(count)?, 1)?;
                clipped(in_year.year(), anchor.month(), anchor.day())?
            }
            BillingPeriod::Onetime => return Err(BillingError::NotRecurring),
        };
        local_to_utc(next.to_datetime(whole_clock(anchor.time())), &self.zone)
    }

    /// One period back from `boundary`, keeping its clock: local days for DAILY and WEEKLY, else months with the day
    /// clipped (spec 04 §4.4, Q2). The anchor and end of the schedule have no effect.
    ///
    /// # Errors
    /// As [`Schedule::next_boundary`].
    pub fn previous_boundary(&self, boundary: Timestamp) -> Result<Timestamp, BillingError> {
        let count = self.checked_count()?;
        let local = self.zone.to_datetime(boundary);
        let date = match self.period {
            BillingPeriod::Daily => add_days(local.date(), -count)?,
            BillingPeriod::Weekly => add_days(local.date(), -count.checked_mul(7).ok_or(DATE)?)?,
            BillingPeriod::Monthly | BillingPeriod::Quarterly | BillingPeriod::HalfYearly | BillingPeriod::Annual => {
                add_months(local.date(), -self.months(count)?, local.day())?
            }
            BillingPeriod::Onetime => return Err(BillingError::NotRecurring),
        };
        local_to_utc(date.to_datetime(whole_clock(local.time())), &self.zone)
    }

    /// The period that starts at `start`; `None` when the schedule ends at or before it.
    ///
    /// # Errors
    /// As [`Schedule::next_boundary`].
    pub fn period_from(&self, start: Timestamp) -> Result<Option<Period>, BillingError> {
        let end = self.next_boundary(start)?;
        Ok((end > start).then_some(Period::new(start, end)))
    }

    /// The chain of periods from `start` on, each starting where the one before ends, until the schedule ends. An
    /// error is the last item.
    pub fn periods(&self, start: Timestamp) -> impl Iterator<Item = Result<Period, BillingError>> {
        let mut next_start = Some(start);
        std::iter::from_fn(move || match self.period_from(next_start?) {
            Ok(Some(period)) => {
                next_start = Some(period.end);
                Some(Ok(period))
            }
            Ok(None) => None,
            Err(error) => {
                next_start = None;
                Some(Err(error))
            }
        })
    }

    /// The period with zero-based `index` after `start`; `None` when the schedule has ended by then.
    ///
    /// # Errors
    /// As [`Schedule::next_boundary`]; [`BillingError::OutOfRange`] from [`PERIODS_MAX`] on.
    pub fn nth_period(&self, start: Timestamp, index: usize) -> Result<Option<Period>, BillingError> {
        if index >= PERIODS_MAX {
            return Err(BillingError::OutOfRange("period index"));
        }
        self.periods(start).nth(index).transpose()
    }

    /// The period with `start <= instant < end`, found by walking forward at most 240 periods from the one that
    /// starts at `from`; `None` when the schedule ends before (spec 04 §4.4).
    ///
    /// # Errors
    /// [`BillingError::OutOfRange`] for an instant before `from` or too far after it; as [`Schedule::next_boundary`].
    pub fn period_containing(&self, from: Timestamp, instant: Timestamp) -> Result<Option<Period>, BillingError> {
        if instant < from {
            return Err(BillingError::OutOfRange("date"));
        }
        let mut steps = 0;
        for period in self.periods(from) {
            let period = period?;
            if period.contains(instant) {
                return Ok(Some(period));
            }
            steps += 1;
            if steps == LOOKUP_STEPS_MAX {
                return Err(BillingError::OutOfRange("date"));
            }
        }
        Ok(None)
    }

    /// Periods closed at `now`, starting with the one that starts at `current_start`, and the new current one
    /// (spec 04 §4.8).
    ///
    /// # Errors
    /// As [`Schedule::next_boundary`]; [`BillingError::OutOfRange`] when more than [`PERIODS_MAX`] periods are due.
    pub fn roll_over(&self, current_start: Timestamp, now: Timestamp) -> Result<RollOver, BillingError> {
        let mut closed = Vec::new();
        for period in self.periods(current_start) {
            let period = period?;
            if period.end > now {
                return Ok(RollOver {
                    closed,
                    current: Some(period),
                });
            }
            if closed.len() == PERIODS_MAX {
                return Err(BillingError::OutOfRange("number of periods due"));
            }
            closed.push(period);
        }
        Ok(RollOver { closed, current: None })
    }

    /// The pieces into which this schedule's boundaries cut `window`, in order; boundaries are walked from the
    /// window's start, so only the anchor, not a chain of earlier periods, decides where they lie. Used for monthly
    /// allowances inside longer billing periods (spec 03 §5.10).
    ///
    /// # Errors
    /// As [`Schedule::next_boundary`]; [`BillingError::OutOfRange`] beyond [`PERIODS_MAX`] pieces.
    pub fn split(&self, window: Period) -> Result<Vec<Period>, BillingError> {
        let mut pieces = Vec::new();
        for period in self.periods(window.start) {
            let Some(piece) = period?.intersection(&window) else {
                break;
            };
            if pieces.len() == PERIODS_MAX {
                return Err(BillingError::OutOfRange("number of periods"));
            }
            pieces.push(piece);
        }
        Ok(pieces)
    }

    fn checked_count(&self) -> Result<i64, BillingError> {
        if self.count < 1 {
            return Err(BillingError::InvalidPeriodCount);
        }
        Ok(self.count)
    }

    fn months(&self, count: i64) -> Result<i64, BillingError> {
        let unit = months_of(self.period).ok_or(BillingError::NotRecurring)?;
        unit.checked_mul(count).ok_or(DATE)
    }
}

const DATE: BillingError = BillingError::OutOfRange("date");

/// The next date on the anchor's weekday, `count - 1` weeks further on; a whole `count` weeks if `date` is on it.
fn next_weekday(date: Date, anchor: Date, count: i64) -> Result<Date, BillingError> {
    let ahead = i64::from(anchor.weekday().to_monday_zero_offset() - date.weekday().to_monday_zero_offset());
    let days_to_weekday = ahead.rem_euclid(7);
    let weeks = if days_to_weekday == 0 { count } else { count - 1 };
    let days = weeks.checked_mul(7).and_then(|days| days.checked_add(days_to_weekday));
    add_days(date, days.ok_or(DATE)?)
}

/// Hours, minutes and seconds; boundaries have no fractions.
fn whole_clock(time: Time) -> Time {
    time.with().subsec_nanosecond(0).build().unwrap_or(time)
}
