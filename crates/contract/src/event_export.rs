//! The export of raw events, a route beside the contract.
//!
//! Its lines are [`IngestEventRequest`]s, so that what was exported can be sent back as it is.
//!
//! [`IngestEventRequest`]: crate::events::IngestEventRequest

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::time::DateTime;
use crate::validate::FieldErrors;

/// Which raw events to export; an absent or empty member leaves nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct ExportEventsRequest {
    /// Start of the range, inclusive.
    pub start_time: Option<DateTime>,
    /// End of the range, exclusive.
    pub end_time: Option<DateTime>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Name of the events.
    pub event_name: Option<String>,
}

impl ExportEventsRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` when the range ends before it starts.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.time_range(self.start_time, self.end_time);
        errors.finish()
    }
}
