//! The one writer: gathers what callers append into groups, and commits each group with one sync.
//!
//! A group is looked up, written to the journal, and only then applied to memory: an operation shows when it is durable,
//! and nothing that can fail is left to do once it is. All changes of the log's parts happen on this thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::entry::{Change, Entry, IdHasher, decode};
use super::files::Packed;
use super::journal::{Frame, Journal};
use super::keys;
use super::pack::Job;
use super::seen::SeenIds;
use super::state::{Parts, State, is_killed, packed_event, read, write};
use super::tail::{PackedRow, Row, Tail};
use crate::{StoredEvent, UsageError};

/// Most events in one group; bounds the time a commit takes.
const GROUP_EVENTS_MAX: usize = 8_192;
/// Longest wait for a pack when memory is full, below that for an append; then appends are refused until it is done. Until
/// then clients are merely slowed down to the speed of the disk.
const PACK_WAIT_MAX: Duration = Duration::from_secs(25);

/// What callers send to the writer. The queue itself is unbounded; the permits bound it.
pub(super) enum Request {
    Append {
        buffer: Arc<[u8]>,
        entries: Vec<Entry>,
        reply: oneshot::Sender<Result<(), UsageError>>,
        /// The bytes these events take in the queue, given back when they are written.
        permit: OwnedSemaphorePermit,
    },
    Remove {
        buffer: Arc<[u8]>,
        entry: Entry,
        reply: oneshot::Sender<Result<Option<StoredEvent>, UsageError>>,
    },
    Flush {
        reply: oneshot::Sender<Result<(), UsageError>>,
    },
    /// The packer has something to tell, or it is time to see whether a disk that failed works again.
    Look,
    Close {
        reply: oneshot::Sender<Result<(), UsageError>>,
    },
}

/// What the packer tells.
pub(super) enum Outcome {
    /// The frozen tail is packed.
    Done(Packed),
    /// Nothing was packed, but the files have been compacted: a newer view of the same content lets old files go.
    Refreshed(Packed),
}

/// What the writer tells about itself.
#[derive(Debug, Default)]
pub(super) struct WriterState {
    pub(super) queued_events: AtomicU64,
    pub(super) event_count: AtomicU64,
    pub(super) journal_bytes: AtomicU64,
    pub(super) failed: AtomicBool,
}

/// When a tail is full.
#[derive(Debug, Clone, Copy)]
pub(super) struct TailBounds {
    pub(super) events_max: usize,
    pub(super) bytes_max: u64,
}

impl TailBounds {
    fn is_full(self, tail: &Tail) -> bool {
        tail.operations() >= self.events_max || tail.bytes() >= self.bytes_max
    }

    /// How much may gather while the tail before is being packed.
    fn doubled(self) -> Self {
        Self {
            events_max: self.events_max.saturating_mul(2),
            bytes_max: self.bytes_max.saturating_mul(2),
        }
    }
}

/// The content of the log as operations change it, without the journal.
pub(super) struct Content {
    pub(super) shared: Arc<State>,
    pub(super) seen: Arc<SeenIds>,
    pub(super) hasher: IdHasher,
    /// The next operation's.
    pub(super) sequence: u64,
    pub(super) event_count: u64,
}

/// Where the writer stands.
pub(super) struct Writer {
    pub(super) content: Content,
    pub(super) journal: Journal,
    pub(super) told: Arc<WriterState>,
    pub(super) bounds: TailBounds,
    pub(super) jobs: Sender<Job>,
    pub(super) outcomes: Receiver<Outcome>,
    /// Journal files that hold the frozen tail.
    pub(super) frozen_files: Vec<u64>,
    /// A pack that is done but not in place yet.
    pub(super) pending: Option<Packed>,
}

/// A group of requests that share one sync.
#[derive(Default)]
struct Group {
    buffers: Vec<Arc<[u8]>>,
    entries: Vec<Entry>,
    waiting: Vec<Waiting>,
}

enum Waiting {
    Append(oneshot::Sender<Result<(), UsageError>>, OwnedSemaphorePermit),
    /// The answer is the event that the entry at this place removed.
    Remove(oneshot::Sender<Result<Option<StoredEvent>, UsageError>>, usize),
}

