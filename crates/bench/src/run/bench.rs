//! A server with a catalogue and events, and what a data folder remembers of them between runs.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::ingestion::{self, Sent};
use crate::Result;
use crate::catalog::{self, Feature, Route};
use crate::cli::Options;
use crate::http::Connection;
use crate::process::{Load, Watch, folder_bytes};
use crate::report::{Goal, Report, Unit};
use crate::request::Head;
use crate::server::{Server, log_path};
use crate::workload::{HOT_CUSTOMER, Workload};

/// File in the data folder that remembers a run.
const MEMORY_FILE: &str = "bench.json";

/// What is remembered of a data folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Memory {
    /// The options that the events depend on.
    workload: String,
    api_key: String,
    features: Vec<Feature>,
    /// Events stored so far.
    stored: u64,
}

/// A running server with its events.
pub struct Bench {
    /// How to measure.
    pub options: Options,
    /// The server.
    pub server: Server,
    /// The events.
    pub workload: Workload,
    /// The beginning of every request.
    pub head: Head,
    memory: Memory,
    folder: Folder,
    /// Loads of the server so far, by what it did.
    loads: RefCell<Vec<(String, Load)>>,
}

/// Where the data is.
enum Folder {
    Given(PathBuf),
    Temporary(TempDir),
}

impl Folder {
    fn of(options: &Options) -> Result<Self> {
        Ok(match &options.data_dir {
            Some(path) => {
                fs::create_dir_all(path)?;
                Self::Given(path.clone())
            }
            None => Self::Temporary(tempfile::Builder::new().prefix("tariff-bench-").tempdir()?),
        })
    }

    fn data(&self) -> PathBuf {
        match self {
            Self::Given(path) => path.clone(),
            Self::Temporary(folder) => folder.path().join("data"),
        }
    }
}

impl Bench {
    /// Starts the server on the data folder, with the catalogue.
    pub async fn open(options: &Options) -> Result<Self> {
        let folder = Folder::of(options)?;
        let data = folder.data();
        let server = start(options, &data).await?;
        let memory = match fs::read(data.join(MEMORY_FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes)?,
            Err(_) => {
                let api_key = server
                    .printed_key
                    .clone()
                    .ok_or("the data folder is not one of a benchmark")?;
                let head = Head::new(&server.address, &api_key);
                let mut connection = Connection::open(&server.address).await?;
                Memory {
                    workload: fingerprint(options),
                    features: catalog::create(&head, &mut connection, options.third_meter).await?,
                    api_key,
                    stored: 0,
                }
            }
        };
        if memory.workload != fingerprint(options) {
            let stored = &memory.workload;
            return Err(format!(
                "the data folder holds other events ({stored}); use the same options or another folder"
            )
            .into());
        }
        let bench = Self {
            options: options.clone(),
            workload: Workload::stored(options),
            head: Head::new(&server.address, &memory.api_key),
            server,
            memory,
            folder,
            loads: RefCell::default(),
        };
        bench.remember()?;
        Ok(bench)
    }

    /// As [`open`](Self::open), with all events stored.
    pub async fn with_events(options: &Options) -> Result<Self> {
        let mut bench = Self::open(options).await?;
        bench.store(options.events).await?;
        Ok(bench)
    }

    /// Stores the events up to this number, those that are stored already left out.
    pub async fn store(&mut self, events: u64) -> Result<Sent> {
        let watch = self.watch();
        let range = self.memory.stored..events.max(self.memory.stored);
        eprintln!("storing {} events", range.end - range.start);
        let sent =
            ingestion::send_batches(&self.server.address, &self.head, self.workload, range, &self.options).await?;
        self.note(ingestion::BATCHES, watch.end());
        self.memory.stored = self.memory.stored.max(events);
        self.remember()?;
        Ok(sent)
    }

