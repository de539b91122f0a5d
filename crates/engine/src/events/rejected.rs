//! Telling the tenant of events that no meter records (spec 02 §3.3, `event.rejected`).
//!
//! Off unless the deployment turns it on. The event itself is stored and listed all the same, and a failure here does not
//! touch it. At most one report per environment and event name goes out in each window of time: the report's id is made
//! of just these three, so that it can be written only once, whoever writes it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use tariff_contract::DateTime;
use tariff_contract::marketplaces::RejectedEventReason;
use tariff_core::{IdPrefix, Timestamp};
use tariff_store::entity::outbox;
use tariff_store::outbox::{OutboxEvent, publish};
use tariff_store::{Scoped, StoreError};
use tariff_usage::Event;

use super::measuring::Measuring;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::ids::id_made_of;
use crate::records::by_ids;

const EVENT_NAME: &str = "event.rejected";

/// An event without a record, and why it has none.
struct Rejection<'a> {
    event: &'a Event,
    reason: RejectedEventReason,
}

impl Engine {
    /// Reports the first event of each name that left no record, unless that name was reported in this window.
    pub(super) async fn report_rejections(
        &self,
        context: &Context,
        window: Duration,
        measuring: &Measuring,
        stored: &[Event],
    ) -> Result<()> {
        let rejections = rejections(measuring, stored)?;
        if rejections.is_empty() {
            return Ok(());
        }
        let now = context.now();
        let mut reports: BTreeMap<String, Rejection<'_>> = rejections
            .into_values()
            .map(|rejection| (report_id(context, now, window, &rejection.event.event_name), rejection))
            .collect();
        let session = self.read();
        for reported in reported(&session.scoped(&context.scope), reports.keys().cloned()).await? {
            reports.remove(&reported);
        }
        if reports.is_empty() {
            return Ok(());
        }
        let work = self.begin(context).await?;
        for (id, rejection) in reports {
            match publish(&work.rows(), rejection.report(id, context, now)).await {
                Ok(()) => {}
                // Somebody else reports the same at this moment; what is left comes with the next event of its name.
                Err(StoreError::Duplicate(_)) => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
        work.commit().await
    }
}

impl Rejection<'_> {
    fn report(&self, id: String, context: &Context, now: Timestamp) -> OutboxEvent {
        let event = self.event;
        let properties = event.properties.as_deref();
        let properties = properties.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        OutboxEvent {
            id,
            event_name: EVENT_NAME,
            entity_type: "event",
            entity_id: event.event_id.clone(),
            // The whole body: the event may be replaced before this is delivered.
            payload: json!({
                "reason": self.reason,
                "event": {
                    "id": event.event_id,
                    "event_name": event.event_name,
                    "customer_id": event.customer_id,
                    "external_customer_id": event.external_customer_id,
                    "source": event.source,
                    "timestamp": DateTime(event.timestamp),
                    "properties": properties,
                },
            }),
            user_id: context.user_id.clone(),
            created_at: now,
        }
    }
}

/// The first event of each name without a record.
fn rejections<'a>(measuring: &Measuring, stored: &'a [Event]) -> Result<BTreeMap<&'a str, Rejection<'a>>> {
    let mut rejections = BTreeMap::new();
    for event in stored {
        let name = event.event_name.as_str();
        if rejections.contains_key(name) || measuring.records(event)? {
            continue;
        }
        let reason = if measuring.has_published(name) {
            RejectedEventReason::NoMatchingMeter
        } else {
            RejectedEventReason::NoMeterForEventName
        };
        rejections.insert(name, Rejection { event, reason });
    }
    Ok(rejections)
}

/// Which of these reports are written.
async fn reported(rows: &Scoped<'_>, ids: impl Iterator<Item = String>) -> Result<Vec<String>> {
    let found = by_ids::<outbox::Entity>(rows, ids, |report| &report.id).await?;
    Ok(found.into_keys().collect())
}

fn report_id(context: &Context, now: Timestamp, window: Duration, event_name: &str) -> String {
    let window_ms = i64::try_from(window.as_millis()).unwrap_or(i64::MAX).max(1);
    let now_ms = now.as_millisecond();
    let start_ms = now_ms - now_ms.rem_euclid(window_ms);
    let scope = &context.scope;
    let of = [
        scope.tenant_id.as_str(),
        scope.environment_id.as_str(),
        EVENT_NAME,
        event_name,
    ];
    id_made_of(IdPrefix::SystemEvent, start_ms, &of)
}
