//! One price on a subscription (spec 04 §2.3).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use tariff_core::vocabulary::{BillingPeriod, CommitmentType, InvoiceCadence, LineItemEntityType, PriceType};
use tariff_core::{Decimal, Status};

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
    pub commitment_type: Option<Word<CommitmentType>>,
    pub commitment_amount: Option<Number>,
    pub commitment_quantity: Option<Number>,
    pub commitment_overage_factor: Option<Number>,
    pub commitment_true_up_enabled: bool,
    pub commitment_windowed: bool,
    pub commitment_duration: Option<Word<BillingPeriod>>,
    pub commitment_time_buckets: Option<Json<Vec<TimeBucket>>>,
    pub addon_association_id: Option<String>,
    pub metadata: Option<Json<BTreeMap<String, String>>>,
    pub status: Word<Status>,
    pub created_at: Time,
    pub updated_at: Time,
    pub created_by: String,
    pub updated_by: String,
}

impl Model {
    /// The parts of the day with terms of their own.
    #[must_use]
    pub fn time_buckets(&self) -> &[TimeBucket] {
        self.commitment_time_buckets
            .as_ref()
            .map_or(&[], |buckets| buckets.0.as_slice())
    }
}

/// A part of the UTC day with a price and a commitment of its own (spec 03 §5.12).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeBucket {
    /// `bucket_…`.
    pub id: String,
    /// First minute of the day.
    pub start_minute: u32,
    /// Minute of the day after the last one, up to 1440; at or before the start it lies on the next day.
    pub end_minute: u32,
    /// Its price: one of the subscription, or that of the line.
    pub price_id: String,
    /// Whether money or units are promised.
    pub commitment_type: CommitmentType,
    /// How much is promised in every window.
    pub commitment_value: Decimal,
    /// At least one.
    pub overage_factor: Decimal,
    /// Whether the unused rest of the promise is charged.
    pub true_up_enabled: bool,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
