//! The events that are not packed yet, in memory. The journal holds the same, so a crash loses nothing.
//!
//! Rows never move and are never taken out: a delivery that replaces a row only marks it with its own sequence. So a
//! question sees exactly the state as of its sequence, whatever is written while it is answered.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::HashTable;

use super::entry::{Body, Put, RowView};
use super::keys::{Locator, ScopeId};

/// Rows of a series that are sealed together, so that what they amount to can be remembered.
const BLOCK_ROWS: usize = 512;

/// The sequence that never comes.
const NEVER: u64 = u64::MAX;

/// One event.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) sequence: u64,
    pub(super) time_ms: i64,
    ingested_us: i64,
    pub(super) scope: ScopeId,
    pub(super) hash: u64,
    pub(super) series: Arc<[u8]>,
    body: Body,
    replaced_at: AtomicU64,
    /// Whether `ids` may already hold the hash, so that packing must look.
    pub(super) hash_may_be_known: bool,
}

impl Row {
    pub(super) fn view(&self) -> RowView<'_> {
        RowView {
            sequence: self.sequence,
            time_ms: self.time_ms,
            ingested_us: self.ingested_us,
            fields: self.body.fields(),
        }
    }

    /// Bytes of the event.
    pub(super) fn bytes(&self) -> u64 {
        self.body.bytes()
    }

    /// Whether the row counts for a question that sees everything before `visible`.
    pub(super) fn is_live(&self, visible: u64) -> bool {
        self.sequence < visible && self.replaced_at() >= visible
    }

    /// Whether nothing has replaced the row yet.
    pub(super) fn is_current(&self) -> bool {
        self.replaced_at() == NEVER
    }

    /// The sequence of what replaced it.
    pub(super) fn replaced_at(&self) -> u64 {
        self.replaced_at.load(Ordering::Acquire)
    }
}

/// Rows of one series that will not grow any more.
#[derive(Debug)]
pub(super) struct Block {
    /// Unlike any other block's, as long as the process runs.
    pub(super) id: u64,
    pub(super) first_ms: i64,
    pub(super) last_ms: i64,
    pub(super) rows: Vec<Arc<Row>>,
}

/// The rows of one series.
#[derive(Debug, Default)]
pub(super) struct Series {
    sealed: Vec<Arc<Block>>,
    open: Vec<Arc<Row>>,
    /// Sequences of rows that were replaced, and of what replaced them.
    replaced: Vec<(u64, u64)>,
}

impl Series {
    /// What a question needs, to be looked at without the lock.
    pub(super) fn slice(&self, visible: u64) -> SeriesSlice {
        let mut dead: Vec<u64> = self
            .replaced
            .iter()
            .filter(|(_, by)| *by < visible)
            .map(|(sequence, _)| *sequence)
            .collect();
        dead.sort_unstable();
        SeriesSlice {
            sealed: self.sealed.clone(),
            open: self.open.clone(),
            dead,
        }
    }

    fn push(&mut self, row: Arc<Row>) {
        self.open.push(row);
        if self.open.len() >= BLOCK_ROWS {
            let rows = std::mem::take(&mut self.open);
            let times = || rows.iter().map(|row| row.time_ms);
            let block = Block {
                id: next_block_id(),
                first_ms: times().min().unwrap_or_default(),
                last_ms: times().max().unwrap_or_default(),
                rows,
            };
            self.sealed.push(Arc::new(block));
        }
    }

    /// All rows, in the order of delivery.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.sealed.iter().flat_map(|block| &block.rows).chain(&self.open)
    }
}

/// A series as of one moment.
#[derive(Debug, Default)]
pub(super) struct SeriesSlice {
    pub(super) sealed: Vec<Arc<Block>>,
    pub(super) open: Vec<Arc<Row>>,
    dead: Vec<u64>,
}

impl SeriesSlice {
    /// How many rows of a block no longer count. It only grows, so together with the block it names what the block
    /// amounts to.
    pub(super) fn dead_in(&self, block: &Block) -> u32 {
        let (Some(first), Some(last)) = (block.rows.first(), block.rows.last()) else {
            return 0;
        };
        let from = self.dead.partition_point(|sequence| *sequence < first.sequence);
        let to = self.dead.partition_point(|sequence| *sequence <= last.sequence);
        u32::try_from(to.saturating_sub(from)).unwrap_or(u32::MAX)
    }
}

/// A packed row that no longer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kill {
    /// Sequence of the row.
    pub(super) sequence: u64,
    /// Sequence of what replaced or removed it.
    pub(super) by: u64,
}

/// A packed row, by where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PackedRow {
    pub(super) chunk_key: Vec<u8>,
    pub(super) locator: Locator,
    pub(super) sequence: u64,
}

