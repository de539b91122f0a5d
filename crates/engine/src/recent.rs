//! Records that every request needs, kept from one request to the next.
//!
//! A record is used again only as long as nothing has been committed in this process since it was read, so a change
//! acts on the very next request here: there is nothing to invalidate, and nothing to forget to. What other processes
//! change in a shared database is seen after [`AGE_MAX`] (spec 01 A2 allows two minutes). Only records that exist are
//! kept.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tariff_store::Store;

use crate::idempotency;

/// How long a record may be used again.
pub(crate) const AGE_MAX: Duration = Duration::from_secs(1);
/// Most records of a kind.
const RECORDS_MAX: usize = 10_000;

#[derive(Debug)]
struct Entry<V> {
    value: Arc<V>,
    /// State of [`Store::commits`] before it was read.
    commits: u64,
    read_at: Instant,
}

impl<V> Entry<V> {
    fn is_current(&self, commits: u64) -> bool {
        self.commits == commits && self.read_at.elapsed() < AGE_MAX
    }
}

/// Records of one kind by key.
#[derive(Debug)]
pub(crate) struct Recent<K, V>(RwLock<HashMap<K, Entry<V>>>);

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(RwLock::default())
    }
}

impl<K: Hash + Eq, V> Recent<K, V> {
    /// The record under `key`; `read` is only run when it has to be.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) async fn get_or<Q, E>(
        &self,
        store: &Store,
        key: &Q,
        read: impl Future<Output = Result<Option<V>, E>>,
    ) -> Result<Option<Arc<V>>, E>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        // What a request sees of its own uncommitted work is nobody else's.
        if idempotency::current().is_some() {
            return Ok(read.await?.map(Arc::new));
        }
        let commits = store.commits();
        if let Some(value) = self.get(key, commits) {
            return Ok(Some(value));
        }
        let read_at = Instant::now();
        let Some(value) = read.await?.map(Arc::new) else {
            return Ok(None);
        };
        let entry = Entry {
            value: Arc::clone(&value),
            commits,
            read_at,
        };
        self.put(key.to_owned(), entry);
        Ok(Some(value))
    }

    fn get<Q>(&self, key: &Q, commits: u64) -> Option<Arc<V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(key).filter(|entry| entry.is_current(commits))?;
        Some(Arc::clone(&entry.value))
    }

    fn put(&self, key: K, entry: Entry<V>) {
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= RECORDS_MAX {
            entries.retain(|_, kept| kept.is_current(entry.commits));
        }
        // More current ones than that: beginning anew is cheaper than choosing.
        if entries.len() >= RECORDS_MAX {
            entries.clear();
        }
        entries.insert(key, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(commits: u64) -> Entry<u32> {
        Entry {
            value: Arc::new(7),
            commits,
            read_at: Instant::now(),
        }
    }

    #[test]
    fn a_record_is_used_until_something_is_committed() {
        let recent = Recent::<String, u32>::default();
        recent.put("a".to_owned(), entry(1));
        assert_eq!(recent.get("a", 1).as_deref(), Some(&7));
        assert_eq!(recent.get("a", 2), None);
        assert_eq!(recent.get("b", 1), None);
    }

    #[test]
    fn a_record_is_used_for_a_second() {
        let recent = Recent::<String, u32>::default();
        let read_at = Instant::now().checked_sub(AGE_MAX).unwrap();
        recent.put("a".to_owned(), Entry { read_at, ..entry(1) });
        assert_eq!(recent.get("a", 1), None);
    }

    #[test]
    fn there_is_a_bound() {
        let recent = Recent::<usize, u32>::default();
        for key in 0..3 * RECORDS_MAX {
            recent.put(key, entry(1));
        }
        assert!(recent.0.read().unwrap().len() <= RECORDS_MAX);
    }
}
