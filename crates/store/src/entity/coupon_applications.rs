//! What a coupon took off one invoice or line (spec 05 §5.4).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::CouponType;

use crate::column::{Json, Number, Time, Word};

/// What a coupon took off one invoice or line (spec 05 §5.4).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "coupon_applications")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub coupon_id: String,
    pub coupon_association_id: Option<String>,
    pub invoice_id: String,
    pub invoice_line_item_id: Option<String>,
    pub subscription_id: Option<String>,
    pub currency: String,
    pub discount_type: Word<CouponType>,
    pub discount_percentage: Number,
    pub original_price: Number,
    pub discounted_amount: Number,
    pub final_price: Number,
    pub coupon_snapshot: Json<serde_json::Value>,
    pub applied_at: Time,
    /// Order of application on the invoice.
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
