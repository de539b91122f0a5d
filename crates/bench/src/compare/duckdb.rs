//! DuckDB, driven by `compare_duckdb.py` beside this crate: the events go there as files of tab-separated values.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{ASKED_AGAIN, Outcome, of_hot_customer, of_the_month};
use crate::Result;
use crate::cli::Options;
use crate::request::write_lines;
use crate::workload::Workload;

/// The script, carried in the program so that it runs from anywhere.
const SCRIPT: &str = include_str!("../../compare_duckdb.py");
/// Events of one file; the script holds one file at a time in memory.
const FILE_EVENTS: u64 = 100_000;

pub fn run(options: &Options, workload: Workload, python: &Path) -> Result<Outcome> {
    let folder = tempfile::Builder::new().prefix("tariff-bench-duckdb-").tempdir()?;
    let mut lines = Vec::new();
    for (index, from) in (0..options.events).step_by(usize::try_from(FILE_EVENTS)?).enumerate() {
        lines.clear();
        write_lines(&workload, from..(from + FILE_EVENTS).min(options.events), &mut lines);
        let mut file = BufWriter::new(File::create(folder.path().join(format!("events-{index:06}.tsv")))?);
        file.write_all(&lines)?;
        file.flush()?;
    }
    let script = folder.path().join("compare_duckdb.py");
    std::fs::write(&script, SCRIPT)?;
    eprintln!("DuckDB: storing {} events", options.events);
    let output = Command::new(python)
        .arg(&script)
        .arg(folder.path())
        .args([options.batch.to_string(), ASKED_AGAIN.to_string()])
        .args([of_hot_customer(), of_the_month()])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run {}: {error}", python.display()))?;
    if !output.status.success() {
        return Err(format!("the script for DuckDB ended with {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
