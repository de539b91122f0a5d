//! Requests that are carried out once, however often they are sent.
//!
//! A request under a key runs in one transaction around all that it does, its answer included: see
//! [`tariff_store::idempotency`]. So after a crash at any moment the key is either free and nothing has happened, or it
//! has its answer. Within this process a second request with the key waits before it takes a database connection.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tariff_contract::error::ApiError;
use tariff_core::{IdPrefix, SignedDuration};
pub use tariff_store::idempotency::KeptAnswer;
use tariff_store::idempotency::{self as keys, Claim, Claimed, KeyOwner};
use tariff_store::{StoreError, Unit};
use ulid::Ulid;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::ids::ulid;
use crate::jobs::Bell;

/// Most characters of a key.
pub const KEY_CHARS_MAX: usize = 255;
/// Most bytes of an answer that is kept. The request of a longer one is not carried out again either, but its answer
/// cannot be repeated.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long an answer is kept, by the server's clock.
pub const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long a request waits for another one with its key.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// After how many seconds a request that waited in vain should come back.
const RETRY_AFTER_SECONDS: u64 = 1;

tokio::task_local! {
    /// The transaction around the request that this task carries out.
    static UNIT: Arc<Unit>;
    /// Whether the request has started something that the worker is to be woken for.
    static RINGS: Arc<AtomicBool>;
}

/// The transaction around the request at hand, if it runs in one.
pub(crate) fn current() -> Option<Arc<Unit>> {
    UNIT.try_with(Arc::clone).ok()
}

/// Wakes the worker when the request at hand is committed, if it runs in a transaction; tells whether it does.
pub(crate) fn ring_at_the_end() -> bool {
    RINGS.try_with(|rings| rings.store(true, Ordering::Relaxed)).is_ok()
}

/// What a request with a key finds.
pub enum Turn {
    /// Nobody has used the key: the request is to be carried out.
    First(Box<Once>),
    /// It was carried out before, with this answer.
    Over(KeptAnswer),
}

/// A request that is carried out under its key. Dropped without [`Once::finish`], it has changed nothing.
pub struct Once {
    // Dropped before the place is given up: the next request must find the key free or answered.
    unit: Arc<Unit>,
    owner: KeyOwner,
    rings: Arc<AtomicBool>,
    bell: Bell,
    _place: Place,
}

impl Engine {
    /// The turn of a request with a key. `fingerprint` tells it from other requests.
    ///
    /// # Errors
    /// `already_exists` when another request has used the key; `version_conflict`, with
    /// `details.retry_after_seconds`, while one with this key is being carried out.
    pub async fn take_turn(&self, context: &Context, key: &str, fingerprint: &str) -> Result<Turn> {
        let owner = KeyOwner {
            scope: context.scope.clone(),
            user_id: context.user_id.clone(),
            key: key.to_owned(),
        };
        let place = tokio::time::timeout(WAIT_MAX, self.keys_in_use().enter(&owner));
        let place = place.await.map_err(|_| in_progress())?;
        let now = self.server_now();
        let claim = Claim {
            owner: &owner,
            fingerprint,
            id: ulid(),
            now,
            expires_at: now.checked_add(KEPT_FOR).unwrap_or(now),
        };
        let unit = self.store().begin_unit().await?;
        let claimed = keys::claim(&unit.read(), claim).await;
        let claimed = claimed.map_err(|error| match error {
            StoreError::LockTimeout(_) => in_progress(),
            other => other.into(),
        })?;
        match claimed {
            Claimed::New => Ok(Turn::First(Box::new(Once {
                unit: Arc::new(unit),
                owner,
                rings: Arc::default(),
                bell: self.bell().clone(),
                _place: place,
            }))),
            Claimed::Known {
                fingerprint: known,
                answer,
            } => {
                unit.roll_back().await?;
                if known != fingerprint {
                    let error = ApiError::already_exists("Another request was sent with this idempotency key");
                    return Err(error.detail("idempotency_key", key).into());
                }
                Ok(Turn::Over(answer))
            }
        }
    }

