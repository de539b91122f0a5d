//! Which of a fixed line's own periods an invoice window bills (spec 04 §4.4, spec 05 §5.2).

use jiff::Timestamp;

use super::period::Period;
use super::schedule::{PERIODS_MAX, Schedule};
use super::span::whole_second;
use crate::error::BillingError;
use crate::vocabulary::InvoiceCadence;

/// The line's own periods that an invoice for `window` bills, oldest first: for ADVANCE those that start in
/// `[window.start, window.end)`, for ARREAR those that end in `(window.start, window.end]`, compared in whole
/// seconds. A line of longer cadence than the subscription yields at most one; one of shorter cadence yields each of
/// its periods (spec 03 Q29).
///
/// `line` is anchored at `line_start` and carries the line's own period, count and end.
///
/// # Errors
/// As [`Schedule::next_boundary`]; [`BillingError::OutOfRange`] when the window lies more than [`PERIODS_MAX`]
/// periods after the line's start.
pub fn line_periods_for_invoice(
    line: &Schedule,
    line_start: Timestamp,
    cadence: InvoiceCadence,
    window: Period,
) -> Result<Vec<Period>, BillingError> {
    let mut billed = Vec::new();
    for (index, period) in line.periods(line_start).enumerate() {
        let period = period?;
        if whole_second(period.start) >= whole_second(window.end) {
            return Ok(billed);
        }
        if index == PERIODS_MAX {
            return Err(BillingError::OutOfRange("line start"));
        }
        let due = match cadence {
            InvoiceCadence::Advance => starts_in(period.start, window),
            InvoiceCadence::Arrear => ends_in(period.end, window),
        };
        if due {
            billed.push(period);
        }
    }
    Ok(billed)
}

/// Whether an invoice for `window` bills a ONETIME line that starts at `line_start` (spec 05 §5.2).
#[must_use]
pub fn is_one_time_billed(line_start: Timestamp, cadence: InvoiceCadence, window: Period) -> bool {
    match cadence {
        InvoiceCadence::Advance => starts_in(line_start, window),
        InvoiceCadence::Arrear => ends_in(line_start, window),
    }
}

/// The service period shown for a ONETIME line: its start, unless the line has an end.
#[must_use]
pub fn collapsed_one_time_period(line_start: Timestamp, line_end: Option<Timestamp>) -> Period {
    Period::new(line_start, line_end.unwrap_or(line_start))
}

fn starts_in(instant: Timestamp, window: Period) -> bool {
    let instant = whole_second(instant);
    whole_second(window.start) <= instant && instant < whole_second(window.end)
}

fn ends_in(instant: Timestamp, window: Period) -> bool {
    let instant = whole_second(instant);
    whole_second(window.start) < instant && instant <= whole_second(window.end)
}
