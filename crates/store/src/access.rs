//! Look-ups that come before a scope is known: by credential, by e-mail, by tenant id.

use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, DbBackend, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QuerySelect,
};
use tariff_core::Status;

use crate::column::Word;
use crate::entity::{secrets, tenants, users};
use crate::tenant_rows::tenant_place;
use crate::{Session, StoreError};

/// The API key with this hash, whatever its state.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn secret_by_hash(session: &Session, key_hash: &str) -> Result<Option<secrets::Model>, StoreError> {
    Ok(secrets::Entity::find()
        .filter(secrets::Column::KeyHash.eq(key_hash))
        .one(&session.executor())
        .await?)
}

/// The published user with this e-mail, ignoring letter case, of any tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn user_by_email(session: &Session, email: &str) -> Result<Option<users::Model>, StoreError> {
    let query = users::Entity::find()
        .filter(users::Column::EmailLowercase.eq(email.to_lowercase()))
        .filter(users::Column::Status.eq(Word(Status::Published)));
    Ok(query.one(&session.executor()).await?)
}

/// The tenant of this id.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn tenant(session: &Session, id: &str) -> Result<Option<tenants::Model>, StoreError> {
    Ok(tenants::Entity::find_by_id(id).one(&session.executor()).await?)
}

/// As [`tenant`], holding the row until the transaction ends: whoever counts against a tenant's quota holds it. Records
/// that refer to the tenant can be written meanwhile.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn lock_tenant(session: &Session, id: &str) -> Result<Option<tenants::Model>, StoreError> {
    let mut query = tenants::Entity::find_by_id(id);
    if session.backend() == DbBackend::Postgres {
        query = query.lock(LockType::NoKeyUpdate);
    }
    Ok(query.one(&session.executor()).await?)
}

/// Inserts a tenant.
///
/// # Errors
/// [`StoreError::Duplicate`], [`StoreError::Database`].
pub async fn insert_tenant(session: &Session, row: tenants::Model) -> Result<tenants::Model, StoreError> {
    let inserted = tenants::Entity::insert(row.into_active_model().reset_all())
        .exec_with_returning(&session.executor())
        .await?;
    session.note::<tenants::Entity>(tenant_place(&inserted.id), None, &inserted);
    Ok(inserted)
}

/// Writes the columns that are set, of one tenant.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn update_tenant(
    session: &Session,
    id: &str,
    changes: tenants::ActiveModel,
) -> Result<Option<tenants::Model>, StoreError> {
    let condition = Condition::all().add(tenants::Column::Id.eq(id));
    let before = session.before::<tenants::Entity>(condition.clone()).await?;
    let query = tenants::Entity::update_many().set(changes).filter(condition);
    let mut after = query.exec_with_returning(&session.executor()).await?;
    session.note_updates::<tenants::Entity>(tenant_place(id), &before, &after);
    Ok(after.pop())
}

/// Whether the store holds no tenant yet.
///
/// # Errors
/// [`StoreError::Database`].
pub async fn is_empty(session: &Session) -> Result<bool, StoreError> {
    Ok(tenants::Entity::find().count(&session.executor()).await? == 0)
}
