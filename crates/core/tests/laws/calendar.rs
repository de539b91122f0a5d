//! Laws of the billing calendar (spec 04 §4.2-4.4).

use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use tariff_core::calendar::{billing_anchor, day_windows, is_timezone_name, zone};
use tariff_core::vocabulary::{BillingCycle, BillingPeriod};
use tariff_core::{Period, Schedule, Timestamp};

use crate::inputs::{config, instant};

const RECURRING: [BillingPeriod; 6] = [
    BillingPeriod::Daily,
    BillingPeriod::Weekly,
    BillingPeriod::Monthly,
    BillingPeriod::Quarterly,
    BillingPeriod::HalfYearly,
    BillingPeriod::Annual,
];

fn zone_names() -> Vec<String> {
    jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .filter(|name| is_timezone_name(name))
        .collect()
}

fn schedule(anchor: Timestamp, period: BillingPeriod, count: i64, zone: &TimeZone) -> Schedule {
    Schedule {
        anchor,
        period,
        count,
        zone: zone.clone(),
        end: None,
    }
}

/// Each period starts where the one before ends, is not empty, and starts on the anchor's day.
fn check_chain(schedule: &Schedule, start: Timestamp, periods: usize) {
    let mut boundary = start;
    let anchor = schedule.zone.to_datetime(schedule.anchor);
    for period in schedule.periods(start).take(periods) {
        let period = period.unwrap();
        assert_eq!(period.start, boundary, "{schedule:?}");
        assert!(period.start < period.end, "{schedule:?} {period:?}");
        boundary = period.end;
        let end = schedule.zone.to_datetime(period.end);
        match schedule.period {
            BillingPeriod::Monthly | BillingPeriod::Quarterly | BillingPeriod::HalfYearly | BillingPeriod::Annual => {
                let day = anchor.day().min(end.date().days_in_month());
                // A clock change that skips the whole day leaves the day after.
                assert!(
                    end.day() == day || is_after_gap(&schedule.zone, period.end),
                    "{schedule:?} {period:?}"
                );
            }
            BillingPeriod::Weekly => assert!(
                end.weekday() == anchor.weekday() || is_after_gap(&schedule.zone, period.end),
                "{schedule:?} {period:?}"
            ),
            BillingPeriod::Daily | BillingPeriod::Onetime => {}
        }
        assert!(
            end.time() == anchor.time() || is_after_gap(&schedule.zone, period.end),
            "{schedule:?} {period:?}"
        );
    }
}

/// Whether the clock of the zone jumped forward at most a day and an hour before.
fn is_after_gap(zone: &TimeZone, instant: Timestamp) -> bool {
    zone.preceding(instant + jiff::SignedDuration::from_secs(1))
        .next()
        .is_some_and(|transition| instant.duration_since(transition.timestamp()) < jiff::SignedDuration::from_hours(25))
}

#[test]
fn periods_chain_in_every_zone_for_month_ends_and_leap_years() {
    let names = zone_names();
    assert!(names.len() > 500, "the time zone database has {} names", names.len());
    for name in &names {
        let zone = zone(name);
        for day in 28..=31 {
            let anchor = zone.to_timestamp(date(2023, 12, day).at(2, 30, 0, 0)).unwrap();
            check_chain(&schedule(anchor, BillingPeriod::Monthly, 1, &zone), anchor, 15);
        }
        let leap_day = zone.to_timestamp(date(2024, 2, 29).at(0, 0, 0, 0)).unwrap();
        check_chain(&schedule(leap_day, BillingPeriod::Annual, 1, &zone), leap_day, 5);
    }
}

#[test]
fn days_and_weeks_chain_over_every_clock_change_of_a_year() {
    for name in zone_names() {
        let zone = zone(&name);
        // Midnight and half past two are the times that clock changes skip or repeat.
        for hour in [0, 2] {
            let anchor = zone
                .to_timestamp(date(2024, 12, 31).at(hour, 30 * (hour / 2), 0, 0))
                .unwrap();
            check_chain(&schedule(anchor, BillingPeriod::Daily, 1, &zone), anchor, 366);
            check_chain(&schedule(anchor, BillingPeriod::Weekly, 1, &zone), anchor, 53);
        }
    }
}

