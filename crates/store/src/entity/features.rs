//! What a customer may use (spec 02 §2.1).

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::vocabulary::FeatureType;

use crate::column::{Json, Time, Word};

/// What a customer may use (spec 02 §2.1).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "features")]
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
    pub lookup_key: String,
    pub description: String,
    #[sea_orm(column_name = "type")]
    pub kind: Word<FeatureType>,
    pub meter_id: Option<String>,
    pub unit_singular: String,
    pub unit_plural: String,
    pub reporting_unit: Option<Json<serde_json::Value>>,
    pub alert_settings: Option<Json<serde_json::Value>>,
    pub group_id: Option<String>,
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
