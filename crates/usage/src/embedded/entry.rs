//! What callers ask the writer to do, in the one form that is kept in the journal and in memory.
//!
//! A request is encoded on its caller's thread into one buffer; the rows in memory point into it, so that a text is
//! copied once between the decoded request and the disk.

use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::keys::{self, ScopeId};
use crate::event::floor_ms;
use crate::{Event, StoredEvent, UsageError};

/// How ids are hashed: differently in each log, so that nobody can prepare ids that collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct IdHasher {
    seed: u64,
    mask: u64,
}

impl IdHasher {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed, mask: u64::MAX }
    }

    /// A hasher of that few bits, so that many ids collide.
    #[cfg(test)]
    pub(super) const fn weak(bits: u32) -> Self {
        Self {
            seed: 0,
            mask: (1 << bits) - 1,
        }
    }

    pub(super) fn hash(self, scope: ScopeId, event_id: &str) -> u64 {
        xxh3_64_with_seed(event_id.as_bytes(), self.seed.wrapping_add(u64::from(scope))) & self.mask
    }
}

/// The part of an event that its series and its times do not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fields<'a> {
    pub(super) event_id: &'a str,
    pub(super) customer_id: &'a str,
    pub(super) source: &'a str,
    pub(super) properties: Option<&'a str>,
}

/// One operation as the journal holds it.
#[derive(Debug, Serialize, Deserialize)]
enum Operation<'a> {
    Put {
        scope: ScopeId,
        event_name: &'a str,
        external_customer_id: &'a str,
        time_ms: i64,
        ingested_us: i64,
        fields: Fields<'a>,
    },
    Remove {
        scope: ScopeId,
        event_id: &'a str,
    },
}

/// An operation, ready for the writer.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) scope: ScopeId,
    /// Hash of the event's id.
    pub(super) hash: u64,
    pub(super) change: Change,
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    Put(Put),
    Remove { event_id: Box<str> },
}

/// An event to be stored.
#[derive(Debug, Clone)]
pub(super) struct Put {
    /// Scope, name and customer, as in keys.
    pub(super) series: Arc<[u8]>,
    pub(super) time_ms: i64,
    pub(super) ingested_us: i64,
    pub(super) body: Body,
}

/// A stretch of a shared buffer that holds an operation.
#[derive(Debug, Clone)]
pub(super) struct Body {
    buffer: Arc<[u8]>,
    range: Range<u32>,
}

impl Body {
    /// The event's remaining texts. They were written or checked by [`decode`], so this finds them; a body that cannot
    /// be read would be a defect of this module and shows as an event without texts.
    pub(super) fn fields(&self) -> Fields<'_> {
        const NONE: Fields<'static> = Fields {
            event_id: "",
            customer_id: "",
            source: "",
            properties: None,
        };
        let range = self.range.start as usize..self.range.end as usize;
        match self.buffer.get(range).map(postcard::from_bytes) {
            Some(Ok(Operation::Put { fields, .. })) => fields,
            Some(Ok(Operation::Remove { .. }) | Err(_)) | None => NONE,
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        u64::from(self.range.end - self.range.start)
    }
}

impl Entry {
    pub(super) fn event_id(&self) -> &str {
        match &self.change {
            Change::Put(put) => put.body.fields().event_id,
            Change::Remove { event_id } => event_id,
        }
    }
}

/// The events of one request as operations.
pub(super) fn encode(scope: ScopeId, events: &[Event]) -> Result<Vec<u8>, UsageError> {
    let mut buffer = Vec::with_capacity(events.len() * 256);
    for event in events {
        event.check()?;
        let operation = Operation::Put {
            scope,
            event_name: &event.event_name,
            external_customer_id: &event.external_customer_id,
            time_ms: floor_ms(event.timestamp),
            ingested_us: event.ingested_at.as_microsecond(),
            fields: Fields {
                event_id: &event.event_id,
                customer_id: &event.customer_id,
                source: &event.source,
                properties: event.properties.as_deref(),
            },
        };
        push(&mut buffer, &operation)?;
    }
    Ok(buffer)
}

/// The removal of an event as an operation.
pub(super) fn encode_removal(scope: ScopeId, event_id: &str) -> Result<Vec<u8>, UsageError> {
    let mut buffer = Vec::new();
    push(&mut buffer, &Operation::Remove { scope, event_id })?;
    Ok(buffer)
}

fn push(buffer: &mut Vec<u8>, operation: &Operation<'_>) -> Result<(), UsageError> {
    let full = postcard::to_extend(operation, std::mem::take(buffer)).map_err(|_| UsageError::Corrupt("entry"))?;
    *buffer = full;
    Ok(())
}

