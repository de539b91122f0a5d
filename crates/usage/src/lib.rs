//! The event log, and every question asked of it (spec 02).
//!
//! Raw events are the only truth: whatever a meter measured is computed from them at the moment of asking. The log owns
//! durability, exact deduplication (the last delivery of an id replaces the earlier ones) and the order in which events
//! are kept; the mathematics of aggregation is `tariff_core::aggregation`'s. It knows no customers, prices or HTTP.

pub mod cursor;
pub mod embedded;
pub mod error;
pub mod event;
pub mod log;
pub mod query;

pub use cursor::EventCursor;
pub use embedded::{EmbeddedLog, EmbeddedOptions, VerifyReport, verify};
pub use error::UsageError;
pub use event::{Event, StoredEvent};
pub use log::{EXPORT_BATCH_EVENTS_MAX, LogStats, UsageLog};
pub use query::{
    ActivityAnswer, ActivityQuery, ActivityWindow, Customers, EventPage, EventQuery, EventSort, ExportQuery, PageStart,
    SortOrder, UsageQuery,
};
