//! Due work, derived from state: what the worker does next. There is no second queue that could fall out of step.
//!
//! These look-ups cross tenants, because one worker serves all of them. Billing of environments that carry a test clock
//! is left out: it is done when their clock is set.

mod grants;

use sea_orm::sea_query::{Expr, ExprTrait, Query, SimpleExpr};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tariff_core::vocabulary::{InvoiceStatus, SubscriptionStatus, SubscriptionType, WorkflowType};
use tariff_core::{Scope, Status, Timestamp};

use crate::column::{Time, Word};
use crate::entity::{environments, invoices, job_runs, subscriptions};
pub use grants::grant_holders;

use crate::{Session, StoreError};

/// A record with work to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Where it lives.
    pub scope: Scope,
    /// Its id.
    pub id: String,
    /// Since when.
    pub since: Timestamp,
}

/// Subscriptions whose current period has ended by `now`, the longest overdue first.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn renewals(session: &Session, now: Timestamp, limit: u64) -> Result<Vec<Due>, StoreError> {
    use subscriptions::Column;
    let rows: Vec<(String, String, String, Time)> = subscriptions::Entity::find()
        .select_only()
        .columns([
            Column::TenantId,
            Column::EnvironmentId,
            Column::Id,
            Column::CurrentPeriodEnd,
        ])
        .filter(Column::Status.eq(Word(Status::Published)))
        .filter(Column::SubscriptionStatus.eq(Word(SubscriptionStatus::Active)))
        .filter(Column::SubscriptionType.is_in([Word(SubscriptionType::Standalone), Word(SubscriptionType::Parent)]))
        .filter(Column::CurrentPeriodEnd.lte(Time(now)))
        .filter(Expr::col(Column::EnvironmentId).not_in_subquery(test_clock_environments()))
        .order_by_asc(Column::CurrentPeriodEnd)
        .limit(limit)
        .into_tuple()
        .all(&session.executor())
        .await?;
    Ok(rows.into_iter().map(due).collect())
}

/// Draft invoices whose next step is due at `now`, the longest waiting first; of equals the one made first, since what
/// a subscription's coupons take off an invoice depends on those before it.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn drafts(session: &Session, now: Timestamp, limit: u64) -> Result<Vec<Due>, StoreError> {
    use invoices::Column;
    let rows: Vec<(String, String, String, Time)> = invoices::Entity::find()
        .select_only()
        .columns([Column::TenantId, Column::EnvironmentId, Column::Id, Column::ProcessAt])
        .filter(Column::InvoiceStatus.eq(Word(InvoiceStatus::Draft)))
        .filter(Column::ProcessAt.lte(Time(now)))
        .filter(Expr::col(Column::EnvironmentId).not_in_subquery(test_clock_environments()))
        .order_by_asc(Column::ProcessAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(&session.executor())
        .await?;
    Ok(rows.into_iter().map(due).collect())
}

/// Open runs of background workflows that no worker has at `now`, the longest waiting first; of every environment, for
/// somebody asked for them.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn job_runs(session: &Session, now: Timestamp, limit: u64) -> Result<Vec<Due>, StoreError> {
    use job_runs::Column;
    let rows: Vec<(String, String, String, Time)> = job_runs::Entity::find()
        .select_only()
        .columns([Column::TenantId, Column::EnvironmentId, Column::Id, Column::LeaseUntil])
        .filter(is_open())
        .filter(Column::LeaseUntil.lte(Time(now)))
        .order_by_asc(Column::LeaseUntil)
        .limit(limit)
        .into_tuple()
        .all(&session.executor())
        .await?;
    Ok(rows.into_iter().map(due).collect())
}

/// The open run of this workflow on what `lock_key` names, in whichever environment of the tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn open_run(
    session: &Session,
    tenant_id: &str,
    workflow_type: WorkflowType,
    lock_key: &str,
) -> Result<Option<job_runs::Model>, StoreError> {
    use job_runs::Column;
    let query = job_runs::Entity::find()
        .filter(is_open())
        .filter(Column::TenantId.eq(tenant_id))
        .filter(Column::WorkflowType.eq(Word(workflow_type)))
        .filter(Column::LockKey.eq(lock_key));
    Ok(query.one(&session.executor()).await?)
}

/// Written out, since a bound value would keep databases from using the indexes of open runs.
fn is_open() -> SimpleExpr {
    Expr::cust("run_status = 'Running'")
}

fn test_clock_environments() -> sea_orm::sea_query::SelectStatement {
    Query::select()
        .column(environments::Column::Id)
        .from(environments::Entity)
        .and_where(environments::Column::TestClockAt.is_not_null())
        .to_owned()
}

fn due((tenant_id, environment_id, id, since): (String, String, String, Time)) -> Due {
    Due {
        scope: Scope {
            tenant_id,
            environment_id,
        },
        id,
        since: since.0,
    }
}
