//! Figures about ingestion (spec 02 §3.9).

use serde::{Deserialize, Serialize};
use tariff_core::vocabulary::WindowSize;
use utoipa::ToSchema;

use crate::time::DateTime;
use crate::wire::blank_as_none;

/// Which events to count.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct MonitoringRequest {
    /// Start of the range, inclusive; with `end_time` or not at all.
    pub start_time: Option<DateTime>,
    /// End of the range, exclusive.
    pub end_time: Option<DateTime>,
    /// Width of the windows to count by.
    #[serde(deserialize_with = "blank_as_none")]
    pub window_size: Option<WindowSize>,
}

/// How many events came in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MonitoringResponse {
    /// Distinct events in the range.
    pub total_count: u64,
    /// Events accepted but not yet stored.
    pub consumption_lag: u64,
    /// Events stored but not yet measured; always 0.
    pub post_processing_lag: u64,
    /// One count per window that has events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<EventCountPoint>,
}

/// The events of one window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EventCountPoint {
    /// Start of the window.
    pub timestamp: DateTime,
    /// Distinct events.
    pub event_count: u64,
}
