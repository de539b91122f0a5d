//! What takes money off (spec 03 §3.7).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::{CouponCadence, CouponType};

use crate::column::{Json, Number, Time, Word};

/// What takes money off (spec 03 §3.7).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "coupons")]
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
    pub coupon_code: String,
    #[sea_orm(column_name = "type")]
    pub kind: Word<CouponType>,
    pub amount_off: Option<Number>,
    pub percentage_off: Option<Number>,
    pub currency: String,
    pub cadence: Word<CouponCadence>,
    pub duration_in_periods: Option<i64>,
    pub redeem_after: Option<Time>,
    pub redeem_before: Option<Time>,
    pub max_redemptions: Option<i64>,
    pub total_redemptions: i64,
    pub rules: Option<Json<serde_json::Value>>,
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
