//! Connections, transactions, and the scope every query goes through.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sea_query::{LockType, NullOrdering};
use sea_orm::sqlx::Connection;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectOptions, Database, DatabaseConnection,
    DatabaseExecutor, DatabaseTransaction, DbBackend, IntoActiveModel, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;
use tariff_core::Scope;

use crate::audit::{Audited, Author, Place, Removal, Trail, id_of};
use crate::error::StoreError;
use crate::migration::Migrator;
use crate::resource::{ScopedResource, TenantResource};
use crate::search::{CONDITIONS_MAX, Direction, Listing, lookup, to_sql};

/// How long a statement waits for another writer before it fails, unless told otherwise.
pub const LOCK_WAIT_DEFAULT: Duration = Duration::from_secs(10);
/// Readers beside SQLite's single writer.
const SQLITE_READERS_MAX: u32 = 4;
/// Connections to PostgreSQL.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;

/// Where the relational state lives.
#[derive(Debug, Clone)]
pub enum StoreLocation {
    /// A SQLite file; its folder must exist.
    Sqlite(PathBuf),
    /// A PostgreSQL database, as a `postgres://` URL.
    Postgres(String),
}

/// The relational store.
#[derive(Debug, Clone)]
pub struct Store {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    commits: Arc<AtomicU64>,
}

impl Store {
    /// Connects, creating the SQLite file if needed, and applies pending migrations.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database cannot be reached or migrated.
    pub async fn open(location: &StoreLocation) -> Result<Self, StoreError> {
        Self::open_with(location, LOCK_WAIT_DEFAULT).await
    }

