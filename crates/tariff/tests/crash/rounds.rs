//! The server is killed again and again, over one data folder, amid everything it does: taking events in, packing the
//! log, starting. After each restart every acknowledged event is there exactly once in its last delivery, every other
//! at most once, batches wholly or not at all, and usage is what the raw list adds up to.
//!
//! `TARIFF_CRASH_ROUNDS` sets the number of rounds. `TARIFF_CRASH_SEED` repeats what a run sent and when it killed;
//! how far the server got by then differs from run to run.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::mem;
use std::process::Command;
use std::str::FromStr;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::json;
use tempfile::TempDir;

use crate::clients::{Sender, Step};
use crate::ledger::{Content, Ledger};
use crate::meters::{END, Meters, START};
use crate::support::client::Client;
use crate::support::databases::Place;
use crate::support::server::{PROGRAM, Server};
use crate::support::tenant::Tenant;

const ROUNDS_VARIABLE: &str = "TARIFF_CRASH_ROUNDS";
const SEED_VARIABLE: &str = "TARIFF_CRASH_SEED";
const ROUNDS_DEFAULT: u32 = 200;
/// After so many rounds everything is compared, not only what the round can have changed.
const ROUNDS_PER_FULL_LOOK: u32 = 20;
const CLIENTS: u32 = 4;
const CUSTOMERS: u32 = 48;
const CUSTOMERS_PER_ROUND: usize = 3;
const PAGE_EVENTS: usize = 1_000;
/// How long clients may work before the server is killed: mostly, and in a long round.
const WORK_MS: u64 = 200;
const LONG_WORK_MS: u64 = 600;
/// Makes the log do its background work many times a round.
const LOG_SETTING: (&str, &str) = ("TARIFF_EVENT_LOG_TAIL_EVENTS_MAX", "200");

pub fn killed_over_and_over_nothing_acknowledged_is_lost(place: &Place) {
    let rounds = knob(ROUNDS_VARIABLE).unwrap_or(ROUNDS_DEFAULT);
    let seed = knob(SEED_VARIABLE).unwrap_or_else(rand::random::<u64>);
    println!("Crash test: {rounds} rounds; {SEED_VARIABLE}={seed} repeats them");
    let began = Instant::now();
    let mut test = Crashes::begin(place, seed);
    for round in 0..rounds {
        test.round(round);
        if round % ROUNDS_PER_FULL_LOOK == ROUNDS_PER_FULL_LOOK - 1 || round + 1 == rounds {
            test.look_at_everything(round);
        }
    }
    println!(
        "Crash test: {rounds} rounds, {} kills of a starting server, {} events stored, in {} seconds",
        test.kills_at_start,
        test.ledger.lock().unwrap().event_count(),
        began.elapsed().as_secs(),
    );
    test.verify();
}

/// A number from the environment, if it is set.
fn knob<T: FromStr>(variable: &str) -> Option<T> {
    let text = env::var(variable).ok()?;
    let number = text.parse().ok();
    Some(number.unwrap_or_else(|| panic!("{variable} must be a number, not {text}")))
}

struct Crashes {
    seed: u64,
    random: StdRng,
    folder: TempDir,
    database: Option<String>,
    server: Option<Server>,
    key: String,
    meters: Meters,
    customers: Vec<String>,
    ledger: Mutex<Ledger>,
    /// What each client got no answer to.
    in_doubt: Vec<Option<Step>>,
    /// How long a start takes.
    start: Duration,
    kills_at_start: u32,
}

impl Crashes {
    fn begin(place: &Place, seed: u64) -> Self {
        let folder = place.new_folder();
        let database = place.database_url();
        let server = Server::start_as(command(), folder.path(), database.as_deref());
        let tenant = Tenant::sign_up(&server.client());
        let meters = Meters::create(&tenant.api);
        Self {
            seed,
            random: StdRng::seed_from_u64(seed),
            folder,
            database,
            server: Some(server),
            key: tenant.key().to_owned(),
            meters,
            customers: (0..CUSTOMERS).map(|number| format!("customer/{number}")).collect(),
            ledger: Mutex::default(),
            in_doubt: vec![None; usize::try_from(CLIENTS).unwrap()],
            start: Duration::from_millis(300),
            kills_at_start: 0,
        }
    }

    /// Work, kill, restart, comparison of all that the work can have changed.
    fn round(&mut self, round: u32) {
        let mut customers: Vec<String> = self
            .customers
            .choose_multiple(&mut self.random, CUSTOMERS_PER_ROUND)
            .cloned()
            .collect();
        customers.extend(self.customers_in_doubt());
        customers.sort();
        customers.dedup();
        self.work_and_kill(round, &customers);
        self.restart();

        let api = self.api();
        let mut found = BTreeMap::new();
        let mut wrong = Vec::new();
        for customer in &customers {
            let events = events_of(&api, customer);
            let contents: Vec<Content> = events.iter().map(|(_, content)| content.clone()).collect();
            wrong.extend(self.meters.differences(&api, Some(customer), &contents));
            for (id, content) in events {
                if let Some(other) = found.insert(id.clone(), content) {
                    wrong.push(format!("{id} is listed twice; the other is {other:?}"));
                }
            }
        }
        wrong.extend(self.ledger.lock().unwrap().settle(&customers, &found));
        self.check(round, &wrong);
    }

