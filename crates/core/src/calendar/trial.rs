//! Trial windows (spec 04 §4.6).

use jiff::{SignedDuration, Timestamp};

use super::period::Period;
use crate::error::BillingError;

/// `[start, start + days)`, counted in UTC days of 24 hours. The billing anchor after a trial is its end, whatever
/// the billing cycle.
///
/// # Errors
/// [`BillingError::NotPositive`] unless `days` is at least one; [`BillingError::OutOfRange`] beyond the calendar.
pub fn trial_window(start: Timestamp, days: i64) -> Result<Period, BillingError> {
    if days < 1 {
        return Err(BillingError::NotPositive("trial_period_days"));
    }
    let out_of_range = BillingError::OutOfRange("trial_period_days");
    let hours = days.checked_mul(24).ok_or(out_of_range.clone())?;
    let length = SignedDuration::try_from_hours(hours).ok_or(out_of_range.clone())?;
    let end = start.checked_add(length).map_err(|_| out_of_range)?;
    Ok(Period::new(start, end))
}