    /// Removes at most `limit` keys whose time is over.
    ///
    /// # Errors
    /// `database_error`.
    pub async fn forget_expired_keys(&self, limit: u64) -> Result<u64> {
        let unit = self.store().begin_unit().await?;
        let forgotten = keys::forget_expired(&unit.read(), self.server_now(), limit).await?;
        unit.commit().await?;
        Ok(forgotten)
    }
}

impl Once {
    /// Carries the request out.
    pub async fn run<F: Future>(&self, request: F) -> F::Output {
        let request = RINGS.scope(Arc::clone(&self.rings), request);
        UNIT.scope(Arc::clone(&self.unit), request).await
    }

    /// Makes what the request has done durable, together with its answer.
    ///
    /// # Errors
    /// `database_error`; then nothing was done.
    pub async fn finish(self, answer: &KeptAnswer) -> Result<()> {
        keys::keep(&self.unit.read(), &self.owner, answer).await?;
        Self::sole(self.unit)?.commit().await?;
        if self.rings.load(Ordering::Relaxed) {
            self.bell.ring();
        }
        Ok(())
    }

    /// Undoes what the request has done; its key is free again.
    ///
    /// # Errors
    /// `database_error`; then it is undone later.
    pub async fn give_up(self) -> Result<()> {
        Ok(Self::sole(self.unit)?.roll_back().await?)
    }

    fn sole(unit: Arc<Unit>) -> Result<Unit> {
        Arc::try_unwrap(unit).map_err(|_| StoreError::StillRead.into())
    }
}

/// What tells a request from others: a hash of its parts.
#[must_use]
pub fn fingerprint(parts: &[&[u8]]) -> String {
    hex::encode(digest(parts))
}

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// The id of an event that is sent without one under a key: the same each time it is sent, so that it counts once.
/// `position` is its place in the batch.
#[must_use]
pub fn event_id(context: &Context, key: &str, position: usize) -> String {
    let digest = digest(&[context.user_id.as_bytes(), key.as_bytes(), &position.to_be_bytes()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    format!("{}_{}", IdPrefix::Event.as_str(), Ulid::from_bytes(bytes))
}

fn in_progress() -> Error {
    let error = ApiError::version_conflict("A request with this idempotency key is being carried out");
    Error(error.detail("retry_after_seconds", RETRY_AFTER_SECONDS))
}

/// Keys of requests that this process is carrying out. Holds no more of them than there are requests.
#[derive(Default)]
pub(crate) struct KeysInUse(Arc<Mutex<HashMap<KeyOwner, Arc<tokio::sync::Mutex<()>>>>>);

impl KeysInUse {
    /// Waits until no other request of this process has the key.
    async fn enter(&self, owner: &KeyOwner) -> Place {
        let lock = {
            let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(keys.entry(owner.clone()).or_default())
        };
        // Made before it waits, so that the key is forgotten also when the wait is broken off.
        let mut place = Place {
            keys: Arc::clone(&self.0),
            owner: owner.clone(),
            lock: Some(Arc::clone(&lock)),
            held: None,
        };
        place.held = Some(lock.lock_owned().await);
        place
    }
}

/// A key in the hands of one request.
struct Place {
    keys: Arc<Mutex<HashMap<KeyOwner, Arc<tokio::sync::Mutex<()>>>>>,
    owner: KeyOwner,
    lock: Option<Arc<tokio::sync::Mutex<()>>>,
    held: Option<tokio::sync::OwnedMutexGuard<()>>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        // Only the map is left of it: nobody has it or waits for it.
        self.held = None;
        self.lock = None;
        if keys.get(&self.owner).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            keys.remove(&self.owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use tariff_core::Scope;

    use super::*;

    #[tokio::test]
    async fn a_key_is_in_one_hand_at_a_time_and_then_forgotten() {
        let keys = KeysInUse::default();
        let owner = KeyOwner {
            scope: Scope::new("tenant_1", "env_1"),
            user_id: "user_1".to_owned(),
            key: "k".to_owned(),
        };
        let first = keys.enter(&owner).await;
        let second = tokio::time::timeout(Duration::from_millis(20), keys.enter(&owner));
        assert!(second.await.is_err());
        drop(first);
        let third = keys.enter(&owner).await;
        assert_eq!(keys.0.lock().unwrap().len(), 1);
        drop(third);
        assert!(keys.0.lock().unwrap().is_empty());
    }
}
