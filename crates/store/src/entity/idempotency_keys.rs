//! A request that was carried out under an idempotency key, with its answer.

use sea_orm::entity::prelude::*;

use crate::column::Time;

/// A request that was carried out under an idempotency key, with its answer.
#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
#[allow(missing_docs, reason = "the columns are described in the migration")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub tenant_id: String,
    pub environment_id: String,
    pub user_id: String,
    pub key: String,
    pub fingerprint: String,
    pub status: i64,
    pub body: Option<String>,
    pub created_at: Time,
    pub expires_at: Time,
}

/// Joins are written where they are needed.
#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
