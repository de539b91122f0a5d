//! The packed part of the log on disk, and the names of scopes.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use fjall::compaction::Leveled;
use fjall::config::{CompressionPolicy, FilterPolicy, FilterPolicyEntry};
use fjall::{CompressionType, Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, PersistMode, Readable};
use tariff_core::Scope;

use super::chunk;
use super::keys::{self, ChunkHead, Locator, ScopeId};
use super::tail::PackedRow;
use crate::UsageError;

const STATE: &str = "state";
const ID_SEED: &str = "id_seed";

/// Chunks of at least this size are kept beside the tree of keys, so that walking the keys does not read them.
const SEPARATED_BYTES_MIN: u32 = 512;

/// How many packs are merged into the levels below at a time. At 30 waiting tables the database makes writers wait.
const NEW_TABLES_MERGED_TOGETHER: u8 = 12;

/// The open database.
pub(super) struct Files {
    pub(super) database: Database,
    pub(super) chunks: Keyspace,
    pub(super) days: Keyspace,
    pub(super) ids: Keyspace,
    pub(super) dead: Keyspace,
    pub(super) meta: Keyspace,
    scopes: Keyspace,
    known_scopes: RwLock<HashMap<Scope, ScopeId>>,
    /// Held while a new scope gets its number.
    scope_creation: Mutex<()>,
}

/// What the last pack left: written in one batch with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PackState {
    /// Number of the last pack.
    pub(super) pack: u32,
    /// The pack that was begun; greater than `pack` when it did not end.
    pub(super) begun: u32,
    /// Everything before this sequence is packed.
    pub(super) sequence: u64,
    /// Events held then.
    pub(super) event_count: u64,
}

impl Files {
    pub(super) fn open(directory: &Path, cache_bytes: u64) -> Result<Self, UsageError> {
        let database = Database::builder(directory)
            .cache_size(cache_bytes)
            .open()
            .map_err(UsageError::open)?;
        let keyspace = |name: &str, options: fn() -> KeyspaceCreateOptions| {
            database.keyspace(name, options).map_err(UsageError::open)
        };
        let chunks = keyspace("chunks", || {
            let separation = KvSeparationOptions::default()
                .separation_threshold(SEPARATED_BYTES_MIN)
                .compression(CompressionType::Lz4);
            compressed().with_kv_separation(Some(separation))
        })?;
        let days = keyspace("days", compressed)?;
        // Keys of ids are hashes: nothing in them compresses.
        let ids = keyspace("ids", || {
            KeyspaceCreateOptions::default()
                .data_block_compression_policy(CompressionPolicy::all(CompressionType::None))
        })?;
        let dead = keyspace("dead", KeyspaceCreateOptions::default)?;
        let (meta, scopes) = (
            keyspace("meta", KeyspaceCreateOptions::default)?,
            keyspace("scopes", KeyspaceCreateOptions::default)?,
        );
        let known_scopes = RwLock::new(read_scopes(&scopes)?);
        Ok(Self {
            database,
            chunks,
            days,
            ids,
            dead,
            meta,
            scopes,
            known_scopes,
            scope_creation: Mutex::new(()),
        })
    }

    pub(super) fn state(&self) -> Result<PackState, UsageError> {
        let Some(value) = self.meta.get(STATE).map_err(UsageError::open)? else {
            return Ok(PackState::default());
        };
        let (pack, begun, sequence, event_count) =
            postcard::from_bytes(&value).map_err(|_| UsageError::Corrupt("state of packing"))?;
        Ok(PackState {
            pack,
            begun,
            sequence,
            event_count,
        })
    }

    pub(super) fn write_state(&self, batch: &mut fjall::OwnedWriteBatch, state: PackState) -> Result<(), UsageError> {
        let value = (state.pack, state.begun, state.sequence, state.event_count);
        let value = postcard::to_stdvec(&value).map_err(|_| UsageError::Corrupt("state of packing"))?;
        batch.insert(&self.meta, STATE, value);
        Ok(())
    }

    /// A durable batch over all keyspaces.
    pub(super) fn batch(&self) -> fjall::OwnedWriteBatch {
        self.database.batch().durability(Some(PersistMode::SyncAll))
    }

    /// The seed of this log's hashes of ids; `fresh` is taken the first time.
    pub(super) fn id_seed(&self, fresh: u64) -> Result<u64, UsageError> {
        if let Some(value) = self.meta.get(ID_SEED).map_err(UsageError::open)? {
            let bytes = value
                .as_ref()
                .try_into()
                .map_err(|_| UsageError::Corrupt("seed of ids"))?;
            return Ok(u64::from_be_bytes(bytes));
        }
        let mut batch = self.batch();
        batch.insert(&self.meta, ID_SEED, fresh.to_be_bytes());
        batch.commit().map_err(UsageError::open)?;
        Ok(fresh)
    }

