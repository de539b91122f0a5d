//! What can only be shown from inside: a disk that fails, and ids that collide.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tempfile::TempDir;

use super::disk::DiskFile;
use super::pack::{Job, Unfinished, pack};
use super::*;
use crate::EventQuery;

/// What can go wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// The disk is full; a write leaves its first bytes.
    Full,
    /// The disk says no, whatever it did.
    Broken,
}

/// A disk that fails at some of its calls: those whose number, counted over all of them, has a fault.
struct FaultyDisk {
    calls: Mutex<u64>,
    faults: BTreeMap<u64, Fault>,
}

impl FaultyDisk {
    fn new(faults: BTreeMap<u64, Fault>) -> Arc<Self> {
        Arc::new(Self {
            calls: Mutex::new(0),
            faults,
        })
    }

    fn call(&self) -> Option<Fault> {
        let mut calls = self.calls.lock().unwrap();
        *calls += 1;
        self.faults.get(&*calls).copied()
    }

    fn check(&self) -> io::Result<()> {
        self.call().map_or(Ok(()), |fault| Err(error(fault)))
    }
}

fn error(fault: Fault) -> io::Error {
    match fault {
        Fault::Full => io::Error::from(io::ErrorKind::StorageFull),
        Fault::Broken => io::Error::other("the disk is broken"),
    }
}

struct FaultyFile {
    disk: Arc<FaultyDisk>,
    file: Box<dyn DiskFile>,
}

impl Disk for Arc<FaultyDisk> {
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        FileSystem.create_directory(path)
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        FileSystem.list(directory)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        FileSystem.read(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.check()?;
        Ok(Box::new(FaultyFile {
            disk: Arc::clone(self),
            file: FileSystem.create(path)?,
        }))
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        self.check()?;
        FileSystem.truncate(path, length)
    }

    fn length(&self, path: &Path) -> io::Result<u64> {
        FileSystem.length(path)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.check()?;
        FileSystem.remove(path)
    }
}

impl DiskFile for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self.disk.call() {
            None => self.file.append(bytes),
            Some(Fault::Full) => {
                self.file.append(&bytes[..bytes.len() / 2])?;
                Err(error(Fault::Full))
            }
            Some(Fault::Broken) => {
                self.file.append(bytes)?;
                Err(error(Fault::Broken))
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let fault = self.disk.call();
        self.file.sync()?;
        fault.map_or(Ok(()), |fault| Err(error(fault)))
    }
}

fn scope() -> Scope {
    Scope::new("tenant_1", "env_1")
}

fn event(id: &str, version: u32) -> Event {
    let timestamp = jiff::Timestamp::from_millisecond(1_767_225_600_000 + i64::from(version) * 3_600_000).unwrap();
    Event {
        event_id: id.to_owned(),
        event_name: "call".to_owned(),
        external_customer_id: format!("c{}", version % 3),
        customer_id: String::new(),
        timestamp,
        ingested_at: timestamp,
        source: String::new(),
        properties: Some(format!("{{\"v\":{version}}}")),
    }
}

fn options() -> EmbeddedOptions {
    EmbeddedOptions {
        tail_events_max: 4,
        id_filter_bytes: 4_096,
        ..EmbeddedOptions::default()
    }
}

