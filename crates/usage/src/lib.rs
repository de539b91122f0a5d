//! The event log and every question asked of it.

/// The event log.
pub trait UsageLog: Send + Sync {}
