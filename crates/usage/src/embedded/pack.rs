//! Packing: moves a frozen tail from memory and journal into chunks on disk.
//!
//! Chunks are never changed once written; a row that is replaced later is listed as dead beside its chunk. Everything of a
//! pack carries its number, and nothing of it counts before the number is committed, in one batch with the list of the
//! dead. A pack that dies half-way leaves chunks that nobody sees; they are deleted before the next one, which takes
//! another number.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::chunk;
use super::files::{Files, PackState, Packed, write_dead};
use super::keys::{self, ChunkHead, LOCATOR_BYTES, Locator, ScopeId};
use super::state::{SharedTail, read};
use super::tail::{Row, Tail};
use crate::UsageError;

/// Most rows of a chunk.
const CHUNK_ROWS_MAX: usize = 2_048;
/// Most bytes of texts in a chunk, about; a single row may exceed it.
const CHUNK_BYTES_MAX: u64 = 1024 * 1024;

/// What to pack.
pub(super) struct Job {
    pub(super) tail: SharedTail,
    /// The tail holds everything before this sequence that is not packed.
    pub(super) sequence: u64,
    /// Events held at that moment.
    pub(super) event_count: u64,
    pub(super) packed: Arc<Packed>,
}

/// Why a pack did not come to its end.
#[derive(Debug)]
pub(super) enum Unfinished {
    /// It was told to stop.
    Stopped,
    Failed(UsageError),
}

impl From<UsageError> for Unfinished {
    fn from(error: UsageError) -> Self {
        Self::Failed(error)
    }
}

impl From<fjall::Error> for Unfinished {
    fn from(error: fjall::Error) -> Self {
        Self::Failed(UsageError::WriteFailed(Arc::new(error)))
    }
}

/// Packs a tail; gives the packed part with it.
pub(super) fn pack(files: &Arc<Files>, job: &Job, stop: &AtomicBool) -> Result<Packed, Unfinished> {
    let state = files.state()?;
    clean_up(files, state)?;
    let begun = PackState {
        begun: state.begun + 1,
        ..state
    };
    let mut batch = files.batch();
    files.write_state(&mut batch, begun)?;
    batch.commit()?;

    let plan = Plan::new(&read(&job.tail), begun.begun, job.sequence);
    let checkpoint = || match stop.load(Ordering::Relaxed) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    };
    write_days(files, &plan)?;
    write_chunks(files, &plan, checkpoint)?;
    let unlinked = write_ids(files, &job.packed, &plan, &read(&job.tail), checkpoint)?;

    let mut batch = files.batch();
    bury(files, &job.packed, &read(&job.tail), &mut batch)?;
    for (key, locators) in unlinked {
        if locators.is_empty() {
            batch.remove(&files.ids, key);
        } else {
            batch.insert(&files.ids, key, locators);
        }
    }
    let done = PackState {
        pack: begun.begun,
        begun: begun.begun,
        sequence: job.sequence,
        event_count: job.event_count,
    };
    files.write_state(&mut batch, done)?;
    batch.commit()?;
    Ok(files.packed(done.pack))
}

/// Deletes what a pack that died has left.
pub(super) fn clean_up(files: &Files, state: PackState) -> Result<(), UsageError> {
    if state.begun == state.pack {
        return Ok(());
    }
    let failed = |error: fjall::Error| UsageError::WriteFailed(Arc::new(error));
    for entry in files.days.iter() {
        let (key, chunk_key) = entry.into_inner().map_err(UsageError::read)?;
        let locator = key.get(keys::SCOPE_BYTES..).and_then(Locator::read);
        if locator.is_some_and(|locator| locator.pack > state.pack) {
            // The chunk first: `days` is how a leftover is found.
            files.chunks.remove(chunk_key).map_err(failed)?;
            files.days.remove(key).map_err(failed)?;
        }
    }
    Ok(())
}

/// A chunk to be written.
struct Planned {
    head: ChunkHead,
    key: Vec<u8>,
    rows: Vec<Arc<Row>>,
}

/// The chunks of a pack, in the order of their keys.
struct Plan {
    chunks: Vec<Planned>,
}

impl Plan {
    fn new(tail: &Tail, pack: u32, sequence: u64) -> Self {
        let mut series: Vec<_> = tail.all_series().collect();
        series.sort_unstable_by_key(|(key, _)| *key);
        let mut chunks: Vec<Planned> = Vec::new();
        for (key, series) in series {
            // What replaced a row after the tail was frozen is not packed yet, so the row still is.
            let mut rows: Vec<Arc<Row>> = series.rows().filter(|row| row.is_live(sequence)).cloned().collect();
            rows.sort_unstable_by_key(|row| (row.time_ms, row.sequence));
            let mut rest = rows.as_slice();
            while let Some((first, after)) = rest
                .split_at_checked(chunk_length(rest))
                .filter(|(first, _)| !first.is_empty())
            {
                rest = after;
                let ordinal = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
                chunks.push(Planned::new(key, Locator { day: 0, pack, ordinal }, first));
            }
        }
        Self { chunks }
    }
}

impl Planned {
    fn new(series: &[u8], locator: Locator, rows: &[Arc<Row>]) -> Self {
        let first_ms = rows.first().map_or(0, |row| row.time_ms);
        let head = ChunkHead {
            locator: Locator {
                day: keys::day_of(first_ms),
                ..locator
            },
            first_ms,
            last_ms: rows.last().map_or(0, |row| row.time_ms),
            rows: u32::try_from(rows.len()).unwrap_or(u32::MAX),
        };
        Self {
            head,
            key: head.key(series),
            rows: rows.to_vec(),
        }
    }

    fn scope(&self) -> ScopeId {
        self.rows.first().map_or(0, |row| row.scope)
    }
}

