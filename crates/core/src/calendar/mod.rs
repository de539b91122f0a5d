//! Billing's calendar: time zones, anchors, periods and trials (spec 04 §4.1-4.8).
//!
//! Boundaries are computed on the wall clock of the subscription's time zone and stored as UTC instants. Windows
//! of usage (spec 02 §4.7) are not here: they belong to the aggregations.

mod anchor;
mod line_period;
mod period;
mod schedule;
mod span;
mod trial;
mod zone;

pub use anchor::billing_anchor;
pub use line_period::{collapsed_one_time_period, is_one_time_billed, line_periods_for_invoice};
pub use period::Period;
pub use schedule::{PERIODS_MAX, RollOver, Schedule};
pub use span::{advance, day_windows, local_midnight_of, monday_midnight_of, months_of};
pub use trial::trial_window;
pub use zone::{is_timezone_name, is_zone_abbreviation, local_to_utc, zone};
