//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures the metering of `tariff serve` over HTTP.
#[derive(Debug, Parser)]
#[command(name = "tariff-bench")]
pub struct Cli {
    /// What to measure.
    #[command(subcommand)]
    pub command: Command,
    /// How.
    #[command(flatten)]
    pub options: Options,
}

/// What to measure. Whatever needs stored events stores `--events` of them first, unless the data folder has them.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Command {
    /// Events in batches, over a few connections.
    Ingest,
    /// One event a request, over many connections.
    Singles,
    /// Usage of one customer: asked for the first time, again, and again while events come in.
    Questions,
    /// Usage of every customer on every meter.
    InvoiceRun,
    /// Stopping and starting with the events stored, in good order and after a kill.
    Restart,
    /// All of it in one go, on one data folder.
    All,
    /// The same events and questions on Tariff, PostgreSQL and DuckDB.
    Compare,
}

/// The ids of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ids {
    /// Random, in the form of a UUID.
    Random,
    /// Ascending numbers.
    Sequential,
}

/// The meter beside the sum and the filtered count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ThirdMeter {
    /// `COUNT_UNIQUE` of users.
    Unique,
    /// `MAX` of tokens.
    Max,
}

/// How to measure.
#[derive(Debug, Clone, Args)]
pub struct Options {
    /// The program to measure.
    #[arg(long, global = true, env = "TARIFF_PROGRAM", default_value = "target/release/tariff")]
    pub tariff: PathBuf,
    /// Folder for the server's data; a temporary one that is removed afterwards unless given.
    #[arg(long, global = true)]
    pub data_dir: Option<PathBuf>,
    /// Events to store.
    #[arg(long, global = true, default_value_t = 2_000_000)]
    pub events: u64,
    /// Events that are stored when `all` measures the invoice run; at most `--events`.
    #[arg(long, global = true, default_value_t = 10_000_000)]
    pub invoice_run_events: u64,
    /// Customers whose events they are.
    #[arg(long, global = true, default_value_t = 10_000)]
    pub customers: u32,
    /// Ids of the events.
    #[arg(long, global = true, value_enum, default_value_t = Ids::Random)]
    pub ids: Ids,
    /// Share of events that are sent a second time, from 0 to 0.9.
    #[arg(long, global = true, default_value_t = 0.0)]
    pub duplicates: f64,
    /// The third meter.
    #[arg(long, global = true, value_enum, default_value_t = ThirdMeter::Unique)]
    pub third_meter: ThirdMeter,
    /// Start of the random numbers.
    #[arg(long, global = true, default_value_t = 1)]
    pub seed: u64,
    /// Events of a batch, at most 1,000.
    #[arg(long, global = true, default_value_t = 1_000)]
    pub batch: usize,
    /// Connections that send batches.
    #[arg(long, global = true, default_value_t = 8)]
    pub connections: usize,
    /// Connections that send single events.
    #[arg(long, global = true, default_value_t = 64)]
    pub single_connections: usize,
    /// Connections that ask for the invoice run.
    #[arg(long, global = true, default_value_t = 8)]
    pub asking_connections: usize,
    /// How long single events are sent, and questions are asked while events come in, in seconds.
    #[arg(long, global = true, default_value_t = 15)]
    pub seconds: u64,
    /// Times each question is asked again.
    #[arg(long, global = true, default_value_t = 1_000)]
    pub asks: usize,
    /// Events a second that come in while questions are asked.
    #[arg(long, global = true, default_value_t = 20_000)]
    pub background: u64,
    /// Log lines of the server: the value of `TARIFF_LOG`. Its default unless given.
    #[arg(long, global = true)]
    pub server_log: Option<String>,
    /// File for all figures as JSON.
    #[arg(long, global = true)]
    pub json: Option<PathBuf>,
    /// Python with the package `duckdb`, for `compare`; without it DuckDB is left out.
    #[arg(long, global = true)]
    pub python: Option<PathBuf>,
    /// Connections to PostgreSQL that send batches.
    #[arg(long, global = true, default_value_t = 4)]
    pub postgres_connections: usize,
    /// PostgreSQL's `shared_buffers`.
    #[arg(long, global = true, default_value = "1GB")]
    pub postgres_buffers: String,
    /// Systems to leave out of `compare`.
    #[arg(long, global = true, value_enum)]
    pub without: Vec<System>,
}

/// What `compare` compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// This project.
    Tariff,
    /// PostgreSQL.
    Postgres,
    /// DuckDB.
    Duckdb,
}
