//! Giving out raw events, all that match, a batch at a time.

use serde_json::value::RawValue;
use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::event_export::ExportEventsRequest;
use tariff_contract::events::IngestEventRequest;
use tariff_usage::{ExportQuery, StoredEvent, UsageError};
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::Receiver;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// Most exports that one process runs at the same time: each keeps a thread and a snapshot for as long as its client
/// reads.
pub const EXPORTS_AT_ONCE_MAX: usize = 8;

/// An export under way; dropping it ends it.
pub struct EventExport {
    /// The batch that was awaited before the export was given out.
    first: Option<Vec<IngestEventRequest>>,
    batches: Receiver<Result<Vec<StoredEvent>, UsageError>>,
    ended: bool,
    _permit: OwnedSemaphorePermit,
}

impl EventExport {
    /// The next events, or `None` when all were given.
    ///
    /// # Errors
    /// When the log cannot be read any further.
    pub async fn next(&mut self) -> Option<Result<Vec<IngestEventRequest>>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first));
        }
        if self.ended {
            return None;
        }
        let batch = match self.batches.recv().await {
            Some(Ok(batch)) if batch.is_empty() => {
                self.ended = true;
                return None;
            }
            Some(batch) => batch.map_err(Error::from),
            // The log always says that it is done.
            None => Err(Error(ApiError::internal("an export of the event log was cut short"))),
        };
        self.ended = batch.is_err();
        Some(batch.and_then(wire_events))
    }
}

impl Engine {
    /// Every event of the environment that matches, as of now, in the form in which it can be taken in again. Unlike a
    /// list, the range does not contain its end.
    ///
    /// # Errors
    /// `validation_error` for a reversed range; `too_many_requests` while [`EXPORTS_AT_ONCE_MAX`] are under way; or when
    /// the log cannot be read.
    pub async fn export_events(&self, context: &Context, request: ExportEventsRequest) -> Result<EventExport> {
        request.validate()?;
        let permit = self.export_permit().ok_or_else(|| {
            ApiError::too_many_requests("Too many exports are under way")
                .detail("exports_max", EXPORTS_AT_ONCE_MAX)
                .detail("retry_after_seconds", 5)
        })?;
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let query = ExportQuery {
            start: request.start_time.map(|time| time.0),
            end: request.end_time.map(|time| time.0),
            external_customer_id: filled(request.external_customer_id),
            event_name: filled(request.event_name),
        };
        let mut export = EventExport {
            first: None,
            batches: self.usage_log().export(&context.scope, query),
            ended: false,
            _permit: permit,
        };
        // A log that cannot be read at all is told by a plain error, not by a body that breaks off.
        export.first = export.next().await.transpose()?;
        Ok(export)
    }
}

fn wire_events(batch: Vec<StoredEvent>) -> Result<Vec<IngestEventRequest>> {
    batch.into_iter().map(wire_event).collect()
}

fn wire_event(stored: StoredEvent) -> Result<IngestEventRequest> {
    let event = stored.event;
    let properties = event.properties.map(on_one_line).map(RawValue::from_string).transpose();
    Ok(IngestEventRequest {
        event_name: Some(event.event_name),
        event_id: Some(event.event_id),
        customer_id: Some(event.customer_id),
        external_customer_id: Some(event.external_customer_id),
        properties: properties.map_err(|error| Error(ApiError::internal(error)))?,
        source: Some(event.source),
        timestamp: Some(DateTime(event.timestamp)),
    })
}

/// Properties are kept as they were sent, possibly on several lines. Inside a JSON text a line break can only stand
/// where a blank can.
fn on_one_line(json: String) -> String {
    if json.contains(['\n', '\r']) {
        json.replace(['\n', '\r'], " ")
    } else {
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_break_between_members_becomes_a_blank() {
        let json = "{\r\n  \"a\": \"x\\ny\",\n  \"b\": 1.50\n}".to_owned();
        assert_eq!(on_one_line(json), "{    \"a\": \"x\\ny\",   \"b\": 1.50 }");
    }
}