/// Waits until all that was appended is packed.
async fn packed(log: &EmbeddedLog) {
    while log.stats().journal_bytes > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A step of a test's story.
#[derive(Debug, Clone)]
enum Step {
    Deliver(Vec<(u8, u32)>),
    Remove(u8),
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let deliver = proptest::collection::vec((0..20_u8, any::<u32>().prop_map(|version| version % 100)), 1..5);
    let step = prop_oneof![
        6 => deliver.prop_map(Step::Deliver),
        2 => (0..20_u8).prop_map(Step::Remove),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..30)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// The latest version of each id that the log holds, and that no id is held twice.
async fn held(log: &EmbeddedLog) -> BTreeMap<String, Event> {
    let start = jiff::Timestamp::UNIX_EPOCH;
    let query = EventQuery::new(start, jiff::Timestamp::MAX, 10_000);
    let page = log.events(&scope(), &query).await.unwrap();
    let count = page.events.len();
    let held: BTreeMap<String, Event> = page
        .events
        .into_iter()
        .map(|stored| (stored.event.event_id.clone(), stored.event))
        .collect();
    assert_eq!(held.len(), count, "an id is held twice");
    assert_eq!(page.total_count, log.stats().event_count);
    held
}

/// Plays a story; every step is tried again until it is acknowledged.
async fn play(steps: &[Step], open: impl Fn() -> Result<EmbeddedLog, UsageError>) -> Result<(), TestCaseError> {
    let mut log = open().unwrap();
    let mut expected: BTreeMap<String, Event> = BTreeMap::new();
    for step in steps {
        match step {
            Step::Deliver(versions) => {
                let events: Vec<Event> = versions
                    .iter()
                    .map(|(id, version)| event(&format!("e{id}"), *version))
                    .collect();
                let mut tries = 0;
                while let Err(error) = log.append(&scope(), events.clone()).await {
                    prop_assert!(error.is_unavailable(), "{}", error);
                    // Nothing of a batch that was refused shows, and the log goes on without a restart.
                    prop_assert_eq!(&held(&log).await, &expected);
                    tries += 1;
                    prop_assert!(tries < 10, "the log does not recover");
                }
                expected.extend(events.into_iter().map(|event| (event.event_id.clone(), event)));
            }
            Step::Remove(id) => {
                let id = format!("e{id}");
                let removed = loop {
                    match log.remove(&scope(), &id).await {
                        Ok(removed) => break removed,
                        Err(error) => prop_assert!(error.is_unavailable(), "{}", error),
                    }
                };
                prop_assert_eq!(removed.map(|stored| stored.event), expected.remove(&id));
            }
            Step::Reopen => {
                log.close().await.unwrap();
                drop(log);
                log = open().unwrap();
            }
        }
        prop_assert_eq!(&held(&log).await, &expected);
        for id in (0..20).map(|id| format!("e{id}")) {
            let found = log.event(&scope(), &id).await.unwrap().map(|stored| stored.event);
            prop_assert_eq!(found.as_ref(), expected.get(&id));
        }
    }
    log.close().await.unwrap();
    drop(log);
    let log = open().unwrap();
    prop_assert_eq!(&held(&log).await, &expected);
    log.close().await.unwrap();
    Ok(())
}

#[test]
fn a_failing_disk_loses_nothing_acknowledged_and_the_log_recovers() {
    let faults = proptest::collection::btree_map(1..60_u64, prop_oneof![Just(Fault::Full), Just(Fault::Broken)], 1..12);
    let runtime = runtime();
    let outcome = TestRunner::new(config(30)).run(&(steps(), faults), |(steps, faults)| {
        let directory = TempDir::new().unwrap();
        let disk = FaultyDisk::new(faults);
        runtime.block_on(play(&steps, || {
            EmbeddedLog::open_on(Arc::new(Arc::clone(&disk)), directory.path(), options(), IdHasher::new)
        }))
    });
    outcome.unwrap();
}

#[test]
fn ids_of_one_hash_are_different_events() {
    let runtime = runtime();
    let outcome = TestRunner::new(config(40)).run(&steps(), |steps| {
        let directory = TempDir::new().unwrap();
        let weak = |_| IdHasher::weak(2);
        runtime.block_on(play(&steps, || {
            EmbeddedLog::open_on(Arc::new(FileSystem), directory.path(), options(), weak)
        }))
    });
    outcome.unwrap();
}

#[test]
fn damage_in_the_journal_is_told_and_not_passed_over() {
    let directory = TempDir::new().unwrap();
    let open = |tail_events_max| {
        let options = EmbeddedOptions {
            tail_events_max,
            ..options()
        };
        EmbeddedLog::open(directory.path(), options)
    };
    runtime().block_on(async {
        // Two files: each time the log is opened it starts a new one.
        for id in ["a", "b"] {
            let log = open(1_000).unwrap();
            log.append(&scope(), vec![event(id, 1)]).await.unwrap();
            log.close().await.unwrap();
        }
        let journal = directory.path().join("journal");
        let mut files: Vec<_> = std::fs::read_dir(&journal)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        assert_eq!(files.len(), 2);
        let whole = std::fs::read(&files[0]).unwrap();
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        std::fs::write(&files[0], &damaged).unwrap();
        assert!(matches!(open(1_000), Err(UsageError::Corrupt("journal"))));
        std::fs::write(&files[0], &whole).unwrap();
        // The end of the last file was never acknowledged if it is not whole.
        let last = std::fs::read(&files[1]).unwrap();
        std::fs::write(&files[1], &last[..last.len() - 1]).unwrap();
        let log = open(1_000).unwrap();
        assert_eq!(held(&log).await.into_keys().collect::<Vec<_>>(), ["a"]);
    });
}

#[test]
fn verification_finds_what_does_not_fit() {
    let runtime = runtime();
    type Damage = fn(&Files);
    let damages: [(&str, Damage); 4] = [
        ("a lost chunk", |files| {
            let (key, _) = files.chunks.first_key_value().unwrap().into_inner().unwrap();
            files.chunks.remove(key).unwrap();
        }),
        ("a changed chunk", |files| {
            let (key, value) = files.chunks.first_key_value().unwrap().into_inner().unwrap();
            let mut value = value.to_vec();
            *value.last_mut().unwrap() = b'x';
            files.chunks.insert(key, value).unwrap();
        }),
        ("a lost id", |files| {
            let (key, _) = files.ids.first_key_value().unwrap().into_inner().unwrap();
            files.ids.remove(key).unwrap();
        }),
        ("a row listed as dead that is not there", |files| {
            let (key, _) = files.chunks.first_key_value().unwrap().into_inner().unwrap();
            files.dead.insert(key, u64::MAX.to_be_bytes()).unwrap();
        }),
    ];
    for (damage, make) in damages {
        let directory = TempDir::new().unwrap();
        runtime.block_on(async {
            let log = EmbeddedLog::open(directory.path(), options()).unwrap();
            for round in 0..5 {
                let events = (0..5).map(|id| event(&format!("e{}", round * 3 + id), 1)).collect();
                log.append(&scope(), events).await.unwrap();
                packed(&log).await;
            }
            log.close().await.unwrap();
        });
        let clean = verify(directory.path()).unwrap();
        assert_eq!((clean.problems, clean.events), (Vec::new(), 17));
        let files = Files::open(&directory.path().join("packed"), 1024 * 1024).unwrap();
        make(&files);
        files.database.persist(fjall::PersistMode::SyncAll).unwrap();
        drop(files);
        let report = verify(directory.path()).unwrap();
        assert_ne!(report.problem_count, 0, "{damage}");
    }
}

#[test]
fn what_a_pack_that_died_has_left_is_no_problem() {
    let directory = TempDir::new().unwrap();
    let runtime = runtime();
    let eager = EmbeddedOptions {
        tail_events_max: 1,
        ..options()
    };
    runtime.block_on(async {
        let log = EmbeddedLog::open(directory.path(), eager).unwrap();
        log.append(&scope(), vec![event("a", 1), event("b", 2)]).await.unwrap();
        packed(&log).await;
        log.close().await.unwrap();
    });
    runtime.block_on(async {
        let log = EmbeddedLog::open(directory.path(), options()).unwrap();
        log.append(&scope(), vec![event("b", 3), event("c", 4)]).await.unwrap();
        let parts = log.shared.parts();
        let job = Job {
            tail: parts.active,
            sequence: 4,
            event_count: 3,
            packed: parts.packed,
        };
        // Told to stop, it gets as far as listing its chunks.
        let outcome = pack(&log.files, &job, &AtomicBool::new(true));
        assert!(matches!(outcome, Err(Unfinished::Stopped)));
        log.close().await.unwrap();
    });
    let report = verify(directory.path()).unwrap();
    assert_eq!((report.problems, report.journal_operations), (Vec::new(), 2));

    runtime.block_on(async {
        let log = EmbeddedLog::open(directory.path(), eager).unwrap();
        log.append(&scope(), vec![event("d", 5)]).await.unwrap();
        packed(&log).await;
        log.close().await.unwrap();
    });
    let report = verify(directory.path()).unwrap();
    assert_eq!((report.problems, report.events), (Vec::new(), 4));
}

#[test]
fn a_damaged_journal_file_that_is_packed_away_holds_nothing_up() {
    let directory = TempDir::new().unwrap();
    // Making a file, a write and a sync go well; then a write fails, and cutting the file back as well.
    let disk = FaultyDisk::new(BTreeMap::from([(4, Fault::Broken), (5, Fault::Broken)]));
    let mut journal = Journal::open(Arc::new(disk), directory.path(), |_| Ok(())).unwrap();
    journal.append(0, &[]).unwrap();
    journal.append(0, &[]).unwrap_err();
    let packed = journal.rotate();
    journal.remove(&packed);
    journal.append(0, &[]).unwrap();
}
