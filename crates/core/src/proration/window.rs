//! Lines active for part of an invoice window (spec 04 §4.9, spec 05 §5.2).

use jiff::Timestamp;

use crate::Decimal;
use crate::calendar::Period;

/// The part of an invoice window in which a line is active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineWindow {
    /// The service period shown on the invoice line.
    pub period: Period,
    /// Active seconds over the window's seconds, to 16 digits, without taking a second off; the line's amount is
    /// `round(cost · ratio)`.
    pub ratio: Decimal,
}

/// The active part of a line in `window`; `None` if there is none, and no invoice line either.
#[must_use]
pub fn line_window(window: Period, line_start: Timestamp, line_end: Option<Timestamp>) -> Option<LineWindow> {
    let line = Period::new(line_start, line_end.unwrap_or(Timestamp::MAX));
    let period = window.intersection(&line)?;
    let active = Decimal::from(period.seconds());
    let ratio = active.div(&Decimal::from(window.seconds())).ok()?;
    ratio.is_positive().then_some(LineWindow { period, ratio })
}
