//! `tariff verify`: is everything in the event log that should be?

use tariff_usage::VerifyReport;

use crate::AnyError;
use crate::cli::VerifyArgs;
use crate::config::{Config, Overrides};
use crate::serve::event_log_folder;

/// Verifies the event log of the configured data folder and prints what was found.
///
/// # Errors
/// When the log cannot be opened, or when something in it is wrong.
pub fn run(args: VerifyArgs) -> Result<(), AnyError> {
    let overrides = Overrides {
        data_dir: args.data_dir,
        ..Overrides::default()
    };
    let config = Config::load(args.config.as_deref(), &overrides)?;
    let folder = event_log_folder(&config.data_dir);
    // Opening it would make one.
    if !folder.is_dir() {
        return Err(format!("there is no event log in {}", config.data_dir.display()).into());
    }
    let report = tariff_usage::verify(&folder)?;
    print(&report);
    match report.problem_count {
        0 => Ok(()),
        count => Err(format!("the event log has {count} problems").into()),
    }
}

fn print(report: &VerifyReport) {
    let VerifyReport {
        events,
        chunks,
        journal_operations,
        leftover_chunks,
        problem_count,
        problems,
    } = report;
    println!("{events} events in {chunks} chunks, {journal_operations} operations in the journal");
    if *leftover_chunks > 0 {
        println!("{leftover_chunks} chunks are left over from packing that was cut short; they do not count");
    }
    for problem in problems {
        println!("problem: {problem}");
    }
    if *problem_count == 0 {
        println!("no problems");
    }
}
