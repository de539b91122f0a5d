//! An entry of the audit log: who changed which record, when, and how.

use sea_orm::entity::prelude::*;
use tariff_core::vocabulary::{AuditAction, AuditActor};

use crate::column::{Json, Time, Word};

/// An entry of the audit log: who changed which record, when, and how.
#[derive(Debug, Clone, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_logs")]
#[allow(missing_docs, reason = "the columns are described at the type of the contract")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub action: Word<AuditAction>,
    pub entity_type: String,
    pub entity_id: String,
    pub actor_type: Word<AuditActor>,
    pub user_id: String,
    pub api_key_id: Option<String>,
    pub request_id: Option<String>,
    pub before: Option<Json<serde_json::Value>>,
    pub after: Option<Json<serde_json::Value>>,
    pub effective_at: Time,
    pub created_at: Time,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
