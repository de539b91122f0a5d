//! Taking one event out.
//!
//! The event is in the event log and its entry of the audit log in the relational store, and no transaction spans both.
//! So the entry is written first, durably, with the event as it is; then the event is removed. A crash in between leaves
//! an entry and the event, and repeating the call removes it: the entry's id is made of the delivery that is removed, so
//! the repetition, or somebody who removes the event at the same time, finds the entry written and writes no second one.

use serde_json::Value;
use sha2::{Digest, Sha256};
use tariff_contract::error::ApiError;
use tariff_core::IdPrefix;
use tariff_store::{Removal, StoreError};
use tariff_usage::StoredEvent;
use ulid::Ulid;

use super::lookup::unknown;
use super::response;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// What the audit log calls an event.
const ENTITY_TYPE: &str = "event";

impl Engine {
    /// Takes an event out: every question asked afterwards is answered without it. Sending its id again stores a new
    /// event.
    ///
    /// # Errors
    /// `validation_error` without an id; `not_found`, also for an event that was taken out before;
    /// `service_unavailable` when the log cannot be written, then the call is to be repeated.
    pub async fn remove_event(&self, context: &Context, id: &str) -> Result<()> {
        let stored = self.stored_event(context, id).await?;
        self.note_removal(context, &stored).await?;
        let removed = self.usage_log().remove(&context.scope, id).await?;
        let removed = removed.ok_or_else(|| unknown(id))?;
        if removed.event != stored.event {
            // It was sent again meanwhile, and that delivery is gone now.
            self.note_removal(context, &removed).await?;
        }
        Ok(())
    }

    async fn note_removal(&self, context: &Context, stored: &StoredEvent) -> Result<()> {
        let entry_id = entry_id(context, stored);
        let event = response(&context.scope, stored.clone())?;
        let before = serde_json::to_value(event).map_err(|error| Error(ApiError::internal(error)))?;
        let removal = Removal {
            entry_id,
            entity_type: ENTITY_TYPE,
            entity_id: &stored.event.event_id,
            before: delivered(before, stored),
        };
        let work = self.begin(context).await?;
        work.session.note_removal(&context.scope, removal);
        match work.session.commit().await {
            // Written by a call that came no further, or by another one just now.
            Ok(()) | Err(StoreError::Duplicate(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The event with the instant of its delivery, which tells it from others of its id.
fn delivered(mut event: Value, stored: &StoredEvent) -> Value {
    if let Value::Object(members) = &mut event {
        members.insert(
            "ingested_at".to_owned(),
            Value::from(stored.event.ingested_at.to_string()),
        );
    }
    event
}

/// The same for the same delivery.
fn entry_id(context: &Context, stored: &StoredEvent) -> String {
    let mut hash = Sha256::new();
    let event = &stored.event;
    for part in [
        &context.scope.tenant_id,
        &context.scope.environment_id,
        &event.event_id,
        &event.event_name,
        &event.external_customer_id,
        &event.customer_id,
        &event.source,
        &event.timestamp.to_string(),
        &event.ingested_at.to_string(),
        event.properties.as_ref().unwrap_or(&String::new()),
    ] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    let mut digest = [0; 16];
    digest.copy_from_slice(&hash.finalize()[..16]);
    let milliseconds = u64::try_from(event.ingested_at.as_millisecond()).unwrap_or_default();
    let ulid = Ulid::from_parts(milliseconds, u128::from_be_bytes(digest));
    format!("{}_{ulid}", IdPrefix::AuditLog.as_str())
}