impl Group {
    /// Takes in a request; gives it back if it is none that a group can hold.
    fn take(&mut self, request: Request) -> Option<Request> {
        match request {
            Request::Append {
                buffer,
                entries,
                reply,
                permit,
            } => {
                self.buffers.push(buffer);
                self.entries.extend(entries);
                self.waiting.push(Waiting::Append(reply, permit));
                None
            }
            Request::Remove { buffer, entry, reply } => {
                self.buffers.push(buffer);
                self.waiting.push(Waiting::Remove(reply, self.entries.len()));
                self.entries.push(entry);
                None
            }
            Request::Flush { .. } | Request::Look | Request::Close { .. } => Some(request),
        }
    }
}

/// What was found out about an entry before it is written.
struct Lookup {
    /// Whether `ids` may hold its hash.
    maybe_known: bool,
    /// The packed row of its id, if neither tail knows the id.
    packed: Option<PackedRow>,
    /// For a removal of a packed row: the event.
    removed: Option<StoredEvent>,
}

impl Writer {
    /// Runs until closed.
    pub(super) fn run(mut self, mut requests: UnboundedReceiver<Request>) {
        while let Some(first) = requests.blocking_recv() {
            let mut group = Group::default();
            let mut next = Some(first);
            // Everything that queued up during the previous sync shares the next one.
            let barrier = loop {
                let Some(request) = next.take().or_else(|| requests.try_recv().ok()) else {
                    break None;
                };
                if let Some(other) = group.take(request) {
                    break Some(other);
                }
                if group.entries.len() >= GROUP_EVENTS_MAX {
                    break None;
                }
            };
            self.collect_outcomes();
            self.commit(group);
            match barrier {
                // Everything before it is committed, and a commit is durable.
                Some(Request::Flush { reply }) => drop(reply.send(Ok(()))),
                Some(Request::Close { reply }) => {
                    requests.close();
                    // What is queued behind the close was refused a place by its sender.
                    drop(reply.send(Ok(())));
                    return;
                }
                Some(Request::Look | Request::Append { .. } | Request::Remove { .. }) | None => {}
            }
        }
    }

    fn commit(&mut self, group: Group) {
        if group.waiting.is_empty() {
            self.try_a_failed_disk();
            return;
        }
        let events = u64::try_from(group.entries.len()).unwrap_or(u64::MAX);
        let outcome = self.write(&group);
        let removed = outcome.map(|lookups| self.content.apply_all(group.entries, lookups));
        if let Err(error) = &removed {
            tracing::error!(error = %error, events, "events could not be stored");
        }
        self.told.failed.store(removed.is_err(), Ordering::Relaxed);
        self.told.event_count.store(self.content.event_count, Ordering::Relaxed);
        self.told.journal_bytes.store(self.journal.bytes(), Ordering::Relaxed);
        self.told.queued_events.fetch_sub(events, Ordering::Relaxed);
        answer(group.waiting, removed);
        self.freeze_if_full();
    }

    /// After a failed write: writes a frame without operations, so that whoever watches learns that the disk works again
    /// without sending an event.
    fn try_a_failed_disk(&mut self) {
        if self.told.failed.load(Ordering::Relaxed) && self.journal.append(self.content.sequence, &[]).is_ok() {
            self.told.failed.store(false, Ordering::Relaxed);
        }
    }

    /// Looks the group up and makes it durable.
    fn write(&mut self, group: &Group) -> Result<Vec<Lookup>, UsageError> {
        self.wait_for_room()?;
        let lookups = group
            .entries
            .iter()
            .map(|entry| self.content.look_up(entry))
            .collect::<Result<_, _>>()?;
        self.journal
            .append(self.content.sequence, &group.buffers)
            .map_err(|error| UsageError::WriteFailed(Arc::new(error)))?;
        Ok(lookups)
    }

    /// Hands a full tail to the packer, if that is idle.
    fn freeze_if_full(&mut self) {
        let Parts { packed, frozen, active } = self.content.shared.parts();
        if frozen.is_some() || !self.bounds.is_full(&read(&active)) {
            return;
        }
        self.frozen_files = self.journal.rotate();
        let job = Job {
            tail: Arc::clone(&active),
            sequence: self.content.sequence,
            event_count: self.content.event_count,
            packed: Arc::clone(&packed),
        };
        self.content.shared.replace(Parts {
            packed,
            frozen: Some(active),
            active: Arc::new(RwLock::new(Tail::default())),
        });
        // The packer lives as long as the writer; without it the log fills up and refuses appends, but loses nothing.
        drop(self.jobs.send(job));
    }

