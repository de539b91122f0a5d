//! The embedded event log: a directory, nothing else to run.
//!
//! ```text
//!   append ─▶ writer ─▶ journal (one sync a group) ─▶ tail, in memory
//!                                                      │ full
//!                                                      ▼
//!                              packer ─▶ chunks, days, ids in an LSM tree
//! ```
//!
//! An event is durable when the journal is synced, and shows in the very next question. A full tail is frozen and packed
//! into chunks (a series, a day), one key for many events; then its journal files go. Questions read a [`state::View`]:
//! the packed part and the tails as of one moment. What whole chunks amount to is remembered in [`memo`].

mod chunk;
mod disk;
mod entry;
mod files;
mod journal;
mod keys;
mod listing;
mod memo;
mod pack;
mod packer;
mod seen;
mod state;
mod tail;
#[cfg(test)]
mod tests;
mod usage;
mod verify;
mod writer;

use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use tariff_core::Scope;
use tariff_core::aggregation::UsageAnswer;
use tokio::sync::mpsc::{self, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};

pub use self::verify::{PROBLEMS_MAX, VerifyReport, verify};

use self::disk::{Disk, FileSystem};
use self::entry::IdHasher;
use self::files::Files;
use self::journal::Journal;
use self::keys::ScopeId;
use self::memo::Memo;
use self::packer::Packer;
use self::seen::SeenIds;
use self::state::{State, View};
use self::tail::Tail;
use self::writer::{Content, Request, TailBounds, Writer, WriterState};
use crate::{
    ActivityAnswer, ActivityQuery, Event, EventPage, EventQuery, ExportQuery, LogStats, StoredEvent, UsageError,
    UsageLog, UsageQuery,
};

/// Longest wait for the disk before an append is given up.
const APPEND_WAIT_MAX: Duration = Duration::from_secs(30);

/// Batches of an export that may wait for their reader.
const EXPORT_BATCHES_WAITING_MAX: usize = 4;

/// Bounds of an embedded log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Most bytes of events that may wait to be written; beyond, appends are refused.
    pub queue_bytes_max: u32,
    /// Most questions answered at the same time; further ones wait.
    pub concurrent_reads_max: usize,
    /// Memory for cached blocks, in bytes.
    pub cache_bytes: u64,
    /// Memory for what whole pieces of the log amount to, in bytes.
    pub memo_bytes: u64,
    /// Memory for the filter that tells new event ids from old ones, in bytes; good for about as many ids as it has bytes.
    /// With more ids appends become slower, never wrong.
    pub id_filter_bytes: usize,
    /// Events in memory and journal that are packed together. While a pack runs, twice as many may gather.
    pub tail_events_max: usize,
    /// Bytes of events that are packed together at the latest.
    pub tail_bytes_max: u64,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            queue_bytes_max: 256 * 1024 * 1024,
            concurrent_reads_max: 16,
            cache_bytes: 128 * 1024 * 1024,
            memo_bytes: 64 * 1024 * 1024,
            id_filter_bytes: 32 * 1024 * 1024,
            tail_events_max: 256 * 1024,
            tail_bytes_max: 96 * 1024 * 1024,
        }
    }
}

/// An event log in a directory of this machine.
pub struct EmbeddedLog {
    files: Arc<Files>,
    shared: Arc<State>,
    memo: Arc<Memo>,
    hasher: IdHasher,
    state: Arc<WriterState>,
    /// Gone once the log is closed.
    requests: Mutex<Option<UnboundedSender<Request>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    seen: Arc<SeenIds>,
    stop_packing: Arc<AtomicBool>,
    queue: Arc<Semaphore>,
    reads: Arc<Semaphore>,
}

impl EmbeddedLog {
    /// Opens the log in `directory`, which is created if need be. Blocks while the journal is replayed.
    ///
    /// # Errors
    /// [`UsageError::OpenFailed`] when another process has it open or the files cannot be read;
    /// [`UsageError::Corrupt`] when they are damaged.
    pub fn open(directory: &Path, options: EmbeddedOptions) -> Result<Self, UsageError> {
        Self::open_on(Arc::new(FileSystem), directory, options, IdHasher::new)
    }

