//! A separate world of data inside a tenant (spec 01 B4).

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::EnvironmentType;

use crate::column::{Time, Word};

/// A separate world of data inside a tenant (spec 01 B4).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "environments")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub name: String,
    #[sea_orm(column_name = "type")]
    pub kind: Word<EnvironmentType>,
    pub test_clock_at: Option<Time>,
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