fn any_zone() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(zone_names()).prop_map(|name| zone(&name))
}

fn any_schedule() -> impl Strategy<Value = (Schedule, Timestamp)> {
    let cycle = prop::sample::select(BillingCycle::ALL);
    let period = prop::sample::select(RECURRING.to_vec());
    (
        any_zone(),
        cycle,
        period,
        1_i64..4,
        instant(),
        prop::option::of(instant()),
    )
        .prop_map(|(zone, cycle, period, count, start, explicit)| {
            let anchor = billing_anchor(cycle, period, start, explicit, &zone).unwrap();
            (schedule(anchor, period, count, &zone), start)
        })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_schedule_chains((schedule, start) in any_schedule()) {
        let mut boundary = start;
        for period in schedule.periods(start).take(6) {
            let period = period.unwrap();
            prop_assert_eq!(period.start, boundary);
            prop_assert!(period.start < period.end);
            boundary = period.end;
        }
    }

    #[test]
    fn a_roll_over_covers_the_time_up_to_now((schedule, start) in any_schedule(), hours in 0_i64..3_000) {
        let now = start + jiff::SignedDuration::from_hours(hours);
        let roll_over = schedule.roll_over(start, now).unwrap();
        let current = roll_over.current.unwrap();
        prop_assert!(current.contains(now));
        prop_assert_eq!(roll_over.closed.first().map_or(current.start, |first| first.start), start);
        prop_assert!(roll_over.closed.windows(2).all(|pair| pair[0].end == pair[1].start));
        prop_assert!(roll_over.closed.last().is_none_or(|last| last.end == current.start && last.end <= now));
        prop_assert_eq!(schedule.nth_period(start, roll_over.closed.len()).unwrap(), Some(current));
    }

    #[test]
    fn an_end_date_clips_the_chain((schedule, start) in any_schedule(), hours in 1_i64..3_000) {
        let end = start + jiff::SignedDuration::from_hours(hours);
        let clipped = Schedule { end: Some(end), ..schedule };
        let periods: Vec<Period> = clipped.periods(start).map(Result::unwrap).collect();
        prop_assert_eq!(periods.last().unwrap().end, end);
        prop_assert!(clipped.roll_over(start, end).unwrap().current.is_none());
    }

    #[test]
    fn pieces_of_a_window_fill_it((schedule, start) in any_schedule(), hours in 1_i64..3_000) {
        let window = Period::new(start, start + jiff::SignedDuration::from_hours(hours));
        for pieces in [schedule.split(window).unwrap(), day_windows(window, &schedule.zone).unwrap()] {
            prop_assert_eq!(pieces.first().unwrap().start, window.start);
            prop_assert_eq!(pieces.last().unwrap().end, window.end);
            prop_assert!(pieces.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }

    #[test]
    fn a_calendar_anchor_is_a_local_midnight_after_the_start(zone in any_zone(), start in instant()) {
        for period in RECURRING {
            let anchor = billing_anchor(BillingCycle::Calendar, period, start, None, &zone).unwrap();
            prop_assert!(anchor > start);
            let local = zone.to_datetime(anchor);
            let is_midnight = local.time() == jiff::civil::Time::midnight();
            prop_assert!(is_midnight || is_after_gap(&zone, anchor), "{local}");
        }
    }

    #[test]
    fn one_period_back_is_undone_by_one_forward(
        start in instant(), period in prop::sample::select(RECURRING.to_vec()), count in 1_i64..4,
    ) {
        // Days that every month has, in a zone whose clock never changes.
        let start = TimeZone::UTC.to_datetime(start).date().with().day(15).build().unwrap();
        let start = TimeZone::UTC.to_timestamp(start.at(10, 0, 0, 0)).unwrap();
        let schedule = schedule(start, period, count, &TimeZone::UTC);
        let next = schedule.next_boundary(start).unwrap();
        prop_assert_eq!(schedule.previous_boundary(next).unwrap(), start);
    }
}
