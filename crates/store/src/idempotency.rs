//! Requests that were carried out under a key, so that they are not carried out again.
//!
//! A claim is a row in the transaction that also holds what its request changes. Its unique key makes a second claim
//! wait for the end of that transaction: if it commits, the answer is there; if it fails, or its process dies, the key is
//! free, and nothing was changed. There is no state in between that anybody would have to repair.

use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, Order, QueryFilter, TryInsertResult,
};
use tariff_core::{Scope, Timestamp};

use crate::column::{Time, set};
use crate::entity::idempotency_keys::{ActiveModel, Column, Entity, Model};
use crate::{Session, StoreError};

/// The status of a row whose request is being carried out.
const UNANSWERED: i64 = 0;

/// Whose key it is: keys of different users, environments or tenants have nothing to do with each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyOwner {
    /// Tenant and environment; the environment is empty for requests without one.
    pub scope: Scope,
    /// The caller.
    pub user_id: String,
    /// The key.
    pub key: String,
}

/// A request that asks to be carried out once.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// Whose key it is.
    pub owner: &'a KeyOwner,
    /// Tells the request from others with the same key.
    pub fingerprint: &'a str,
    /// The id of a new row.
    pub id: String,
    /// The present moment, by the server's clock.
    pub now: Timestamp,
    /// Until when the answer is kept.
    pub expires_at: Timestamp,
}

/// An answer as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// The body, if it may be kept.
    pub body: Option<String>,
}

/// What became of a claim.
#[derive(Debug)]
pub enum Claimed {
    /// The request is to be carried out, in this transaction.
    New,
    /// A request with this key was carried out.
    Known {
        /// Its fingerprint.
        fingerprint: String,
        /// Its answer.
        answer: KeptAnswer,
    },
}

/// Claims a key in the session's transaction. Waits for another transaction that has claimed it.
///
/// # Errors
/// [`StoreError::LockTimeout`] when the other one takes too long, [`StoreError::Database`].
pub async fn claim(session: &Session, claim: Claim<'_>) -> Result<Claimed, StoreError> {
    let executor = session.executor();
    let expired = of(claim.owner).add(Column::ExpiresAt.lte(Time(claim.now)));
    Entity::delete_many().filter(expired).exec(&executor).await?;
    let row = Model {
        id: claim.id,
        tenant_id: claim.owner.scope.tenant_id.clone(),
        environment_id: claim.owner.scope.environment_id.clone(),
        user_id: claim.owner.user_id.clone(),
        key: claim.owner.key.clone(),
        fingerprint: claim.fingerprint.to_owned(),
        status: UNANSWERED,
        body: None,
        created_at: Time(claim.now),
        expires_at: Time(claim.expires_at),
    };
    let unique = [Column::TenantId, Column::EnvironmentId, Column::UserId, Column::Key];
    let inserted = Entity::insert(row.into_active_model().reset_all())
        .on_conflict_do_nothing_on(unique)
        .exec_without_returning(&executor)
        .await?;
    if matches!(inserted, TryInsertResult::Inserted(rows) if rows > 0) {
        return Ok(Claimed::New);
    }
    let known = Entity::find().filter(of(claim.owner)).one(&executor).await?;
    let known =
        known.ok_or_else(|| StoreError::Database(sea_orm::DbErr::RecordNotFound("idempotency key".to_owned())))?;
    Ok(Claimed::Known {
        fingerprint: known.fingerprint,
        answer: KeptAnswer {
            status: u16::try_from(known.status).unwrap_or_default(),
            body: known.body,
        },
    })
}

/// Writes the answer beside the claim.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn keep(session: &Session, owner: &KeyOwner, answer: &KeptAnswer) -> Result<(), StoreError> {
    let changes = ActiveModel {
        status: set(i64::from(answer.status)),
        body: set(answer.body.clone()),
        ..Default::default()
    };
    let kept = Entity::update_many().set(changes).filter(of(owner));
    kept.exec(&session.executor()).await?;
    Ok(())
}

/// Removes at most `limit` keys that have expired, of all tenants, and tells how many.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn forget_expired(session: &Session, now: Timestamp, limit: u64) -> Result<u64, StoreError> {
    let expired = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::ExpiresAt.lte(Time(now)))
        .order_by(Column::ExpiresAt, Order::Asc)
        .limit(limit)
        .to_owned();
    let forgotten = Entity::delete_many().filter(Column::Id.in_subquery(expired));
    Ok(forgotten.exec(&session.executor()).await?.rows_affected)
}

fn of(owner: &KeyOwner) -> Condition {
    Condition::all()
        .add(Column::TenantId.eq(owner.scope.tenant_id.as_str()))
        .add(Column::EnvironmentId.eq(owner.scope.environment_id.as_str()))
        .add(Column::UserId.eq(owner.user_id.as_str()))
        .add(Column::Key.eq(owner.key.as_str()))
}
