//! One run of a background workflow (spec 07 §3.3).

use sea_orm::entity::prelude::*;
use serde_json::Value as Document;
use tariff_core::vocabulary::{WorkflowStatus, WorkflowType};

use crate::column::{Json, Time, Word};

/// One run of a background workflow (spec 07 §3.3).
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "job_runs")]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub workflow_id: String,
    pub workflow_type: Word<WorkflowType>,
    pub task_queue: String,
    pub entity_type: String,
    pub entity_id: String,
    pub lock_key: String,
    pub run_status: Word<WorkflowStatus>,
    pub input: Json<Document>,
    pub progress: Option<Json<Document>>,
    pub result: Option<Json<Document>>,
    pub error: Option<String>,
    pub attempts: i64,
    pub lease_holder: Option<String>,
    pub lease_until: Time,
    pub created_by: String,
    pub created_at: Time,
    pub started_at: Option<Time>,
    pub closed_at: Option<Time>,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
