//! Periods with many windows: what is charged, against a simulation that goes from event to event (spec 03 §5.11).

use serde_json::json;

use super::{Shop, grant, line, with};
use crate::support::databases::Place;

crate::tests!(
    hours_of_a_busy_month_are_charged_each,
    the_union_of_busy_windows_is_charged_once,
);

const EVENTS: u32 = 900;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// January.
const PERIOD_MS: i64 = 31 * 24 * HOUR_MS;

/// Units used at a millisecond of January.
type Use = (i64, i64);

/// The same usage in each run: some of it dense, some of it sparse, no two at one time.
fn usage() -> Vec<Use> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i64::try_from(state % below).unwrap()
    };
    let mut at_ms = 0;
    let mut usage = Vec::new();
    for number in 0..EVENTS {
        // Bursts of thirty, then a pause of hours.
        at_ms += 1 + random(if number % 30 == 0 { 40 * 3_600_000 } else { 1_200_000 });
        usage.push((at_ms, 1 + random(9)));
    }
    assert!(at_ms < PERIOD_MS, "all of it lies in January");
    usage
}

/// The usage of each window of that length, which opens with its first use.
fn windows(usage: &[Use], length_ms: i64) -> Vec<Vec<Use>> {
    let mut windows: Vec<Vec<Use>> = Vec::new();
    let mut end_ms = 0;
    for used in usage {
        if used.0 >= end_ms {
            end_ms = used.0 + length_ms;
            if PERIOD_MS - end_ms < HOUR_MS {
                end_ms = PERIOD_MS;
            }
            windows.push(Vec::new());
        }
        windows.last_mut().unwrap().push(*used);
    }
    windows
}

/// The uses that come after the quota of their window was reached.
fn beyond(usage: &[Use], length_ms: i64, quota: i64) -> Vec<Use> {
    let mut beyond = Vec::new();
    for window in windows(usage, length_ms) {
        let mut sum = 0;
        for used in window {
            if sum >= quota {
                beyond.push(used);
            }
            sum += used.1;
        }
    }
    beyond
}

fn send(shop: &Shop, usage: &[Use]) {
    let uses: Vec<(String, i64)> = usage.iter().map(|(at_ms, n)| (instant(*at_ms), *n)).collect();
    let uses: Vec<(&str, i64)> = uses.iter().map(|(at, n)| (at.as_str(), *n)).collect();
    shop.using(&uses);
}

fn instant(at_ms: i64) -> String {
    let (day, rest) = (at_ms / (24 * HOUR_MS), at_ms % (24 * HOUR_MS));
    let (hour, rest) = (rest / HOUR_MS, rest % HOUR_MS);
    let (minute, rest) = (rest / MINUTE_MS, rest % MINUTE_MS);
    let (second, ms) = (rest / 1_000, rest % 1_000);
    format!("2024-01-{:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z", day + 1)
}

/// At 0.10 a unit.
fn charged(usage: &[Use], billed: i64) -> (String, String, String) {
    let all: i64 = usage.iter().map(|used| used.1).sum();
    let amount = format!("{}.{}", billed / 10, billed % 10);
    let amount = amount.strip_suffix(".0").unwrap_or(&amount);
    line(&billed.to_string(), &(all - billed).to_string(), amount)
}

/// The preview opens all windows by itself; the invoice finds those that were opened on the way.
fn check(shop: &Shop, usage: &[Use], billed: i64) {
    let subscription = shop.subscribe();
    send(shop, usage);
    let expected = charged(usage, billed);
    assert_eq!(shop.preview(&subscription), std::slice::from_ref(&expected));
    shop.tenant.set_clock("2024-01-20T00:00:00Z");
    assert_eq!(shop.preview(&subscription), std::slice::from_ref(&expected));
    assert_eq!(shop.billed(&subscription), [expected]);
}

fn hours_of_a_busy_month_are_charged_each(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&grant("7", "hour", 1));
    let usage = usage();
    let windows = windows(&usage, HOUR_MS);
    assert!(windows.len() > 100, "{} windows", windows.len());
    let excess = |window: &Vec<Use>| (window.iter().map(|used| used.1).sum::<i64>() - 7).max(0);
    check(&shop, &usage, windows.iter().map(excess).sum());
}

fn the_union_of_busy_windows_is_charged_once(place: &Place) {
    let shop = Shop::open(place);
    let parallel = json!({ "aggregation_mode": "parallel" });
    shop.include(&with(grant("20", "hour", 2), &parallel));
    shop.include(&with(grant("90", "day", 1), &parallel));
    let usage = usage();
    let mut billed = beyond(&usage, 2 * HOUR_MS, 20);
    let by_hours = billed.len();
    billed.extend(beyond(&usage, 24 * HOUR_MS, 90));
    let by_both = billed.len();
    billed.sort_unstable();
    billed.dedup();
    assert!(by_hours < billed.len() && billed.len() < by_both, "the windows overlap");
    check(&shop, &usage, billed.iter().map(|used| used.1).sum());
}
