//! Sessions: a connection that reads, or a transaction that writes and notes what it changes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::sea_query::LockType;
use sea_orm::{
    Condition, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, EntityTrait, QueryFilter,
    QuerySelect, Select,
};
use tariff_core::Scope;

use crate::audit::{Audited, Author, Place, Removal, Trail, id_of};
use crate::error::StoreError;
use crate::scoped::{Scoped, place_of};
use crate::tenant_rows::TenantRows;

#[derive(Debug)]
pub(crate) enum Inner {
    Read(DatabaseConnection),
    /// Reading within a unit of several transactions.
    Within(Arc<DatabaseTransaction>),
    Write(Writing),
}

/// A transaction, on whose behalf it is, and what it has changed so far.
#[derive(Debug)]
pub(crate) struct Writing {
    transaction: DatabaseTransaction,
    author: Author,
    trail: Mutex<Trail>,
    commits: Arc<AtomicU64>,
}

/// Counts a commit when it is over, also when nobody waits for its outcome any more.
pub(crate) struct Counted(pub(crate) Arc<AtomicU64>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

/// A connection or a transaction; what it may see is decided by [`Session::scoped`] or [`Session::tenant`].
/// A transaction that is dropped without [`Session::commit`] leaves no trace.
#[derive(Debug)]
pub struct Session(pub(crate) Inner);

impl Session {
    pub(crate) fn writing(transaction: DatabaseTransaction, author: Author, commits: Arc<AtomicU64>) -> Self {
        Self(Inner::Write(Writing {
            transaction,
            author,
            trail: Mutex::default(),
            commits,
        }))
    }

    pub(crate) fn executor(&self) -> DatabaseExecutor<'_> {
        match &self.0 {
            Inner::Read(connection) => DatabaseExecutor::from(connection),
            Inner::Within(transaction) => DatabaseExecutor::from(&**transaction),
            Inner::Write(writing) => DatabaseExecutor::from(&writing.transaction),
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        match &self.0 {
            Inner::Read(connection) => connection.get_database_backend(),
            Inner::Within(transaction) => sea_orm::ConnectionTrait::get_database_backend(&**transaction),
            Inner::Write(writing) => sea_orm::ConnectionTrait::get_database_backend(&writing.transaction),
        }
    }

    /// A query that holds the rows it finds until the transaction ends. SQLite has one writer, so there they are held
    /// already.
    pub(crate) fn held<E: EntityTrait>(&self, query: Select<E>) -> Select<E> {
        match self.backend() {
            DbBackend::Postgres => query.lock(LockType::Update),
            _ => query,
        }
    }

    /// Everything in one environment of one tenant.
    #[must_use]
    pub fn scoped<'a>(&'a self, scope: &'a Scope) -> Scoped<'a> {
        Scoped { session: self, scope }
    }

    /// Makes the transaction's writes durable, together with their entries in the audit log. On a reading session there
    /// is nothing to do.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the commit fails; then nothing was written.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.0 {
            Inner::Read(_) | Inner::Within(_) => Ok(()),
            Inner::Write(writing) => {
                let trail = writing.trail.into_inner().unwrap_or_else(PoisonError::into_inner);
                trail.write(&writing.transaction, &writing.author).await?;
                let _counted = Counted(writing.commits);
                Ok(writing.transaction.commit().await?)
            }
        }
    }

    /// Notes in the audit log that something in this scope that is no record of this store is taken out.
    pub fn note_removal(&self, scope: &Scope, removal: Removal<'_>) {
        self.trail(|trail| trail.note_removal(place_of(scope), removal));
    }

    pub(crate) fn note<E: Audited>(&self, place: Place<'_>, before: Option<&E::Model>, after: &E::Model) {
        self.trail(|trail| trail.note::<E>(place, before, after));
    }

    /// The records as they are before an update, by id, held until the transaction ends. Nobody asks for those that have
    /// no entry of their own.
    pub(crate) async fn before<E: Audited>(
        &self,
        condition: Condition,
    ) -> Result<BTreeMap<String, E::Model>, StoreError> {
        if E::DERIVED {
            return Ok(BTreeMap::new());
        }
        let query = self.held(E::find().filter(condition));
        let found = query.all(&self.executor()).await?;
        Ok(found.into_iter().map(|model| (id_of::<E>(&model), model)).collect())
    }

    pub(crate) fn note_updates<E: Audited>(
        &self,
        place: Place<'_>,
        before: &BTreeMap<String, E::Model>,
        after: &[E::Model],
    ) {
        for model in after {
            self.note::<E>(place, before.get(&id_of::<E>(model)), model);
        }
    }

    /// A reading session cannot write, so it has nothing to note.
    fn trail(&self, note: impl FnOnce(&mut Trail)) {
        if let Inner::Write(writing) = &self.0 {
            note(&mut writing.trail.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// The records of one tenant that belong to no environment.
    #[must_use]
    pub fn tenant<'a>(&'a self, tenant_id: &'a str) -> TenantRows<'a> {
        TenantRows {
            session: self,
            tenant_id,
        }
    }
}
