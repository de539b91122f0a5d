//! An addon on a subscription (spec 03 §3.4).

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::AddonStatus;

use crate::column::{Json, Time, Word};

/// An addon on a subscription (spec 03 §3.4).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "addon_associations")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub addon_id: String,
    pub subscription_id: String,
    pub addon_status: Word<AddonStatus>,
    pub start_date: Time,
    pub end_date: Option<Time>,
    pub cancelled_at: Option<Time>,
    pub cancellation_reason: String,
    pub metadata: Option<Json<serde_json::Map<String, serde_json::Value>>>,
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
