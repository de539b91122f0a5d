//! `tariff-bench`: measures the metering of a real `tariff serve` over HTTP, from the same machine.
//!
//! The client is built to take as little of the machine as it can: requests are byte templates whose ids, customers and
//! times are patched in place, on a few connections that stay open, all on one thread. What is measured and how is told
//! in `docs/benchmarks.md`.

mod catalog;
mod cli;
mod compare;
mod http;
mod latency;
mod process;
mod report;
mod request;
mod run;
mod server;
mod workload;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::report::Report;

/// Any failure that ends a run; its text is for the person at the terminal.
type AnyError = Box<dyn Error + Send + Sync>;
type Result<T> = std::result::Result<T, AnyError>;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut report = Report::default();
    let outcome = run_command(&cli, &mut report);
    // What was measured before a failure is worth seeing too.
    println!("{report}");
    let outcome = outcome.and_then(|()| report.write_json(cli.options.json.as_deref()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tariff-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(cli: &Cli, report: &mut Report) -> Result<()> {
    let options = &cli.options;
    // One thread: the machine is the server's.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Ingest => run::ingest(options, report).await,
            Command::Singles => run::singles(options, report).await,
            Command::Questions => run::questions(options, report).await,
            Command::InvoiceRun => run::invoice_run(options, report).await,
            Command::Restart => run::restart(options, report).await,
            Command::All => run::all(options, report).await,
            Command::Compare => compare::all(options, report).await,
        }
    })
}
