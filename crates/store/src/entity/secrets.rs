//! An API key, as its hash (spec 01 A2).

use sea_orm::entity::prelude::*;
use tariff_core::Status;

use crate::column::{Json, Time, Word};

/// An API key, as its hash (spec 01 A2).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "secrets")]
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
    #[sea_orm(column_name = "type")]
    pub kind: String,
    pub key_hash: String,
    pub display_id: String,
    pub user_id: String,
    pub user_type: String,
    pub roles: Json<Vec<String>>,
    pub expires_at: Option<Time>,
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
