//! The billing anchor of a subscription (spec 04 §4.2).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, TimestampRound, Unit};

use super::span::{add_days, add_months, clipped, local_midnight};
use crate::error::BillingError;
use crate::vocabulary::{BillingCycle, BillingPeriod};

/// The instant that aligns all later boundaries.
///
/// Anniversary: `explicit`, else `start`, cut to the millisecond (Q29). Calendar: local midnight of the first civil
/// boundary strictly after `start`; `explicit` has no effect there.
///
/// # Errors
/// [`BillingError::NotRecurring`] for a calendar cycle of a `ONETIME` period.
pub fn billing_anchor(
    cycle: BillingCycle,
    period: BillingPeriod,
    start: Timestamp,
    explicit: Option<Timestamp>,
    zone: &TimeZone,
) -> Result<Timestamp, BillingError> {
    match cycle {
        BillingCycle::Anniversary => Ok(cut_to_millisecond(explicit.unwrap_or(start))),
        BillingCycle::Calendar => {
            let date = zone.to_datetime(start).date();
            local_midnight(civil_boundary_after(period, date)?, zone)
        }
    }
}

/// Cuts (never rounds up) to the precision of starts and anchors.
fn cut_to_millisecond(instant: Timestamp) -> Timestamp {
    instant
        .round(
            TimestampRound::new()
                .smallest(Unit::Millisecond)
                .mode(jiff::RoundMode::Floor),
        )
        .unwrap_or(instant)
}

/// The first day of the next day, week (from Monday), month, quarter, half-year or year.
fn civil_boundary_after(period: BillingPeriod, date: Date) -> Result<Date, BillingError> {
    match period {
        BillingPeriod::Daily => add_days(date, 1),
        BillingPeriod::Weekly => add_days(date, 7 - i64::from(date.weekday().to_monday_zero_offset())),
        BillingPeriod::Monthly => next_multiple_of_months(date, 1),
        BillingPeriod::Quarterly => next_multiple_of_months(date, 3),
        BillingPeriod::HalfYearly => next_multiple_of_months(date, 6),
        BillingPeriod::Annual => next_multiple_of_months(date, 12),
        BillingPeriod::Onetime => Err(BillingError::NotRecurring),
    }
}

/// The first of the next month whose distance from January is a multiple of `months`.
fn next_multiple_of_months(date: Date, months: i8) -> Result<Date, BillingError> {
    let block_start = (date.month() - 1) / months * months + 1;
    add_months(clipped(date.year(), block_start, 1)?, i64::from(months), 1)
}