    /// As [`EmbeddedLog::open`], with the journal on that disk and ids hashed by what `hasher` makes of the log's seed.
    fn open_on(
        disk: Arc<dyn Disk>,
        directory: &Path,
        options: EmbeddedOptions,
        hasher: impl FnOnce(u64) -> IdHasher,
    ) -> Result<Self, UsageError> {
        refuse_earlier_layout(directory)?;
        let files = Arc::new(Files::open(&directory.join("packed"), options.cache_bytes)?);
        let packed = files.state()?;
        // Any seed will do that outsiders cannot know.
        let hasher = hasher(files.id_seed(RandomState::new().hash_one(packed.begun))?);
        let seen = Arc::new(SeenIds::new(options.id_filter_bytes));
        let shared = Arc::new(State::new(files.packed(packed.pack), Tail::default(), packed.sequence));
        let mut content = Content {
            shared: Arc::clone(&shared),
            seen: Arc::clone(&seen),
            hasher,
            sequence: packed.sequence,
            event_count: packed.event_count,
        };
        let journal = Journal::open(disk, &directory.join("journal"), |frame| content.replay(&frame))?;

        let state = Arc::new(WriterState::default());
        state.event_count.store(content.event_count, Ordering::Relaxed);
        state.journal_bytes.store(journal.bytes(), Ordering::Relaxed);
        let (requests, receiver) = unbounded_channel();
        let (jobs, job_receiver) = std::sync::mpsc::channel();
        let (outcomes, outcome_receiver) = std::sync::mpsc::channel();
        let stop_packing = Arc::new(AtomicBool::new(false));
        let writer = Writer {
            content,
            journal,
            told: Arc::clone(&state),
            bounds: TailBounds {
                events_max: options.tail_events_max.max(1),
                bytes_max: options.tail_bytes_max.max(1),
            },
            jobs,
            outcomes: outcome_receiver,
            frozen_files: Vec::new(),
            pending: None,
        };
        let packer = Packer {
            files: Arc::clone(&files),
            jobs: job_receiver,
            outcomes,
            writer: requests.clone(),
            told: Arc::clone(&state),
            stop: Arc::clone(&stop_packing),
            pack: packed.pack,
        };
        let learner = {
            let (files, seen) = (Arc::clone(&files), Arc::clone(&seen));
            thread("event-log-ids", move || seen.learn(&files))?
        };
        let threads = vec![
            thread("event-log-writer", move || writer.run(receiver))?,
            thread("event-log-packer", move || packer.run())?,
            learner,
        ];
        let queue_permits = usize::try_from(options.queue_bytes_max)
            .unwrap_or(usize::MAX)
            .min(Semaphore::MAX_PERMITS);
        Ok(Self {
            files,
            shared,
            memo: Arc::new(Memo::new(options.memo_bytes)),
            hasher,
            state,
            requests: Mutex::new(Some(requests)),
            threads: Mutex::new(threads),
            seen,
            stop_packing,
            queue: Arc::new(Semaphore::new(queue_permits)),
            reads: Arc::new(Semaphore::new(options.concurrent_reads_max.max(1))),
        })
    }

    /// Runs `question` on a view, on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        scope: &Scope,
        question: impl FnOnce(&View, Option<ScopeId>) -> Result<T, UsageError> + Send + 'static,
    ) -> Result<T, UsageError> {
        let permit = Arc::clone(&self.reads)
            .acquire_owned()
            .await
            .map_err(|_| UsageError::Closed)?;
        let scope = self.files.scope(scope);
        let shared = Arc::clone(&self.shared);
        let answer = tokio::task::spawn_blocking(move || {
            let answer = question(&shared.view(), scope);
            drop(permit);
            answer
        });
        answer.await.map_err(UsageError::read)?
    }

    async fn scope_id(&self, scope: &Scope) -> Result<ScopeId, UsageError> {
        if let Some(id) = self.files.scope(scope) {
            return Ok(id);
        }
        let (files, scope) = (Arc::clone(&self.files), scope.clone());
        tokio::task::spawn_blocking(move || files.create_scope(&scope))
            .await
            .map_err(UsageError::read)?
    }

    fn send(&self, request: Request) -> Result<(), UsageError> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = requests.as_ref().ok_or(UsageError::Closed)?;
        sender.send(request).map_err(|_| UsageError::Closed)
    }
}

#[async_trait]
impl UsageLog for EmbeddedLog {
    async fn append(&self, scope: &Scope, events: Vec<Event>) -> Result<(), UsageError> {
        if events.is_empty() {
            return Ok(());
        }
        let scope = self.scope_id(scope).await?;
        let weight_bytes: usize = events.iter().map(Event::weight_bytes).sum();
        let weight_bytes = u32::try_from(weight_bytes).map_err(|_| UsageError::QueueFull)?;
        let permit = Arc::clone(&self.queue)
            .try_acquire_many_owned(weight_bytes)
            .map_err(|_| UsageError::QueueFull)?;
        let buffer: Arc<[u8]> = entry::encode(scope, &events)?.into();
        drop(events);
        let entries = entry::decode(&buffer, self.hasher)?;
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let (reply, answer) = oneshot::channel();
        self.state.queued_events.fetch_add(count, Ordering::Relaxed);
        if let Err(error) = self.send(Request::Append {
            buffer,
            entries,
            reply,
            permit,
        }) {
            self.state.queued_events.fetch_sub(count, Ordering::Relaxed);
            return Err(error);
        }
        match tokio::time::timeout(APPEND_WAIT_MAX, answer).await {
            Ok(answer) => answer.map_err(|_| UsageError::Closed)?,
            Err(_) => Err(UsageError::Stalled),
        }
    }

