//! Why the log refuses or fails.

/// An error of the event log. The text is for operators; only [`UsageError::TooLong`] and
/// [`UsageError::OffsetTooLarge`] are the caller's doing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UsageError {
    /// More is waiting to be written than the log lets wait. Nothing was stored; try again later (503).
    #[error("too many events are waiting to be stored")]
    QueueFull,
    /// The log is shutting down, or its writer has stopped. Nothing was stored (503).
    #[error("the event log is closed")]
    Closed,
    /// The batch could not be made durable, and nothing of it is stored (503). The log goes on by itself once the disk
    /// works again.
    #[error("the events could not be stored")]
    WriteFailed(#[source] StorageFailure),
    /// The disk takes too long. The events may be stored or not; sending them again counts them once (503).
    #[error("the disk takes too long to store the events")]
    Stalled,
    /// A read failed.
    #[error("the event log could not be read")]
    ReadFailed(#[source] StorageFailure),
    /// The log could not be opened.
    #[error("the event log could not be opened")]
    OpenFailed(#[source] StorageFailure),
    /// Stored bytes are not what this log writes.
    #[error("the event log holds unreadable data: {0}")]
    Corrupt(&'static str),
    /// A text of an event is longer than the log accepts (400).
    #[error("{field} is longer than {bytes_max} bytes")]
    TooLong {
        /// The event's field.
        field: &'static str,
        /// The bound.
        bytes_max: usize,
    },
    /// A listing skips more rows than the log accepts; page with cursors instead (400).
    #[error("the offset is larger than {offset_max}")]
    OffsetTooLarge {
        /// The bound.
        offset_max: u64,
    },
}

/// The cause beneath a storage error, shared because one failed commit fails every batch in it.
pub type StorageFailure = std::sync::Arc<dyn std::error::Error + Send + Sync>;

impl UsageError {
    /// Whether the caller may succeed by trying again: the server answers 503.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        match self {
            Self::QueueFull | Self::Closed | Self::Stalled | Self::WriteFailed(_) => true,
            Self::ReadFailed(_)
            | Self::OpenFailed(_)
            | Self::Corrupt(_)
            | Self::TooLong { .. }
            | Self::OffsetTooLarge { .. } => false,
        }
    }

    pub(crate) fn read(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::ReadFailed(std::sync::Arc::new(error))
    }

    pub(crate) fn open(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::OpenFailed(std::sync::Arc::new(error))
    }
}