    /// Whose events may change when that is sent again which got no answer: their owners, old and new.
    fn customers_in_doubt(&self) -> BTreeSet<String> {
        let ledger = self.ledger.lock().unwrap();
        let effects = self.in_doubt.iter().flatten().flat_map(Step::effects);
        let owners =
            effects.flat_map(|(id, content)| [ledger.customer_of(&id), content.map(|content| content.customer)]);
        owners.flatten().collect()
    }

    fn work_and_kill(&mut self, round: u32, customers: &[String]) {
        let server = self.server.take().unwrap();
        let api = server.client().with_key(&self.key);
        let known = self.ledger.lock().unwrap().ids_of(customers);
        let longest = if self.random.random_ratio(1, 10) {
            LONG_WORK_MS
        } else {
            WORK_MS
        };
        let delay = Duration::from_micros(self.random.random_range(0..longest * 1_000));
        let in_doubt = mem::take(&mut self.in_doubt);
        let (ledger, seed) = (&self.ledger, self.seed);
        self.in_doubt = thread::scope(|scope| {
            let work = |(number, in_doubt)| {
                let sender = Sender::new(seed, round, number, customers, &known);
                let api = &api;
                scope.spawn(move || sender.send_until_killed(api, ledger, in_doubt))
            };
            let clients: Vec<_> = (0..CLIENTS).zip(in_doubt).map(work).collect();
            thread::sleep(delay);
            server.kill();
            clients.into_iter().map(|client| Some(client.join().unwrap())).collect()
        });
    }

    /// Starts the server again, some of the times only after it was killed while it started.
    fn restart(&mut self) {
        while self.random.random_ratio(1, 4) {
            let delay = self.start.mul_f64(self.random.random_range(0.0..1.2));
            Server::start_and_kill(command(), self.folder.path(), self.database.as_deref(), delay);
            self.kills_at_start += 1;
        }
        let began = Instant::now();
        self.server = Some(Server::start_as(
            command(),
            self.folder.path(),
            self.database.as_deref(),
        ));
        self.start = began.elapsed();
    }

    /// Has the program itself check what all the kills have left, journal included.
    fn verify(&mut self) {
        if let Some(server) = self.server.take() {
            server.kill();
        }
        let mut command = Command::new(PROGRAM);
        let output = command
            .args(["verify", "--data-dir"])
            .arg(self.folder.path().join("data"))
            .output()
            .unwrap();
        let found = String::from_utf8_lossy(&output.stdout);
        println!("tariff verify: {found}");
        assert!(
            output.status.success(),
            "{found}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(found.contains("no problems"), "{found}");
    }

    /// Compares the events and the usage of all customers, one by one and together.
    fn look_at_everything(&mut self, round: u32) {
        let api = self.api();
        let mut found = BTreeMap::new();
        let mut wrong = Vec::new();
        for customer in &self.customers {
            let events = events_of(&api, customer);
            let contents: Vec<Content> = events.iter().map(|(_, content)| content.clone()).collect();
            wrong.extend(self.meters.differences(&api, Some(customer), &contents));
            found.extend(events);
        }
        let contents: Vec<Content> = found.values().cloned().collect();
        wrong.extend(self.meters.differences(&api, None, &contents));
        wrong.extend(self.ledger.lock().unwrap().settle(&self.customers, &found));
        self.check(round, &wrong);
    }

    fn api(&self) -> Client {
        self.server.as_ref().unwrap().client().with_key(&self.key)
    }

    fn check(&self, round: u32, wrong: &[String]) {
        assert!(
            wrong.is_empty(),
            "after round {round} of {SEED_VARIABLE}={}:\n{}",
            self.seed,
            wrong.join("\n")
        );
    }
}

fn command() -> Command {
    let mut command = Command::new(PROGRAM);
    command.env(LOG_SETTING.0, LOG_SETTING.1);
    command
}

/// The raw list of a customer, page by page.
fn events_of(api: &Client, customer: &str) -> Vec<(String, Content)> {
    let mut events: Vec<(String, Content)> = Vec::new();
    let mut total = None;
    let mut key = None;
    loop {
        let question = json!({
            "external_customer_id": customer, "start_time": START, "end_time": END,
            "page_size": PAGE_EVENTS, "iter_last_key": key,
        });
        let page = api.post("/v1/events/query", &question).expect(200);
        total = total.or(Some(page["total_count"].as_u64().unwrap_or_default()));
        events.extend(page["events"].as_array().unwrap().iter().map(Content::from_json));
        key = page["iter_last_key"].as_str().map(str::to_owned);
        if !page["has_more"].as_bool().unwrap() {
            break;
        }
        assert!(
            key.is_some(),
            "more events follow, but there is no key to go on with: {page}"
        );
    }
    let place = |(id, content): &(String, Content)| (content.at, id.clone());
    assert!(
        events.windows(2).all(|pair| place(&pair[0]) > place(&pair[1])),
        "{customer}'s events are not listed newest first, or some of them twice"
    );
    assert_eq!(
        total,
        u64::try_from(events.len()).ok(),
        "the count of {customer}'s events is wrong"
    );
    events
}