    /// The number of a scope that has events, or had some once.
    pub(super) fn scope(&self, scope: &Scope) -> Option<ScopeId> {
        self.known_scopes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(scope)
            .copied()
    }

    /// The number of a scope; gives it one, durably, the first time. Blocks on the disk then.
    pub(super) fn create_scope(&self, scope: &Scope) -> Result<ScopeId, UsageError> {
        let _guard = self.scope_creation.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = self.scope(scope) {
            return Ok(id);
        }
        let failed = |error: fjall::Error| UsageError::WriteFailed(Arc::new(error));
        let count = self.known_scopes.read().unwrap_or_else(PoisonError::into_inner).len();
        let id = ScopeId::try_from(count).map_err(|_| UsageError::Corrupt("too many scopes"))?;
        let name = postcard::to_stdvec(&(&scope.tenant_id, &scope.environment_id));
        let name = name.map_err(|_| UsageError::Corrupt("scope"))?;
        self.scopes.insert(id.to_be_bytes(), name).map_err(failed)?;
        self.database.persist(PersistMode::SyncAll).map_err(failed)?;
        self.known_scopes
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(scope.clone(), id);
        Ok(id)
    }

    /// The packed part as it is now. Only to be called while nothing is being packed.
    pub(super) fn packed(self: &Arc<Self>, pack: u32) -> Packed {
        Packed {
            files: Arc::clone(self),
            snapshot: self.database.snapshot(),
            pack,
        }
    }
}

fn compressed() -> KeyspaceCreateOptions {
    let bloom = fjall::config::BloomConstructionPolicy::BitsPerKey(8.0);
    KeyspaceCreateOptions::default()
        .data_block_compression_policy(CompressionPolicy::all(CompressionType::Lz4))
        .filter_policy(FilterPolicy::all(FilterPolicyEntry::Bloom(bloom)))
        .compaction_strategy(seldom())
}

/// A pack writes one table over all keys, so each merge of new tables rewrites most of the level below: many at a time
/// cost a third of what few do. Filters keep reads from looking into tables in vain.
fn seldom() -> Arc<Leveled> {
    Arc::new(Leveled::default().with_l0_threshold(NEW_TABLES_MERGED_TOGETHER))
}

fn read_scopes(scopes: &Keyspace) -> Result<HashMap<Scope, ScopeId>, UsageError> {
    let mut known = HashMap::new();
    for entry in scopes.iter() {
        let (id, name) = entry.into_inner().map_err(UsageError::open)?;
        let id = id.as_ref().try_into().map_err(|_| UsageError::Corrupt("scope"))?;
        let (tenant_id, environment_id): (String, String) =
            postcard::from_bytes(&name).map_err(|_| UsageError::Corrupt("scope"))?;
        known.insert(
            Scope {
                tenant_id,
                environment_id,
            },
            ScopeId::from_be_bytes(id),
        );
    }
    Ok(known)
}

/// The packed part as the last pack left it. A pack in progress, or one that died, does not show.
pub(super) struct Packed {
    pub(super) files: Arc<Files>,
    snapshot: fjall::Snapshot,
    pub(super) pack: u32,
}

/// A chunk that a walk came across.
pub(super) struct FoundChunk {
    pub(super) key: fjall::Slice,
    pub(super) head: ChunkHead,
}

impl FoundChunk {
    /// The series it belongs to.
    pub(super) fn series(&self) -> &[u8] {
        ChunkHead::split(&self.key).map_or(&[], |(series, _)| series)
    }
}

