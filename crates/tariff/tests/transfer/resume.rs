//! A run that is killed at any moment, and run again, ends with every row exactly once.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::commands::{Access, count, expect_success, neighbours, summary, table, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(a_killed_import_goes_on, a_changed_file_is_not_resumed);

const ROWS: usize = 20_000;
/// Longest wait for an import to get anywhere.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Rows without ids, every thousandth of them bad.
fn write_rows(file: &Path, rows: usize) {
    let mut text = "event_name,external_customer_id,timestamp,properties.row\n".to_owned();
    for row in 1..=rows {
        let customer = if row % 1_000 == 0 { "" } else { "acme" };
        writeln!(text, "call,{customer},2026-01-01T00:00:00Z,{row}").unwrap();
    }
    fs::write(file, text).unwrap();
}

fn rows_done(state: &Path) -> u64 {
    let state = fs::read(state)
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    state
        .and_then(|state| state["progress"]["rows_done"].as_u64())
        .unwrap_or_default()
}

/// Lets an import come beyond `rows`, then kills it; answers how far it came.
fn kill_beyond(mut import: Child, state: &Path, rows: u64) -> u64 {
    let deadline = Instant::now() + TIMEOUT;
    while rows_done(state) <= rows {
        assert!(
            Instant::now() < deadline,
            "the import came no further than row {}",
            rows_done(state)
        );
        assert_eq!(import.try_wait().unwrap(), None, "the import ended by itself");
        sleep(Duration::from_millis(1));
    }
    import.kill().unwrap();
    import.wait().unwrap();
    rows_done(state)
}

fn a_killed_import_goes_on(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    let (file, state) = (
        folder.path().join("events.csv"),
        folder.path().join("events.csv.import-state"),
    );
    write_rows(&file, ROWS);
    let mut done = 0;
    for _ in 0..3 {
        let further = kill_beyond(access.start_import(&file), &state, done);
        assert!(further > done);
        done = further;
    }
    // At moments that have nothing to do with what is recorded.
    for milliseconds in [0, 5, 20] {
        let mut import = access.start_import(&file);
        sleep(Duration::from_millis(milliseconds));
        import.kill().unwrap();
        import.wait().unwrap();
        assert!(rows_done(&state) >= done);
    }
    let last = access.import(&file, &["--allow-rejected"]);
    expect_success(&last);
    assert!(
        text(&last.stdout).starts_with("Going on after row "),
        "{}",
        text(&last.stdout)
    );
    let (all, bad) = (ROWS as u64, ROWS as u64 / 1_000);
    assert_eq!(summary(&last), [all, all - bad, bad]);
    assert_eq!(neighbours(&file), ["events.csv", "events.csv.rejected.csv"]);

    let lines = access.lines();
    let rows: BTreeSet<String> = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["properties"]["row"].to_string())
        .collect();
    assert_eq!((lines.len() as u64, rows.len() as u64), (all - bad, all - bad));
    let report = table(&folder.path().join("events.csv.rejected.csv"));
    let reported: Vec<_> = report.iter().map(|row| row[0].parse::<usize>().unwrap()).collect();
    assert_eq!(
        reported,
        (1..=ROWS / 1_000).map(|number| number * 1_000).collect::<Vec<_>>()
    );
}

fn a_changed_file_is_not_resumed(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let access = Access::of(place.server(), &tenant);
    let folder = place.new_folder();
    let (file, state) = (folder.path().join("events.csv"), folder.path().join("state"));
    write_rows(&file, ROWS);
    let mut command = access.command(&["import", "events", "--state", state.to_str().unwrap()], &file);
    kill_beyond(command.spawn().unwrap(), &state, 0);
    fs::write(&file, "event_id,event_name,external_customer_id\nnew,call,other\n").unwrap();
    let imported = command.output().unwrap();
    expect_success(&imported);
    assert_eq!(summary(&imported), [1, 1, 0]);
    assert!(
        text(&imported.stderr).contains("begins with the first row"),
        "{}",
        text(&imported.stderr)
    );
    assert!(!state.exists());
    assert!(count(&tenant.api) > 1);
    assert_eq!(
        access.lines().iter().filter(|line| line.contains("\"other\"")).count(),
        1
    );
}