    async fn remove(&self, scope: &Scope, event_id: &str) -> Result<Option<StoredEvent>, UsageError> {
        let Some(scope) = self.files.scope(scope) else {
            return Ok(None);
        };
        let buffer: Arc<[u8]> = entry::encode_removal(scope, event_id)?.into();
        let entry = entry::decode(&buffer, self.hasher)?.pop();
        let entry = entry.ok_or(UsageError::Corrupt("entry"))?;
        let (reply, answer) = oneshot::channel();
        self.state.queued_events.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = self.send(Request::Remove { buffer, entry, reply }) {
            self.state.queued_events.fetch_sub(1, Ordering::Relaxed);
            return Err(error);
        }
        match tokio::time::timeout(APPEND_WAIT_MAX, answer).await {
            Ok(answer) => answer.map_err(|_| UsageError::Closed)?,
            Err(_) => Err(UsageError::Stalled),
        }
    }

    async fn usage(&self, scope: &Scope, query: &UsageQuery) -> Result<UsageAnswer, UsageError> {
        let query = query.clone();
        let memo = Arc::clone(&self.memo);
        self.read(scope, move |view, scope| usage::usage(view, &memo, scope, &query))
            .await
    }

    async fn events(&self, scope: &Scope, query: &EventQuery) -> Result<EventPage, UsageError> {
        let query = query.clone();
        let nothing = EventPage {
            events: Vec::new(),
            total_count: 0,
            has_more: false,
        };
        let hasher = self.hasher;
        self.read(scope, move |view, scope| {
            scope.map_or(Ok(nothing), |scope| {
                listing::events(view, scope, |event_id| hasher.hash(scope, event_id), &query)
            })
        })
        .await
    }

    async fn event(&self, scope: &Scope, event_id: &str) -> Result<Option<StoredEvent>, UsageError> {
        let (event_id, hasher) = (event_id.to_owned(), self.hasher);
        self.read(scope, move |view, scope| {
            scope.map_or(Ok(None), |scope| {
                view.event(scope, hasher.hash(scope, &event_id), &event_id)
            })
        })
        .await
    }

    fn export(&self, scope: &Scope, query: ExportQuery) -> mpsc::Receiver<Result<Vec<StoredEvent>, UsageError>> {
        let (sender, receiver) = mpsc::channel(EXPORT_BATCHES_WAITING_MAX);
        let (view, scope) = (self.shared.view(), self.files.scope(scope));
        tokio::task::spawn_blocking(move || listing::export(&view, scope, &query, &sender));
        receiver
    }

    async fn activity(&self, scope: &Scope, query: &ActivityQuery) -> Result<ActivityAnswer, UsageError> {
        let query = query.clone();
        let nothing = ActivityAnswer::default();
        self.read(scope, move |view, scope| {
            scope.map_or(Ok(nothing), |scope| listing::activity(view, scope, &query))
        })
        .await
    }

    fn stats(&self) -> LogStats {
        let open = self.requests.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let journal_bytes = self.state.journal_bytes.load(Ordering::Relaxed);
        LogStats {
            event_count: self.state.event_count.load(Ordering::Relaxed),
            disk_bytes: self.files.database.disk_space().unwrap_or_default() + journal_bytes,
            journal_bytes,
            queued_events: self.state.queued_events.load(Ordering::Relaxed),
            queue_free_bytes: u64::try_from(self.queue.available_permits()).unwrap_or(u64::MAX),
            writable: open && !self.state.failed.load(Ordering::Relaxed),
        }
    }

    async fn flush(&self) -> Result<(), UsageError> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Flush { reply })?;
        answer.await.map_err(|_| UsageError::Closed)?
    }

    async fn close(&self) -> Result<(), UsageError> {
        self.stop_packing.store(true, Ordering::Relaxed);
        let (reply, answer) = oneshot::channel();
        let sender = self.requests.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(sender) = sender else { return Ok(()) };
        sender.send(Request::Close { reply }).map_err(|_| UsageError::Closed)?;
        let outcome = answer.await.map_err(|_| UsageError::Closed)?;
        self.seen.stop();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::task::spawn_blocking(move || join(threads))
            .await
            .map_err(UsageError::read)?;
        outcome
    }
}

impl Drop for EmbeddedLog {
    /// Lets the writer finish what was accepted, so that a reopened log does not find the files still in use.
    fn drop(&mut self) {
        self.stop_packing.store(true, Ordering::Relaxed);
        self.seen.stop();
        let sender = self.requests.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Nobody waits for the answer.
            drop(sender.send(Request::Close {
                reply: oneshot::channel().0,
            }));
        }
        join(std::mem::take(
            &mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner),
        ));
    }
}

/// Earlier builds kept the tree of keys in the directory itself. Opening such a log as an empty one would hide its events.
fn refuse_earlier_layout(directory: &Path) -> Result<(), UsageError> {
    if directory.join("keyspaces").exists() {
        return Err(UsageError::OpenFailed(Arc::from(Box::<
            dyn std::error::Error + Send + Sync,
        >::from(
            "the folder holds an event log of an earlier build, which this one does not read",
        ))));
    }
    Ok(())
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, UsageError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(UsageError::open)
}

fn join(threads: Vec<JoinHandle<()>>) {
    for thread in threads {
        // A thread that panicked has nothing more to finish; its callers have been told.
        drop(thread.join());
    }
}
