//! A person or service account (spec 01 B6).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;

use crate::column::{Json, Time, Word};

/// A person or service account (spec 01 B6).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    #[sea_orm(column_name = "type")]
    pub kind: String,
    pub email: String,
    pub email_lowercase: String,
    pub name: String,
    pub roles: Json<Vec<String>>,
    pub metadata: Option<Json<BTreeMap<String, String>>>,
    pub password_hash: Option<String>,
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
