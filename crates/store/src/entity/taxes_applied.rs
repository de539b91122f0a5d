//! What a tax rate came to on an invoice (spec 03 §3.8, spec 05 §5.7).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::TaxRateEntityType;

use crate::column::{Json, Number, Time, Word};

/// What a tax rate came to on an invoice (spec 03 §3.8, spec 05 §5.7).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "taxes_applied")]
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
    pub tax_association_id: Option<String>,
    pub entity_type: Word<TaxRateEntityType>,
    pub entity_id: String,
    pub taxable_amount: Number,
    pub tax_amount: Number,
    pub currency: String,
    pub applied_at: Time,
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
