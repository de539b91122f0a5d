//! A log in a temporary directory, and short ways to write events and questions.

use std::cell::Cell;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tariff_core::aggregation::{Basis, Meter, Period, Usage, UsageQuestion};
use tariff_core::{Scope, Timestamp};
use tariff_usage::{
    Customers, EmbeddedLog, EmbeddedOptions, Event, EventPage, EventQuery, UsageError, UsageLog, UsageQuery,
};
use tempfile::TempDir;

thread_local! {
    static OPTIONS: Cell<EmbeddedOptions> = Cell::new(EmbeddedOptions::default());
}

/// Runs a test twice: with everything in memory and journal, and with everything packed after each append.
pub fn run_both<T: Future<Output = ()>>(test: impl Fn() -> T) {
    let packing = EmbeddedOptions {
        tail_events_max: 1,
        ..EmbeddedOptions::default()
    };
    for options in [EmbeddedOptions::default(), packing] {
        OPTIONS.set(options);
        println!("with at most {} events in memory", options.tail_events_max);
        run(test());
    }
}

pub fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(test)
}

pub fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn scope() -> Scope {
    Scope::new("tenant_1", "env_1")
}

/// An event of `cust_1`; the tests change what matters to them.
pub fn event(id: &str, timestamp: &str, properties: &str) -> Event {
    Event {
        event_id: id.to_owned(),
        event_name: "api_call".to_owned(),
        external_customer_id: "cust_1".to_owned(),
        customer_id: String::new(),
        timestamp: instant(timestamp),
        ingested_at: instant("2026-03-01T00:00:00Z"),
        source: String::new(),
        properties: (!properties.is_empty()).then(|| properties.to_owned()),
    }
}

/// An event with property `v`.
pub fn valued(id: &str, timestamp: &str, value: u32) -> Event {
    event(id, timestamp, &format!("{{\"v\":{value}}}"))
}

pub fn meter(aggregation: &str) -> Arc<Meter> {
    let json = format!(r#"{{"event_name":"api_call","aggregation":{aggregation},"reset_usage":"BILLING_PERIOD"}}"#);
    Arc::new(Meter::new(&serde_json::from_str(&json).unwrap()).unwrap())
}

pub fn sum_meter() -> Arc<Meter> {
    meter(r#"{"type":"SUM","field":"v"}"#)
}

pub fn period(start: &str, end: &str) -> Period {
    Period {
        start: instant(start),
        end: instant(end),
    }
}

/// Everything the tests write lies in it.
pub fn always() -> Period {
    period("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
}

pub struct TestLog {
    pub log: EmbeddedLog,
    pub directory: TempDir,
}

impl TestLog {
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        Self {
            log: open(directory.path()),
            directory,
        }
    }

    /// The same files after an orderly restart.
    pub async fn reopen(self) -> Self {
        self.log.close().await.unwrap();
        drop(self.log);
        Self {
            log: open(self.directory.path()),
            directory: self.directory,
        }
    }

    pub async fn append(&self, events: &[Event]) {
        self.log.append(&scope(), events.to_vec()).await.unwrap();
        self.packed().await;
    }

    /// Takes an event out of the usual scope.
    pub async fn remove(&self, event_id: &str) -> Option<Event> {
        let removed = self.log.remove(&scope(), event_id).await.unwrap();
        self.packed().await;
        removed.map(|stored| stored.event)
    }

    /// Returns when everything is packed, if the test packs.
    pub async fn packed(&self) {
        if OPTIONS.get().tail_events_max == 1 {
            wait_until_packed(&self.log).await;
        }
    }

    /// SUM of `v` for one customer of the usual scope over all time.
    pub async fn sum(&self, customer: &str) -> (String, u64) {
        let question = UsageQuestion::new(sum_meter(), Basis::Raw, always());
        let usage = self.ask(&UsageQuery::of_customer(question, customer)).await;
        (usage.value.to_string(), usage.event_count)
    }

    pub async fn ask(&self, query: &UsageQuery) -> Usage {
        self.log.usage(&scope(), query).await.unwrap().into_total()
    }

    pub async fn list(&self, query: &EventQuery) -> Result<EventPage, UsageError> {
        self.log.events(&scope(), query).await
    }
}

pub fn open(directory: &Path) -> EmbeddedLog {
    EmbeddedLog::open(directory, OPTIONS.get()).unwrap()
}

/// Returns when the journal holds nothing.
pub async fn wait_until_packed(log: &EmbeddedLog) {
    let begun = Instant::now();
    while log.stats().journal_bytes > 0 {
        assert!(begun.elapsed() < Duration::from_secs(30), "packing does not end");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

pub fn of_all(question: UsageQuestion) -> UsageQuery {
    UsageQuery {
        question,
        customers: Customers::All,
        customer_id: None,
    }
}

pub fn listing(page_size: usize) -> EventQuery {
    EventQuery::new(always().start, always().end, page_size)
}

pub fn ids(page: &EventPage) -> Vec<&str> {
    page.events
        .iter()
        .map(|stored| stored.event.event_id.as_str())
        .collect()
}