/// The operations that a buffer holds.
pub(super) fn decode(buffer: &Arc<[u8]>, hasher: IdHasher) -> Result<Vec<Entry>, UsageError> {
    let corrupt = || UsageError::Corrupt("entry");
    let mut entries = Vec::new();
    let mut rest: &[u8] = buffer;
    while !rest.is_empty() {
        let start = buffer.len() - rest.len();
        let (operation, after) = postcard::take_from_bytes::<Operation<'_>>(rest).map_err(|_| corrupt())?;
        let end = buffer.len() - after.len();
        rest = after;
        entries.push(match operation {
            Operation::Put {
                scope,
                event_name,
                external_customer_id,
                time_ms,
                ingested_us,
                fields,
            } => Entry {
                scope,
                hash: hasher.hash(scope, fields.event_id),
                change: Change::Put(Put {
                    series: keys::series(scope, event_name, external_customer_id).into(),
                    time_ms,
                    ingested_us,
                    body: Body {
                        buffer: Arc::clone(buffer),
                        range: u32::try_from(start).map_err(|_| corrupt())?
                            ..u32::try_from(end).map_err(|_| corrupt())?,
                    },
                }),
            },
            Operation::Remove { scope, event_id } => Entry {
                scope,
                hash: hasher.hash(scope, event_id),
                change: Change::Remove {
                    event_id: event_id.into(),
                },
            },
        });
    }
    Ok(entries)
}

/// One event as questions see it, wherever it is kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowView<'a> {
    pub(super) sequence: u64,
    pub(super) time_ms: i64,
    pub(super) ingested_us: i64,
    pub(super) fields: Fields<'a>,
}

impl RowView<'_> {
    /// The whole event.
    pub(super) fn stored(&self, series: &[u8]) -> Result<StoredEvent, UsageError> {
        let (event_name, external_customer_id) =
            keys::split_series(series).ok_or(UsageError::Corrupt("series of an event"))?;
        let event = Event {
            event_id: self.fields.event_id.to_owned(),
            event_name,
            external_customer_id,
            customer_id: self.fields.customer_id.to_owned(),
            timestamp: instant(self.time_ms)?,
            ingested_at: ingested_at(self.ingested_us),
            source: self.fields.source.to_owned(),
            properties: self.fields.properties.map(str::to_owned),
        };
        Ok(StoredEvent {
            sequence: self.sequence,
            event,
        })
    }
}

/// The instant of a stored time.
pub(super) fn instant(ms: i64) -> Result<Timestamp, UsageError> {
    Timestamp::from_millisecond(ms).map_err(|_| UsageError::Corrupt("event time"))
}

/// The moment an event was taken in.
pub(super) fn ingested_at(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, properties: Option<&str>) -> Event {
        Event {
            event_id: id.to_owned(),
            event_name: "call".to_owned(),
            external_customer_id: "acme\0".to_owned(),
            customer_id: "c".to_owned(),
            timestamp: Timestamp::from_millisecond(-7).unwrap(),
            ingested_at: Timestamp::from_microsecond(1_234_567).unwrap(),
            source: "s".to_owned(),
            properties: properties.map(str::to_owned),
        }
    }

    #[test]
    fn operations_read_back_as_they_were_written() {
        let events = [event("a", Some("{\"v\":1}")), event("b/é", None)];
        let mut buffer = encode(3, &events).unwrap();
        buffer.extend(encode_removal(4, "a").unwrap());
        let hasher = IdHasher::new(1);
        let entries = decode(&buffer.into(), hasher).unwrap();
        assert_eq!(entries.len(), 3);
        for (entry, event) in entries.iter().zip(&events) {
            let Change::Put(put) = &entry.change else {
                panic!("expected an event")
            };
            let view = RowView {
                sequence: 9,
                time_ms: put.time_ms,
                ingested_us: put.ingested_us,
                fields: put.body.fields(),
            };
            assert_eq!(view.stored(&put.series).unwrap().event, *event);
            assert_eq!(entry.hash, hasher.hash(3, &event.event_id));
        }
        assert_eq!((entries[2].scope, entries[2].event_id()), (4, "a"));
        assert_ne!(entries[0].hash, entries[2].hash, "scopes hash differently");
    }

    #[test]
    fn a_cut_buffer_is_refused() {
        let buffer = encode(3, &[event("a", None)]).unwrap();
        let cut: Arc<[u8]> = buffer[..buffer.len() - 1].into();
        assert!(decode(&cut, IdHasher::new(0)).is_err());
    }
}
