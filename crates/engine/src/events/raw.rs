//! Events as collectors send them (spec 02 §3.9).
//!
//! A batch is transformed, checked and stored before it is answered, so no payload is ever pending. What is stored is the
//! event itself, and its records are derived from it whenever they are asked for: there is nothing to feed again.

use std::collections::BTreeSet;

use tariff_contract::DateTime;
use tariff_contract::common::WorkflowStarted;
use tariff_contract::raw_events::{RawEventsRequest, RawEventsResponse, ReprocessRawEventsRequest};
use tariff_core::IdPrefix;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::ids::{mint, ulid};
use crate::settings::{self, EventIngestionFilter};

/// Which raw events are to be fed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reprocess {
    /// All of the range.
    All,
    /// Those that are not processed.
    Pending,
}

impl Reprocess {
    const fn workflow(self) -> &'static str {
        match self {
            Self::All => "ReprocessRawEventsWorkflow",
            Self::Pending => "ReprocessPendingRawEventsWorkflow",
        }
    }
}

impl Engine {
    /// Stores a collector's batch: all of it, or nothing. Events of customers that the setting `event_ingestion_filter`
    /// leaves out are dropped.
    ///
    /// # Errors
    /// `validation_error` for a batch of none or too many and for any object that is no event; `service_unavailable` when
    /// the events could not be made durable.
    pub async fn ingest_raw_events(&self, context: &Context, request: RawEventsRequest) -> Result<RawEventsResponse> {
        let mut events = request.into_events()?;
        let batch_size = events.len();
        let filter = settings::of::<EventIngestionFilter>(&self.read().scoped(&context.scope)).await?;
        if filter.enabled {
            let allowed: BTreeSet<String> = filter.allowed_external_customer_ids.into_iter().collect();
            events.retain(|event| {
                let customer = event.external_customer_id.as_ref();
                customer.is_some_and(|customer| allowed.contains(customer))
            });
        }
        self.store_requests(context, events).await?;
        Ok(RawEventsResponse {
            message: "Raw events accepted for processing".to_owned(),
            batch_size,
        })
    }

    /// Checks a request to feed raw events again, and does nothing: none is pending, and one that is fed again would
    /// replace itself.
    ///
    /// # Errors
    /// `validation_error` for field rules.
    pub fn reprocess_raw_events(
        &self,
        context: &Context,
        which: Reprocess,
        request: &ReprocessRawEventsRequest,
    ) -> Result<WorkflowStarted> {
        request.validate(DateTime(context.now()))?;
        Ok(WorkflowStarted {
            message: "Nothing to reprocess: events are processed when they are accepted".to_owned(),
            workflow_id: format!("{}_{}_{}", IdPrefix::Workflow.as_str(), which.workflow(), ulid()),
            run_id: mint(IdPrefix::WorkflowRun),
        })
    }
}
