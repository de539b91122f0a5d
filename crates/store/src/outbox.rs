//! The outbox: events that commit with the change that caused them (spec 01 A14).

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};

use crate::column::{Json, Time};
use crate::entity::outbox;
use crate::{Scoped, StoreError};

/// An event to be delivered.
#[derive(Debug, Clone)]
pub struct OutboxEvent {
    /// `sys_event_…`.
    pub id: String,
    /// Such as `customer.updated`.
    pub event_name: &'static str,
    /// Kind of the record concerned, such as `customer`.
    pub entity_type: &'static str,
    /// Id of the record concerned.
    pub entity_id: String,
    /// What a consumer needs besides the record as of delivery.
    pub payload: serde_json::Value,
    /// Who caused it.
    pub user_id: String,
    /// When it was caused.
    pub created_at: tariff_core::Timestamp,
}

/// Writes an event in the scope's transaction.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn publish(rows: &Scoped<'_>, event: OutboxEvent) -> Result<(), StoreError> {
    let row = outbox::Model {
        id: event.id,
        tenant_id: rows.scope.tenant_id.clone(),
        environment_id: rows.scope.environment_id.clone(),
        event_name: event.event_name.to_owned(),
        entity_type: event.entity_type.to_owned(),
        entity_id: event.entity_id,
        payload: Json(event.payload),
        user_id: event.user_id,
        created_at: Time(event.created_at),
        published_at: None,
    };
    outbox::Entity::insert(row.into_active_model().reset_all())
        .exec_without_returning(&rows.session.executor())
        .await?;
    Ok(())
}
