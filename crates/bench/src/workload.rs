//! The events: what each one says is a function of its number, so nothing needs to be kept to send or to check them.
//!
//! The times rise over October 2025 with some jitter. One customer has a twentieth of all events, ten customers have
//! about 2,000 each, the rest is spread evenly over the others.

use crate::cli::{Ids, Options};

/// Name of every event.
pub const EVENT_NAME: &str = "llm.request";
/// First instant of the month.
pub const MONTH_START: &str = "2025-10-01T00:00:00Z";
/// First instant after the month.
pub const MONTH_END: &str = "2025-11-01T00:00:00Z";
/// Length of an event's id, in bytes.
pub const ID_BYTES: usize = 36;

/// Values of the property `model`, all of one length so that templates need no moving.
pub const MODELS: [&str; 4] = ["nova-l", "nova-s", "lyra-l", "lyra-s"];
/// Values of the property `region`.
pub const REGIONS: [&str; 3] = ["eu-1", "us-1", "ap-1"];
/// Values of the property `status`; the first one passes the filter of the counting meter.
pub const STATUSES: [&str; 3] = ["200", "429", "500"];

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
const MONTH_DAYS: u64 = 31;
/// How far times are out of order.
const JITTER_MS: u64 = 10 * 60 * 1_000;
/// The customer with a share of all events.
pub const HOT_CUSTOMER: u32 = 0;
/// One event in this many is the hot customer's.
const HOT_ONE_IN: u64 = 20;
/// Customers 1 to this have about [`MEDIUM_EVENTS`] each.
pub const MEDIUM_CUSTOMERS: u32 = 10;
const MEDIUM_EVENTS: u64 = 2_000;
/// Distinct users of each customer.
const USERS: u64 = 200;
/// How far back the first delivery of a duplicate may lie, in events.
const DUPLICATE_REACH: u64 = 1_000_000;

/// A stream of events.
#[derive(Debug, Clone, Copy)]
pub struct Workload {
    events: u64,
    customers: u64,
    seed: u64,
    ids: Ids,
    duplicates_ppm: u64,
    start_ms: u64,
    span_ms: u64,
}

/// What one event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Which event it is; a duplicate has the number of its first delivery.
    pub number: u64,
    /// Whose it is.
    pub customer: u32,
    /// Milliseconds since the month began.
    pub ms: u64,
    /// Index into [`MODELS`].
    pub model: usize,
    /// Index into [`REGIONS`].
    pub region: usize,
    /// Index into [`STATUSES`].
    pub status: usize,
    /// Four digits.
    pub tokens: u32,
    /// Three digits.
    pub user: u32,
}

/// What a customer used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// Distinct events.
    pub events: u64,
    /// Sum of their tokens.
    pub tokens: u64,
    /// Those of the first status.
    pub accepted: u64,
}