impl Packed {
    /// The chunks whose keys are in the bounds, without their rows.
    pub(super) fn chunks(
        &self,
        (from, to): (Vec<u8>, Option<Vec<u8>>),
    ) -> impl DoubleEndedIterator<Item = Result<FoundChunk, UsageError>> + '_ {
        let entries = match to {
            Some(to) => self.snapshot.range(&self.files.chunks, from..to),
            None => self.snapshot.range(&self.files.chunks, from..),
        };
        let found = entries.map(|entry| found(entry.key().map_err(UsageError::read)?));
        found.filter(|chunk| self.counts(chunk))
    }

    /// The chunks of a scope and some days, in the order of their days.
    pub(super) fn chunks_by_day(
        &self,
        (from, to): (Vec<u8>, Option<Vec<u8>>),
    ) -> impl DoubleEndedIterator<Item = Result<FoundChunk, UsageError>> + '_ {
        let entries = match to {
            Some(to) => self.snapshot.range(&self.files.days, from..to),
            None => self.snapshot.range(&self.files.days, from..),
        };
        let found = entries.map(|entry| found(entry.into_inner().map_err(UsageError::read)?.1));
        found.filter(|chunk| self.counts(chunk))
    }

    /// A pack that died may have left chunks.
    fn counts(&self, chunk: &Result<FoundChunk, UsageError>) -> bool {
        chunk
            .as_ref()
            .map_or(true, |chunk| chunk.head.locator.pack <= self.pack)
    }

    /// The rows of a chunk.
    pub(super) fn chunk(&self, key: &[u8]) -> Result<fjall::Slice, UsageError> {
        let value = self.snapshot.get(&self.files.chunks, key).map_err(UsageError::read)?;
        value.ok_or(UsageError::Corrupt("chunk is missing"))
    }

    /// The dead rows of the chunks whose keys are in the bounds; usually none.
    pub(super) fn dead(
        &self,
        (from, to): (Vec<u8>, Option<Vec<u8>>),
    ) -> Result<HashMap<fjall::Slice, Vec<u64>>, UsageError> {
        let entries = match to {
            Some(to) => self.snapshot.range(&self.files.dead, from..to),
            None => self.snapshot.range(&self.files.dead, from..),
        };
        let mut dead = HashMap::new();
        for entry in entries {
            let (key, value) = entry.into_inner().map_err(UsageError::read)?;
            dead.insert(key, read_dead(&value)?);
        }
        Ok(dead)
    }

    /// The dead rows of one chunk.
    pub(super) fn dead_of(&self, chunk_key: &[u8]) -> Result<Vec<u64>, UsageError> {
        let value = self
            .snapshot
            .get(&self.files.dead, chunk_key)
            .map_err(UsageError::read)?;
        value.map_or(Ok(Vec::new()), |value| read_dead(&value))
    }

    /// Where events of a hash are.
    pub(super) fn locators(&self, scope: ScopeId, hash: u64) -> Result<Vec<Locator>, UsageError> {
        let key = keys::id_key(scope, hash);
        let value = self.snapshot.get(&self.files.ids, key).map_err(UsageError::read)?;
        let Some(value) = value else { return Ok(Vec::new()) };
        // A pack that died may have left locators of chunks that are gone.
        Ok(Locator::read_all(&value)
            .filter(|locator| locator.pack <= self.pack)
            .collect())
    }

    /// The packed row of an id, leaving out dead ones and those that `is_dead` tells of.
    pub(super) fn find(
        &self,
        scope: ScopeId,
        hash: u64,
        event_id: &str,
        is_dead: impl Fn(&[u8], u64) -> bool,
    ) -> Result<Option<PackedRow>, UsageError> {
        for locator in self.locators(scope, hash)? {
            let key = self
                .snapshot
                .get(&self.files.days, keys::day_key(scope, locator))
                .map_err(UsageError::read)?;
            let Some(chunk_key) = key else { continue };
            let dead = self.dead_of(&chunk_key)?;
            let rows = self.chunk(&chunk_key)?;
            let live = |sequence| dead.binary_search(&sequence).is_err() && !is_dead(&chunk_key, sequence);
            if let Some(sequence) = chunk::decode(&rows)?.find(event_id, live)? {
                return Ok(Some(PackedRow {
                    chunk_key: chunk_key.to_vec(),
                    locator,
                    sequence,
                }));
            }
        }
        Ok(None)
    }
}

fn found(key: fjall::Slice) -> Result<FoundChunk, UsageError> {
    let (_, head) = ChunkHead::split(&key).ok_or(UsageError::Corrupt("key of a chunk"))?;
    Ok(FoundChunk { key, head })
}

/// The value of `dead`: sequences, ascending.
pub(super) fn write_dead(sequences: &[u64]) -> Vec<u8> {
    sequences.iter().flat_map(|sequence| sequence.to_be_bytes()).collect()
}

fn read_dead(value: &[u8]) -> Result<Vec<u64>, UsageError> {
    let (sequences, rest) = value.as_chunks::<8>();
    if !rest.is_empty() {
        return Err(UsageError::Corrupt("dead rows"));
    }
    Ok(sequences.iter().map(|bytes| u64::from_be_bytes(*bytes)).collect())
}
