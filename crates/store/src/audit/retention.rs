//! Taking old entries out of the audit log, where a deployment does not keep them for ever.
//!
//! The database itself refuses to remove an entry that is not older than the horizon, whoever asks. So what a deployment
//! still wants to keep cannot be taken out by a mistake of ours.

use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, Order, QueryFilter, QueryOrder, QuerySelect,
};
use tariff_core::Timestamp;

use crate::column::Time;
use crate::entity::{audit_log_horizon, audit_logs};
use crate::{Session, StoreError};

/// The id of the one row.
const HORIZON: &str = "horizon";

/// Whether there is an entry from before `horizon`, of any tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn any_before(session: &Session, horizon: Timestamp) -> Result<bool, StoreError> {
    use audit_logs::Column;
    let oldest = audit_logs::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::CreatedAt.lt(Time(horizon)))
        .order_by_asc(Column::CreatedAt)
        .limit(1)
        .into_tuple::<String>();
    Ok(oldest.one(&session.executor()).await?.is_some())
}

/// Removes at most `limit` entries from before `horizon`, the oldest of all tenants, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn forget_before(session: &Session, horizon: Timestamp, limit: u64) -> Result<u64, StoreError> {
    use audit_logs::Column;
    let executor = session.executor();
    let row = audit_log_horizon::Model {
        id: HORIZON.to_owned(),
        removable_before: Time(horizon),
    };
    let moved = OnConflict::column(audit_log_horizon::Column::Id)
        .update_column(audit_log_horizon::Column::RemovableBefore)
        .to_owned();
    audit_log_horizon::Entity::insert(row.into_active_model().reset_all())
        .on_conflict(moved)
        .exec_without_returning(&executor)
        .await?;
    let oldest = Query::select()
        .column(Column::Id)
        .from(audit_logs::Entity)
        .and_where(Column::CreatedAt.lt(Time(horizon)))
        .order_by(Column::CreatedAt, Order::Asc)
        .limit(limit)
        .to_owned();
    let forgotten = audit_logs::Entity::delete_many().filter(Column::Id.in_subquery(oldest));
    Ok(forgotten.exec(&executor).await?.rows_affected)
}
