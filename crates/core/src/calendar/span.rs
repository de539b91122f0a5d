//! Moving a local date by whole billing periods, and cutting a period into local days.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};

use super::period::Period;
use super::zone::local_to_utc;
use crate::error::BillingError;
use crate::vocabulary::BillingPeriod;

const DATE: BillingError = BillingError::OutOfRange("date");

/// Months in one period of this length; `None` for lengths counted in days and for `ONETIME`.
#[must_use]
pub const fn months_of(period: BillingPeriod) -> Option<i64> {
    match period {
        BillingPeriod::Monthly => Some(1),
        BillingPeriod::Quarterly => Some(3),
        BillingPeriod::HalfYearly => Some(6),
        BillingPeriod::Annual => Some(12),
        BillingPeriod::Daily | BillingPeriod::Weekly | BillingPeriod::Onetime => None,
    }
}

/// `start` moved by `count` periods on the wall clock of `zone`: days are added, months clip the day to the target
/// month. Used for windows without an anchor of their own, such as a commitment's duration or a repeated coupon
/// (spec 03 §5.13, spec 04 §4.14). A negative `count` moves back.
///
/// # Errors
/// [`BillingError::NotRecurring`] for `ONETIME`; [`BillingError::OutOfRange`] beyond the calendar.
pub fn advance(
    start: Timestamp,
    period: BillingPeriod,
    count: i64,
    zone: &TimeZone,
) -> Result<Timestamp, BillingError> {
    let local = zone.to_datetime(start);
    let date = match period {
        BillingPeriod::Daily => add_days(local.date(), count)?,
        BillingPeriod::Weekly => add_days(local.date(), count.checked_mul(7).ok_or(DATE)?)?,
        BillingPeriod::Monthly | BillingPeriod::Quarterly | BillingPeriod::HalfYearly | BillingPeriod::Annual => {
            let months = months_of(period).unwrap_or(1).checked_mul(count).ok_or(DATE)?;
            add_months(local.date(), months, local.date().day())?
        }
        BillingPeriod::Onetime => return Err(BillingError::NotRecurring),
    };
    local_to_utc(date.to_datetime(local.time()), zone)
}

/// The local days that `period` touches, each clipped to it, in order (spec 03 §5.10, Q21).
///
/// # Errors
/// [`BillingError::OutOfRange`] beyond the calendar.
pub fn day_windows(period: Period, zone: &TimeZone) -> Result<Vec<Period>, BillingError> {
    let mut windows = Vec::new();
    let mut start = period.start;
    while start < period.end {
        let midnight = local_midnight(add_days(zone.to_datetime(start).date(), 1)?, zone)?;
        let end = midnight.min(period.end);
        windows.push(Period::new(start, end));
        start = end;
    }
    Ok(windows)
}

/// The first instant of the local day that contains `instant`.
///
/// # Errors
/// [`BillingError::OutOfRange`] beyond the calendar.
pub fn local_midnight_of(instant: Timestamp, zone: &TimeZone) -> Result<Timestamp, BillingError> {
    local_midnight(zone.to_datetime(instant).date(), zone)
}

/// The first instant of the local week, from Monday, that contains `instant`.
///
/// # Errors
/// [`BillingError::OutOfRange`] beyond the calendar.
pub fn monday_midnight_of(instant: Timestamp, zone: &TimeZone) -> Result<Timestamp, BillingError> {
    let date = zone.to_datetime(instant).date();
    let monday = add_days(date, -i64::from(date.weekday().to_monday_zero_offset()))?;
    local_midnight(monday, zone)
}

/// The first instant of a local day; where the clock skips midnight, the first one after the gap.
pub(super) fn local_midnight(date: Date, zone: &TimeZone) -> Result<Timestamp, BillingError> {
    local_to_utc(DateTime::from_parts(date, Time::midnight()), zone)
}

pub(super) fn add_days(date: Date, days: i64) -> Result<Date, BillingError> {
    let span = Span::new().try_days(days).map_err(|_| DATE)?;
    date.checked_add(span).map_err(|_| DATE)
}

/// The month `months` after that of `date`, on `day` clipped to the length of that month.
pub(super) fn add_months(date: Date, months: i64, day: i8) -> Result<Date, BillingError> {
    let span = Span::new().try_months(months).map_err(|_| DATE)?;
    let first = date.first_of_month().checked_add(span).map_err(|_| DATE)?;
    clipped(first.year(), first.month(), day)
}

/// `day` of a month, or the month's last day if it is shorter.
pub(super) fn clipped(year: i16, month: i8, day: i8) -> Result<Date, BillingError> {
    let first = Date::new(year, month, 1).map_err(|_| DATE)?;
    Date::new(year, month, day.min(first.days_in_month())).map_err(|_| DATE)
}

/// An instant without its fraction of a second.
pub(super) fn whole_second(instant: Timestamp) -> Timestamp {
    let fraction = i64::from(instant.subsec_nanosecond());
    // An instant before 1970 counts its fraction backwards; both cut towards 1970, as the clock's fields do.
    instant.checked_sub(fraction.nanoseconds()).unwrap_or(instant)
}