/// The events since the last pack began.
#[derive(Debug, Default)]
pub(super) struct Tail {
    series: HashMap<Arc<[u8]>, Series>,
    /// The latest row of each id, replaced or not.
    ids: HashTable<Arc<Row>>,
    kills: HashMap<Vec<u8>, Vec<Kill>>,
    /// Locators that `ids` must lose.
    unlinked: HashMap<(ScopeId, u64), Vec<Locator>>,
    /// Rows of the tail before this one that were replaced after it was frozen.
    replaced_in_frozen: Vec<Arc<Row>>,
    operations: usize,
    bytes: u64,
}

impl Tail {
    /// Counts an operation, also one that changes nothing: the journal holds it.
    pub(super) fn count_operation(&mut self) {
        self.operations += 1;
    }

    /// Adds a row. What it replaces is the caller's business.
    pub(super) fn put(&mut self, sequence: u64, scope: ScopeId, hash: u64, put: Put, hash_may_be_known: bool) {
        let bytes = put.body.bytes();
        if !self.series.contains_key(&put.series) {
            self.series.insert(Arc::clone(&put.series), Series::default());
        }
        // The key of the map is shared by all rows of the series.
        let shared = self
            .series
            .get_key_value(&put.series)
            .map_or_else(|| Arc::clone(&put.series), |(key, _)| Arc::clone(key));
        let row = Arc::new(Row {
            sequence,
            time_ms: put.time_ms,
            ingested_us: put.ingested_us,
            scope,
            hash,
            series: shared,
            body: put.body,
            replaced_at: AtomicU64::new(NEVER),
            hash_may_be_known,
        });
        let same = |other: &Arc<Row>| is_same_id(other, &row);
        match self.ids.find_mut(hash, same) {
            Some(latest) => *latest = Arc::clone(&row),
            None => drop(self.ids.insert_unique(hash, Arc::clone(&row), |row| row.hash)),
        }
        if let Some(series) = self.series.get_mut(&row.series) {
            series.push(row);
        }
        self.bytes += bytes;
    }

    /// The latest row of an id, replaced or not.
    pub(super) fn latest(&self, scope: ScopeId, hash: u64, event_id: &str) -> Option<&Arc<Row>> {
        self.ids.find(hash, |row| {
            row.hash == hash && row.scope == scope && row.view().fields.event_id == event_id
        })
    }

    /// Marks a row of this tail as replaced.
    pub(super) fn replace(&mut self, row: &Arc<Row>, by: u64) {
        row.replaced_at.store(by, Ordering::Release);
        if let Some(series) = self.series.get_mut(&row.series) {
            series.replaced.push((row.sequence, by));
        }
    }

    /// Remembers a row of the frozen tail that was replaced meanwhile: by then it may have been packed as current.
    pub(super) fn note_replaced_in_frozen(&mut self, row: Arc<Row>) {
        self.replaced_in_frozen.push(row);
    }

    /// Takes what [`Tail::note_replaced_in_frozen`] remembered.
    pub(super) fn take_replaced_in_frozen(&mut self) -> Vec<Arc<Row>> {
        std::mem::take(&mut self.replaced_in_frozen)
    }

    /// Marks a packed row as replaced or removed.
    pub(super) fn kill(&mut self, scope: ScopeId, hash: u64, row: PackedRow, by: u64) {
        let kill = Kill {
            sequence: row.sequence,
            by,
        };
        self.kills.entry(row.chunk_key).or_default().push(kill);
        self.unlinked.entry((scope, hash)).or_default().push(row.locator);
    }

    /// The rows of a chunk that this tail has killed.
    pub(super) fn kills_of(&self, chunk_key: &[u8]) -> &[Kill] {
        if self.kills.is_empty() {
            return &[];
        }
        self.kills.get(chunk_key).map_or(&[], Vec::as_slice)
    }

    pub(super) fn kills(&self) -> &HashMap<Vec<u8>, Vec<Kill>> {
        &self.kills
    }

    pub(super) fn unlinked(&self) -> &HashMap<(ScopeId, u64), Vec<Locator>> {
        &self.unlinked
    }

    pub(super) fn one_series(&self, series: &[u8]) -> Option<&Series> {
        self.series.get(series)
    }

    pub(super) fn all_series(&self) -> impl Iterator<Item = (&Arc<[u8]>, &Series)> {
        self.series.iter()
    }

    /// Operations since the tail was begun: what it costs to keep.
    pub(super) fn operations(&self) -> usize {
        self.operations
    }

    /// Bytes of the events held.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn is_same_id(a: &Row, b: &Row) -> bool {
    a.hash == b.hash && a.scope == b.scope && a.view().fields.event_id == b.view().fields.event_id
}

fn next_block_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
