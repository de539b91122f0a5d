//! How long credits last (spec 06 §4.9).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::BillingError;
use crate::vocabulary::CreditGrantExpiryDurationUnit;

const OUT_OF_RANGE: BillingError = BillingError::OutOfRange("expiration_duration");

/// A length of time from the writing of a credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditLife {
    /// How many units.
    pub count: i64,
    /// Days and weeks have 24 and 168 hours; months and years follow the calendar.
    pub unit: CreditGrantExpiryDurationUnit,
}

/// `start` plus `life`. Months and years are added in UTC and overflow short months instead of clipping to them: one
/// month after January 31 is March 3, or March 2 in leap years (Q24).
///
/// # Errors
/// [`BillingError::OutOfRange`] beyond the calendar.
pub fn add_life(start: Timestamp, life: CreditLife) -> Result<Timestamp, BillingError> {
    let hours = |per_unit: i64| {
        let hours = life.count.checked_mul(per_unit).ok_or(OUT_OF_RANGE)?;
        let length = SignedDuration::try_from_hours(hours).ok_or(OUT_OF_RANGE)?;
        start.checked_add(length).map_err(|_| OUT_OF_RANGE)
    };
    match life.unit {
        CreditGrantExpiryDurationUnit::Day => hours(24),
        CreditGrantExpiryDurationUnit::Week => hours(7 * 24),
        CreditGrantExpiryDurationUnit::Month => add_overflowing_months(start, life.count),
        CreditGrantExpiryDurationUnit::Year => {
            add_overflowing_months(start, life.count.checked_mul(12).ok_or(OUT_OF_RANGE)?)
        }
    }
}

fn add_overflowing_months(start: Timestamp, months: i64) -> Result<Timestamp, BillingError> {
    let local = TimeZone::UTC.to_datetime(start);
    let months = Span::new().try_months(months).map_err(|_| OUT_OF_RANGE)?;
    let days = Span::new().try_days(local.day() - 1).map_err(|_| OUT_OF_RANGE)?;
    let first: Date = local
        .date()
        .first_of_month()
        .checked_add(months)
        .map_err(|_| OUT_OF_RANGE)?;
    let date = first.checked_add(days).map_err(|_| OUT_OF_RANGE)?;
    TimeZone::UTC
        .to_timestamp(date.to_datetime(local.time()))
        .map_err(|_| OUT_OF_RANGE)
}
