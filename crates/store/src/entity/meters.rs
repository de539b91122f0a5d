//! How events become one quantity (spec 02 §2.3).

use sea_orm::entity::prelude::*;
use tariff_core::Status;
use tariff_core::aggregation::{AggregationDefinition, MeterFilter, RecordingRevision};
use tariff_core::vocabulary::ResetUsage;

use crate::column::{Json, Time, Word};

/// How events become one quantity (spec 02 §2.3).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "meters")]
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
    pub event_name: String,
    pub aggregation: Json<AggregationDefinition>,
    pub filters: Json<Vec<MeterFilter>>,
    pub recording: Json<Vec<RecordingRevision>>,
    pub reset_usage: Word<ResetUsage>,
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
