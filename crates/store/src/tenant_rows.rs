//! The rows of one tenant that belong to no environment.

use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, IntoActiveModel, PaginatorTrait, QueryFilter, Select};

use crate::audit::{Audited, Place};
use crate::error::StoreError;
use crate::resource::TenantResource;
use crate::search::Listing;
use crate::select::{narrowed, paged};
use crate::session::Session;

/// The rows of one tenant that belong to no environment: environments, users.
#[derive(Debug, Clone, Copy)]
pub struct TenantRows<'a> {
    pub(crate) session: &'a Session,
    pub(crate) tenant_id: &'a str,
}

impl TenantRows<'_> {
    fn select<E: TenantResource>(&self) -> Select<E> {
        E::find().filter(E::TENANT.eq(self.tenant_id))
    }

    /// The record of this id, whatever its status.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn get<E: TenantResource>(&self, id: &str) -> Result<Option<E::Model>, StoreError> {
        Ok(self
            .select::<E>()
            .filter(E::ID.eq(id))
            .one(&self.session.executor())
            .await?)
    }

    /// As [`TenantRows::get`], holding the row until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn lock<E: TenantResource>(&self, id: &str) -> Result<Option<E::Model>, StoreError> {
        let query = self.session.held(self.select::<E>().filter(E::ID.eq(id)));
        Ok(query.one(&self.session.executor()).await?)
    }

    /// The records that match.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn list<E: TenantResource>(&self, listing: &Listing) -> Result<Vec<E::Model>, StoreError> {
        let query = paged::<E>(self.select::<E>(), listing, self.session.backend())?;
        Ok(query.all(&self.session.executor()).await?)
    }

    /// How many records match, ignoring the page limits.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn count<E: TenantResource>(&self, listing: &Listing) -> Result<u64, StoreError>
    where
        E::Model: Send + Sync,
    {
        let query = narrowed::<E>(self.select::<E>(), listing, self.session.backend())?;
        Ok(query.count(&self.session.executor()).await?)
    }

    /// Inserts a record of this tenant, whatever tenant the value names.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`], [`StoreError::Database`].
    pub async fn insert<E: TenantResource + Audited>(&self, row: E::Model) -> Result<E::Model, StoreError>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let mut row = row.into_active_model().reset_all();
        row.set(E::TENANT, self.tenant_id.into());
        let inserted = E::insert(row).exec_with_returning(&self.session.executor()).await?;
        self.session.note::<E>(tenant_place(self.tenant_id), None, &inserted);
        Ok(inserted)
    }

    /// Writes the columns that are set, of one record, and returns the whole record; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`], [`StoreError::Database`].
    pub async fn update<E: TenantResource + Audited>(
        &self,
        id: &str,
        changes: E::ActiveModel,
    ) -> Result<Option<E::Model>, StoreError> {
        let condition = Condition::all().add(E::TENANT.eq(self.tenant_id)).add(E::ID.eq(id));
        let before = self.session.before::<E>(condition.clone()).await?;
        let query = E::update_many().set(changes).filter(condition);
        let mut after = query.exec_with_returning(&self.session.executor()).await?;
        self.session
            .note_updates::<E>(tenant_place(self.tenant_id), &before, &after);
        Ok(after.pop())
    }
}

/// Where records are that belong to no environment.
pub(crate) fn tenant_place(tenant_id: &str) -> Place<'_> {
    Place {
        tenant_id,
        environment_id: "",
    }
}
