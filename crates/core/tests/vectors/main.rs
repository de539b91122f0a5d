//! Runs the shared vectors against the functions the engine calls.
//!
//! Reads the files of the folder `VECTORS_DIR` (default: `vectors/` of the project) that [`FILES`] names, prints one line
//! per file and lists every failure. Fails on any failed case, on an unknown `kind` or `operation`, on a file that does
//! not parse, and when there is no case at all.

mod aggregation;
mod commitment;
mod credits;
mod invoice;
mod periods;
mod pricing;
mod proration;
mod support;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use support::{Case, Failure};

/// Runs the cases of one file.
type Run = fn(&[Case]) -> Vec<Failure>;

/// The vector files and the module that knows each.
const FILES: &[(&str, Run)] = &[
    ("aggregation.json", run_aggregation),
    ("aggregation_minimum.json", run_aggregation),
    ("commitment.json", commitment::run),
    ("credits.json", credits::run),
    ("invoice.json", invoice::run),
    ("periods.json", periods::run),
    ("pricing.json", pricing::run),
    ("proration.json", proration::run),
];

fn main() -> ExitCode {
    let folder = std::env::var_os("VECTORS_DIR").map_or_else(default_folder, PathBuf::from);
    let (mut passed, mut failed) = (0, 0);
    for (file, run) in FILES {
        let path = folder.join(file);
        if !path.exists() {
            continue;
        }
        let (cases, failures) = match read_cases(&path) {
            Ok(cases) => (cases.len(), run(&cases)),
            Err(error) => (1, vec![Failure::new(file, "an array of cases", &error)]),
        };
        println!("{file}: {} passed, {} failed", cases - failures.len(), failures.len());
        for failure in &failures {
            println!("  {failure}");
        }
        passed += cases - failures.len();
        failed += failures.len();
    }
    if passed + failed == 0 {
        println!("no vectors in {}", folder.display());
        return ExitCode::FAILURE;
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Aggregations read their cases as plain JSON.
fn run_aggregation(cases: &[Case]) -> Vec<Failure> {
    let plain: Vec<Value> = cases
        .iter()
        .map(|case| json!({ "name": case.name, "given": case.given, "expect": case.expect }))
        .collect();
    let outcomes = aggregation::run(&plain).into_iter().zip(cases);
    let failed = outcomes
        .filter_map(|((name, outcome), case)| outcome.err().map(|error| Failure::new(&name, &case.expect, error)));
    failed.collect()
}

fn default_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn read_cases(path: &Path) -> Result<Vec<Case>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}
