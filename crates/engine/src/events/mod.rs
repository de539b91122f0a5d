//! Usage events: taking them in, listing them, and telling what became of one (spec 02 §3.3 to §3.5, §3.9).
//!
//! The events themselves are the event log's. Quantities over events are answered by `usage`.

mod attribution;
mod event_cost;
mod export;
mod follow_up;
mod ingest;
mod list;
mod lookup;
mod measuring;
mod monitoring;
mod onboarding;
mod raw;
mod rejected;
mod remove;
mod tracker;

pub(crate) use attribution::billed_meters;
pub use export::{EXPORTS_AT_ONCE_MAX, EventExport};
pub use list::ListPage;
pub use raw::Reprocess;

use serde_json::value::RawValue;
use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::events::Event;
use tariff_core::Scope;
use tariff_usage::StoredEvent;

use crate::error::{Error, Result};

/// The wire form of a stored event.
pub(crate) fn response(scope: &Scope, stored: StoredEvent) -> Result<Event> {
    let event = stored.event;
    let properties = event.properties.map(RawValue::from_string).transpose();
    Ok(Event {
        id: event.event_id,
        event_name: event.event_name,
        external_customer_id: event.external_customer_id,
        customer_id: event.customer_id,
        environment_id: scope.environment_id.clone(),
        timestamp: DateTime(event.timestamp),
        source: event.source,
        properties: properties.map_err(|error| Error(ApiError::internal(error)))?,
    })
}
