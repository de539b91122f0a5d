//! From a subscription and a window of time to the lines of an invoice (spec 05 §5.2, §5.3).
//!
//! Owns which lines a window bills, and what each costs. Where the lines are kept, numbered and collected is the
//! business of `invoices`; when a window is due, that of `worker`.

mod amounts;
pub(crate) mod commitments;
mod facts;
pub(crate) mod grants;
mod plan;
mod turns;

pub(crate) use amounts::{ChargedLine, charge};
pub(crate) use facts::{Billable, BillableItem, load, schedule};
pub(crate) use plan::{InvoiceWindow, PlannedLine, ReferencePoint, own_periods, plan};

use tariff_contract::error::ApiError;
use tariff_core::Period;

use crate::error::Result;

/// Longest range that a preview or a usage view computes, in days: daily allowances read the log once a day.
const RANGE_DAYS_MAX: i64 = 10 * 366;

/// Refuses a range that would take too long to compute.
pub(crate) fn check_range(range: Period) -> Result<()> {
    if range.seconds() > RANGE_DAYS_MAX * 24 * 60 * 60 {
        let message = format!("The range is longer than {RANGE_DAYS_MAX} days");
        return Err(ApiError::validation(message).into());
    }
    Ok(())
}
