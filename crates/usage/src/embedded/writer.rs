//! The one writer: gathers what callers append into groups, and commits each group with one sync.
//!
//! A group is one atomic batch over all keyspaces, so an event, its place in the indexes and the removal of the delivery
//! it replaces are on disk together or not at all. Only this thread writes events, so a look at `ids` before the commit
//! cannot be overtaken.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use fjall::PersistMode;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::database::{Counters, Files};
use super::record::{PreparedEvent, event_key, stored_event, time_entry};
use super::seen::SeenIds;
use crate::{StoredEvent, UsageError};

/// Most events in one group; bounds the time a commit takes.
const GROUP_EVENTS_MAX: usize = 8_192;

/// What callers send to the writer. The queue itself is unbounded; the permits bound it.
pub(super) enum Request {
    Append {
        events: Vec<PreparedEvent>,
        reply: oneshot::Sender<Result<(), UsageError>>,
        /// The bytes these events take in the queue, given back when they are written.
        permit: OwnedSemaphorePermit,
    },
    Remove {
        id_key: Vec<u8>,
        reply: oneshot::Sender<Result<Option<StoredEvent>, UsageError>>,
    },
    Flush {
        reply: oneshot::Sender<Result<(), UsageError>>,
    },
    Close {
        reply: oneshot::Sender<Result<(), UsageError>>,
    },
}

/// What the writer tells about itself.
#[derive(Debug, Default)]
pub(super) struct WriterState {
    pub(super) queued_events: AtomicU64,
    pub(super) event_count: AtomicU64,
    pub(super) failed: AtomicBool,
}

type Waiting = (oneshot::Sender<Result<(), UsageError>>, OwnedSemaphorePermit);

/// Runs until closed, or until every sender is gone.
pub(super) fn run(
    files: &Files,
    seen: &SeenIds,
    mut counters: Counters,
    state: &WriterState,
    mut requests: UnboundedReceiver<Request>,
) {
    while let Some(first) = requests.blocking_recv() {
        let mut events = Vec::new();
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut last = Some(first);
        // Everything that queued up during the previous sync shares the next one.
        let barrier = loop {
            match last.take().or_else(|| requests.try_recv().ok()) {
                Some(Request::Append {
                    events: more,
                    reply,
                    permit,
                }) => {
                    events.extend(more);
                    waiting.push((reply, permit));
                    if events.len() >= GROUP_EVENTS_MAX {
                        break None;
                    }
                }
                other => break other,
            }
        };
        commit_group(files, seen, &mut counters, state, events, waiting);
        match barrier {
            Some(Request::Remove { id_key, reply }) => {
                let outcome = remove(files, &mut counters, &id_key);
                state.event_count.store(counters.event_count, Ordering::Relaxed);
                drop(reply.send(outcome));
            }
            Some(Request::Flush { reply }) => drop(reply.send(sync(files))),
            Some(Request::Close { reply }) => {
                requests.close();
                // Nobody can send any more; what is queued behind the close was refused a place by its sender.
                drop(reply.send(sync(files)));
                return;
            }
            Some(Request::Append { .. }) | None => {}
        }
    }
}

fn sync(files: &Files) -> Result<(), UsageError> {
    files
        .database
        .persist(PersistMode::SyncAll)
        .map_err(|error| UsageError::WriteFailed(Arc::new(error)))
}

/// Takes one event out of all keyspaces.
fn remove(files: &Files, counters: &mut Counters, id_key: &[u8]) -> Result<Option<StoredEvent>, UsageError> {
    let Some(position) = files.ids.get(id_key).map_err(UsageError::read)? else {
        return Ok(None);
    };
    let key = event_key(id_key, &position);
    let value = files.events.get(&key).map_err(UsageError::read)?;
    let value = value.ok_or(UsageError::Corrupt("event without record"))?;
    let stored = stored_event(&key, &value)?;
    let mut batch = files.database.batch().durability(Some(PersistMode::SyncData));
    batch.remove(&files.events, key);
    batch.remove(&files.times, time_entry(id_key, &position).0);
    batch.remove(&files.ids, id_key);
    let after = Counters {
        event_count: counters.event_count.saturating_sub(1),
        ..*counters
    };
    files.write_counters(&mut batch, after);
    batch
        .commit()
        .map_err(|error| UsageError::WriteFailed(Arc::new(error)))?;
    *counters = after;
    Ok(Some(stored))
}

fn commit_group(
    files: &Files,
    seen: &SeenIds,
    counters: &mut Counters,
    state: &WriterState,
    events: Vec<PreparedEvent>,
    waiting: Vec<Waiting>,
) {
    if waiting.is_empty() {
        return;
    }
    let queued = u64::try_from(events.len()).unwrap_or(u64::MAX);
    let outcome = commit(files, seen, *counters, events);
    match &outcome {
        Ok(after) => {
            *counters = *after;
            state.event_count.store(after.event_count, Ordering::Relaxed);
            state.failed.store(false, Ordering::Relaxed);
        }
        Err(error) => {
            state.failed.store(true, Ordering::Relaxed);
            tracing::error!(error = %error, events = queued, "events could not be stored");
        }
    }
    state.queued_events.fetch_sub(queued, Ordering::Relaxed);
    for (reply, permit) in waiting {
        let answer = match &outcome {
            Ok(_) => Ok(()),
            Err(error) => Err(UsageError::WriteFailed(Arc::clone(error))),
        };
        drop(permit);
        // A caller that has gone away does not want the answer; its events are stored all the same.
        drop(reply.send(answer));
    }
}

type Failure = crate::error::StorageFailure;

fn commit(
    files: &Files,
    seen: &SeenIds,
    mut counters: Counters,
    events: Vec<PreparedEvent>,
) -> Result<Counters, Failure> {
    let failure = |error: fjall::Error| -> Failure { Arc::new(error) };
    let superseded = superseded(&events);
    let mut batch = files.database.batch().durability(Some(PersistMode::SyncData));
    for (event, superseded) in events.into_iter().zip(superseded) {
        let sequence = counters.sequence;
        counters.sequence += 1;
        if superseded {
            continue;
        }
        let stored = if seen.note(&event.id_key) {
            files.ids.get(&event.id_key).map_err(failure)?
        } else {
            None
        };
        let moved = stored.as_deref() != Some(event.position.as_slice());
        match stored {
            None => counters.event_count += 1,
            Some(position) if moved => {
                batch.remove(&files.events, event_key(&event.id_key, &position));
                batch.remove(&files.times, time_entry(&event.id_key, &position).0);
            }
            Some(_) => {}
        }
        if moved {
            let (time_key, series) = time_entry(&event.id_key, &event.position);
            batch.insert(&files.times, time_key, series);
            batch.insert(&files.ids, event.id_key.as_slice(), event.position.as_slice());
        }
        batch.insert(
            &files.events,
            event_key(&event.id_key, &event.position),
            event.value(sequence),
        );
    }
    files.write_counters(&mut batch, counters);
    batch.commit().map_err(failure)?;
    Ok(counters)
}

/// Which events of a group are delivered again later in it. All operations of a batch take effect at the same moment, so
/// each key may occur only once in it: the last delivery must win before anything is written.
fn superseded(events: &[PreparedEvent]) -> Vec<bool> {
    let mut superseded = vec![false; events.len()];
    let mut last_delivery: HashMap<&[u8], usize> = HashMap::with_capacity(events.len());
    for (index, event) in events.iter().enumerate() {
        let earlier = last_delivery.insert(&event.id_key, index);
        if let Some(mark) = earlier.and_then(|earlier| superseded.get_mut(earlier)) {
            *mark = true;
        }
    }
    superseded
}
