//! The same events and questions on Tariff and on two databases that people would use instead.

mod duckdb;
mod postgres;
mod tariff;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::cli::{Options, System};
use crate::report::{Report, Table, bytes, milliseconds, per_second};
use crate::workload::{EVENT_NAME, Expected, HOT_CUSTOMER, MONTH_END, MONTH_START, Workload, customer_name};

/// What a system did. All of them store the same events and must answer the same quantity.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// Name and version.
    pub system: String,
    /// Events stored.
    pub events: u64,
    /// Events a second, durable batch by batch.
    pub events_per_second: f64,
    /// Bytes of the events with their indexes on disk.
    pub disk_bytes: u64,
    /// Most memory while they were stored and asked for, in bytes.
    pub memory_bytes: u64,
    /// Sum of the hot customer's tokens in a month, asked first, in milliseconds.
    pub sum_first_ms: f64,
    /// The same again, median.
    pub sum_again_ms: f64,
    /// Every customer on the three meters, in milliseconds.
    pub all_customers_ms: f64,
    /// The sum that was answered.
    pub tokens: f64,
}

/// Compares.
pub async fn all(options: &Options, report: &mut Report) -> Result<()> {
    let workload = Workload::stored(options);
    let expected = workload.expected(HOT_CUSTOMER, 0..options.events);
    let mut outcomes = Vec::new();
    let wanted = |system| !options.without.contains(&system);
    if wanted(System::Tariff) {
        outcomes.push(tariff::run(options, report).await?);
    }
    if wanted(System::Postgres) {
        match postgres::run(options, workload)? {
            Some(outcome) => outcomes.push(outcome),
            None => eprintln!("no PostgreSQL found; left out"),
        }
    }
    if wanted(System::Duckdb) {
        match &options.python {
            Some(python) => outcomes.push(duckdb::run(options, workload, python)?),
            None => eprintln!("no --python with the package duckdb; left out"),
        }
    }
    for outcome in &outcomes {
        check(outcome, options, expected)?;
    }
    report.table(table(options, &outcomes));
    report.detail("compare", outcomes)
}

/// A system that stored something else must not be compared. One that stopped early has counted less.
#[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
fn check(outcome: &Outcome, options: &Options, expected: Expected) -> Result<()> {
    let complete = outcome.events == options.events;
    if complete && (outcome.tokens - expected.tokens as f64).abs() > 0.0 {
        let (system, found, tokens) = (&outcome.system, outcome.tokens, expected.tokens);
        return Err(format!("{system} answers {found} tokens instead of {tokens}").into());
    }
    Ok(())
}

fn table(options: &Options, outcomes: &[Outcome]) -> Table {
    let columns = [
        "System",
        "Events",
        "Stored",
        "On disk",
        "Memory, peak",
        "Sum of one customer's month, first",
        "Again",
        "All customers x 3 meters",
    ];
    let rows = outcomes.iter().map(|outcome| {
        vec![
            outcome.system.clone(),
            outcome.events.to_string(),
            per_second(outcome.events_per_second),
            bytes(outcome.disk_bytes),
            bytes(outcome.memory_bytes),
            milliseconds(outcome.sum_first_ms),
            milliseconds(outcome.sum_again_ms),
            milliseconds(outcome.all_customers_ms),
        ]
    });
    Table {
        title: format!(
            "{} events of {} customers, {} of a batch, one durable commit a batch, one event an id",
            options.events, options.customers, options.batch
        ),
        columns: columns.map(str::to_owned).into(),
        rows: rows.collect(),
    }
}

/// The median of some times.
fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The month and name of the events, as a condition in SQL.
fn of_the_month() -> String {
    format!("event_name = '{EVENT_NAME}' AND ts >= '{MONTH_START}' AND ts < '{MONTH_END}'")
}

/// The condition for the hot customer.
fn of_hot_customer() -> String {
    format!("external_customer_id = '{}'", customer_name(HOT_CUSTOMER))
}

/// Times the questions are asked again.
const ASKED_AGAIN: usize = 20;