    /// When both tails are full, waits for the packer.
    fn wait_for_room(&mut self) -> Result<(), UsageError> {
        let is_full = |parts: &Parts| parts.frozen.is_some() && self.bounds.doubled().is_full(&read(&parts.active));
        if !is_full(&self.content.shared.parts()) {
            return Ok(());
        }
        match self.outcomes.recv_timeout(PACK_WAIT_MAX) {
            Ok(outcome) => {
                self.note(outcome);
                self.settle()
            }
            Err(RecvTimeoutError::Timeout) => Err(UsageError::QueueFull),
            Err(RecvTimeoutError::Disconnected) => Err(UsageError::Closed),
        }
    }

    fn collect_outcomes(&mut self) {
        while let Ok(outcome) = self.outcomes.try_recv() {
            self.note(outcome);
        }
        if let Err(error) = self.settle() {
            tracing::error!(error = %error, "packed events could not be read; trying again later");
        }
        self.freeze_if_full();
    }

    fn note(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Done(packed) => self.pending = Some(packed),
            Outcome::Refreshed(packed) => {
                let parts = self.content.shared.parts();
                // A refresh that a pack has overtaken shows less than is there.
                if packed.pack == parts.packed.pack && parts.frozen.is_none() {
                    let packed = Arc::new(packed);
                    self.content.shared.replace(Parts { packed, ..parts });
                }
            }
        }
    }

    /// Puts what was packed in place of the frozen tail.
    fn settle(&mut self) -> Result<(), UsageError> {
        let Some(packed) = self.pending.take() else {
            return Ok(());
        };
        let active = self.content.shared.parts().active;
        if let Err(error) = carry_over(&mut write(&active), &packed) {
            self.pending = Some(packed);
            return Err(error);
        }
        let done = self.content.shared.parts().frozen;
        self.content.shared.replace(Parts {
            packed: Arc::new(packed),
            frozen: None,
            active,
        });
        // Giving back the memory of so many rows takes a while, in which events would wait.
        drop(std::thread::Builder::new().spawn(move || drop(done)));
        let files = std::mem::take(&mut self.frozen_files);
        self.journal.remove(&files);
        self.told.journal_bytes.store(self.journal.bytes(), Ordering::Relaxed);
        Ok(())
    }
}

impl Content {
    /// Applies what the journal holds beyond the last pack.
    pub(super) fn replay(&mut self, frame: &Frame) -> Result<(), UsageError> {
        let entries = decode(&frame.operations, self.hasher)?;
        let skipped = usize::try_from(self.sequence.saturating_sub(frame.first_sequence)).unwrap_or(usize::MAX);
        if frame.first_sequence > self.sequence {
            return Err(UsageError::Corrupt("the journal lacks operations"));
        }
        let entries: Vec<Entry> = entries.into_iter().skip(skipped).collect();
        // One by one, for a later entry may concern what an earlier one did.
        for entry in entries {
            let lookup = self.look_up(&entry)?;
            self.apply(&self.shared.parts(), entry, lookup);
        }
        self.shared.show(self.sequence);
        Ok(())
    }

    fn apply_all(&mut self, entries: Vec<Entry>, lookups: Vec<Lookup>) -> Vec<Option<StoredEvent>> {
        let parts = self.shared.parts();
        let removed = entries
            .into_iter()
            .zip(lookups)
            .map(|(entry, lookup)| self.apply(&parts, entry, lookup))
            .collect();
        self.shared.show(self.sequence);
        removed
    }

