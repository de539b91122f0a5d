//! Large files pass through little memory, and a part is never taken for the whole.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::commands::{Access, expect_success, summary};
use crate::support::databases::Place;
use crate::support::server::Server;
use crate::support::tenant::Tenant;

crate::tests!(a_large_file_needs_little_memory);

const ROWS: usize = 50_000;
/// Bytes of each row's properties, so that the file is much larger than the memory that it may take.
const ROW_BYTES: usize = 3_000;
/// Most memory of an import or export of any size, in KiB.
const MEMORY_KIB_MAX: u64 = 100 * 1024;

fn a_large_file_needs_little_memory(place: &Place) {
    // A server of its own, because it is killed in the end.
    let folder = place.new_folder();
    let server = Server::start(folder.path(), None);
    let tenant = Tenant::sign_up(&server.client());
    let access = Access::of(&server, &tenant);
    let (file, copy) = (folder.path().join("events.csv"), folder.path().join("copy.parquet"));
    write_rows(&file);
    assert!(
        fs::metadata(&file).unwrap().len() / 1024 > MEMORY_KIB_MAX,
        "the file proves nothing"
    );

    let mut command = access.command(&["import", "events"], &file);
    let (peak, output) = watched(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    expect_success(&output);
    assert_eq!(summary(&output), [ROWS as u64, ROWS as u64, 0]);
    assert!(peak < MEMORY_KIB_MAX, "the import took {peak} KiB");

    let mut command = access.command(&["export", "events"], &copy);
    let (peak, output) = watched(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    expect_success(&output);
    assert!(peak < 2 * MEMORY_KIB_MAX, "the export took {peak} KiB");
    let checked = access.import(&copy, &["--dry-run"]);
    expect_success(&checked);
    assert_eq!(summary(&checked), [ROWS as u64, ROWS as u64, 0]);

    // The reader takes one line, so the server cannot have sent everything when it ends.
    let mut command = access.command(&["export", "events", "--format", "jsonl"], Path::new("-"));
    let mut export = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(export.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with('{'));
    server.kill();
    assert!(lines.count() < ROWS);
    let output = export.wait_with_output().unwrap();
    crate::commands::expect_failure(&output, "the server broke off");
}

fn write_rows(file: &Path) {
    let mut file = std::io::BufWriter::new(fs::File::create(file).unwrap());
    writeln!(file, "event_id,event_name,external_customer_id,timestamp,properties").unwrap();
    for row in 0..ROWS {
        // Not the same in each row, so that neither the log nor Parquet can hide it by compression alone.
        let filler: String = (0..ROW_BYTES)
            .map(|at| char::from(b'a' + (row * 31 + at * at) as u8 % 26))
            .collect();
        let properties = format!("\"{{\"\"row\"\":{row},\"\"filler\"\":\"\"{filler}\"\"}}\"");
        writeln!(
            file,
            "event-{row},call,customer-{},2026-01-01T00:00:00Z,{properties}",
            row % 100
        )
        .unwrap();
    }
    file.flush().unwrap();
}

/// The most memory that a process takes until it ends, in KiB, and what it wrote.
fn watched(process: Child) -> (u64, std::process::Output) {
    let status = format!("/proc/{}/status", process.id());
    let watcher = std::thread::spawn(move || {
        let mut peak = 0;
        while let Some(now) = fs::read_to_string(&status).ok().as_deref().and_then(peak_of) {
            peak = peak.max(now);
            sleep(Duration::from_millis(20));
        }
        peak
    });
    let output = process.wait_with_output().unwrap();
    (watcher.join().unwrap(), output)
}

fn peak_of(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
