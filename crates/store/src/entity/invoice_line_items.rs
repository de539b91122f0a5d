//! One line of an invoice (spec 05 §2.2).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::PriceType;

use crate::column::{Json, Number, Time, Word};

/// One line of an invoice (spec 05 §2.2).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invoice_line_items")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub invoice_id: String,
    pub customer_id: String,
    pub subscription_id: Option<String>,
    pub subscription_line_item_id: Option<String>,
    pub entity_type: String,
    pub entity_id: String,
    pub plan_display_name: String,
    pub price_id: Option<String>,
    pub price_type: Option<Word<PriceType>>,
    pub meter_id: Option<String>,
    pub meter_display_name: String,
    pub price_unit_id: Option<String>,
    pub price_unit: Option<String>,
    pub price_unit_amount: Option<Number>,
    pub display_name: String,
    pub amount: Number,
    pub quantity: Number,
    pub adjusted_entitlement_quantity: Option<Number>,
    pub currency: String,
    pub line_item_discount: Number,
    pub invoice_level_discount: Number,
    pub prepaid_credits_applied: Number,
    pub commitment_info: Option<Json<serde_json::Value>>,
    pub period_start: Option<Time>,
    pub period_end: Option<Time>,
    pub parent_line_item_id: Option<String>,
    pub position: i64,
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
