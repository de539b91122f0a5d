//! The `tariff` program: configuration, wiring and the commands. Billing itself lives in the crates below.

mod cli;
mod config;
mod demo;
mod logging;
mod serve;
mod tenant_state;
mod transfer;
mod verify;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use crate::cli::transfer::{ExportCommand, ImportCommand};
use crate::cli::{Cli, Command, ServeArgs};
use crate::config::Config;

/// Taking events in makes and drops many short texts. When it was tried on batches of events, this allocator saved about a
/// sixth of the server's processor time over the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Any failure that ends the program; its text is for the person at the terminal.
type AnyError = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tariff: {}", with_causes(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), AnyError> {
    // Every TLS connection of the program uses this; it fails only if one was chosen before.
    drop(rustls::crypto::ring::default_provider().install_default());
    match command {
        Command::Serve(args) => serve(args),
        Command::Demo(args) => tokio::runtime::Runtime::new()?.block_on(demo::run(args)),
        Command::Export(ExportCommand::Events(args)) => {
            tokio::runtime::Runtime::new()?.block_on(transfer::export_events(args))
        }
        Command::Import(ImportCommand::Events(args)) => {
            tokio::runtime::Runtime::new()?.block_on(transfer::import_events(args))
        }
        Command::Verify(args) => verify::run(args),
        Command::TenantState(args) => tokio::runtime::Runtime::new()?.block_on(tenant_state::run(args)),
        Command::Openapi => print_openapi(),
    }
}

fn serve(args: ServeArgs) -> Result<(), AnyError> {
    let file = args.config.clone();
    let config = Config::load(file.as_deref(), &args.overrides())?;
    logging::start(&config.log, config.log_format)?;
    tokio::runtime::Runtime::new()?.block_on(serve::run(&config))
}

fn print_openapi() -> Result<(), AnyError> {
    let document = tokio::runtime::Runtime::new()?.block_on(serve::openapi())?;
    println!("{document}");
    Ok(())
}

/// Follows an error to its root, so that "cannot open the database" also says why.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        // Many libraries repeat their cause in their own text.
        if !text.contains(&next) {
            text.push_str(": ");
            text.push_str(&next);
        }
        cause = error.source();
    }
    text
}
