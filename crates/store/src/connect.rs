//! Connections to SQLite or PostgreSQL, and the transactions they begin.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::Connection;
use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::audit::Author;
use crate::error::StoreError;
use crate::migration::Migrator;
use crate::session::{Inner, Session};

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