    /// As [`Store::open`]; statements wait `lock_wait` for a connection or another writer before they fail.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_with(location: &StoreLocation, lock_wait: Duration) -> Result<Self, StoreError> {
        let (writer, reader) = match location {
            StoreLocation::Sqlite(path) => {
                let url = format!("sqlite://{}?mode=rwc", path.display());
                let writer = Database::connect(sqlite_writer(&url, lock_wait)).await?;
                let readers = sqlite_options(&url, SQLITE_READERS_MAX, lock_wait);
                (writer, Database::connect(readers).await?)
            }
            StoreLocation::Postgres(url) => {
                let pool = Database::connect(postgres_options(url, lock_wait)).await?;
                (pool.clone(), pool)
            }
        };
        Migrator::up(&writer, None).await?;
        Ok(Self {
            writer,
            reader,
            commits: Arc::default(),
        })
    }

    /// Grows with each transaction that this process commits, before the commit is told to anybody. While it stays the
    /// same, what was read after it was looked at has not been changed by this process; other processes that share the
    /// database do not move it.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Acquire)
    }

    /// What [`Store::commits`] tells, for whoever commits.
    pub(crate) fn commit_count(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.commits)
    }

    /// A session that reads the last committed state.
    #[must_use]
    pub fn read(&self) -> Session {
        Session(Inner::Read(self.reader.clone()))
    }

    /// Begins a write transaction on the author's behalf. SQLite admits one at a time, from its first statement on.
    ///
    /// # Errors
    /// [`StoreError::Database`] when no connection or lock is had in time.
    pub async fn begin(&self, author: Author) -> Result<Session, StoreError> {
        let transaction = self.begin_transaction().await?;
        Ok(Session::writing(transaction, author, self.commit_count()))
    }

    pub(crate) async fn begin_transaction(&self) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Database`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.reader.ping().await?)
    }
}

fn sqlite_options(url: &str, connections_max: u32, lock_wait: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections_max)
        .min_connections(1)
        .acquire_timeout(lock_wait)
        .sqlx_logging(false)
        // The file does not go away as a server might.
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            // WAL lets readers go on beside the writer; FULL makes a commit durable before it is acknowledged.
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .foreign_keys(true)
                .busy_timeout(lock_wait)
        });
    options
}

fn sqlite_writer(url: &str, lock_wait: Duration) -> ConnectOptions {
    let mut options = sqlite_options(url, 1, lock_wait);
    options
        // A transaction that fails on a full disk can leave the driver believing that it is still open. Every later one
        // would then be nested in it and, though acknowledged, never be committed: such a connection is replaced. The
        // test beforehand waits until the roll-back of the last transaction is done.
        .test_before_acquire(true)
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            Box::pin(std::future::ready(Ok(!connection.is_in_transaction())))
        });
    options
}

fn postgres_options(url: &str, lock_wait: Duration) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(POSTGRES_CONNECTIONS_MAX)
        .acquire_timeout(lock_wait)
        .sqlx_logging(false)
        // Without it a statement waits for a row that somebody else holds for as long as they hold it.
        .map_sqlx_postgres_opts(move |postgres| {
            postgres.options([("lock_timeout", lock_wait.as_millis().to_string())])
        });
    options
}

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
        let mut query = E::find().filter(condition);
        if self.backend() == DbBackend::Postgres {
            query = query.lock(LockType::Update);
        }
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

    /// As [`Scoped::get`], holding the row until the transaction ends. SQLite has one writer, so there it is held already.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn lock<E: ScopedResource>(&self, id: &str) -> Result<Option<E::Model>, StoreError> {
        let mut query = self.select::<E>().filter(E::ID.eq(id));
        if self.session.backend() == DbBackend::Postgres {
            query = query.lock(LockType::Update);
        }
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
        Ok(self.listed::<E>(listing)?.all(&self.session.executor()).await?)
    }

    fn listed<E: ScopedResource>(&self, listing: &Listing) -> Result<Select<E>, StoreError> {
        let query = apply::<E>(self.select::<E>(), listing, self.session.backend())?;
        let query = order::<E>(query, listing)?;
        Ok(query
            .limit(listing.limit)
            .offset((listing.offset > 0).then_some(listing.offset)))
    }

    /// As [`Scoped::first`], holding the row until the transaction ends, as [`Scoped::lock`] does. A row that somebody
    /// else held is looked at again when it is free, and is not the answer if it matches no more.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn lock_first<E: ScopedResource>(&self, listing: Listing) -> Result<Option<E::Model>, StoreError> {
        let mut query = self.listed::<E>(&Listing {
            limit: Some(1),
            ..listing
        })?;
        if self.session.backend() == DbBackend::Postgres {
            query = query.lock(LockType::Update);
        }
        Ok(query.all(&self.session.executor()).await?.pop())
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

    /// How many records match, ignoring the page limits.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn count<E: ScopedResource>(&self, listing: &Listing) -> Result<u64, StoreError>
    where
        E::Model: Send + Sync,
    {
        let query = apply::<E>(self.select::<E>(), listing, self.session.backend())?;
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

    /// Inserts many records.
    ///
    /// # Errors
    /// As [`Scoped::insert`].
    pub async fn insert_all<E: ScopedResource + Audited>(
        &self,
        rows: Vec<E::Model>,
    ) -> Result<Vec<E::Model>, StoreError>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
    {
        let mut inserted = Vec::with_capacity(rows.len());
        for row in rows {
            inserted.push(self.insert::<E>(row).await?);
        }
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

/// The rows of one tenant that belong to no environment: environments, users.
#[derive(Debug, Clone, Copy)]
pub struct TenantRows<'a> {
    session: &'a Session,
    tenant_id: &'a str,
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
        let mut query = self.select::<E>().filter(E::ID.eq(id));
        if self.session.backend() == DbBackend::Postgres {
            query = query.lock(LockType::Update);
        }
        Ok(query.one(&self.session.executor()).await?)
    }

    /// The records that match.
    ///
    /// # Errors
    /// As [`Scoped::page`].
    pub async fn list<E: TenantResource>(&self, listing: &Listing) -> Result<Vec<E::Model>, StoreError> {
        let query = apply::<E>(self.select::<E>(), listing, self.session.backend())?;
        let query = order::<E>(query, listing)?;
        let query = query
            .limit(listing.limit)
            .offset((listing.offset > 0).then_some(listing.offset));
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
        let query = apply::<E>(self.select::<E>(), listing, self.session.backend())?;
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

fn place_of(scope: &Scope) -> Place<'_> {
    Place {
        tenant_id: &scope.tenant_id,
        environment_id: &scope.environment_id,
    }
}

/// Where records are that belong to no environment.
pub(crate) fn tenant_place(tenant_id: &str) -> Place<'_> {
    Place {
        tenant_id,
        environment_id: "",
    }
}

fn apply<E: TenantResource>(query: Select<E>, listing: &Listing, backend: DbBackend) -> Result<Select<E>, StoreError> {
    let conditions = listing.filters.len() + listing.sort.len() + listing.any_of.iter().map(Vec::len).sum::<usize>();
    if conditions > CONDITIONS_MAX {
        return Err(StoreError::TooManyConditions { max: CONDITIONS_MAX });
    }
    let mut condition = Condition::all();
    for filter in &listing.filters {
        condition = condition.add(to_sql(E::fields(), filter, backend)?);
    }
    for alternatives in &listing.any_of {
        let mut any = Condition::any();
        for filter in alternatives {
            any = any.add(to_sql(E::fields(), filter, backend)?);
        }
        condition = condition.add(any);
    }
    Ok(query.filter(condition))
}

fn order<E: TenantResource>(mut query: Select<E>, listing: &Listing) -> Result<Select<E>, StoreError> {
    for (name, direction) in &listing.sort {
        let (_, column, _) = lookup(E::fields(), name)?;
        // As PostgreSQL has it: what is not set counts as the largest.
        let unset = match direction {
            Direction::Ascending => NullOrdering::Last,
            Direction::Descending => NullOrdering::First,
        };
        query = query.order_by_with_nulls(*column, sql_order(*direction), unset);
    }
    let closing = sql_order(listing.order);
    Ok(query.order_by(E::CREATED_AT, closing.clone()).order_by(E::ID, closing))
}

fn sql_order(direction: Direction) -> Order {
    match direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    }
}

/// Marks a column as to be written.
pub fn set<V: Into<sea_orm::Value>>(value: V) -> ActiveValue<V> {
    ActiveValue::Set(value)
}
