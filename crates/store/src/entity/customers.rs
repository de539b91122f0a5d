//! Whoever is billed (spec 01 B1).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;

use crate::column::{Json, Time, Word};

/// Whoever is billed (spec 01 B1).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "customers")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub external_id: String,
    pub name: String,
    pub email: String,
    pub contact: Option<String>,
    pub address_line1: String,
    pub address_line2: String,
    pub address_city: String,
    pub address_state: String,
    pub address_postal_code: String,
    pub address_country: String,
    pub timezone: String,
    pub metadata: Option<Json<BTreeMap<String, String>>>,
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
