//! Taking events in (spec 02 §2.4, §3.3): checked as a whole, stored by one append, durable before the answer.
//!
//! This is the busiest path of the server. Texts are moved from the decoded request into the log's events, never
//! copied, and no record is looked up but the setting that creates customers: customers, meters and features need not
//! exist. What else follows, see `follow_up`, is off by default.

use tariff_contract::events::{BulkIngestEventRequest, IngestEventRequest, IngestEventResponse};
use tariff_core::{IdPrefix, Timestamp};
use tariff_usage::Event;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::ids::mint;

impl Engine {
    /// Stores one event.
    ///
    /// # Errors
    /// `validation_error` for missing or overlong fields; `service_unavailable` when it could not be made durable.
    pub async fn ingest_event(&self, context: &Context, request: IngestEventRequest) -> Result<IngestEventResponse> {
        request.validate()?;
        let event = Intake::begin(self, context).event(request);
        let event_id = event.event_id.clone();
        self.store_events(context, vec![event]).await?;
        Ok(IngestEventResponse {
            message: "Event accepted for processing".to_owned(),
            event_id: Some(event_id),
        })
    }

    /// Stores a batch of events: all of them, or none.
    ///
    /// # Errors
    /// As [`Engine::ingest_event`], for any of the events; `validation_error` for a batch of none or too many.
    pub async fn ingest_events(
        &self,
        context: &Context,
        request: BulkIngestEventRequest,
    ) -> Result<IngestEventResponse> {
        request.validate()?;
        let events = request.events.into_iter().flatten().flatten();
        self.store_requests(context, events).await?;
        Ok(IngestEventResponse {
            message: "Events accepted for processing".to_owned(),
            event_id: None,
        })
    }

    /// Stores checked events by one append.
    pub(super) async fn store_requests(
        &self,
        context: &Context,
        requests: impl IntoIterator<Item = IngestEventRequest>,
    ) -> Result<()> {
        let intake = Intake::begin(self, context);
        let events = requests.into_iter().map(|request| intake.event(request)).collect();
        self.store_events(context, events).await
    }

    async fn store_events(&self, context: &Context, events: Vec<Event>) -> Result<()> {
        let follow_up = self.follow_up_of(context).await;
        if follow_up.is_nothing() {
            return Ok(self.usage_log().append(&context.scope, events).await?);
        }
        self.usage_log().append(&context.scope, events.clone()).await?;
        // On the heap, so that requests that nothing follows stay small.
        Box::pin(self.follow_up(context, follow_up, &events)).await;
        Ok(())
    }
}

/// The two clocks of one request.
struct Intake {
    /// The environment's time, for events that name none.
    now: Timestamp,
    /// The server's time, which no test clock moves: what a meter records is decided by the order of arrival.
    ingested_at: Timestamp,
}

impl Intake {
    fn begin(engine: &Engine, context: &Context) -> Self {
        Self {
            now: context.now(),
            ingested_at: engine.server_now(),
        }
    }

    /// The log's form of a checked request.
    fn event(&self, request: IngestEventRequest) -> Event {
        let timestamp = request.occurred_at(self.now);
        let properties = request.properties.map(|json| String::from(Box::<str>::from(json)));
        Event {
            event_id: request
                .event_id
                .filter(|id| !id.is_empty())
                .unwrap_or_else(|| mint(IdPrefix::Event)),
            event_name: trimmed(request.event_name.unwrap_or_default()),
            external_customer_id: request.external_customer_id.unwrap_or_default(),
            customer_id: request.customer_id.unwrap_or_default(),
            timestamp,
            ingested_at: self.ingested_at,
            source: request.source.unwrap_or_default(),
            properties,
        }
    }
}

/// The text without surrounding blanks; most have none and stay where they are.
fn trimmed(text: String) -> String {
    if text.trim().len() == text.len() {
        text
    } else {
        text.trim().to_owned()
    }
}
