//! A tax that can be charged (spec 03 §3.8).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::{TaxRateScope, TaxRateStatus, TaxRateType};

use crate::column::{Json, Number, Time, Word};

/// A tax that can be charged (spec 03 §3.8).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tax_rates")]
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
    pub code: String,
    pub description: String,
    pub tax_rate_type: Word<TaxRateType>,
    pub percentage_value: Option<Number>,
    pub fixed_value: Option<Number>,
    pub scope: Word<TaxRateScope>,
    pub tax_rate_status: Word<TaxRateStatus>,
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
