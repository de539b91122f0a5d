//! Reads everything that is stored and checks that it fits together.
//!
//! Storage checks the sums of what it reads, the journal those of its frames; here the rows, the keys that lead to them and
//! the totals are held against each other. What the log remembers of pieces lives in memory alone and is not on disk.

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use tariff_core::aggregation::Properties;

use super::chunk;
use super::disk::FileSystem;
use super::entry::{IdHasher, decode};
use super::files::{Files, FoundChunk, PackState, Packed};
use super::journal;
use super::keys::{self, Locator, ScopeId};
use crate::UsageError;

/// Most problems that a report describes; further ones are only counted.
pub const PROBLEMS_MAX: usize = 100;
/// Cache while verifying: everything is read once.
const CACHE_BYTES: u64 = 16 * 1024 * 1024;

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Packed events that count.
    pub events: u64,
    /// Chunks read.
    pub chunks: u64,
    /// Operations in the journal that are not packed yet.
    pub journal_operations: u64,
    /// Chunks of a pack that did not come to its end; they do not count, and the next pack deletes them.
    pub leftover_chunks: u64,
    /// Everything found wrong.
    pub problem_count: u64,
    /// The first of them, in words.
    pub problems: Vec<String>,
}

impl VerifyReport {
    fn problem(&mut self, what: impl Display) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(what.to_string());
        }
    }
}

/// Verifies the log in `directory`, which must not be open. Takes about 24 bytes of memory an event.
///
/// # Errors
/// When the log cannot be opened or read at all; what is merely wrong is in the report.
pub fn verify(directory: &Path) -> Result<VerifyReport, UsageError> {
    let files = Arc::new(Files::open(&directory.join("packed"), CACHE_BYTES)?);
    let state = files.state()?;
    let hasher = IdHasher::new(files.id_seed(0)?);
    let mut check = Check {
        packed: files.packed(state.pack),
        state,
        hasher,
        links: Vec::new(),
        report: VerifyReport::default(),
    };
    check.chunks()?;
    check.days()?;
    check.ids()?;
    check.journal(directory)?;
    Ok(check.report)
}

/// A live row's hash, and where the row is.
type Link = (ScopeId, u64, Locator);

struct Check {
    packed: Packed,
    state: PackState,
    hasher: IdHasher,
    links: Vec<Link>,
    report: VerifyReport,
}

impl Check {
    fn chunks(&mut self) -> Result<(), UsageError> {
        let files = Arc::clone(&self.packed.files);
        for entry in files.chunks.iter() {
            let (key, value) = match entry.into_inner() {
                Ok(entry) => entry,
                Err(error) => {
                    self.report.problem(format_args!("a chunk cannot be read: {error}"));
                    continue;
                }
            };
            let Some((_, head)) = keys::ChunkHead::split(&key) else {
                self.report
                    .problem(format_args!("a chunk has a malformed key: {key:?}"));
                continue;
            };
            if head.locator.pack > self.state.pack {
                self.report.leftover_chunks += 1;
                continue;
            }
            self.report.chunks += 1;
            let chunk = FoundChunk { key, head };
            if let Err(error) = self.chunk(&chunk, &value) {
                self.report.problem(format_args!("chunk {:?}: {error}", head.locator));
            }
        }
        if self.report.events != self.state.event_count {
            let (found, told) = (self.report.events, self.state.event_count);
            self.report
                .problem(format_args!("{found} events are packed, but {told} were counted"));
        }
        Ok(())
    }

    fn chunk(&mut self, chunk: &FoundChunk, value: &[u8]) -> Result<(), UsageError> {
        let head = chunk.head;
        let series = chunk.series();
        let scope = series.first_chunk().map(|bytes| ScopeId::from_be_bytes(*bytes));
        let scope = scope.filter(|_| keys::split_series(series).is_some());
        let scope = scope.ok_or(UsageError::Corrupt("series of a chunk"))?;
        let dead = self.packed.dead_of(&chunk.key)?;
        let (mut rows, mut found_dead, mut last_ms) = (0_u32, 0_usize, head.first_ms);
        for row in chunk::decode(value)? {
            let row = row?;
            rows += 1;
            let in_order = row.time_ms >= last_ms && (rows > 1 || row.time_ms == head.first_ms);
            if !in_order || keys::day_of(row.time_ms) != head.locator.day || row.sequence >= self.state.sequence {
                self.report
                    .problem(format_args!("event {:?} is out of place", row.fields.event_id));
            }
            if Properties::parse(row.fields.properties.unwrap_or("null")).is_err() {
                self.report.problem(format_args!(
                    "event {:?} has unreadable properties",
                    row.fields.event_id
                ));
            }
            last_ms = row.time_ms;
            if dead.binary_search(&row.sequence).is_ok() {
                found_dead += 1;
            } else {
                self.report.events += 1;
                let hash = self.hasher.hash(scope, row.fields.event_id);
                self.links.push((scope, hash, head.locator));
            }
        }
        if rows != head.rows || last_ms != head.last_ms {
            return Err(UsageError::Corrupt("rows are not what the key tells"));
        }
        if found_dead != dead.len() {
            return Err(UsageError::Corrupt("rows are listed as dead that are not there"));
        }
        let day_key = keys::day_key(scope, head.locator);
        let listed = self.packed.files.days.get(day_key).map_err(UsageError::read)?;
        if listed.as_ref() != Some(&chunk.key) {
            return Err(UsageError::Corrupt("the chunk is not listed under its day"));
        }
        Ok(())
    }

