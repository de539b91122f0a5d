//! Prints how fast the embedded log takes in events and answers questions.
//!
//! `cargo run --release -p tariff-usage --example bench_append [events] [directory]`

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tariff_core::aggregation::{Basis, Meter, Period, UsageQuestion};
use tariff_core::{Scope, Timestamp};
use tariff_usage::{Customers, EmbeddedLog, EmbeddedOptions, Event, EventQuery, UsageLog, UsageQuery};

type Failure = Box<dyn std::error::Error>;

const CUSTOMERS: u64 = 1_000;
const BATCH: u64 = 1_000;
const START_MS: i64 = 1_767_225_600_000;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let total: u64 = arguments.next().map_or(Ok(1_000_000), |count| count.parse())?;
    let directory = arguments
        .next()
        .map_or_else(|| std::env::temp_dir().join("tariff-bench-append"), PathBuf::from);
    if directory.exists() {
        std::fs::remove_dir_all(&directory)?;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(bench(total, &directory))?;
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

async fn bench(total: u64, directory: &Path) -> Result<(), Failure> {
    let log = Arc::new(EmbeddedLog::open(directory, EmbeddedOptions::default())?);
    let scope = Scope::new("tenant_1", "env_1");

    for (writers, label) in [(1, "bulk of 1,000, one caller"), (4, "bulk of 1,000, four callers")] {
        let begun = Instant::now();
        let tasks = (0..writers).map(|writer| {
            let (log, scope) = (Arc::clone(&log), scope.clone());
            tokio::spawn(async move {
                for batch in 0..total / BATCH / writers {
                    let first = ((writers * 10 + writer) * total) + batch * BATCH;
                    log.append(&scope, (first..first + BATCH).map(event).collect()).await?;
                }
                Ok::<_, tariff_usage::UsageError>(())
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await??;
        }
        report(label, total, begun);
    }

    let singles = (total / 50).max(1_000);
    for callers in [1, 64] {
        let begun = Instant::now();
        let tasks = (0..callers).map(|caller| {
            let (log, scope) = (Arc::clone(&log), scope.clone());
            tokio::spawn(async move {
                for index in 0..singles / callers {
                    log.append(&scope, vec![event((100 + caller) * total + index)]).await?;
                }
                Ok::<_, tariff_usage::UsageError>(())
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await??;
        }
        report(&format!("single events, {callers} callers"), singles, begun);
    }
    questions(&log, &scope).await?;
    println!("{:?}", log.stats());
    log.close().await?;
    Ok(())
}

async fn questions(log: &EmbeddedLog, scope: &Scope) -> Result<(), Failure> {
    let definition = r#"{"event_name":"api_call","aggregation":{"type":"SUM","field":"tokens"},"reset_usage":"NEVER"}"#;
    let meter = Arc::new(Meter::new(&serde_json::from_str(definition)?)?);
    let period = Period {
        start: Timestamp::UNIX_EPOCH,
        end: Timestamp::MAX,
    };
    let question = UsageQuestion::new(meter, Basis::Recorded, period);

    let begun = Instant::now();
    let all = UsageQuery {
        question: question.clone(),
        customers: Customers::All,
        customer_id: None,
    };
    let usage = log.usage(scope, &all).await?.into_total();
    report("SUM over all customers", usage.event_count, begun);

    let begun = Instant::now();
    let usage = log
        .usage(scope, &UsageQuery::of_customer(question, "customer_7"))
        .await?
        .into_total();
    report("SUM over one customer", usage.event_count, begun);

    let begun = Instant::now();
    let page = log
        .events(scope, &EventQuery::new(Timestamp::UNIX_EPOCH, Timestamp::MAX, 50))
        .await?;
    report("first page of all events, counted", page.total_count, begun);
    Ok(())
}

fn event(number: u64) -> Event {
    // Scrambled, so that ids come in no order, as callers' own ids do.
    let scrambled = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let timestamp = Timestamp::from_millisecond(START_MS + i64::try_from(number % 2_000_000_000).unwrap_or_default());
    let timestamp = timestamp.unwrap_or_default();
    Event {
        event_id: format!("event_{scrambled:016x}{number:010}"),
        event_name: "api_call".to_owned(),
        external_customer_id: format!("customer_{}", scrambled % CUSTOMERS),
        customer_id: String::new(),
        timestamp,
        ingested_at: timestamp,
        source: "sdk".to_owned(),
        properties: Some(format!(
            r#"{{"tokens":{},"model":"gpt-4","region":"eu","status":"200"}}"#,
            scrambled % 5_000
        )),
    }
}

fn report(label: &str, events: u64, begun: Instant) {
    let elapsed = begun.elapsed();
    let rate = u128::from(events) * 1_000_000_000 / elapsed.as_nanos().max(1);
    println!(
        "{label:<36} {events:>9} events in {:>7} ms  {rate:>9} events/s  {:>7} ms of CPU since the start",
        elapsed.as_millis(),
        cpu_ms()
    );
}

/// Processor time of this process so far, from the kernel's own count in hundredths of a second.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok());
    ticks.sum::<u64>() * 10
}
