//! The thread that packs, beside the writer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use super::files::{Files, Packed};
use super::pack::{self, Job, Unfinished};
use super::writer::{Outcome, Request, WriterState};

/// How often an idle packer looks whether old files can be let go.
const REFRESH_EVERY: Duration = Duration::from_secs(30);
/// Wait between two tries of a pack that fails.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// How often a waiting packer looks whether it should stop.
const STOP_CHECK_EVERY: Duration = Duration::from_millis(50);

pub(super) struct Packer {
    pub(super) files: Arc<Files>,
    pub(super) jobs: Receiver<Job>,
    pub(super) outcomes: Sender<Outcome>,
    pub(super) writer: UnboundedSender<Request>,
    pub(super) told: Arc<WriterState>,
    pub(super) stop: Arc<AtomicBool>,
    /// Number of the last pack.
    pub(super) pack: u32,
}

impl Packer {
    /// Runs until told to stop, or until the writer is gone.
    pub(super) fn run(mut self) {
        let mut compactions = 0;
        let mut idle = Duration::ZERO;
        while !self.stop.load(Ordering::Relaxed) {
            match self.jobs.recv_timeout(STOP_CHECK_EVERY) {
                Ok(job) => {
                    idle = Duration::ZERO;
                    let Some(packed) = self.pack(&job) else { return };
                    self.pack = packed.pack;
                    self.tell(Outcome::Done(packed));
                }
                Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {
                    idle += STOP_CHECK_EVERY;
                    if idle.as_millis().is_multiple_of(RETRY_AFTER.as_millis()) {
                        self.look_at_a_failed_disk();
                    }
                    let completed = self.files.database.compactions_completed();
                    if idle >= REFRESH_EVERY && completed != compactions {
                        (idle, compactions) = (Duration::ZERO, completed);
                        self.tell(Outcome::Refreshed(self.files.packed(self.pack)));
                    }
                }
            }
        }
    }

    /// Packs, trying again for as long as it takes: until then the journal and memory keep everything.
    fn pack(&self, job: &Job) -> Option<Packed> {
        loop {
            let begun = Instant::now();
            match pack::pack(&self.files, job, &self.stop) {
                Ok(packed) => {
                    let elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
                    tracing::debug!(pack = packed.pack, elapsed_ms, "events packed");
                    return Some(packed);
                }
                Err(Unfinished::Stopped) => return None,
                Err(Unfinished::Failed(error)) => {
                    tracing::error!(error = %error, cause = ?std::error::Error::source(&error), "events could not be packed; trying again");
                }
            }
            self.look_at_a_failed_disk();
            let mut waited = Duration::ZERO;
            while waited < RETRY_AFTER {
                if self.stop.load(Ordering::Relaxed) {
                    return None;
                }
                std::thread::sleep(STOP_CHECK_EVERY);
                waited += STOP_CHECK_EVERY;
            }
        }
    }

    fn look_at_a_failed_disk(&self) {
        if self.told.failed.load(Ordering::Relaxed) {
            drop(self.writer.send(Request::Look));
        }
    }

    fn tell(&self, outcome: Outcome) {
        // A writer that is gone needs to know nothing.
        drop(self.outcomes.send(outcome));
        drop(self.writer.send(Request::Look));
    }
}
