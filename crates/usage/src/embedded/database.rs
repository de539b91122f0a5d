//! The files of the embedded log: three keyspaces that always change together, and two small ones beside them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};

use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};
use tariff_core::Scope;

use super::keys::ScopeId;
use crate::UsageError;

const SEQUENCE: &str = "sequence";
const EVENT_COUNT: &str = "event_count";

/// The open database.
pub(super) struct Files {
    pub(super) database: Database,
    pub(super) events: Keyspace,
    pub(super) ids: Keyspace,
    pub(super) times: Keyspace,
    counters: Keyspace,
    scopes: Keyspace,
    known_scopes: RwLock<HashMap<Scope, ScopeId>>,
    /// Held while a new scope gets its number.
    scope_creation: Mutex<()>,
}

/// Totals that are written with every batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counters {
    /// The next event's sequence.
    pub(super) sequence: u64,
    /// Events held.
    pub(super) event_count: u64,
}

impl Files {
    pub(super) fn open(directory: &Path, cache_bytes: u64) -> Result<Self, UsageError> {
        let database = Database::builder(directory)
            .cache_size(cache_bytes)
            .open()
            .map_err(UsageError::open)?;
        let keyspace = |name: &str| {
            database
                .keyspace(name, KeyspaceCreateOptions::default)
                .map_err(UsageError::open)
        };
        let (events, ids, times) = (keyspace("events")?, keyspace("ids")?, keyspace("times")?);
        let (counters, scopes) = (keyspace("counters")?, keyspace("scopes")?);
        let known_scopes = RwLock::new(read_scopes(&scopes)?);
        Ok(Self {
            database,
            events,
            ids,
            times,
            counters,
            scopes,
            known_scopes,
            scope_creation: Mutex::new(()),
        })
    }

    pub(super) fn counters(&self) -> Result<Counters, UsageError> {
        let read = |name: &str| -> Result<u64, UsageError> {
            let value = self.counters.get(name).map_err(UsageError::open)?;
            let bytes = value.as_deref().map(<[u8; 8]>::try_from).transpose();
            Ok(bytes
                .map_err(|_| UsageError::Corrupt("counter"))?
                .map_or(0, u64::from_be_bytes))
        };
        Ok(Counters {
            sequence: read(SEQUENCE)?,
            event_count: read(EVENT_COUNT)?,
        })
    }

    pub(super) fn write_counters(&self, batch: &mut fjall::OwnedWriteBatch, counters: Counters) {
        batch.insert(&self.counters, SEQUENCE, counters.sequence.to_be_bytes());
        batch.insert(&self.counters, EVENT_COUNT, counters.event_count.to_be_bytes());
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
        let failed = |error: fjall::Error| UsageError::WriteFailed(std::sync::Arc::new(error));
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

    /// A consistent view for one question.
    pub(super) fn view(&self) -> View<'_> {
        View {
            files: self,
            snapshot: self.database.snapshot(),
        }
    }
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

/// All keyspaces as of one moment.
pub(super) struct View<'f> {
    files: &'f Files,
    snapshot: fjall::Snapshot,
}

impl View<'_> {
    /// Rows of `events` from `start` up to but excluding `end`.
    pub(super) fn events(&self, start: &[u8], end: &[u8]) -> fjall::Iter {
        self.snapshot.range(&self.files.events, start..end)
    }

    /// Rows of `times` from `start` up to but excluding `end`.
    pub(super) fn times(&self, start: &[u8], end: &[u8]) -> fjall::Iter {
        self.snapshot.range(&self.files.times, start..end)
    }

    /// The record under a key of `events`.
    pub(super) fn event(&self, key: &[u8]) -> Result<Option<fjall::Slice>, UsageError> {
        self.snapshot.get(&self.files.events, key).map_err(UsageError::read)
    }

    /// The position under a key of `ids`.
    pub(super) fn position(&self, id_key: &[u8]) -> Result<Option<fjall::Slice>, UsageError> {
        self.snapshot.get(&self.files.ids, id_key).map_err(UsageError::read)
    }
}
