//! What whole pieces of the log amount to under a question, remembered.
//!
//! A piece is a chunk or a sealed block: its rows never change, they can only die, so a piece and the number of its dead
//! name what it amounts to for good. Nothing here needs to be told of new events, and all of it can be thrown away at any
//! time. A question that is asked again costs one merge a piece instead of one step an event; and one merge a run of
//! pieces, named by what it consists of, as long as that is the same.

use std::fmt::{self, Write};
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tariff_core::aggregation::{UsagePartial, UsageQuestion};
use xxhash_rust::xxh3::Xxh3;

use super::keys::Locator;

/// Fewest rows of a piece that are worth remembering.
const PIECE_ROWS_MIN: usize = 64;
/// Most bytes of what is remembered of one piece: with more it is no shorter than the events themselves.
const PARTIAL_BYTES_MAX: usize = 32 * 1024;
/// The same of a run of pieces.
const RUN_PARTIAL_BYTES_MAX: usize = 1024 * 1024;
/// Bytes that an entry takes beside its partial.
const ENTRY_BYTES: usize = 96;

/// A part of the log whose rows never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Piece {
    /// A chunk, by the pack that wrote it and its place there.
    Chunk(u32, u32),
    /// A sealed block of a tail.
    Block(u64),
    /// Several of them, by a hash of which they are and how many of each are dead.
    Run(u128),
}

impl Piece {
    pub(super) const fn chunk(locator: Locator) -> Self {
        Self::Chunk(locator.pack, locator.ordinal)
    }

    /// The run of those pieces, with their rows and dead.
    pub(super) fn run(pieces: impl Iterator<Item = (Self, usize, u32)>) -> (Self, usize, u32) {
        let mut hash = Xxh3::new();
        let mut all_rows = 0_usize;
        for (piece, rows, dead) in pieces {
            let (kind, a, b) = match piece {
                Self::Chunk(pack, ordinal) => (0_u8, u128::from(pack), u128::from(ordinal)),
                Self::Block(id) => (1, u128::from(id), 0),
                Self::Run(id) => (2, id, 0),
            };
            hash.update(&[kind]);
            hash.update(&a.to_le_bytes());
            hash.update(&b.to_le_bytes());
            hash.update(&dead.to_le_bytes());
            all_rows = all_rows.saturating_add(rows);
        }
        (Self::Run(hash.digest128()), all_rows, 0)
    }

    const fn partial_bytes_max(self) -> usize {
        match self {
            Self::Chunk(..) | Self::Block(_) => PARTIAL_BYTES_MAX,
            Self::Run(_) => RUN_PARTIAL_BYTES_MAX,
        }
    }
}

/// Names a question apart from its period and customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Fingerprint(u128);

impl Fingerprint {
    /// Hashes everything of the question that decides what an event inside its period contributes.
    pub(super) fn of(question: &UsageQuestion, customer_id: Option<&str>) -> Self {
        let UsageQuestion {
            meter,
            basis,
            period: _,
            recording,
            filters,
            sources,
            group_by,
            windows,
            by_instant,
            bucket_zone,
            bucket_anchor_day,
            collect_sources,
            cells_max: _,
        } = question;
        let mut text = Hashed(Xxh3::new());
        // Writing to a hash cannot fail.
        let outcome = write!(
            text,
            "{meter:?}{basis:?}{recording:?}{filters:?}{sources:?}{group_by:?}{windows:?}{by_instant}{bucket_zone:?}\
             {bucket_anchor_day:?}{collect_sources:?}{customer_id:?}"
        );
        debug_assert!(outcome.is_ok());
        Self(text.0.digest128())
    }
}

struct Hashed(Xxh3);

impl Write for Hashed {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    piece: Piece,
    dead: u32,
    question: Fingerprint,
}

#[derive(Debug, Clone, Copy)]
struct ByBytes;

impl Weighter<Key, Arc<UsagePartial>> for ByBytes {
    fn weight(&self, _: &Key, partial: &Arc<UsagePartial>) -> u64 {
        u64::try_from(ENTRY_BYTES + partial.weight_bytes()).unwrap_or(u64::MAX)
    }
}

/// The memory, of bounded size; what was not asked for lately is forgotten first.
pub(super) struct Memo {
    partials: Cache<Key, Arc<UsagePartial>, ByBytes>,
}

impl Memo {
    /// A memory of about that many bytes.
    pub(super) fn new(bytes_max: u64) -> Self {
        let typical_bytes = 512;
        let typical_entries = usize::try_from(bytes_max / typical_bytes).unwrap_or(usize::MAX);
        Self {
            partials: Cache::with_weighter(typical_entries, bytes_max, ByBytes),
        }
    }

    /// What `piece` amounts to: as remembered, or by `compute`.
    pub(super) fn partial<E>(
        &self,
        (piece, rows, dead): (Piece, usize, u32),
        question: Fingerprint,
        compute: impl FnOnce() -> Result<UsagePartial, E>,
    ) -> Result<Arc<UsagePartial>, E> {
        if rows < PIECE_ROWS_MIN {
            return compute().map(Arc::new);
        }
        let key = Key { piece, dead, question };
        if let Some(partial) = self.partials.get(&key) {
            return Ok(partial);
        }
        let partial = Arc::new(compute()?);
        if partial.weight_bytes() <= piece.partial_bytes_max() {
            self.partials.insert(key, Arc::clone(&partial));
        }
        Ok(partial)
    }
}
