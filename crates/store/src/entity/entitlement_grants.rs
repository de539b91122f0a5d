//! A time-boxed allowance (spec 03 §3.6).

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::{EntitlementGrantMeasure, EntitlementGrantScope, EntitlementGrantStatus};

use crate::column::{Number, Time, Word};

/// A time-boxed allowance (spec 03 §3.6).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "entitlement_grants")]
#[allow(
    missing_docs,
    reason = "the columns are described where the chapter named above describes the fields"
)]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub entitlement_id: String,
    pub customer_id: String,
    pub subscription_id: String,
    pub scope: Word<EntitlementGrantScope>,
    pub feature_id: String,
    pub meter_id: String,
    pub measure: Word<EntitlementGrantMeasure>,
    pub quota: Number,
    pub usage: Number,
    pub valid_from: Time,
    pub valid_to: Time,
    pub grant_status: Word<EntitlementGrantStatus>,
    pub quota_crossed_at: Option<Time>,
    pub closed_at: Option<Time>,
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
