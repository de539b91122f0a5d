//! An event that a state change caused, to be delivered (spec 01 A14).

use sea_orm::entity::prelude::*;

use crate::column::{Json, Time};

/// An event that a state change caused, to be delivered (spec 01 A14).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub event_name: String,
    pub entity_type: String,
    pub entity_id: String,
    pub payload: Json<serde_json::Value>,
    pub user_id: String,
    pub created_at: Time,
    pub published_at: Option<Time>,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
