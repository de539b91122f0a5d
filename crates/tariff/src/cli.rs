//! The command line: what can be typed, with its help texts. What the options mean is [`crate::config`]'s business.

pub mod transfer;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tariff_engine::operators::OperationalState;

use self::transfer::{ExportCommand, ImportCommand};
use crate::config::{ListenAddress, LogFormat, Overrides, Role};

/// Usage metering and billing in one binary.
///
/// `tariff demo` shows everything at once, on data of its own. `tariff serve` runs the server.
#[derive(Debug, Parser)]
#[command(name = "tariff", version, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The sub-commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server: the HTTP API and the worker that renews subscriptions and finalizes invoices
    Serve(ServeArgs),
    /// Bill an hour of real traffic of two large-language-model services and show the invoices
    Demo(DemoArgs),
    /// Write what a server holds to files
    #[command(subcommand)]
    Export(ExportCommand),
    /// Send what files hold to a server
    #[command(subcommand)]
    Import(ImportCommand),
    /// Read everything in the event log and check that it fits together; the server must be stopped
    Verify(VerifyArgs),
    /// Suspend a tenant, so that it can read but write nothing, or let it go on; servers heed it within a second
    TenantState(TenantStateArgs),
    /// Print the OpenAPI 3.1 document of the API as JSON
    Openapi,
}

/// Options of `tariff serve`. Each one wins over its environment variable, which wins over the configuration file.
#[derive(Debug, Args)]
#[command(after_help = SERVE_EXAMPLES)]
pub struct ServeArgs {
    /// TOML file with any of these settings [environment: TARIFF_CONFIG]
    #[arg(long, value_name = "FILE", env = "TARIFF_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,

    /// Address to listen on; port 0 takes any free port [default: 0.0.0.0:8080] [environment: TARIFF_LISTEN]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<ListenAddress>,

    /// Folder of the event log and, without PostgreSQL, of the SQLite database; made if it is missing
    /// [default: tariff-data] [environment: TARIFF_DATA_DIR]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// PostgreSQL (postgres://…) or SQLite (sqlite://…) database to use instead of the one in the data folder
    /// [environment: TARIFF_DATABASE_URL, DATABASE_URL]
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,

    /// How log lines are written to standard error [default: text] [environment: TARIFF_LOG_FORMAT]
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,

    /// What this process does: answer requests, run due billing work, or both [default: all] [environment: TARIFF_ROLE]
    #[arg(long, value_name = "ROLE", value_enum)]
    pub role: Option<Role>,
}

impl ServeArgs {
    /// The settings that were given on the command line.
    #[must_use]
    pub fn overrides(self) -> Overrides {
        Overrides {
            listen: self.listen,
            data_dir: self.data_dir,
            database_url: self.database_url,
            log_format: self.log_format,
            role: self.role,
        }
    }
}

/// Options of `tariff demo`.
#[derive(Debug, Args)]
#[command(after_help = DEMO_EXAMPLES)]
pub struct DemoArgs {
    /// Exit after the invoices are printed instead of serving on
    #[arg(long)]
    pub once: bool,

    /// Address to listen on [default: 127.0.0.1:8080, with --once any free port of 127.0.0.1]
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<ListenAddress>,

    /// Folder with code.csv and conv.csv to load instead of the traces inside the program
    #[arg(long, value_name = "DIR")]
    pub trace_dir: Option<PathBuf>,
}

/// Options of `tariff verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// TOML file with the settings of the server [environment: TARIFF_CONFIG]
    #[arg(long, value_name = "FILE", env = "TARIFF_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,

    /// Folder of the event log [default: tariff-data] [environment: TARIFF_DATA_DIR]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// Options of `tariff tenant-state`.
#[derive(Debug, Args)]
pub struct TenantStateArgs {
    /// Id of the tenant, as `GET /v1/users/me` shows it
    #[arg(value_name = "TENANT")]
    pub tenant_id: String,

    /// trialing, active or suspended
    #[arg(value_name = "STATE")]
    pub state: OperationalState,

    /// TOML file with the settings of the server [environment: TARIFF_CONFIG]
    #[arg(long, value_name = "FILE", env = "TARIFF_CONFIG", hide_env = true)]
    pub config: Option<PathBuf>,

    /// Folder with the SQLite database of the server [default: tariff-data] [environment: TARIFF_DATA_DIR]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// Database of the server instead of the one in the folder [environment: TARIFF_DATABASE_URL, DATABASE_URL]
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
}

const SERVE_EXAMPLES: &str = "\
Examples:
  tariff serve
  tariff serve --listen 127.0.0.1:9000 --data-dir /var/lib/tariff
  tariff serve --database-url postgres://tariff@localhost/tariff --log-format json";

const DEMO_EXAMPLES: &str = "\
Examples:
  tariff demo
  tariff demo --once
  tariff demo --listen 127.0.0.1:9000 --trace-dir examples/azure-llm-2023";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_that_are_not_given_override_nothing() {
        let Command::Serve(args) = Cli::parse_from(["tariff", "serve", "--listen", ":0"]).command else {
            panic!("expected serve");
        };
        let overrides = args.overrides();
        assert_eq!(overrides.listen.map(|listen| listen.0.port()), Some(0));
        assert!(overrides.data_dir.is_none() && overrides.role.is_none());
    }
}
