//! What the log is made of at a moment: the packed part and at most two tails. Questions work on a [`View`] of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::chunk;
use super::entry::RowView;
use super::files::{FoundChunk, Packed};
use super::keys::{self, ScopeId};
use super::tail::{SeriesSlice, Tail};
use crate::{StoredEvent, UsageError};

/// A tail that questions and the writer share.
pub(super) type SharedTail = Arc<RwLock<Tail>>;

/// The parts, changed by the writer alone.
pub(super) struct State {
    parts: RwLock<Parts>,
    /// Every operation before this sequence is applied.
    visible: AtomicU64,
}

#[derive(Clone)]
pub(super) struct Parts {
    pub(super) packed: Arc<Packed>,
    /// The tail that is being packed.
    pub(super) frozen: Option<SharedTail>,
    pub(super) active: SharedTail,
}

impl State {
    pub(super) fn new(packed: Packed, active: Tail, visible: u64) -> Self {
        Self {
            parts: RwLock::new(Parts {
                packed: Arc::new(packed),
                frozen: None,
                active: Arc::new(RwLock::new(active)),
            }),
            visible: AtomicU64::new(visible),
        }
    }

    pub(super) fn parts(&self) -> Parts {
        read(&self.parts).clone()
    }

    /// Puts other parts in place, all at once.
    pub(super) fn replace(&self, parts: Parts) {
        *write(&self.parts) = parts;
    }

    /// Lets questions see every operation before `sequence`.
    pub(super) fn show(&self, sequence: u64) {
        self.visible.store(sequence, Ordering::Release);
    }

    /// The log as of now.
    pub(super) fn view(&self) -> View {
        let parts = read(&self.parts);
        // Read under the lock: packing shows its outcome by the parts, and no view may be older than what is packed.
        let visible = self.visible.load(Ordering::Acquire);
        let tails: Vec<SharedTail> = parts.frozen.iter().chain([&parts.active]).cloned().collect();
        let has_kills = tails.iter().any(|tail| !read(tail).kills().is_empty());
        View {
            visible,
            packed: Arc::clone(&parts.packed),
            tails,
            has_kills,
        }
    }
}

/// The log as of one moment.
pub(super) struct View {
    pub(super) visible: u64,
    pub(super) packed: Arc<Packed>,
    tails: Vec<SharedTail>,
    has_kills: bool,
}

impl View {
    /// The series in memory that are wanted, each with its key; a series may come twice.
    pub(super) fn series(&self, wanted: impl Fn(&[u8]) -> bool) -> Vec<(Arc<[u8]>, SeriesSlice)> {
        let mut found = Vec::new();
        for tail in &self.tails {
            let tail = read(tail);
            let series = tail.all_series().filter(|(key, _)| wanted(key));
            found.extend(series.map(|(key, series)| (Arc::clone(key), series.slice(self.visible))));
        }
        found
    }

    /// One series in memory, from each tail that has it.
    pub(super) fn one_series(&self, key: &[u8]) -> Vec<SeriesSlice> {
        let slice = |tail: &SharedTail| read(tail).one_series(key).map(|series| series.slice(self.visible));
        self.tails.iter().filter_map(slice).collect()
    }

    /// The rows of a chunk that do not count, ascending; `packed` are those that are known on disk.
    pub(super) fn dead_rows(&self, chunk_key: &[u8], packed: Vec<u64>) -> Vec<u64> {
        let mut dead = packed;
        if self.has_kills {
            for tail in &self.tails {
                let tail = read(tail);
                let kills = tail.kills_of(chunk_key).iter().filter(|kill| kill.by < self.visible);
                dead.extend(kills.map(|kill| kill.sequence));
            }
            dead.sort_unstable();
        }
        dead
    }

    /// The event of an id.
    pub(super) fn event(&self, scope: ScopeId, hash: u64, event_id: &str) -> Result<Option<StoredEvent>, UsageError> {
        for tail in self.tails.iter().rev() {
            if let Some(row) = read(tail).latest(scope, hash, event_id) {
                return row.is_current().then(|| row.view().stored(&row.series)).transpose();
            }
        }
        let killed = |chunk_key: &[u8], sequence: u64| is_killed(self.tails.iter(), chunk_key, sequence);
        let Some(found) = self.packed.find(scope, hash, event_id, killed)? else {
            return Ok(None);
        };
        packed_event(&self.packed, &found.chunk_key, found.sequence).map(Some)
    }

    /// Offers every row of a chunk that counts.
    pub(super) fn each_row(
        &self,
        chunk: &FoundChunk,
        dead: &[u64],
        mut visit: impl FnMut(RowView<'_>) -> Result<(), UsageError>,
    ) -> Result<(), UsageError> {
        let value = self.packed.chunk(&chunk.key)?;
        for row in chunk::decode(&value)? {
            let row = row?;
            if dead.is_empty() || dead.binary_search(&row.sequence).is_err() {
                visit(row)?;
            }
        }
        Ok(())
    }

    /// Adds the dead rows of memory to those of disk, for a chunk found within the bounds `on_disk` was read for.
    pub(super) fn dead_of(&self, chunk: &FoundChunk, on_disk: &HashMap<fjall::Slice, Vec<u64>>) -> Vec<u64> {
        let packed = if on_disk.is_empty() {
            Vec::new()
        } else {
            on_disk.get(&chunk.key).cloned().unwrap_or_default()
        };
        self.dead_rows(&chunk.key, packed)
    }
}

/// Whether one of the tails has killed that packed row.
pub(super) fn is_killed<'t>(tails: impl Iterator<Item = &'t SharedTail>, chunk_key: &[u8], sequence: u64) -> bool {
    let mut tails = tails;
    tails.any(|tail| {
        read(tail)
            .kills_of(chunk_key)
            .iter()
            .any(|kill| kill.sequence == sequence)
    })
}

/// A packed row as an event.
pub(super) fn packed_event(packed: &Packed, chunk_key: &[u8], sequence: u64) -> Result<StoredEvent, UsageError> {
    let corrupt = || UsageError::Corrupt("key of a chunk");
    let (series, _) = keys::ChunkHead::split(chunk_key).ok_or_else(corrupt)?;
    let value = packed.chunk(chunk_key)?;
    for row in chunk::decode(&value)? {
        let row = row?;
        if row.sequence == sequence {
            return row.stored(series);
        }
    }
    Err(UsageError::Corrupt("event without record"))
}

pub(super) fn read<T: ?Sized>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn write<T: ?Sized>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
