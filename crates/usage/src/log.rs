//! The one interface to events, whatever keeps them.

use async_trait::async_trait;
use tariff_core::Scope;
use tariff_core::aggregation::UsageAnswer;

use tokio::sync::mpsc::Receiver;

use crate::{
    ActivityAnswer, ActivityQuery, Event, EventPage, EventQuery, ExportQuery, StoredEvent, UsageError, UsageQuery,
};

/// An event log. Answers are exact: every event id counts once, in its last delivery, and a question asked after an
/// [`append`](UsageLog::append) returned sees what it stored.
#[async_trait]
pub trait UsageLog: Send + Sync {
    /// Stores a batch, all or nothing, and returns when it is durable. Later events of a batch replace earlier ones of
    /// the same id, and all of them replace what was stored before.
    ///
    /// # Errors
    /// [`UsageError::QueueFull`], [`UsageError::Closed`], [`UsageError::Stalled`] and [`UsageError::WriteFailed`] mean
    /// that the batch was not acknowledged and should be sent again; [`UsageError::TooLong`] that an event cannot be
    /// stored at all.
    async fn append(&self, scope: &Scope, events: Vec<Event>) -> Result<(), UsageError>;

    /// Takes one event out, durably, and gives it as it was; `None` when the log holds no event of that id. Every
    /// question asked afterwards is answered without it. Sending the id again stores a new event.
    ///
    /// # Errors
    /// As [`append`](UsageLog::append).
    async fn remove(&self, scope: &Scope, event_id: &str) -> Result<Option<StoredEvent>, UsageError>;

    /// Answers a question about usage.
    ///
    /// # Errors
    /// When the log cannot be read.
    async fn usage(&self, scope: &Scope, query: &UsageQuery) -> Result<UsageAnswer, UsageError>;

    /// One page of raw events.
    ///
    /// # Errors
    /// [`UsageError::OffsetTooLarge`], or when the log cannot be read.
    async fn events(&self, scope: &Scope, query: &EventQuery) -> Result<EventPage, UsageError>;

    /// The event of that id.
    ///
    /// # Errors
    /// When the log cannot be read.
    async fn event(&self, scope: &Scope, event_id: &str) -> Result<Option<StoredEvent>, UsageError>;

    /// All events of the scope that match, as of the moment of asking, in batches of at most
    /// [`EXPORT_BATCH_EVENTS_MAX`] and in no particular order. The last batch is empty: an export that ends without it
    /// has been cut short. A receiver that is dropped ends the export.
    fn export(&self, scope: &Scope, query: ExportQuery) -> Receiver<Result<Vec<StoredEvent>, UsageError>>;

    /// Counts events by time.
    ///
    /// # Errors
    /// When the log cannot be read.
    async fn activity(&self, scope: &Scope, query: &ActivityQuery) -> Result<ActivityAnswer, UsageError>;

    /// The log's condition, for health checks and metrics.
    fn stats(&self) -> LogStats;

    /// Returns when everything accepted so far is durable.
    ///
    /// # Errors
    /// When the log is closed or cannot be written.
    async fn flush(&self) -> Result<(), UsageError>;

    /// Accepts nothing more, makes everything accepted durable and stops. Closing twice is harmless.
    ///
    /// # Errors
    /// When the last writes fail.
    async fn close(&self) -> Result<(), UsageError>;
}

/// Most events in one batch of an export.
pub const EXPORT_BATCH_EVENTS_MAX: usize = 1_000;

/// The log's condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogStats {
    /// Events held, over all scopes.
    pub event_count: u64,
    /// Bytes on disk, about.
    pub disk_bytes: u64,
    /// Bytes of accepted events that are durable in the journal only, not packed yet.
    pub journal_bytes: u64,
    /// Events accepted but not yet durable.
    pub queued_events: u64,
    /// Bytes that may still be queued before appends are refused.
    pub queue_free_bytes: u64,
    /// Whether the log is open and its last write succeeded.
    pub writable: bool,
}
