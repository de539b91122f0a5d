//! A process killed while it writes: every acknowledged event is found exactly once, every other batch wholly or not at
//! all.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use tariff_usage::{EmbeddedLog, EmbeddedOptions, Event, UsageLog};
use tempfile::TempDir;

use crate::support::{listing, run, scope, valued};

const DIRECTORY: &str = "TARIFF_CRASH_TEST_DIRECTORY";
const ROUND: &str = "TARIFF_CRASH_TEST_ROUND";
const ROUNDS: u32 = 5;
const WRITERS: u32 = 4;
const BATCH: u32 = 20;
const ACKNOWLEDGED_BEFORE_KILL: usize = 60;

/// Packs so often that the process is killed amid packing as well.
fn open(directory: &Path) -> EmbeddedLog {
    let options = EmbeddedOptions {
        tail_events_max: 150,
        ..EmbeddedOptions::default()
    };
    EmbeddedLog::open(directory, options).unwrap()
}

/// Batch `number` of a writer: new events, and one id that every batch of the writer sends again.
fn batch(round: u32, writer: u32, number: u32) -> Vec<Event> {
    let name = format!("{round}-{writer}-{number}");
    let minute = number % 60;
    let at = format!("2026-01-{:02}T10:{minute:02}:00Z", 1 + (number / 60) % 28);
    let new = (0..BATCH).map(|index| valued(&format!("{name}-{index}"), &at, 1));
    new.chain([valued(&format!("again-{round}-{writer}"), &at, number)])
        .collect()
}

/// Not a test of its own: the process that gets killed.
#[test]
#[ignore = "runs as the child of a_killed_process_loses_nothing_acknowledged"]
fn child_that_writes_until_killed() {
    let (Ok(directory), Ok(round)) = (std::env::var(DIRECTORY), std::env::var(ROUND)) else {
        return;
    };
    let round: u32 = round.parse().unwrap();
    run(async {
        let log = Arc::new(open(Path::new(&directory)));
        let tasks = (0..WRITERS).map(|writer| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                for number in 0.. {
                    log.append(&scope(), batch(round, writer, number)).await.unwrap();
                    println!("acknowledged {writer} {number}");
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
    });
}

/// Starts the child, kills it amid its work, and returns the batches it had acknowledged.
fn write_and_kill(directory: &Path, round: u32) -> BTreeSet<(u32, u32)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::child_that_writes_until_killed",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DIRECTORY, directory)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut acknowledged = BTreeSet::new();
    let mut killed = false;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        // The harness prints on the same stream, and the last line may be cut.
        let numbers = line.split("acknowledged ").nth(1).and_then(|rest| rest.split_once(' '));
        if let Some((writer, number)) = numbers {
            // A cut number is a shorter, smaller one: a batch that was acknowledged as well.
            acknowledged.extend(writer.parse().ok().zip(number.parse().ok()));
        }
        if acknowledged.len() >= ACKNOWLEDGED_BEFORE_KILL + 7 * usize::try_from(round).unwrap() && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    child.wait().unwrap();
    assert!(killed, "the child ended by itself after {acknowledged:?}");
    acknowledged
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    let directory = TempDir::new().unwrap();
    let mut acknowledged = BTreeSet::new();
    for round in 0..ROUNDS {
        let batches = write_and_kill(directory.path(), round);
        acknowledged.extend(batches.into_iter().map(|(writer, number)| (round, writer, number)));
        check(directory.path(), &acknowledged);
    }
}

fn check(directory: &Path, acknowledged: &BTreeSet<(u32, u32, u32)>) {
    run(async {
        let log = open(directory);
        let page = log.events(&scope(), &listing(10_000_000)).await.unwrap();
        let stored: BTreeMap<&str, &Event> = page
            .events
            .iter()
            .map(|stored| (stored.event.event_id.as_str(), &stored.event))
            .collect();
        assert_eq!(stored.len(), page.events.len(), "an event is listed twice");
        assert_eq!(log.stats().event_count, page.total_count);

        let mut sizes: BTreeMap<String, u32> = BTreeMap::new();
        for id in stored.keys().filter(|id| !id.starts_with("again-")) {
            *sizes.entry(id.rsplit_once('-').unwrap().0.to_owned()).or_default() += 1;
        }
        for (name, size) in &sizes {
            assert_eq!(*size, BATCH, "batch {name} is there in part");
        }
        for (round, writer, number) in acknowledged {
            assert!(
                sizes.contains_key(&format!("{round}-{writer}-{number}")),
                "batch {round}-{writer}-{number} is lost"
            );
            let again = stored[format!("again-{round}-{writer}").as_str()];
            let value: serde_json::Value = serde_json::from_str(again.properties.as_deref().unwrap()).unwrap();
            assert!(
                value["v"].as_u64().unwrap() >= u64::from(*number),
                "an older delivery came back"
            );
        }
        // Each sum is asked of another index than the listing.
        let count = u64::try_from(stored.len()).unwrap();
        let question = tariff_core::aggregation::UsageQuestion::new(
            crate::support::sum_meter(),
            tariff_core::aggregation::Basis::Raw,
            crate::support::always(),
        );
        let usage = log
            .usage(&scope(), &crate::support::of_all(question))
            .await
            .unwrap()
            .into_total();
        assert_eq!(usage.event_count, count);
        log.close().await.unwrap();
    });
}
