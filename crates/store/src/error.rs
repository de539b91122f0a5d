//! What can go wrong in storage, told apart as far as the engine must tell it apart.

use sea_orm::{DbErr, SqlErr};

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
    /// The database is unreachable, locked, full or broken.
    #[error(transparent)]
    Database(DbErr),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(message)) => Self::Duplicate(message),
            _ => Self::Database(error),
        }
    }
}
