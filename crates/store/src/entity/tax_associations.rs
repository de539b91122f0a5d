//! A tax rate attached to a tenant, customer, subscription or invoice (spec 03 §3.8).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::TaxRateEntityType;

use crate::column::{Json, Time, Word};

/// A tax rate attached to a tenant, customer, subscription or invoice (spec 03 §3.8).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tax_associations")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub tax_rate_id: String,
    pub entity_type: Word<TaxRateEntityType>,
    pub entity_id: String,
    pub priority: i64,
    pub auto_apply: bool,
    pub currency: String,
    pub start_date: Time,
    pub end_date: Option<Time>,
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
