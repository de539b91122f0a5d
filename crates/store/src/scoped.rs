//! The rows of one environment of one tenant. A query that forgets the scope cannot be written.

use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, IntoActiveModel, PaginatorTrait, QueryFilter, Select};
use tariff_core::Scope;

use crate::audit::{Audited, Place};
use crate::error::StoreError;
use crate::resource::ScopedResource;
use crate::search::{Listing, to_sql};
use crate::select::{narrowed, paged};
use crate::session::Session;

/// The rows of one scope. All reads and writes of environment-scoped records go through here.
#[derive(Debug, Clone, Copy)]
pub struct Scoped<'a> {
    pub(crate) session: &'a Session,
    pub(crate) scope: &'a Scope,
}

impl Scoped<'_> {
    pub(crate) fn condition<E: ScopedResource>(&self) -> Condition {
        Condition::all()
            .add(E::TENANT.eq(self.scope.tenant_id.as_str()))
            .add(E::ENVIRONMENT.eq(self.scope.environment_id.as_str()))
    }

    pub(crate) fn select<E: ScopedResource>(&self) -> Select<E> {
        E::find().filter(self.condition::<E>())
    }

    /// The record of this id, whatever its status.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn get<E: ScopedResource>(&self, id: &str) -> Result<Option<E::Model>, StoreError> {
        Ok(self
            .select::<E>()
            .filter(E::ID.eq(id))
            .one(&self.session.executor())
            .await?)
    }

    /// As [`Scoped::get`], holding the row until the transaction ends.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn lock<E: ScopedResource>(&self, id: &str) -> Result<Option<E::Model>, StoreError> {
        let query = self.session.held(self.select::<E>().filter(E::ID.eq(id)));
        Ok(query.one(&self.session.executor()).await?)
    }

    /// The records that match, and how many there are without the page limits.
    ///
    /// # Errors
    /// [`StoreError::UnknownField`], [`StoreError::Unfit`], [`StoreError::Database`].
    pub async fn page<E: ScopedResource>(&self, listing: &Listing) -> Result<(Vec<E::Model>, u64), StoreError>
    where
        E::Model: Send + Sync,
    {
        let total = self.count::<E>(listing).await?;
        Ok((self.list::<E>(listing).await?, total))
    }

    /// The records that match.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn list<E: ScopedResource>(&self, listing: &Listing) -> Result<Vec<E::Model>, StoreError> {
        let query = paged::<E>(self.select::<E>(), listing, self.session.backend())?;
        Ok(query.all(&self.session.executor()).await?)
    }

    /// The first record that matches.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn first<E: ScopedResource>(&self, listing: Listing) -> Result<Option<E::Model>, StoreError> {
        Ok(self
            .list::<E>(&Listing {
                limit: Some(1),
                ..listing
            })
            .await?
            .pop())
    }

    /// As [`Scoped::first`], holding the row until the transaction ends, as [`Scoped::lock`] does. A row that somebody
    /// else held is looked at again when it is free, and is not the answer if it matches no more.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn lock_first<E: ScopedResource>(&self, listing: Listing) -> Result<Option<E::Model>, StoreError> {
        let first = Listing {
            limit: Some(1),
            ..listing
        };
        let query = paged::<E>(self.select::<E>(), &first, self.session.backend())?;
        Ok(self.session.held(query).all(&self.session.executor()).await?.pop())
    }

    /// How many records match, ignoring the page limits.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn count<E: ScopedResource>(&self, listing: &Listing) -> Result<u64, StoreError>
    where
        E::Model: Send + Sync,
    {
        let query = narrowed::<E>(self.select::<E>(), listing, self.session.backend())?;
        Ok(query.count(&self.session.executor()).await?)
    }

    /// Inserts a record into this scope, whatever scope the value names.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`], [`StoreError::Database`].
    pub async fn insert<E: ScopedResource + Audited>(&self, row: E::Model) -> Result<E::Model, StoreError>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let mut row = row.into_active_model().reset_all();
        row.set(E::TENANT, self.scope.tenant_id.clone().into());
        row.set(E::ENVIRONMENT, self.scope.environment_id.clone().into());
        let inserted = E::insert(row).exec_with_returning(&self.session.executor()).await?;
        self.session.note::<E>(place_of(self.scope), None, &inserted);
        Ok(inserted)
    }

    /// Writes the columns that are set, of one record, and returns the whole record; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`], [`StoreError::Database`].
    pub async fn update<E: ScopedResource + Audited>(
        &self,
        id: &str,
        changes: E::ActiveModel,
    ) -> Result<Option<E::Model>, StoreError> {
        let listing = Listing::all().equal("id", id);
        Ok(self.update_where::<E>(&listing, changes).await?.pop())
    }

    /// Writes the columns that are set, of every record that matches, and returns those records.
    ///
    /// # Errors
    /// As [`Scoped::update`] and [`Scoped::page`].
    pub async fn update_where<E: ScopedResource + Audited>(
        &self,
        listing: &Listing,
        changes: E::ActiveModel,
    ) -> Result<Vec<E::Model>, StoreError> {
        let mut condition = self.condition::<E>();
        for filter in &listing.filters {
            condition = condition.add(to_sql(E::fields(), filter, self.session.backend())?);
        }
        let before = self.session.before::<E>(condition.clone()).await?;
        let query = E::update_many().set(changes).filter(condition);
        let after = query.exec_with_returning(&self.session.executor()).await?;
        self.session.note_updates::<E>(place_of(self.scope), &before, &after);
        Ok(after)
    }
}

/// Where records of a scope are.
pub(crate) fn place_of(scope: &Scope) -> Place<'_> {
    Place {
        tenant_id: &scope.tenant_id,
        environment_id: &scope.environment_id,
    }
}
