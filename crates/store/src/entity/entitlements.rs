//! What a plan, addon or subscription includes (spec 03 §3.5).

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::{EntitlementAggregationMode, EntitlementEntityType, FeatureType, UsageResetPeriod};

use crate::column::{Json, Time, Word};

/// What a plan, addon or subscription includes (spec 03 §3.5).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlements")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub entity_type: Word<EntitlementEntityType>,
    pub entity_id: String,
    pub feature_id: String,
    pub feature_type: Word<FeatureType>,
    pub is_enabled: bool,
    pub usage_limit: Option<i64>,
    pub usage_reset_period: Option<Word<UsageResetPeriod>>,
    pub is_soft_limit: bool,
    pub static_value: String,
    pub config_value: Option<Json<serde_json::Value>>,
    pub display_order: i64,
    pub parent_entitlement_id: Option<String>,
    pub start_date: Option<Time>,
    pub end_date: Option<Time>,
    pub aggregation_mode: Option<Word<EntitlementAggregationMode>>,
    pub grant_config: Option<Json<serde_json::Value>>,
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
