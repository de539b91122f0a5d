//! Time zones by name, and wall clocks made into instants (spec 04 §4.1).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::error::BillingError;

/// Longest time zone name accepted from outside, in characters (spec 01 B1).
const NAME_CHARS_MAX: usize = 50;

/// Abbreviations accepted besides IANA names, each standing for a zone that observes daylight saving.
const ABBREVIATIONS: [(&str, &str); 22] = [
    ("AEST", "Australia/Sydney"),
    ("AKST", "America/Anchorage"),
    ("AWST", "Australia/Perth"),
    ("BST", "Europe/London"),
    ("CAT", "Africa/Harare"),
    ("CCT", "Asia/Shanghai"),
    ("CET", "Europe/Berlin"),
    ("CST", "America/Chicago"),
    ("EAT", "Africa/Nairobi"),
    ("EET", "Europe/Athens"),
    ("EST", "America/New_York"),
    ("GMT", "Europe/London"),
    ("HST", "Pacific/Honolulu"),
    // Only invoice numbering lists this one (spec 01 §settings); no subscription can carry it.
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("KST", "Asia/Seoul"),
    ("MSK", "Europe/Moscow"),
    ("MST", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("UTC", "UTC"),
    ("WAT", "Africa/Lagos"),
    ("WET", "Europe/Lisbon"),
];

/// The zone of a stored name: an abbreviation of spec 04 §4.1, else an IANA name, else UTC.
#[must_use]
pub fn zone(name: &str) -> TimeZone {
    if name.is_empty() {
        return TimeZone::UTC;
    }
    let iana_name = ABBREVIATIONS
        .iter()
        .find(|(abbreviation, _)| abbreviation.eq_ignore_ascii_case(name))
        .map_or(name, |(_, iana_name)| iana_name);
    TimeZone::get(iana_name).unwrap_or(TimeZone::UTC)
}

/// Whether `name` is one of the abbreviations that [`zone`] knows, in any letter case (spec 01 B8).
#[must_use]
pub fn is_zone_abbreviation(name: &str) -> bool {
    ABBREVIATIONS
        .iter()
        .any(|(abbreviation, _)| abbreviation.eq_ignore_ascii_case(name))
}

/// Whether `name` may be a customer's time zone: `UTC` or a name of the IANA database, letter case included
/// (spec 01 B1). Abbreviations that are no zone names, offsets and `Local` are refused.
#[must_use]
pub fn is_timezone_name(name: &str) -> bool {
    name.len() <= NAME_CHARS_MAX && TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
}

/// The instant of a wall time. One skipped by a clock change moves forward by the length of the gap, an ambiguous
/// one is the earlier instant (spec 04 §4.1, Q1).
///
/// # Errors
/// [`BillingError::OutOfRange`] outside the years 1 to 9999.
pub fn local_to_utc(local: DateTime, zone: &TimeZone) -> Result<Timestamp, BillingError> {
    zone.to_timestamp(local).map_err(|_| BillingError::OutOfRange("date"))
}
