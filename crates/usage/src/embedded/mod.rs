//! The embedded event log: a log-structured merge tree in a directory, nothing else to run.
//!
//! Writes pass through one thread (see [`writer`]); reads work on snapshots, beside it, on blocking threads.

mod database;
mod keys;
mod listing;
mod record;
mod scan;
mod seen;
mod writer;

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use tariff_core::Scope;
use tariff_core::aggregation::UsageAnswer;
use tokio::sync::mpsc::{self, UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};

use self::database::{Files, View};
use self::keys::ScopeId;
use self::record::PreparedEvent;
use self::seen::SeenIds;
use self::writer::{Request, WriterState};
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
    /// Memory for the filter that tells new event ids from old ones, in bytes; good for about as many ids as it has bytes.
    /// With more ids appends become slower, never wrong.
    pub id_filter_bytes: usize,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            queue_bytes_max: 256 * 1024 * 1024,
            concurrent_reads_max: 16,
            cache_bytes: 128 * 1024 * 1024,
            id_filter_bytes: 32 * 1024 * 1024,
        }
    }
}

/// An event log in a directory of this machine.
pub struct EmbeddedLog {
    files: Arc<Files>,
    state: Arc<WriterState>,
    /// Gone once the log is closed.
    requests: Mutex<Option<UnboundedSender<Request>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    seen: Arc<SeenIds>,
    queue: Arc<Semaphore>,
    reads: Arc<Semaphore>,
}

impl EmbeddedLog {
    /// Opens the log in `directory`, which is created if need be. Blocks while the journal is replayed.
    ///
    /// # Errors
    /// [`UsageError::OpenFailed`] when another process has it open or the files cannot be read.
    pub fn open(directory: &Path, options: EmbeddedOptions) -> Result<Self, UsageError> {
        let files = Arc::new(Files::open(directory, options.cache_bytes)?);
        let counters = files.counters()?;
        let state = Arc::new(WriterState::default());
        state.event_count.store(counters.event_count, Ordering::Relaxed);
        let (requests, receiver) = unbounded_channel();
        let seen = Arc::new(SeenIds::new(options.id_filter_bytes));
        let writer = {
            let (files, seen, state) = (Arc::clone(&files), Arc::clone(&seen), Arc::clone(&state));
            thread("event-log-writer", move || {
                writer::run(&files, &seen, counters, &state, receiver)
            })?
        };
        let learner = {
            let (files, seen) = (Arc::clone(&files), Arc::clone(&seen));
            thread("event-log-ids", move || seen.learn(&files))?
        };
        let queue_permits = usize::try_from(options.queue_bytes_max)
            .unwrap_or(usize::MAX)
            .min(Semaphore::MAX_PERMITS);
        Ok(Self {
            files,
            state,
            requests: Mutex::new(Some(requests)),
            threads: Mutex::new(vec![writer, learner]),
            seen,
            queue: Arc::new(Semaphore::new(queue_permits)),
            reads: Arc::new(Semaphore::new(options.concurrent_reads_max.max(1))),
        })
    }

    /// Runs `question` on a snapshot, on a thread that may block.
    async fn read<T: Send + 'static>(
        &self,
        scope: &Scope,
        question: impl FnOnce(&View<'_>, Option<ScopeId>) -> Result<T, UsageError> + Send + 'static,
    ) -> Result<T, UsageError> {
        let permit = Arc::clone(&self.reads)
            .acquire_owned()
            .await
            .map_err(|_| UsageError::Closed)?;
        let scope = self.files.scope(scope);
        let files = Arc::clone(&self.files);
        let answer = tokio::task::spawn_blocking(move || {
            let answer = question(&files.view(), scope);
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
        let prepared = events
            .iter()
            .map(|event| PreparedEvent::new(scope, event))
            .collect::<Result<Vec<_>, _>>()?;
        drop(events);
        let count = u64::try_from(prepared.len()).unwrap_or(u64::MAX);
        let (reply, answer) = oneshot::channel();
        self.state.queued_events.fetch_add(count, Ordering::Relaxed);
        if let Err(error) = self.send(Request::Append {
            events: prepared,
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
        let id_key = keys::join(&[&scope.to_be_bytes(), event_id.as_bytes()]);
        let (reply, answer) = oneshot::channel();
        self.send(Request::Remove { id_key, reply })?;
        match tokio::time::timeout(APPEND_WAIT_MAX, answer).await {
            Ok(answer) => answer.map_err(|_| UsageError::Closed)?,
            Err(_) => Err(UsageError::Stalled),
        }
    }

    async fn usage(&self, scope: &Scope, query: &UsageQuery) -> Result<UsageAnswer, UsageError> {
        let query = query.clone();
        self.read(scope, move |view, scope| scan::usage(view, scope, &query))
            .await
    }

    async fn events(&self, scope: &Scope, query: &EventQuery) -> Result<EventPage, UsageError> {
        let query = query.clone();
        let nothing = EventPage {
            events: Vec::new(),
            total_count: 0,
            has_more: false,
        };
        self.read(scope, move |view, scope| {
            scope.map_or(Ok(nothing), |scope| listing::events(view, scope, &query))
        })
        .await
    }

    async fn event(&self, scope: &Scope, event_id: &str) -> Result<Option<StoredEvent>, UsageError> {
        let event_id = event_id.to_owned();
        self.read(scope, move |view, scope| {
            scope.map_or(Ok(None), |scope| listing::event(view, scope, &event_id))
        })
        .await
    }

    fn export(&self, scope: &Scope, query: ExportQuery) -> mpsc::Receiver<Result<Vec<StoredEvent>, UsageError>> {
        let (sender, receiver) = mpsc::channel(EXPORT_BATCHES_WAITING_MAX);
        if let Some(scope) = self.files.scope(scope) {
            let files = Arc::clone(&self.files);
            tokio::task::spawn_blocking(move || listing::export(&files.view(), scope, &query, &sender));
        }
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
        LogStats {
            event_count: self.state.event_count.load(Ordering::Relaxed),
            disk_bytes: self.files.database.disk_space().unwrap_or_default(),
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
        drop(self.requests.lock().unwrap_or_else(PoisonError::into_inner).take());
        self.seen.stop();
        join(std::mem::take(
            &mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner),
        ));
    }
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
