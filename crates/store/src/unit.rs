//! A transaction around everything that one request does.
//!
//! Within it every transaction of the request is a savepoint: it is undone alone, but nothing is durable before the
//! whole is. Whoever reads within it sees what the request has written so far.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use sea_orm::{DatabaseTransaction, TransactionTrait};

use crate::StoreError;
use crate::audit::Author;
use crate::connect::Store;
use crate::session::{Counted, Inner, Session};

/// A transaction around the transactions of one request. Dropped without [`Unit::commit`] it leaves no trace.
#[derive(Debug)]
pub struct Unit {
    transaction: Arc<DatabaseTransaction>,
    commits: Arc<AtomicU64>,
}

impl Store {
    /// Begins a transaction around others.
    ///
    /// # Errors
    /// [`StoreError::Database`] when no connection or lock is had in time.
    pub async fn begin_unit(&self) -> Result<Unit, StoreError> {
        Ok(Unit {
            transaction: Arc::new(self.begin_transaction().await?),
            commits: self.commit_count(),
        })
    }
}

impl Unit {
    /// A session that reads what is committed and what the unit has written.
    #[must_use]
    pub fn read(&self) -> Session {
        Session(Inner::Within(Arc::clone(&self.transaction)))
    }

    /// Begins a transaction inside.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn begin(&self, author: Author) -> Result<Session, StoreError> {
        let inner = self.transaction.begin().await?;
        Ok(Session::writing(inner, author, Arc::clone(&self.commits)))
    }

    /// Makes everything durable that was committed inside.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the commit fails, then nothing was written; [`StoreError::StillRead`] while a
    /// session of [`Unit::read`] is alive.
    pub async fn commit(self) -> Result<(), StoreError> {
        let transaction = Arc::try_unwrap(self.transaction).map_err(|_| StoreError::StillRead)?;
        let _counted = Counted(self.commits);
        Ok(transaction.commit().await?)
    }

    /// Undoes everything, now rather than when the connection is used next: others may wait for it.
    ///
    /// # Errors
    /// As [`Unit::commit`].
    pub async fn roll_back(self) -> Result<(), StoreError> {
        let transaction = Arc::try_unwrap(self.transaction).map_err(|_| StoreError::StillRead)?;
        Ok(transaction.rollback().await?)
    }
}
