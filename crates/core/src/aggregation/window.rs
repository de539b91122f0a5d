//! Time windows: which window an instant falls into (spec 02 §4.7).
//!
//! One function serves display windows, buckets and every roll-up, so that no two of them can disagree.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use crate::vocabulary::WindowSize;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// The Unix epoch was a Thursday: four days after the Sunday its week begins with.
const EPOCH_TO_SUNDAY_MS: i64 = 4 * DAY_MS;

/// The zone of that IANA name; UTC when the name is empty or unknown (spec 02 §3.6).
#[must_use]
pub fn time_zone_or_utc(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// A partition of time into windows of one size, in one zone.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowGrid {
    size: WindowSize,
    zone: TimeZone,
    anchor_day: Option<i8>,
}

impl WindowGrid {
    /// Windows of `size` in UTC, months starting on day 1.
    #[must_use]
    pub const fn utc(size: WindowSize) -> Self {
        Self {
            size,
            zone: TimeZone::UTC,
            anchor_day: None,
        }
    }

    /// Windows of `size` by the wall clock of `zone`.
    ///
    /// `anchor_day` is the calendar day (1 to 31) on which months start, clamped to shorter months; only `MONTH` uses it.
    #[must_use]
    pub fn new(size: WindowSize, zone: TimeZone, anchor_day: Option<i8>) -> Self {
        Self {
            size,
            zone,
            anchor_day: anchor_day.map(|day| day.clamp(1, 31)),
        }
    }

    /// The width of the windows.
    #[must_use]
    pub const fn size(&self) -> WindowSize {
        self.size
    }

    /// The first instant of the window that contains `instant`.
    ///
    /// At the very ends of representable time, where no such instant exists, `instant` itself.
    #[must_use]
    pub fn start_of(&self, instant: Timestamp) -> Timestamp {
        if self.size == WindowSize::Minute {
            return floor_utc(instant, MINUTE_MS, 0);
        }
        if self.zone == TimeZone::UTC {
            return self.start_of_utc(instant);
        }
        self.start_of_local(instant)
    }

    /// The first instant of the window after the one that contains `instant`.
    #[must_use]
    pub fn next_start(&self, instant: Timestamp) -> Timestamp {
        let start = self.start_of(instant);
        // Probing hour by hour (or minute by minute for small sizes) from the shortest possible width crosses every
        // daylight-saving shift without knowing about it.
        let (shortest_ms, step_ms) = match self.size {
            WindowSize::Minute => (MINUTE_MS, MINUTE_MS),
            WindowSize::FifteenMinutes => (15 * MINUTE_MS, 15 * MINUTE_MS),
            WindowSize::ThirtyMinutes => (30 * MINUTE_MS, 15 * MINUTE_MS),
            WindowSize::Hour => (30 * MINUTE_MS, 15 * MINUTE_MS),
            WindowSize::ThreeHours => (2 * 60 * MINUTE_MS, 15 * MINUTE_MS),
            WindowSize::SixHours => (5 * 60 * MINUTE_MS, 15 * MINUTE_MS),
            WindowSize::TwelveHours => (11 * 60 * MINUTE_MS, 15 * MINUTE_MS),
            WindowSize::Day => (22 * 60 * MINUTE_MS, 60 * MINUTE_MS),
            WindowSize::Week => (7 * DAY_MS - 2 * 60 * MINUTE_MS, 60 * MINUTE_MS),
            WindowSize::Month => (28 * DAY_MS - 2 * 60 * MINUTE_MS, 60 * MINUTE_MS),
        };
        let mut probe_ms = start.as_millisecond().saturating_add(shortest_ms);
        loop {
            let Ok(probe) = Timestamp::from_millisecond(probe_ms) else {
                return Timestamp::MAX;
            };
            let candidate = self.start_of(probe);
            if candidate > start {
                return candidate;
            }
            probe_ms = probe_ms.saturating_add(step_ms);
        }
    }