/// How many of the rows, ascending by time, go into one chunk.
fn chunk_length(rows: &[Arc<Row>]) -> usize {
    let Some(first) = rows.first() else { return 0 };
    let day = keys::day_of(first.time_ms);
    let mut bytes = 0;
    let fits = |row: &&Arc<Row>| {
        bytes += row.bytes();
        keys::day_of(row.time_ms) == day && bytes <= CHUNK_BYTES_MAX
    };
    rows.iter().take(CHUNK_ROWS_MAX).take_while(fits).count().max(1)
}

/// Where each chunk is, by day; written first, so that a leftover chunk can always be found.
fn write_days(files: &Files, plan: &Plan) -> Result<(), Unfinished> {
    let mut days: Vec<(Vec<u8>, &[u8])> = plan
        .chunks
        .iter()
        .map(|chunk| (keys::day_key(chunk.scope(), chunk.head.locator), chunk.key.as_slice()))
        .collect();
    days.sort_unstable();
    let mut ingestion = files.days.start_ingestion()?;
    for (key, chunk_key) in days {
        ingestion.write(key, chunk_key)?;
    }
    Ok(ingestion.finish()?)
}

fn write_chunks(files: &Files, plan: &Plan, checkpoint: impl Fn() -> ControlFlow<()>) -> Result<(), Unfinished> {
    let mut ingestion = files.chunks.start_ingestion()?;
    for chunk in &plan.chunks {
        if checkpoint().is_break() {
            return Err(Unfinished::Stopped);
        }
        let value = chunk::encode(chunk.rows.iter().map(|row| row.view()));
        ingestion.write(chunk.key.as_slice(), value)?;
    }
    Ok(ingestion.finish()?)
}

/// Links the ids of all rows to their chunks. What the old value of a hash held stays until the pack is committed: should
/// this pack die, it is needed. Gives the values that the commit itself must write.
fn write_ids(
    files: &Files,
    packed: &Packed,
    plan: &Plan,
    tail: &Tail,
    checkpoint: impl Fn() -> ControlFlow<()>,
) -> Result<BTreeMap<[u8; 12], Vec<u8>>, Unfinished> {
    let mut links: Vec<(ScopeId, u64, Locator, bool)> = plan
        .chunks
        .iter()
        .flat_map(|chunk| {
            let link = |row: &Arc<Row>| (row.scope, row.hash, chunk.head.locator, row.hash_may_be_known);
            chunk.rows.iter().map(link)
        })
        .collect();
    links.sort_unstable();
    let mut unlinked = BTreeMap::new();
    let mut linked = BTreeSet::new();
    let mut ingestion = files.ids.start_ingestion()?;
    for (position, same) in links.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).enumerate() {
        if position % 1_024 == 0 && checkpoint().is_break() {
            return Err(Unfinished::Stopped);
        }
        let Some(&(scope, hash, ..)) = same.first() else {
            continue;
        };
        let dropped = tail.unlinked().get(&(scope, hash));
        let old = if dropped.is_some() || same.iter().any(|link| link.3) {
            packed.locators(scope, hash)?
        } else {
            Vec::new()
        };
        // One locator a row, so that two ids of one hash in one chunk can be unlinked one by one.
        let new: Vec<Locator> = same.iter().map(|link| link.2).collect();
        let key = keys::id_key(scope, hash);
        ingestion.write(key, locators_value(old.iter().chain(&new)))?;
        if let Some(dropped) = dropped {
            unlinked.insert(key, locators_value(without(&old, dropped).iter().chain(&new)));
            linked.insert((scope, hash));
        }
    }
    ingestion.finish()?;
    for (&(scope, hash), dropped) in tail.unlinked() {
        if !linked.contains(&(scope, hash)) {
            let old = packed.locators(scope, hash)?;
            unlinked.insert(keys::id_key(scope, hash), locators_value(without(&old, dropped).iter()));
        }
    }
    Ok(unlinked)
}

/// The locators left when each of `dropped` takes away one of its like.
fn without(locators: &[Locator], dropped: &[Locator]) -> Vec<Locator> {
    let mut kept = locators.to_vec();
    for locator in dropped {
        if let Some(position) = kept.iter().position(|kept| kept == locator) {
            kept.swap_remove(position);
        }
    }
    kept
}

fn locators_value<'l>(locators: impl Iterator<Item = &'l Locator>) -> Vec<u8> {
    let mut value = Vec::with_capacity(LOCATOR_BYTES);
    for locator in locators {
        value.extend_from_slice(&locator.to_bytes());
    }
    value
}

/// Lists the packed rows that the tail has killed. A chunk without a row left goes.
fn bury(files: &Files, packed: &Packed, tail: &Tail, batch: &mut fjall::OwnedWriteBatch) -> Result<(), UsageError> {
    for (chunk_key, kills) in tail.kills() {
        let mut dead = packed.dead_of(chunk_key)?;
        dead.extend(kills.iter().map(|kill| kill.sequence));
        dead.sort_unstable();
        dead.dedup();
        let (series, head) = ChunkHead::split(chunk_key).ok_or(UsageError::Corrupt("key of a chunk"))?;
        if dead.len() < usize::try_from(head.rows).unwrap_or(usize::MAX) {
            batch.insert(&files.dead, chunk_key.as_slice(), write_dead(&dead));
            continue;
        }
        let scope = series.first_chunk().map(|bytes| ScopeId::from_be_bytes(*bytes));
        let scope = scope.ok_or(UsageError::Corrupt("key of a chunk"))?;
        batch.remove(&files.dead, chunk_key.as_slice());
        batch.remove(&files.chunks, chunk_key.as_slice());
        batch.remove(&files.days, keys::day_key(scope, head.locator));
    }
    Ok(())
}
