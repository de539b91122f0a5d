//! `tariff import events`: from a file to the server, so that every row arrives exactly once however often the run is
//! interrupted.
//!
//! One thread reads rows and makes batches of them; a few batches are under way at the same time; what became of them
//! is recorded in the order of the file. Rows without an id get one that follows from the file, so that sending a row
//! again changes nothing.

mod batch;
mod identity;
mod report;
mod rows;
mod send;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use indicatif::ProgressBar;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use self::batch::Batch;
use self::identity::Identity;
use self::report::Report;
use self::state::{Progress, StateFile};
use super::format::Format;
use super::progress;
use super::server::Server;
use crate::AnyError;
use crate::cli::transfer::ImportEventsArgs;

/// Batches that are under way at the same time.
const BATCHES_IN_FLIGHT_MAX: usize = 4;
/// Batches that wait to be sent.
const BATCHES_WAITING_MAX: usize = 2;

/// Runs the import, or only its checks.
///
/// # Errors
/// When the file is no table of events, the server gives up, or rows were rejected and that is not allowed.
pub async fn run(args: ImportEventsArgs) -> Result<(), AnyError> {
    let format = Format::of(args.format, &args.file)?;
    let server = match args.dry_run {
        true => None,
        false => Some(Arc::new(Server::new(&args.server)?)),
    };
    let file = args.file.clone();
    let identity = tokio::task::spawn_blocking(move || Identity::of(&file)).await??;
    let (state, progress) = if args.dry_run {
        if args.report.is_none() && beside(&args.file, state::ENDING).exists() {
            return Err(
                "an interrupted import still needs its report: give --report FILE for that of the dry run".into(),
            );
        }
        (None, Progress::default())
    } else {
        let state = StateFile::new(args.state.clone(), &args.file, identity.clone(), format, &args.server);
        let progress = state.load();
        (Some(state), progress)
    };
    let report_path = args
        .report
        .clone()
        .unwrap_or_else(|| beside(&args.file, ".rejected.csv"));
    let (report, progress) = Report::open(report_path, progress)?;
    if progress.rows_done > 0 {
        println!("Going on after row {}.", progress.rows_done);
    }
    let rows = rows::open(format, &args.file)?;
    let bar = progress::part_of(rows.total())?;
    let (sender, batches) = mpsc::channel(BATCHES_WAITING_MAX);
    let (rows_done, id_prefix) = (progress.rows_done, identity.id_prefix());
    let reader = tokio::task::spawn_blocking(move || batch::read(rows, rows_done, &id_prefix, &sender));
    let mut import = Import {
        server,
        state,
        report,
        progress,
        bar,
    };
    import
        .send_all(batches)
        .await
        .map_err(|error| import.interrupted(&error))?;
    reader.await??;
    identity.check_unchanged(&args.file)?;
    import.finish(args.allow_rejected)
}

/// The file of that name with an ending of its own.
fn beside(file: &std::path::Path, ending: &str) -> std::path::PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// An import under way.
struct Import {
    /// Missing when rows are only checked.
    server: Option<Arc<Server>>,
    state: Option<StateFile>,
    report: Report,
    progress: Progress,
    bar: ProgressBar,
}

/// A batch under way, and the ids that its rows named.
struct InFlight {
    ids: HashSet<u64>,
    outcome: JoinHandle<Result<Batch, AnyError>>,
}

impl Import {
    async fn send_all(&mut self, mut batches: mpsc::Receiver<Batch>) -> Result<(), AnyError> {
        let mut in_flight: VecDeque<InFlight> = VecDeque::new();
        let mut more = true;
        loop {
            let room = more && in_flight.len() < BATCHES_IN_FLIGHT_MAX;
            tokio::select! {
                next = batches.recv(), if room => match next {
                    Some(batch) => {
                        // The later row of an id must win at the server, so it waits until the earlier one is there.
                        while in_flight.iter().any(|earlier| !earlier.ids.is_disjoint(&batch.ids)) {
                            self.complete_first(&mut in_flight).await?;
                        }
                        in_flight.push_back(self.start(batch));
                    }
                    None => more = false,
                },
                () = std::future::ready(()), if !room => {
                    if in_flight.is_empty() {
                        return Ok(());
                    }
                    self.complete_first(&mut in_flight).await?;
                }
            }
        }
    }

    fn start(&self, batch: Batch) -> InFlight {
        let ids = batch.ids.clone();
        let server = self.server.clone();
        let outcome = tokio::spawn(async move {
            match server {
                Some(server) => send::send(&server, batch).await,
                None => Ok(batch),
            }
        });
        InFlight { ids, outcome }
    }

    /// Waits for the oldest batch and records what became of it.
    async fn complete_first(&mut self, in_flight: &mut VecDeque<InFlight>) -> Result<(), AnyError> {
        let Some(first) = in_flight.pop_front() else {
            return Ok(());
        };
        let batch = first.outcome.await??;
        self.progress.rows_done = batch.last_row;
        self.progress.accepted += batch.rows.len() as u64;
        self.progress.rejected += batch.rejections.len() as u64;
        self.progress.report_bytes = self.report.append(&batch.rejections)?;
        if let Some(state) = &self.state {
            state.save(&self.progress)?;
        }
        self.bar.set_position(batch.position);
        self.bar.set_message(format!("{} rows", self.progress.rows_done));
        Ok(())
    }

    fn interrupted(&self, error: &AnyError) -> AnyError {
        self.bar.finish_and_clear();
        let rows = self.progress.rows_done;
        let again = "the same command goes on from there";
        format!("{}; {rows} rows were done, {again}", crate::with_causes(error.as_ref())).into()
    }

    fn finish(self, allow_rejected: bool) -> Result<(), AnyError> {
        self.bar.finish_and_clear();
        let Progress {
            rows_done,
            accepted,
            rejected,
            ..
        } = self.progress;
        let verb = if self.server.is_some() { "Imported" } else { "Valid" };
        println!(
            "{:<10}{rows_done}\n{verb:<10}{accepted}\n{:<10}{rejected}",
            "Rows", "Rejected"
        );
        if let Some(state) = self.state {
            state.remove()?;
        }
        if rejected == 0 {
            return Ok(());
        }
        println!("Rejected rows and reasons are in {}", self.report.path().display());
        if allow_rejected {
            return Ok(());
        }
        Err(format!("{rejected} of {rows_done} rows were rejected").into())
    }
}
