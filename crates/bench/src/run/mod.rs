//! The measurements, each a function from options to rows of the report.

mod bench;
mod ingestion;
mod invoices;
mod questions;
mod restarts;

pub use bench::Bench;
pub use ingestion::Background;
pub use invoices::by_meter as all_customers;

use crate::Result;
use crate::cli::Options;
use crate::report::Report;

/// Events in batches.
pub async fn ingest(options: &Options, report: &mut Report) -> Result<()> {
    let mut bench = Bench::open(options).await?;
    let sent = bench.store(options.events).await?;
    ingestion::report_batches(&bench, report, &sent)?;
    bench.check(report).await
}

/// One event a request.
pub async fn singles(options: &Options, report: &mut Report) -> Result<()> {
    let bench = Bench::with_events(options).await?;
    ingestion::singles(&bench, report).await
}

/// Usage of one customer.
pub async fn questions(options: &Options, report: &mut Report) -> Result<()> {
    let bench = Bench::with_events(options).await?;
    questions::ask(&bench, report).await
}

/// Usage of every customer on every meter.
pub async fn invoice_run(options: &Options, report: &mut Report) -> Result<()> {
    let bench = Bench::with_events(options).await?;
    invoices::run(&bench, report).await
}

/// Stopping and starting.
pub async fn restart(options: &Options, report: &mut Report) -> Result<()> {
    let bench = Bench::with_events(options).await?;
    restarts::run(bench, report).await
}

/// All of it.
pub async fn all(options: &Options, report: &mut Report) -> Result<()> {
    let mut bench = Bench::open(options).await?;
    let mut sent = bench.store(options.invoice_run_events.min(options.events)).await?;
    invoices::run(&bench, report).await?;
    sent.extend(bench.store(options.events).await?);
    ingestion::report_batches(&bench, report, &sent)?;
    bench.check(report).await?;
    questions::ask(&bench, report).await?;
    ingestion::singles(&bench, report).await?;
    bench.report_memory(report);
    restarts::run(bench, report).await
}
