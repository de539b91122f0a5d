//! The share of a period that lies after an instant.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::calendar::Period;
use crate::vocabulary::wire_enum;
use crate::{BillingError, Decimal};

wire_enum! {
    /// How the share of a period is measured; only seconds can be chosen through the API (spec 04 §4.9).
    ProrationStrategy, "types.ProrationStrategy" {
        /// `second_based`.
        SecondBased = "second_based",
        /// `day_based`.
        DayBased = "day_based",
    }
}

/// Fractional digits of prorated credits (spec 06 §4.10).
const CREDIT_DIGITS: u32 = 8;

const EMPTY: BillingError = BillingError::Invalid("the billing period is empty");

impl ProrationStrategy {
    /// The coefficient of `period` at `effective` by this strategy.
    ///
    /// # Errors
    /// [`BillingError::Invalid`] for a period of at most one second.
    pub fn coefficient(self, period: Period, effective: Timestamp, zone: &TimeZone) -> Result<Decimal, BillingError> {
        match self {
            Self::SecondBased => second_based(period, effective),
            Self::DayBased => day_based(period, effective, zone),
        }
    }
}

/// `max(0, e - effective) / (e - start)` in seconds with `e` one second before the end, to 16 digits: 1 at the start,
/// 0 from `e` on, above 1 before the start, which bills the elapsed time too (spec 04 §4.9, Q21).
///
/// # Errors
/// [`BillingError::Invalid`] for a period of at most one second.
pub fn second_based(period: Period, effective: Timestamp) -> Result<Decimal, BillingError> {
    let last_second = period.end.as_second() - 1;
    let length = last_second - period.start.as_second();
    ratio(last_second - effective.as_second(), length)
}

/// Local calendar days from `effective` to the last second, both included, over all days of the period; zero from the
/// day after the last (spec 04 §4.9).
///
/// # Errors
/// [`BillingError::Invalid`] for a period of at most one second.
pub fn day_based(period: Period, effective: Timestamp, zone: &TimeZone) -> Result<Decimal, BillingError> {
    let second = jiff::SignedDuration::from_secs(1);
    let last_second = period.end.checked_sub(second).map_err(|_| EMPTY)?;
    if last_second <= period.start {
        return Err(EMPTY);
    }
    let day = |instant: Timestamp| zone.to_datetime(instant).date();
    let days_to_end = |from: Timestamp| i64::from((day(last_second) - day(from)).get_days());
    ratio(days_to_end(effective) + 1, days_to_end(period.start) + 1)
}

/// `max(0, end - effective) / (end - start)` in seconds, without the second that prices take off (spec 04 §4.15,
/// Q21). Used for entitlement limits and credit grants.
///
/// # Errors
/// [`BillingError::Invalid`] for an empty period.
pub fn elapsed_ratio(period: Period, effective: Timestamp) -> Result<Decimal, BillingError> {
    ratio(period.end.as_second() - effective.as_second(), period.seconds())
}

/// Credits of a first grant application, to 8 digits (spec 04 §4.15, spec 06 §4.10).
#[must_use]
pub fn prorated_credits(credits: &Decimal, coefficient: &Decimal) -> Decimal {
    (credits * coefficient).round(CREDIT_DIGITS)
}

fn ratio(part: i64, whole: i64) -> Result<Decimal, BillingError> {
    if whole <= 0 {
        return Err(EMPTY);
    }
    Decimal::from(part.max(0)).div(&Decimal::from(whole)).map_err(|_| EMPTY)
}
