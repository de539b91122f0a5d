//! What can go wrong in storage, told apart as far as the engine must tell it apart.

use sea_orm::{DbErr, RuntimeErr, SqlErr};

/// PostgreSQL's code for a lock that was not had in time.
const POSTGRES_LOCK_TIMEOUT: &str = "55P03";
/// PostgreSQL's codes for transactions that got in each other's way: a deadlock, and an order that cannot be.
const POSTGRES_CONFLICTS: [&str; 2] = ["40P01", "40001"];

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
    /// The transaction and others got in each other's way, and this one was undone; it may be tried again.
    #[error("the transaction was undone in favour of another: {0}")]
    Conflict(DbErr),
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
            _ => match postgres_code(&error).as_deref() {
                Some(POSTGRES_LOCK_TIMEOUT) => Self::LockTimeout(error),
                Some(code) if POSTGRES_CONFLICTS.contains(&code) => Self::Conflict(error),
                _ => Self::Database(error),
            },
        }
    }
}

/// The code that the database gave the failure. Those of PostgreSQL have five characters, and no other's are like them.
fn postgres_code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) = error else {
        return None;
    };
    let code = error.as_database_error()?.code()?;
    Some(code.into_owned())
}
