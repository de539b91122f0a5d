//! One price on a subscription (spec 04 §2.3).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::{BillingPeriod, InvoiceCadence, LineItemEntityType, PriceType};

use crate::column::{Json, Number, Time, Word};

/// One price on a subscription (spec 04 §2.3).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "subscription_line_items")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub subscription_id: String,
    pub customer_id: String,
    pub entity_type: Word<LineItemEntityType>,
    pub entity_id: String,
    pub plan_display_name: String,
    pub price_id: String,
    pub price_type: Word<PriceType>,
    pub price_unit_id: Option<String>,
    pub price_unit: Option<String>,
    pub meter_id: Option<String>,
    pub meter_display_name: String,
    pub display_name: String,
    pub quantity: Number,
    pub currency: String,
    pub billing_period: Word<BillingPeriod>,
    pub billing_period_count: i64,
    pub invoice_cadence: Word<InvoiceCadence>,
    pub trial_period_days: i64,
    pub start_date: Time,
    pub end_date: Option<Time>,
    pub position: i64,
    pub addon_association_id: Option<String>,
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