    /// Every chunk that is listed exists, but for those of a pack that died: they are listed before they are written.
    fn days(&mut self) -> Result<(), UsageError> {
        let files = Arc::clone(&self.packed.files);
        for entry in files.days.iter() {
            let (key, chunk_key) = entry.into_inner().map_err(UsageError::read)?;
            let Some(locator) = key.get(keys::SCOPE_BYTES..).and_then(Locator::read) else {
                self.report.problem(format_args!("a day has a malformed key: {key:?}"));
                continue;
            };
            if locator.pack > self.state.pack {
                continue;
            }
            if !files.chunks.contains_key(&chunk_key).map_err(UsageError::read)? {
                self.report
                    .problem(format_args!("a listed chunk is missing: {chunk_key:?}"));
            }
        }
        Ok(())
    }

    /// The index of ids names exactly the live rows, each id once.
    fn ids(&mut self) -> Result<(), UsageError> {
        self.links.sort_unstable();
        let links = std::mem::take(&mut self.links);
        let mut groups = links.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).peekable();
        let files = Arc::clone(&self.packed.files);
        for entry in files.ids.iter() {
            let (key, value) = entry.into_inner().map_err(UsageError::read)?;
            let mut listed: Vec<Locator> = Locator::read_all(&value)
                .filter(|locator| locator.pack <= self.state.pack)
                .collect();
            listed.sort_unstable();
            let is_before = |group: &&[Link]| {
                group
                    .first()
                    .is_some_and(|link| keys::id_key(link.0, link.1)[..] < key[..])
            };
            while groups.next_if(is_before).is_some() {
                self.report.problem("an event is missing in the index of ids");
            }
            let is_same = |group: &&[Link]| {
                group
                    .first()
                    .is_some_and(|link| keys::id_key(link.0, link.1)[..] == key[..])
            };
            let group = groups.next_if(is_same).unwrap_or_default();
            let agrees = group.iter().map(|link| link.2).eq(listed.iter().copied());
            if !agrees && !self.is_leftover(&key, group, listed)? {
                self.report
                    .problem(format_args!("the index of ids is wrong at {key:?}"));
            }
            if group.len() > 1 {
                self.one_event_an_id(group)?;
            }
        }
        for _ in groups {
            self.report.problem("an event is missing in the index of ids");
        }
        Ok(())
    }

    /// Whether all that is listed too much is of packs that died: their chunks are gone, so it leads nowhere.
    fn is_leftover(&self, key: &[u8], group: &[Link], mut listed: Vec<Locator>) -> Result<bool, UsageError> {
        let Some(scope) = key.first_chunk().map(|bytes| ScopeId::from_be_bytes(*bytes)) else {
            return Ok(false);
        };
        let mut failed = None;
        listed.retain(|locator| {
            let found = self.packed.files.days.contains_key(keys::day_key(scope, *locator));
            found.unwrap_or_else(|error| {
                failed = Some(UsageError::read(error));
                true
            })
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(group.iter().map(|link| link.2).eq(listed)),
        }
    }

    /// Events of one hash must have different ids.
    fn one_event_an_id(&mut self, group: &[Link]) -> Result<(), UsageError> {
        let mut ids = Vec::new();
        let mut locators: Vec<&Link> = group.iter().collect();
        locators.dedup();
        for &(scope, hash, locator) in locators {
            let key = self.packed.files.days.get(keys::day_key(scope, locator));
            let Some(key) = key.map_err(UsageError::read)? else {
                continue;
            };
            let dead = self.packed.dead_of(&key)?;
            let value = self.packed.chunk(&key)?;
            for row in chunk::decode(&value)? {
                let row = row?;
                let live = dead.binary_search(&row.sequence).is_err();
                if live && self.hasher.hash(scope, row.fields.event_id) == hash {
                    ids.push(row.fields.event_id.to_owned());
                }
            }
        }
        ids.sort_unstable();
        for twice in ids.windows(2).filter(|pair| pair.first() == pair.last()) {
            self.report
                .problem(format_args!("event {:?} is held twice", twice.first()));
        }
        Ok(())
    }

    fn journal(&mut self, directory: &Path) -> Result<(), UsageError> {
        let mut expected = self.state.sequence;
        let mut operations = 0;
        let report = &mut self.report;
        let hasher = self.hasher;
        let outcome = journal::frames(&FileSystem, &directory.join("journal"), |frame| {
            let entries = u64::try_from(decode(&frame.operations, hasher)?.len()).unwrap_or(u64::MAX);
            let end = frame.first_sequence + entries;
            if frame.first_sequence > expected {
                report.problem(format_args!("the journal lacks operation {expected}"));
            }
            operations += end.saturating_sub(expected.max(frame.first_sequence));
            expected = expected.max(end);
            Ok(())
        });
        if let Err(error) = outcome {
            self.report.problem(format_args!("the journal is damaged: {error}"));
        }
        self.report.journal_operations = operations;
        Ok(())
    }
}
