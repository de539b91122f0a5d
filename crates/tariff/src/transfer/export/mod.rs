//! `tariff export events`: from the server's stream into a file that appears when it is complete.

mod destination;
mod lines;
mod parquet;
mod sink;

use std::io;

use tariff_contract::DateTime;

use self::destination::Destination;
use self::lines::Lines;
use super::format::Format;
use super::progress;
use super::server::Server;
use crate::AnyError;
use crate::cli::transfer::ExportEventsArgs;

/// Runs the export.
///
/// # Errors
/// When the server refuses or breaks off, or the file cannot be written; the file is then not there.
pub async fn run(args: ExportEventsArgs) -> Result<(), AnyError> {
    let format = Format::of(args.format, &args.file)?;
    let destination = Destination::open(&args.file, format)?;
    let server = Server::new(&args.server)?;
    let mut lines = Lines::of(server.export(&query(&args)).await?);
    let mut sink = sink::open(format, destination.writer()?)?;
    let bar = progress::counter("Exporting")?;
    while lines.next(|line| sink.write(line)).await? {
        bar.set_position(lines.count());
    }
    sink.finish()?;
    bar.finish_and_clear();
    destination.complete()?;
    // Not on standard output: the events may be there.
    eprintln!("Exported {} events.", lines.count());
    Ok(())
}

/// Where an export is written to.
type Output = Box<dyn io::Write + Send>;

fn query(args: &ExportEventsArgs) -> Vec<(&'static str, String)> {
    let time = |time: &Option<DateTime>| time.map(|time| time.to_string());
    [
        ("start_time", time(&args.start_time)),
        ("end_time", time(&args.end_time)),
        ("external_customer_id", args.external_customer_id.clone()),
        ("event_name", args.event_name.clone()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}