    fn start_of_utc(&self, instant: Timestamp) -> Timestamp {
        let Some(minutes) = self.size.minutes() else {
            return self.start_of_local(instant);
        };
        let phase_ms = if self.size == WindowSize::Week {
            -EPOCH_TO_SUNDAY_MS
        } else {
            0
        };
        floor_utc(instant, i64::from(minutes) * MINUTE_MS, phase_ms)
    }

    fn start_of_local(&self, instant: Timestamp) -> Timestamp {
        let local = self.zone.to_datetime(instant);
        let day = local.date();
        match self.size {
            WindowSize::Minute => floor_utc(instant, MINUTE_MS, 0),
            WindowSize::FifteenMinutes => self.floor_keeping_offset(instant, 15),
            WindowSize::ThirtyMinutes => self.floor_keeping_offset(instant, 30),
            WindowSize::Hour => self.floor_keeping_offset(instant, 60),
            WindowSize::ThreeHours => self.instant_of(floor_hour(local, 3), instant),
            WindowSize::SixHours => self.instant_of(floor_hour(local, 6), instant),
            WindowSize::TwelveHours => self.instant_of(floor_hour(local, 12), instant),
            WindowSize::Day => self.instant_of(midnight(day), instant),
            WindowSize::Week => {
                let days = i64::from(day.weekday().since(Weekday::Sunday));
                let sunday = day.checked_sub(jiff::Span::new().days(days)).unwrap_or(day);
                self.instant_of(midnight(sunday), instant)
            }
            WindowSize::Month => self.instant_of(midnight(self.month_start(day)), instant),
        }
    }

    /// The latest anchor date on or before `day`.
    fn month_start(&self, day: Date) -> Date {
        let anchor = self.anchor_day.unwrap_or(1);
        let in_month = |month: Date| {
            let anchored = month
                .first_of_month()
                .with()
                .day(anchor.min(month.days_in_month()))
                .build();
            anchored.unwrap_or(month)
        };
        let this_month = in_month(day);
        if this_month <= day {
            return this_month;
        }
        in_month(day.first_of_month().yesterday().unwrap_or(day))
    }

    /// The wall clock floored to `minutes`, at the UTC offset in force at `instant`, so that an hour which the clocks
    /// repeat gives two windows.
    fn floor_keeping_offset(&self, instant: Timestamp, minutes: i64) -> Timestamp {
        let offset_ms = i64::from(self.zone.to_offset(instant).seconds()) * 1_000;
        floor_utc(instant, minutes * MINUTE_MS, -offset_ms)
    }

    /// The first instant at which the wall clock shows `local`, or the first one after a gap that swallows it.
    fn instant_of(&self, local: DateTime, fallback: Timestamp) -> Timestamp {
        self.zone.to_timestamp(local).unwrap_or(fallback)
    }
}

/// The latest `phase_ms + k · width_ms` not after `instant`.
fn floor_utc(instant: Timestamp, width_ms: i64, phase_ms: i64) -> Timestamp {
    // A nanosecond part before the epoch must floor as well, hence not `as_millisecond`, which truncates.
    let ms = i64::try_from(instant.as_nanosecond().div_euclid(1_000_000)).unwrap_or(i64::MIN);
    let floored = (ms - phase_ms).div_euclid(width_ms) * width_ms + phase_ms;
    Timestamp::from_millisecond(floored).unwrap_or(instant)
}

fn floor_hour(local: DateTime, hours: i8) -> DateTime {
    local.date().at(local.hour() - local.hour() % hours, 0, 0, 0)
}

