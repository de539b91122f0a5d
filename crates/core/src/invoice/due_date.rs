//! When an invoice is due (spec 05 §5.12).

use jiff::{SignedDuration, Timestamp};

use crate::BillingError;
use crate::vocabulary::PaymentTerms;

/// Days of 24 hours after the invoice's period *end* (also for invoices issued at its start, Q18): those of the payment
/// terms, else `default_days`.
///
/// # Errors
/// [`BillingError::OutOfRange`] beyond the calendar.
pub fn due_date(
    period_end: Timestamp,
    terms: Option<PaymentTerms>,
    default_days: u32,
) -> Result<Timestamp, BillingError> {
    let days = match terms {
        Some(PaymentTerms::Net15) => 15,
        Some(PaymentTerms::Net30) => 30,
        Some(PaymentTerms::Net45) => 45,
        Some(PaymentTerms::Net60) => 60,
        Some(PaymentTerms::Net75) => 75,
        Some(PaymentTerms::Net90) => 90,
        None => default_days,
    };
    period_end
        .checked_add(SignedDuration::from_hours(i64::from(days) * 24))
        .map_err(|_| BillingError::OutOfRange("due date"))
}
