//! Clients that send events until the server is gone, and send again whatever they got no answer to.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use tariff_core::{SignedDuration, Timestamp};

use crate::ledger::{Content, Effects, Ledger};
use crate::support::client::{Client, encoded};

/// Names of the events; [`crate::meters::EVENT_NAME`] is the metered one.
const EVENT_NAMES: [&str; 4] = ["call", "call", "call", "upload"];
/// Most events in most batches, and in a large one.
const BATCH_EVENTS: usize = 8;
const LARGE_BATCH_EVENTS: usize = 120;
/// How many refusals in a row a client puts up with, and how long it waits after each.
const REFUSALS_MAX: u32 = 500;
const REFUSAL_PAUSE: Duration = Duration::from_millis(10);
/// Longest pause between two requests, so that clients get out of step.
const PAUSE_MICROSECONDS: u64 = 3_000;
/// Start of the events' time, and how far each round moves it on.
const FIRST_DAY: Timestamp = Timestamp::constant(1_767_225_600, 0);
const ROUND_MINUTES: i64 = 100;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
/// How late events come at most.
const LATE_DAYS: i64 = 40;
const USERS: u32 = 25;

/// What a client does at once.
#[derive(Debug, Clone)]
pub enum Step {
    /// `POST /v1/events`.
    Single(String, Content),
    /// `POST /v1/events/bulk`.
    Bulk(Vec<(String, Content)>),
    /// `DELETE /v1/events/lookup`.
    Remove(String),
}

impl Step {
    /// What it does to the log: of several deliveries in one batch the last counts.
    pub fn effects(&self) -> Effects {
        match self {
            Self::Single(id, content) => Effects::from([(id.clone(), Some(content.clone()))]),
            Self::Bulk(events) => {
                let event = |(id, content): &(String, Content)| (id.clone(), Some(content.clone()));
                events.iter().map(event).collect()
            }
            Self::Remove(id) => Effects::from([(id.clone(), None)]),
        }
    }

    /// The status of the answer, if there is one.
    fn send(&self, api: &Client) -> Option<(u16, String)> {
        let reply = match self {
            Self::Single(id, content) => api.try_post("/v1/events", &content.to_json(id)),
            Self::Bulk(events) => {
                let events: Vec<Value> = events.iter().map(|(id, content)| content.to_json(id)).collect();
                api.try_post("/v1/events/bulk", &json!({ "events": events }))
            }
            Self::Remove(id) => api.try_delete(&format!("/v1/events/lookup?id={}", encoded(id))),
        }?;
        Some((reply.status, reply.text))
    }

    /// Whether it is done. Nothing to take out is as good as taken out.
    fn is_done(&self, status: u16) -> bool {
        match self {
            Self::Single(..) | Self::Bulk(_) => status == 202,
            Self::Remove(_) => status == 204 || status == 404,
        }
    }
}

/// One client during one round.
pub struct Sender<'a> {
    random: StdRng,
    round: u32,
    number: u32,
    customers: &'a [String],
    /// Ids that were sent before, also by others.
    known: Vec<String>,
    last: Option<Step>,
    events: u64,
}

impl<'a> Sender<'a> {
    /// What it will do follows from `seed` and its numbers; `known` are earlier events of `customers`.
    pub fn new(seed: u64, round: u32, number: u32, customers: &'a [String], known: &BTreeSet<String>) -> Self {
        let seed = seed ^ (u64::from(round) << 32) ^ (u64::from(number) << 56);
        Self {
            random: StdRng::seed_from_u64(seed),
            round,
            number,
            customers,
            known: known.iter().cloned().collect(),
            last: None,
            events: 0,
        }
    }

    /// Sends until there is no answer, and returns what got none. `in_doubt` is what got none in the round before.
    pub fn send_until_killed(mut self, api: &Client, ledger: &Mutex<Ledger>, mut in_doubt: Option<Step>) -> Step {
        let mut refusals = 0;
        loop {
            let step = in_doubt.take().unwrap_or_else(|| self.next());
            let ticket = ledger.lock().unwrap().begin(step.effects());
            match step.send(api) {
                None => return step,
                Some((status, _)) if step.is_done(status) => {
                    ledger.lock().unwrap().acknowledge(ticket);
                    refusals = 0;
                    self.last = Some(step);
                }
                Some((status @ 500.., answer)) => {
                    refusals += 1;
                    assert!(refusals <= REFUSALS_MAX, "refused over and over: {status} {answer}");
                    in_doubt = Some(step);
                    thread::sleep(REFUSAL_PAUSE);
                }
                Some((status, answer)) => panic!("{step:?} was answered {status}: {answer}"),
            }
            thread::sleep(Duration::from_micros(self.random.random_range(0..PAUSE_MICROSECONDS)));
        }
    }

    fn next(&mut self) -> Step {
        match self.random.random_range(0..100) {
            // As if the answer had been lost.
            0..12 => match self.last.clone() {
                Some(step) => step,
                None => self.single(),
            },
            12..45 => self.single(),
            45..50 => match self.known.choose(&mut self.random) {
                Some(id) => Step::Remove(id.clone()),
                None => self.single(),
            },
            50..95 => self.bulk(BATCH_EVENTS),
            _ => self.bulk(LARGE_BATCH_EVENTS),
        }
    }

    fn single(&mut self) -> Step {
        let (id, content) = self.event(&[]);
        Step::Single(id, content)
    }

    fn bulk(&mut self, events_max: usize) -> Step {
        let mut events: Vec<(String, Content)> = Vec::new();
        for _ in 0..self.random.random_range(1..=events_max) {
            let event = self.event(&events);
            events.push(event);
        }
        Step::Bulk(events)
    }

    /// A new event, or another delivery of an earlier one or of one in the same batch.
    fn event(&mut self, batch: &[(String, Content)]) -> (String, Content) {
        let id = match self.random.random_range(0..100) {
            0..20 => self.known.choose(&mut self.random).cloned(),
            20..27 => batch.choose(&mut self.random).map(|(id, _)| id.clone()),
            _ => None,
        };
        let content = self.content();
        let id = id.unwrap_or_else(|| {
            let id = format!("event::{}/{}-{}", self.round, self.number, self.events);
            self.known.push(id.clone());
            id
        });
        (id, content)
    }

    fn content(&mut self) -> Content {
        self.events += 1;
        let random = &mut self.random;
        let now_ms = FIRST_DAY.as_millisecond() + i64::from(self.round) * ROUND_MINUTES * MINUTE_MS;
        let at_ms = match random.random_range(0..100) {
            0..15 => now_ms - random.random_range(0..LATE_DAYS * DAY_MS),
            // The first moment of a day.
            15..20 => (now_ms - random.random_range(0..LATE_DAYS * DAY_MS)).div_euclid(DAY_MS) * DAY_MS,
            _ => now_ms - random.random_range(0..2 * ROUND_MINUTES * MINUTE_MS),
        };
        Content {
            event_name: (*EVENT_NAMES.choose(random).unwrap()).to_owned(),
            customer: self.customers.choose(random).unwrap().clone(),
            at: FIRST_DAY + SignedDuration::from_millis(at_ms - FIRST_DAY.as_millisecond()),
            value: random.random_range(-20..1_000),
            user: format!("user-{}", random.random_range(0..USERS)),
            delivery: (u64::from(self.round) << 32) | (u64::from(self.number) << 24) | self.events,
        }
    }
}
