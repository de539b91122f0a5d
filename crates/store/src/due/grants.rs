//! The subscriptions whose entitlement grants are evaluated.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tariff_core::vocabulary::{EntitlementEntityType, SubscriptionStatus, SubscriptionType};
use tariff_core::{Scope, Status};

use super::{Due, due, test_clock_environments};
use crate::column::{Time, Word};
use crate::entity::{addon_associations, entitlement_grants, entitlements, subscriptions};
use crate::{Session, StoreError};

/// Live subscriptions that entitlement grants may be opened for, and those of any state that have open ones, in the order
/// of their ids, from the one after `after` on. Of one scope, or of every environment that lives by the server's clock.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn grant_holders(
    session: &Session,
    scope: Option<&Scope>,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Due>, StoreError> {
    use subscriptions::Column;
    let live = Condition::all()
        .add(Column::SubscriptionStatus.is_in([Word(SubscriptionStatus::Active), Word(SubscriptionStatus::Trialing)]))
        .add(Column::SubscriptionType.is_in([Word(SubscriptionType::Standalone), Word(SubscriptionType::Parent)]))
        .add(
            Condition::any()
                .add(Expr::col(Column::PlanId).in_subquery(grant_configured(EntitlementEntityType::Plan)))
                .add(Expr::col(Column::Id).in_subquery(grant_configured(EntitlementEntityType::Subscription)))
                .add(Expr::col(Column::Id).in_subquery(holders_of_granting_addons())),
        );
    let open = Query::select()
        .column(entitlement_grants::Column::SubscriptionId)
        .from(entitlement_grants::Entity)
        .and_where(entitlement_grants::Column::ClosedAt.is_null())
        .to_owned();
    let mut query = subscriptions::Entity::find()
        .select_only()
        .columns([
            Column::TenantId,
            Column::EnvironmentId,
            Column::Id,
            Column::CurrentPeriodEnd,
        ])
        .filter(Column::Status.eq(Word(Status::Published)))
        .filter(Condition::any().add(live).add(Expr::col(Column::Id).in_subquery(open)));
    query = match scope {
        Some(scope) => query
            .filter(Column::TenantId.eq(scope.tenant_id.as_str()))
            .filter(Column::EnvironmentId.eq(scope.environment_id.as_str())),
        None => query.filter(Expr::col(Column::EnvironmentId).not_in_subquery(test_clock_environments())),
    };
    if let Some(after) = after {
        query = query.filter(Column::Id.gt(after));
    }
    let rows: Vec<(String, String, String, Time)> = query
        .order_by_asc(Column::Id)
        .limit(limit)
        .into_tuple()
        .all(&session.executor())
        .await?;
    Ok(rows.into_iter().map(due).collect())
}

/// The owners of a kind that have an entitlement with a grant configuration.
fn grant_configured(kind: EntitlementEntityType) -> SelectStatement {
    Query::select()
        .column(entitlements::Column::EntityId)
        .from(entitlements::Entity)
        .and_where(entitlements::Column::EntityType.eq(Word(kind)))
        .and_where(entitlements::Column::GrantConfig.is_not_null())
        .and_where(entitlements::Column::IsEnabled.eq(true))
        .and_where(entitlements::Column::Status.eq(Word(Status::Published)))
        .to_owned()
}

/// The subscriptions that ever had an addon with such an entitlement. Whether it is in force is looked at when the grants
/// are evaluated.
fn holders_of_granting_addons() -> SelectStatement {
    use addon_associations::Column;
    Query::select()
        .column(Column::SubscriptionId)
        .from(addon_associations::Entity)
        .and_where(Expr::col(Column::AddonId).in_subquery(grant_configured(EntitlementEntityType::Addon)))
        .and_where(Column::Status.eq(Word(Status::Published)))
        .to_owned()
}