impl Workload {
    /// The events that a run stores.
    pub fn stored(options: &Options) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let duplicates_ppm = (options.duplicates.clamp(0.0, 0.9) * 1e6) as u64;
        Self {
            events: options.events.max(1),
            customers: u64::from(options.customers.max(MEDIUM_CUSTOMERS + 2)),
            seed: options.seed,
            ids: options.ids,
            duplicates_ppm,
            start_ms: 0,
            span_ms: MONTH_DAYS * DAY_MS - JITTER_MS,
        }
    }

    /// Further events, on the month's last day; `stream` tells them from others of the kind.
    pub fn live(self, stream: u64) -> Self {
        Self {
            // Sequential ids are the numbers themselves, which would come again.
            ids: Ids::Random,
            seed: self.seed.wrapping_add(mixed(stream)),
            duplicates_ppm: 0,
            start_ms: (MONTH_DAYS - 1) * DAY_MS,
            span_ms: DAY_MS - JITTER_MS,
            ..self
        }
    }

    /// The event of this number in the stream.
    pub fn event(&self, number: u64) -> Drawn {
        let mut number = number;
        while let Some(earlier) = self.repeats(number) {
            number = earlier;
        }
        let first = mixed(self.seed.wrapping_add(number.wrapping_mul(0x9E37_79B9_7F4A_7C15)));
        let second = mixed(first);
        let within = number % self.events;
        let risen = u64::try_from(u128::from(within) * u128::from(self.span_ms) / u128::from(self.events));
        Drawn {
            number,
            customer: self.customer(first),
            ms: self.start_ms + risen.unwrap_or_default() + second % JITTER_MS,
            model: small(second >> 32, 4),
            region: small(second >> 40, 3),
            status: match (second >> 48) % 32 {
                0 => 1 + small(second >> 56, 2),
                _ => 0,
            },
            tokens: 1_000 + narrow((second >> 24) % 9_000),
            user: narrow((first >> 44) % USERS),
        }
    }

    /// The number of the first delivery, if this one is a duplicate.
    fn repeats(&self, number: u64) -> Option<u64> {
        if self.duplicates_ppm == 0 || number == 0 {
            return None;
        }
        let drawn = mixed(self.seed ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03));
        let reach = number.min(DUPLICATE_REACH);
        (drawn % 1_000_000 < self.duplicates_ppm).then(|| number - 1 - (drawn >> 20) % reach)
    }

    fn customer(&self, drawn: u64) -> u32 {
        let (share, pick) = (drawn & 0xFFFF_FFFF, drawn >> 32);
        if share % HOT_ONE_IN == 0 {
            return HOT_CUSTOMER;
        }
        let medium = u64::from(MEDIUM_CUSTOMERS);
        let share = share / HOT_ONE_IN;
        // In small runs everybody has less than that.
        let medium_ppm =
            (medium * MEDIUM_EVENTS * 1_000_000 * HOT_ONE_IN / (HOT_ONE_IN - 1) / self.events).min(200_000);
        if share % 1_000_000 < medium_ppm {
            return 1 + narrow(pick % medium);
        }
        narrow(1 + medium + pick % (self.customers - 1 - medium))
    }

    /// The id of an event, written into `place`, which has [`ID_BYTES`] bytes.
    pub fn write_id(&self, number: u64, place: &mut [u8]) {
        let (high, low) = match self.ids {
            Ids::Random => {
                let high = mixed(self.seed.rotate_left(17) ^ number);
                (high, mixed(high ^ number.rotate_left(32)))
            }
            Ids::Sequential => (0, number),
        };
        let mut nibbles = (0..32).map(|index| {
            let word = if index < 16 { high } else { low };
            let nibble = (word >> (60 - 4 * (index % 16))) & 0xF;
            HEX[small(nibble, 16)]
        });
        for (index, byte) in place.iter_mut().enumerate() {
            *byte = match index {
                8 | 13 | 18 | 23 => b'-',
                _ => nibbles.next().unwrap_or(b'0'),
            };
        }
    }

    /// What a customer used in the events of these numbers.
    pub fn expected(&self, customer: u32, numbers: std::ops::Range<u64>) -> Expected {
        let mut expected = Expected::default();
        for number in numbers {
            // A duplicate repeats an event that was counted before.
            if self.repeats(number).is_some() {
                continue;
            }
            let event = self.event(number);
            if event.customer == customer {
                expected.events += 1;
                expected.tokens += u64::from(event.tokens);
                expected.accepted += u64::from(event.status == 0);
            }
        }
        expected
    }
}

const HEX: [u8; 16] = *b"0123456789abcdef";

/// The external id of a customer.
pub fn customer_name(customer: u32) -> String {
    format!("c-{customer:07}")
}

/// A well-mixed number (splitmix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn small(number: u64, below: u64) -> usize {
    usize::try_from(number % below).unwrap_or_default()
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    fn workload(events: u64, duplicates_ppm: u64) -> Workload {
        Workload {
            events,
            customers: 1_000,
            seed: 1,
            ids: Ids::Random,
            duplicates_ppm,
            start_ms: 0,
            span_ms: MONTH_DAYS * DAY_MS - JITTER_MS,
        }
    }

    #[test]
    fn the_shares_are_as_promised() {
        let workload = workload(400_000, 0);
        let mut counts = HashMap::<u32, u64>::new();
        for number in 0..400_000 {
            let event = workload.event(number);
            assert!(event.ms < MONTH_DAYS * DAY_MS);
            *counts.entry(event.customer).or_default() += 1;
        }
        assert!(
            counts[&HOT_CUSTOMER].abs_diff(20_000) < 1_000,
            "{}",
            counts[&HOT_CUSTOMER]
        );
        assert!(counts[&3].abs_diff(MEDIUM_EVENTS) < 300, "{}", counts[&3]);
        assert!(counts.len() > 990);
    }

    #[test]
    fn duplicates_repeat_earlier_events_and_are_expected_once() {
        let workload = workload(50_000, 200_000);
        let mut ids = HashSet::new();
        let (mut tokens, mut duplicates) = (0, 0_u64);
        for number in 0..50_000 {
            let event = workload.event(number);
            let mut id = [0; ID_BYTES];
            workload.write_id(event.number, &mut id);
            if !ids.insert(id) {
                duplicates += 1;
            } else if event.customer == HOT_CUSTOMER {
                tokens += u64::from(event.tokens);
            }
        }
        assert!(duplicates.abs_diff(10_000) < 500, "{duplicates}");
        assert_eq!(workload.expected(HOT_CUSTOMER, 0..50_000).tokens, tokens);
    }
}
