//! Counters that never go back. A counter's row is locked until the transaction ends, so numbers have no gaps
//! and a rollback takes its number back (spec 05 §5.11).

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ActiveValue, EntityTrait};

use crate::entity::counters::{ActiveModel, Column, Entity};
use crate::{Scoped, StoreError};

/// The next value of a counter: `first` when it is used for the first time, then one more each time.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn next(rows: &Scoped<'_>, name: &str, first: i64) -> Result<i64, StoreError> {
    let row = ActiveModel {
        tenant_id: ActiveValue::Set(rows.scope.tenant_id.clone()),
        environment_id: ActiveValue::Set(rows.scope.environment_id.clone()),
        name: ActiveValue::Set(name.to_owned()),
        value: ActiveValue::Set(first),
    };
    let on_conflict = OnConflict::columns([Column::TenantId, Column::EnvironmentId, Column::Name])
        .value(Column::Value, Expr::col((Entity, Column::Value)).add(1))
        .to_owned();
    let counted = Entity::insert(row)
        .on_conflict(on_conflict)
        .exec_with_returning(&rows.session.executor())
        .await?;
    Ok(counted.value)
}
