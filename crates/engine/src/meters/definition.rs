//! From a stored meter to the form that events are measured with.

use tariff_contract::error::ApiError;
use tariff_core::aggregation::{Meter, MeterDefinition, RecordingRevision};
use tariff_store::entity::meters;

use crate::error::{Error, Result};

/// The form of a stored meter that events are measured with.
///
/// # Errors
/// `internal_error` when the stored definition breaks a rule that came up after it was stored.
pub(crate) fn definition(meter: &meters::Model) -> Result<Meter> {
    let unreadable = |error: serde_json::Error| Error(ApiError::internal(error));
    let definition = MeterDefinition {
        event_name: meter.event_name.clone(),
        aggregation: serde_json::from_value(meter.aggregation.0.clone()).map_err(unreadable)?,
        filters: serde_json::from_value(meter.filters.0.clone()).map_err(unreadable)?,
        reset_usage: meter.reset_usage.0,
    };
    Meter::new(&definition).map_err(|error| Error(ApiError::internal(error)))
}

/// How the meter changed over time; empty: it always was as it is.
pub(crate) fn recording(_meter: &meters::Model) -> Vec<RecordingRevision> {
    Vec::new()
}
