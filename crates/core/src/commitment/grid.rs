//! The windows that a windowed commitment fills (spec 04 §4.14).

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::BillingError;
use crate::aggregation::WindowGrid;
use crate::calendar::Period;
use crate::vocabulary::WindowSize;

/// Most windows of one grid: a year of minutes and a day.
pub const WINDOWS_MAX: usize = 367 * 24 * 60;

/// The starts of all windows, in UTC, that intersect `period` up to `now`. The first one contains the period's start
/// and may begin before it; weeks start on Sunday, months on the day of `anchor`, clipped to short months, or on day 1
/// (Q20).
///
/// # Errors
/// [`BillingError::OutOfRange`] beyond [`WINDOWS_MAX`] windows.
pub fn window_grid(
    size: WindowSize,
    period: Period,
    now: Timestamp,
    anchor: Option<Timestamp>,
) -> Result<Vec<Timestamp>, BillingError> {
    let anchor_day = anchor.map(|anchor| TimeZone::UTC.to_datetime(anchor).day());
    window_starts(&WindowGrid::new(size, TimeZone::UTC, anchor_day), period, now)
}

/// As [`window_grid`], for windows that are known already: those of the meter's buckets.
///
/// # Errors
/// As [`window_grid`].
pub fn window_starts(grid: &WindowGrid, period: Period, now: Timestamp) -> Result<Vec<Timestamp>, BillingError> {
    let until = period.end.min(now);
    let mut starts = Vec::new();
    let mut start = grid.start_of(period.start);
    while start < until {
        if starts.len() == WINDOWS_MAX {
            return Err(BillingError::OutOfRange("number of windows"));
        }
        starts.push(start);
        start = grid.next_start(start);
    }
    Ok(starts)
}
