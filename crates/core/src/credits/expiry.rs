//! When the rest of an expired credit leaves the wallet (spec 06 §4.5).

use jiff::{SignedDuration, Timestamp};

use super::credit::Credit;
use crate::calendar::Period;

/// Hours between the expiry of a credit and its removal, so that late invoices can still be paid.
pub const EXPIRY_GRACE_HOURS: i64 = 6;

/// Whether the sweep at `now` may take the credit.
#[must_use]
pub fn is_due_for_expiry(credit: &Credit, now: Timestamp) -> bool {
    let grace = SignedDuration::from_hours(EXPIRY_GRACE_HOURS);
    let Ok(latest_expiry) = now.checked_sub(grace) else {
        return false;
    };
    credit.has_rest() && credit.expiry.is_some_and(|expiry| expiry <= latest_expiry)
}

/// Whether an unpaid subscription invoice of the credit's currency keeps the sweep from taking the credit: the credit was
/// written inside its period, both ends included, and the period ended by the expiry.
#[must_use]
pub fn invoice_holds_credit(credit: &Credit, invoice_period: Period) -> bool {
    invoice_period.start <= credit.created_at
        && credit.created_at <= invoice_period.end
        && credit.expiry.is_some_and(|expiry| invoice_period.end <= expiry)
}