    /// Starts the server again on the same data; it must have ended.
    pub async fn start_again(&mut self) -> Result<()> {
        self.server = start(&self.options, &self.folder.data()).await?;
        self.head = Head::new(&self.server.address, &self.memory.api_key);
        Ok(())
    }

    /// The features, one a meter.
    pub fn features(&self) -> &[Feature] {
        &self.memory.features
    }

    /// Events of the stored kind.
    pub fn stored(&self) -> u64 {
        self.memory.stored
    }

    /// Watches the server.
    pub fn watch(&self) -> Watch {
        Watch::begin(self.server.id())
    }

    /// Remembers what the server took for something.
    pub fn note(&self, what: &str, load: Load) {
        self.loads.borrow_mut().push((what.to_owned(), load));
    }

    /// A connection to the server.
    pub async fn connect(&self) -> Result<Connection> {
        Connection::open(&self.server.address).await
    }

    /// Bytes that the events take on disk.
    pub fn disk_bytes(&self) -> u64 {
        folder_bytes(&self.folder.data().join("events"))
    }

    /// Compares the hot customer's usage with what was sent: a benchmark of wrong answers is none.
    pub async fn check(&self, report: &mut Report) -> Result<()> {
        let expected = self.workload.expected(HOT_CUSTOMER, 0..self.memory.stored);
        let mut connection = self.connect().await?;
        for (feature, expected) in self.features().iter().zip([expected.tokens, expected.accepted]) {
            for route in Route::ALL {
                let question = route.question(&self.head, feature, HOT_CUSTOMER);
                let answered = route.quantity(&connection.json(&question, 200).await?);
                #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
                let expected = expected as f64;
                if (answered - expected).abs() > 0.0 {
                    let (name, path) = (&feature.name, route.path());
                    return Err(format!("{path} answers {answered} for {name} instead of {expected}").into());
                }
            }
        }
        report.detail("checked", true)
    }

    /// The rows about memory.
    pub fn report_memory(&self, report: &mut Report) {
        let loads = self.loads.borrow();
        let peak = loads
            .iter()
            .map(|(_, load)| load.rss_peak_bytes)
            .max()
            .unwrap_or_default();
        let of_its_own = loads
            .iter()
            .map(|(_, load)| load.rss_anonymous_peak_bytes)
            .max()
            .unwrap_or_default();
        #[allow(clippy::cast_precision_loss, reason = "shown in mebibytes")]
        let (peak, of_its_own, disk) = (peak as f64, of_its_own as f64, self.disk_bytes() as f64);
        let what = format!(
            "Resident memory with {} events stored, peak of all phases",
            self.stored()
        );
        let (must, hope) = (1_536.0 * 1_048_576.0, 500.0 * 1_048_576.0);
        report.goal(&what, peak, Unit::Bytes, Goal::AtMost { must, hope });
        report.figure("of it without pages of files", of_its_own, Unit::Bytes);
        report.figure("Events on disk", disk, Unit::Bytes);
    }

    /// What the server took for each thing it did so far.
    pub fn loads(&self) -> Vec<(String, Load)> {
        self.loads.borrow().clone()
    }

    fn remember(&self) -> Result<()> {
        let path = self.folder.data().join(MEMORY_FILE);
        fs::write(path, serde_json::to_vec_pretty(&self.memory)?)?;
        Ok(())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if matches!(self.folder, Folder::Given(_)) {
            eprintln!("the data stays in {}", self.folder.data().display());
            eprintln!("the server's log is {}", log_path(&self.folder.data()).display());
        }
    }
}

async fn start(options: &Options, data: &Path) -> Result<Server> {
    Server::start(&options.tariff, data, options.server_log.as_deref()).await
}

/// The options that decide what the events are.
fn fingerprint(options: &Options) -> String {
    format!(
        "events {} customers {} ids {:?} duplicates {} third meter {:?} seed {}",
        options.events, options.customers, options.ids, options.duplicates, options.third_meter, options.seed
    )
}
