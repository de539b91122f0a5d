//! What can go wrong in storage, told apart as far as the engine must tell it apart.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// PostgreSQL's code for a lock that was not had in time.
const POSTGRES_LOCK_TIMEOUT: &str = "55P03";

/// A failure of the relational store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the row.
    #[error("a unique index refused the row: {0}")]
    Duplicate(String),
    /// A filter or sort key names a field outside the resource's allow-list (spec 01 A11).
    #[error("unknown field {0:?}")]
    UnknownField(String),
    /// A filter's value does not fit its field (spec 01 A11).
    #[error("the value does not fit field {field:?}: expected {expected}")]
    Unfit {
        /// The field filtered on.
        field: String,
        /// What it holds.
        expected: &'static str,
    },
    /// A listing has more conditions than a database takes.
    #[error("more than {max} conditions")]
    TooManyConditions {
        /// The bound.
        max: usize,
    },
    /// Somebody else holds a row for longer than a statement waits.
    #[error("another transaction holds the row for too long: {0}")]
    LockTimeout(DbErr),
    /// A unit of several transactions ended while somebody still read within it.
    #[error("a unit ended while it was still read")]
    StillRead,
    /// The database is unreachable, locked, full or broken.
    #[error(transparent)]
    Database(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(message)) => Self::Duplicate(message),
            _ if is_lock_timeout(&error) => Self::LockTimeout(error),
            _ => Self::Database(error),
        }
    }
}

/// Whether PostgreSQL gave up waiting for a row.
fn is_lock_timeout(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return false;
    };
    let code = error.as_database_error().and_then(|error| error.code());
    code.as_deref() == Some(POSTGRES_LOCK_TIMEOUT)
}
