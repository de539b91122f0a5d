//! The windows that a windowed commitment fills (spec 04 §4.14, spec 02 §4.7).

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};

use crate::BillingError;
use crate::calendar::Period;
use crate::vocabulary::WindowSize;

/// Most windows of one grid: a year of minutes and a day.
pub const WINDOWS_MAX: usize = 367 * 24 * 60;

const OUT_OF_RANGE: BillingError = BillingError::OutOfRange("number of windows");

/// Seconds from 1970-01-01, a Thursday, to the first Sunday.
const FIRST_SUNDAY: i64 = 3 * DAY;
const DAY: i64 = 24 * 60 * 60;

/// The starts of all windows, in UTC, that intersect `period` up to `now`. The first one contains the period's start
/// and may begin before it; weeks start on Sunday, months on the day of `anchor`, clipped to short months, or on day 1
/// (Q20).
///
/// # Errors
/// [`BillingError::OutOfRange`] beyond [`WINDOWS_MAX`] windows.
pub fn window_grid(
    size: WindowSize,
    period: Period,
    now: Timestamp,
    anchor: Option<Timestamp>,
) -> Result<Vec<Timestamp>, BillingError> {
    let until = period.end.min(now);
    let mut starts = Vec::new();
    let mut start = window_start(size, period.start, anchor)?;
    while start < until {
        if starts.len() == WINDOWS_MAX {
            return Err(OUT_OF_RANGE);
        }
        starts.push(start);
        start = next_start(size, start, anchor)?;
    }
    Ok(starts)
}

/// Length of all windows but months, which vary.
const fn fixed_seconds(size: WindowSize) -> Option<i64> {
    match size {
        WindowSize::Minute => Some(60),
        WindowSize::FifteenMinutes => Some(15 * 60),
        WindowSize::ThirtyMinutes => Some(30 * 60),
        WindowSize::Hour => Some(60 * 60),
        WindowSize::ThreeHours => Some(3 * 60 * 60),
        WindowSize::SixHours => Some(6 * 60 * 60),
        WindowSize::TwelveHours => Some(12 * 60 * 60),
        WindowSize::Day => Some(DAY),
        WindowSize::Week => Some(7 * DAY),
        WindowSize::Month => None,
    }
}

fn window_start(size: WindowSize, instant: Timestamp, anchor: Option<Timestamp>) -> Result<Timestamp, BillingError> {
    let Some(length) = fixed_seconds(size) else {
        return month_start(instant, anchor);
    };
    let origin = if size == WindowSize::Week { FIRST_SUNDAY } else { 0 };
    let second = floor_second(instant);
    Timestamp::from_second(second - (second - origin).rem_euclid(length)).map_err(|_| OUT_OF_RANGE)
}

fn next_start(size: WindowSize, start: Timestamp, anchor: Option<Timestamp>) -> Result<Timestamp, BillingError> {
    match fixed_seconds(size) {
        Some(length) => start
            .checked_add(SignedDuration::from_secs(length))
            .map_err(|_| OUT_OF_RANGE),
        None => {
            let next_month = utc_date(start)
                .first_of_month()
                .checked_add(1.month())
                .map_err(|_| OUT_OF_RANGE)?;
            midnight(clipped_day(next_month, anchor))
        }
    }
}

fn month_start(instant: Timestamp, anchor: Option<Timestamp>) -> Result<Timestamp, BillingError> {
    let date = utc_date(instant);
    let this_month = clipped_day(date, anchor);
    if this_month <= date {
        return midnight(this_month);
    }
    let previous = date.first_of_month().checked_sub(1.month()).map_err(|_| OUT_OF_RANGE)?;
    midnight(clipped_day(previous, anchor))
}

/// The anchor's day in the month of `date`, or that month's last day.
fn clipped_day(date: Date, anchor: Option<Timestamp>) -> Date {
    let day = anchor
        .map_or(1, |anchor| utc_date(anchor).day())
        .min(date.days_in_month());
    date.with().day(day).build().unwrap_or(date)
}

fn utc_date(instant: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(instant).date()
}

fn midnight(date: Date) -> Result<Timestamp, BillingError> {
    TimeZone::UTC
        .to_timestamp(date.to_datetime(jiff::civil::Time::midnight()))
        .map_err(|_| OUT_OF_RANGE)
}

/// Whole seconds since 1970, rounded down also before it.
fn floor_second(instant: Timestamp) -> i64 {
    let second = instant.as_second();
    if instant.subsec_nanosecond() < 0 {
        second - 1
    } else {
        second
    }
}
