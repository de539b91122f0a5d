//! What can be typed after `tariff export` and `tariff import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use tariff_contract::DateTime;

use crate::transfer::Format;

/// What to export.
#[derive(Debug, Subcommand)]
pub enum ExportCommand {
    /// Write raw events to a file, as of now and all that match
    Events(ExportEventsArgs),
}

/// What to import.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Send the events of a file; a run that was interrupted goes on where it ended
    Events(ImportEventsArgs),
}

/// Which server to speak to, and as whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Server")]
pub struct ServerArgs {
    /// Where the server answers
    #[arg(
        long,
        value_name = "URL",
        env = "TARIFF_URL",
        default_value = "http://127.0.0.1:8080"
    )]
    pub url: String,

    /// API key of the environment; better given by the environment variable, which no list of processes shows
    #[arg(long, value_name = "KEY", env = "TARIFF_API_KEY", hide_env_values = true)]
    pub api_key: Option<String>,

    /// Environment, for keys that do not belong to one
    #[arg(long, value_name = "ID", env = "TARIFF_ENVIRONMENT_ID")]
    pub environment_id: Option<String>,
}

/// Options of `tariff export events`.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub struct ExportEventsArgs {
    /// File to write; it appears when it is complete. `-` is standard output
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Format of the file [default: by its ending .csv, .jsonl, .ndjson or .parquet]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<Format>,

    /// Only events from this instant on, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub start_time: Option<DateTime>,

    /// Only events before this instant, RFC 3339
    #[arg(long, value_name = "TIME")]
    pub end_time: Option<DateTime>,

    /// Only events of this customer
    #[arg(long, value_name = "ID")]
    pub external_customer_id: Option<String>,

    /// Only events of this name
    #[arg(long, value_name = "NAME")]
    pub event_name: Option<String>,

    /// The server.
    #[command(flatten)]
    pub server: ServerArgs,
}

/// Options of `tariff import events`.
#[derive(Debug, Args)]
#[command(after_help = IMPORT_EXAMPLES)]
pub struct ImportEventsArgs {
    /// File to read
    #[arg(value_name = "FILE")]
    pub file: PathBuf,

    /// Format of the file [default: by its ending .csv, .jsonl, .ndjson or .parquet]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Option<Format>,

    /// Check every row and send nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Succeed even if rows were rejected
    #[arg(long)]
    pub allow_rejected: bool,

    /// Where to keep how far the import came [default: FILE.import-state]
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,

    /// Where to write rejected rows [default: FILE.rejected.csv]
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,

    /// The server.
    #[command(flatten)]
    pub server: ServerArgs,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  tariff export events events.parquet
  tariff export events january.csv --start-time 2026-01-01T00:00:00Z --end-time 2026-02-01T00:00:00Z
  tariff export events - --format jsonl --external-customer-id acme | gzip > acme.jsonl.gz";

const IMPORT_EXAMPLES: &str = "\
Examples:
  tariff import events events.csv --dry-run
  tariff import events events.csv
  tariff import events history.parquet --url https://billing.example.com --allow-rejected";
