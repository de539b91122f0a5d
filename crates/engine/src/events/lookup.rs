//! One event and what became of it (spec 02 §3.5).

use std::collections::BTreeSet;

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::event_lookup::{EventProcessingStatusType, FeatureUsageInfo, GetEventByIDResponse};
use tariff_store::Scoped;
use tariff_store::entity::customers as customer_rows;
use tariff_usage::StoredEvent;

use super::attribution::{Record, candidates, meters_of, records};
use super::{response, tracker};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::{customers, usage};

impl Engine {
    /// The event of this id: the lines that bill it, or else where its way to a bill ended.
    ///
    /// # Errors
    /// `validation_error` without an id; `not_found`.
    pub async fn look_up_event(&self, context: &Context, id: &str) -> Result<GetEventByIDResponse> {
        let stored = self.stored_event(context, id).await?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let measuring = meters_of(&rows, &stored.event).await?;
        let records = records(&measuring, &stored.event, stored.event.ingested_at)?;
        let customer = customers::find_by_external_id(&rows, &stored.event.external_customer_id).await?;
        let processed_events = match &customer {
            Some(customer) => processed(&rows, customer, &stored, &records).await?,
            None => Vec::new(),
        };
        let (status, debug_tracker) = if processed_events.is_empty() {
            let tracker = tracker::track(&rows, customer, &stored.event, &measuring).await?;
            let failed = tracker.failure_point.is_some();
            let status = if failed {
                EventProcessingStatusType::Failed
            } else {
                EventProcessingStatusType::Processing
            };
            (status, Some(tracker))
        } else {
            (EventProcessingStatusType::Processed, None)
        };
        Ok(GetEventByIDResponse {
            debug_tracker,
            event: Some(response(&context.scope, stored)?),
            processed_events,
            status,
        })
    }

    pub(super) async fn stored_event(&self, context: &Context, id: &str) -> Result<StoredEvent> {
        if id.is_empty() {
            return Err(ApiError::validation("id is required")
                .detail("id", "is required")
                .into());
        }
        let stored = self.usage_log().event(&context.scope, id).await?;
        stored.ok_or_else(|| unknown(id))
    }
}

pub(super) fn unknown(id: &str) -> Error {
    Error(ApiError::not_found(format!("Event with ID {id} was not found")).detail("event_id", id))
}

/// One entry per line that bills a record of the event.
async fn processed(
    rows: &Scoped<'_>,
    customer: &customer_rows::Model,
    stored: &StoredEvent,
    records: &[Record],
) -> Result<Vec<FeatureUsageInfo>> {
    let meter_ids: BTreeSet<&str> = records.iter().map(|record| record.meter.id.as_str()).collect();
    let features = usage::features_of(rows, meter_ids.iter().map(|id| (*id).to_owned()).collect()).await?;
    let mut entries = Vec::new();
    for candidate in candidates(rows, customer, &meter_ids).await? {
        let meter_id = candidate.line.meter_id.as_deref().unwrap_or_default();
        let record = records.iter().find(|record| record.meter.id == meter_id);
        let Some(record) = record.filter(|_| candidate.covers(stored.event.timestamp)) else {
            continue;
        };
        entries.push(FeatureUsageInfo {
            customer_id: customer.id.clone(),
            feature_id: features
                .get(meter_id)
                .map(|feature| feature.id.clone())
                .unwrap_or_default(),
            meter_id: meter_id.to_owned(),
            price_id: candidate.line.price_id,
            processed_at: Some(DateTime(stored.event.ingested_at)),
            qty_total: record.quantity.clone(),
            sub_line_item_id: candidate.line.id,
            subscription_id: candidate.subscription_id,
        });
    }
    Ok(entries)
}
