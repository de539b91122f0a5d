//! Questions about usage (spec 02 §3.6, §3.7, §4).
//!
//! Translates requests into questions to the event log and its answers into responses; the mathematics is
//! `tariff_core::aggregation`'s, prices are `billing`'s.

mod analytics;
mod limits;
mod lines;
mod meter_usage;
mod raw;

pub(crate) use analytics::{RatedPoint, RatedUsage, features_of};
pub(crate) use limits::{Budget, check_windows};
pub(crate) use lines::{UsageLines, children_of};

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_core::aggregation::Period;
use tariff_core::{SignedDuration, Timestamp};

use crate::context::Context;
use crate::error::Result;

/// How far a range reaches back when the request names no start, in hours: 7 days (spec 02 §3.4).
const RANGE_DEFAULT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The range of a request: up to now, from seven days before its end, unless it says otherwise.
pub(crate) fn time_range(context: &Context, start: Option<DateTime>, end: Option<DateTime>) -> Result<Period> {
    range_of(context, start, end, RANGE_DEFAULT)
}

/// As [`time_range`], reaching back by `default` when no start is named.
pub(crate) fn range_of(
    context: &Context,
    start: Option<DateTime>,
    end: Option<DateTime>,
    default: SignedDuration,
) -> Result<Period> {
    let end = end.map_or_else(|| context.now(), |end| end.0);
    let start = start.map_or_else(|| end.checked_sub(default).unwrap_or(Timestamp::MIN), |start| start.0);
    if end < start {
        return Err(ApiError::validation("end_time must not be before start_time")
            .detail("end_time", "is too early")
            .into());
    }
    Ok(Period { start, end })
}

/// Whether a property may be named in `group_by`: one or more of `[A-Za-z0-9_.]`.
fn is_property_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    !name.is_empty() && name.bytes().all(plain)
}
