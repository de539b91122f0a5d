//! A company using this server (spec 01 B5).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;

use crate::column::{Json, Time, Word};

/// A company using this server (spec 01 B5).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub operational_state: String,
    pub billing_details: Option<Json<serde_json::Value>>,
    pub metadata: Option<Json<BTreeMap<String, String>>>,
    pub status: Word<Status>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