    /// What the entry's id is now, if it is packed. The entry itself is not looked for among those of its own group: they
    /// are found when it is applied.
    fn look_up(&self, entry: &Entry) -> Result<Lookup, UsageError> {
        let maybe_known = self.seen.note(&keys::id_key(entry.scope, entry.hash));
        let nothing = Lookup {
            maybe_known,
            packed: None,
            removed: None,
        };
        if !maybe_known {
            return Ok(nothing);
        }
        let Parts { packed, frozen, active } = self.shared.parts();
        let (scope, hash, event_id) = (entry.scope, entry.hash, entry.event_id());
        let tails = || frozen.iter().chain([&active]);
        if tails().any(|tail| read(tail).latest(scope, hash, event_id).is_some()) {
            return Ok(nothing);
        }
        let killed = |chunk_key: &[u8], sequence: u64| is_killed(tails(), chunk_key, sequence);
        let found = packed.find(scope, hash, event_id, killed)?;
        let removed = match (&entry.change, &found) {
            (Change::Remove { .. }, Some(row)) => Some(packed_event(&packed, &row.chunk_key, row.sequence)?),
            (Change::Remove { .. } | Change::Put(_), _) => None,
        };
        Ok(Lookup {
            packed: found,
            removed,
            ..nothing
        })
    }

    /// Changes memory as a durable entry says; gives the event that a removal took out.
    fn apply(&mut self, parts: &Parts, entry: Entry, lookup: Lookup) -> Option<StoredEvent> {
        let sequence = self.sequence;
        self.sequence += 1;
        let mut active = write(&parts.active);
        active.count_operation();
        let before = active.latest(entry.scope, entry.hash, entry.event_id()).cloned();
        let before_frozen = match (&before, &parts.frozen) {
            (None, Some(frozen)) => read(frozen).latest(entry.scope, entry.hash, entry.event_id()).cloned(),
            (Some(_), _) | (None, None) => None,
        };
        let is_removal = matches!(entry.change, Change::Remove { .. });
        let mut removed = lookup.removed;
        let mut take_out = |tail: &mut Tail, row: &Arc<Row>| {
            let was_there = row.is_current();
            if was_there {
                tail.replace(row, sequence);
                // The texts of a row were checked when it was stored, so this does not fail.
                removed = is_removal.then(|| row.view().stored(&row.series).ok()).flatten();
            }
            was_there
        };
        let was_there = if let Some(row) = before {
            take_out(&mut active, &row)
        } else if let Some((row, frozen)) = before_frozen.zip(parts.frozen.as_ref()) {
            let was_there = take_out(&mut write(frozen), &row);
            if was_there {
                active.note_replaced_in_frozen(row);
            }
            was_there
        } else if let Some(row) = lookup.packed {
            active.kill(entry.scope, entry.hash, row, sequence);
            true
        } else {
            false
        };
        match entry.change {
            Change::Put(put) => {
                active.put(sequence, entry.scope, entry.hash, put, lookup.maybe_known);
                self.event_count += u64::from(!was_there);
                None
            }
            Change::Remove { .. } => {
                self.event_count -= u64::from(was_there);
                removed.filter(|_| was_there)
            }
        }
    }
}

/// Rows that were replaced while they were being packed are dead in their chunks.
fn carry_over(active: &mut Tail, packed: &Packed) -> Result<(), UsageError> {
    let rows = active.take_replaced_in_frozen();
    let mut outcome = Ok(());
    for row in rows {
        let view = row.view();
        let other = |_: &[u8], sequence: u64| sequence != row.sequence;
        match packed.find(row.scope, row.hash, view.fields.event_id, other) {
            Ok(Some(found)) => active.kill(row.scope, row.hash, found, row.replaced_at()),
            Ok(None) => outcome = Err(UsageError::Corrupt("event without record")),
            Err(error) => outcome = Err(error),
        }
        if outcome.is_err() {
            active.note_replaced_in_frozen(row);
        }
    }
    outcome
}

fn answer(waiting: Vec<Waiting>, outcome: Result<Vec<Option<StoredEvent>>, UsageError>) {
    for waiting in waiting {
        // A caller that has gone away does not want the answer; its events are stored all the same.
        match waiting {
            Waiting::Append(reply, permit) => {
                drop(permit);
                drop(reply.send(outcome.as_ref().map(|_| ()).map_err(UsageError::clone)));
            }
            Waiting::Remove(reply, place) => {
                let removed = outcome.as_ref().map(|removed| removed.get(place).cloned().flatten());
                drop(reply.send(removed.map_err(UsageError::clone)));
            }
        }
    }
}
