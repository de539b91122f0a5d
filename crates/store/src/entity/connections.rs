//! A connection to a provider (spec 07 §2.6).

use sea_orm::entity::prelude::*;
use tariff_core::Status;

use crate::column::{Json, Time, Word};

/// A connection to a provider (spec 07 §2.6).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "connections")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub name: String,
    pub provider_type: String,
    /// The credentials as JSON, encrypted, in base64; empty without any.
    pub encrypted_secret_data: String,
    pub metadata: Option<Json<serde_json::Value>>,
    pub sync_config: Option<Json<serde_json::Value>>,
    pub status: Word<Status>,
    pub created_at: Time,
    pub updated_at: Time,
    pub created_by: String,
    pub updated_by: String,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