fn midnight(day: Date) -> DateTime {
    day.to_datetime(Time::midnight())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(size: WindowSize, zone: &str, anchor_day: Option<i8>, instant: &str) -> String {
        let grid = WindowGrid::new(size, time_zone_or_utc(zone), anchor_day);
        grid.start_of(instant.parse().unwrap()).to_string()
    }

    #[test]
    fn windows_follow_the_wall_clock() {
        for (size, zone, anchor, instant, expected) in [
            (
                WindowSize::Minute,
                "Asia/Kolkata",
                None,
                "2026-01-05T18:30:59.999Z",
                "2026-01-05T18:30:00Z",
            ),
            (
                WindowSize::FifteenMinutes,
                "UTC",
                None,
                "2026-01-05T18:44:59Z",
                "2026-01-05T18:30:00Z",
            ),
            (
                WindowSize::Hour,
                "Asia/Kolkata",
                None,
                "2026-01-05T10:29:59Z",
                "2026-01-05T09:30:00Z",
            ),
            (
                WindowSize::Day,
                "Asia/Kolkata",
                None,
                "2026-01-05T18:30:00Z",
                "2026-01-05T18:30:00Z",
            ),
            (
                WindowSize::Week,
                "",
                None,
                "2026-01-03T12:00:00Z",
                "2025-12-28T00:00:00Z",
            ),
            (
                WindowSize::Week,
                "America/New_York",
                None,
                "2026-01-11T04:59:59Z",
                "2026-01-04T05:00:00Z",
            ),
            (
                WindowSize::Month,
                "",
                Some(5),
                "2026-01-04T23:59:59Z",
                "2025-12-05T00:00:00Z",
            ),
            (
                WindowSize::Month,
                "",
                Some(31),
                "2026-03-01T00:00:00Z",
                "2026-02-28T00:00:00Z",
            ),
            (
                WindowSize::Month,
                "",
                Some(31),
                "2026-03-30T00:00:00Z",
                "2026-02-28T00:00:00Z",
            ),
            (
                WindowSize::Month,
                "",
                Some(31),
                "2026-03-31T00:00:00Z",
                "2026-03-31T00:00:00Z",
            ),
            (
                WindowSize::Day,
                "Not/AZone",
                None,
                "1969-12-31T23:59:59.5Z",
                "1969-12-31T00:00:00Z",
            ),
        ] {
            assert_eq!(start(size, zone, anchor, instant), expected, "{size} {zone} {instant}");
        }
    }

    #[test]
    fn a_repeated_hour_gives_two_windows_but_one_three_hour_window() {
        // Clocks in Berlin went from 03:00 CEST back to 02:00 CET at 01:00Z.
        let hour = |instant| start(WindowSize::Hour, "Europe/Berlin", None, instant);
        assert_eq!(hour("2025-10-26T00:30:00Z"), "2025-10-26T00:00:00Z");
        assert_eq!(hour("2025-10-26T01:30:00Z"), "2025-10-26T01:00:00Z");
        let six = |instant| start(WindowSize::SixHours, "Europe/Berlin", None, instant);
        assert_eq!(six("2025-10-26T00:30:00Z"), "2025-10-25T22:00:00Z");
        assert_eq!(six("2025-10-26T04:59:00Z"), "2025-10-25T22:00:00Z");
    }

    #[test]
    fn a_midnight_that_does_not_exist_starts_after_the_gap() {
        // Clocks in Beirut jumped from 00:00 to 01:00 on 30 March 2025.
        assert_eq!(
            start(WindowSize::Day, "Asia/Beirut", None, "2025-03-30T10:00:00Z"),
            "2025-03-29T22:00:00Z"
        );
    }

    #[test]
    fn the_next_window_starts_where_this_one_ends() {
        for zone in ["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"] {
            for &size in WindowSize::ALL {
                let grid = WindowGrid::new(size, time_zone_or_utc(zone), Some(31));
                let mut instant: Timestamp = "2025-10-25T00:10:00Z".parse().unwrap();
                for _ in 0..60 {
                    let next = grid.next_start(instant);
                    assert!(next > instant, "{zone} {size}");
                    assert_eq!(grid.start_of(next), next, "{zone} {size} {instant}");
                    let before = Timestamp::from_millisecond(next.as_millisecond() - 1).unwrap();
                    assert_eq!(grid.start_of(before), grid.start_of(instant), "{zone} {size} {instant}");
                    instant = next;
                }
            }
        }
    }
}
