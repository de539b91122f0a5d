//! How a quantity becomes money (spec 03 §3.2).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use tariff_core::Status;
use tariff_core::pricing::Tier;
use tariff_core::vocabulary::{
    BillingCadence, BillingModel, BillingPeriod, InvoiceCadence, PriceEntityType, PriceType, PriceUnitType, RoundType,
    TierMode,
};

use crate::column::{Json, Number, Time, Word};

/// How a quantity becomes money (spec 03 §3.2).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "prices")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub entity_type: Word<PriceEntityType>,
    pub entity_id: String,
    pub amount: Number,
    pub currency: String,
    pub display_name: String,
    pub description: String,
    pub lookup_key: String,
    #[sea_orm(column_name = "type")]
    pub kind: Word<PriceType>,
    pub price_unit_type: Word<PriceUnitType>,
    pub price_unit_id: Option<String>,
    pub price_unit: Option<String>,
    /// Kept with the price, so that it can be shown whatever becomes of the unit.
    pub price_unit_symbol: String,
    pub price_unit_amount: Option<Number>,
    pub price_unit_tiers: Option<Json<Vec<Tier>>>,
    pub conversion_rate: Option<Number>,
    pub billing_period: Word<BillingPeriod>,
    pub billing_period_count: i64,
    pub billing_model: Word<BillingModel>,
    pub billing_cadence: Word<BillingCadence>,
    pub invoice_cadence: Word<InvoiceCadence>,
    pub trial_period_days: i64,
    pub tier_mode: Option<Word<TierMode>>,
    pub tiers: Option<Json<Vec<Tier>>>,
    pub transform_quantity: Json<TransformQuantity>,
    pub meter_id: Option<String>,
    pub min_quantity: Option<Number>,
    pub group_id: Option<String>,
    pub parent_price_id: String,
    pub start_date: Time,
    pub end_date: Option<Time>,
    pub sequence: i64,
    pub metadata: Option<Json<BTreeMap<String, String>>>,
    pub status: Word<Status>,
    pub created_at: Time,
    pub updated_at: Time,
    pub created_by: String,
    pub updated_by: String,
}

/// How units are packed (spec 03 §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformQuantity {
    /// Units in a package, at least 1.
    pub divide_by: u64,
    /// How a broken package is rounded; up when absent.
    pub round: Option<RoundType>,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
