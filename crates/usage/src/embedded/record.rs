//! How one event is written: the sequence, then the fields that are not in the key.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::keys::{self, ScopeId};
use crate::event::floor_ms;
use crate::{Event, StoredEvent, UsageError};

const SEQUENCE_BYTES: usize = size_of::<u64>();

/// The fields of an event that its key does not hold.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Record<'a> {
    pub(super) ingested_at_us: i64,
    pub(super) customer_id: &'a str,
    pub(super) source: &'a str,
    pub(super) properties: Option<&'a str>,
}

impl<'a> Record<'a> {
    /// The record and its sequence.
    pub(super) fn read(value: &'a [u8]) -> Result<(u64, Self), UsageError> {
        let corrupt = UsageError::Corrupt("event record");
        let Some((sequence, record)) = value.split_first_chunk::<SEQUENCE_BYTES>() else {
            return Err(corrupt);
        };
        let record = postcard::from_bytes(record).map_err(|_| corrupt)?;
        Ok((u64::from_be_bytes(*sequence), record))
    }

    pub(super) fn ingested_at(&self) -> Timestamp {
        Timestamp::from_microsecond(self.ingested_at_us).unwrap_or_default()
    }
}

/// An event in the form in which it is written, but for its sequence. Made on the caller's thread, so that the one
/// writer has little left to do.
#[derive(Debug)]
pub(super) struct PreparedEvent {
    /// Key in `ids`: scope, id.
    pub(super) id_key: Vec<u8>,
    /// Value in `ids`: name, customer, time.
    pub(super) position: Vec<u8>,
    value: Vec<u8>,
}

impl PreparedEvent {
    pub(super) fn new(scope: ScopeId, event: &Event) -> Result<Self, UsageError> {
        event.check()?;
        let mut position = keys::series(&event.event_name, &event.external_customer_id);
        position.extend_from_slice(&keys::time_bytes(floor_ms(event.timestamp)));
        let record = Record {
            ingested_at_us: event.ingested_at.as_microsecond(),
            customer_id: &event.customer_id,
            source: &event.source,
            properties: event.properties.as_deref(),
        };
        let value = postcard::to_extend(&record, vec![0; SEQUENCE_BYTES]);
        Ok(Self {
            id_key: keys::join(&[&scope.to_be_bytes(), event.event_id.as_bytes()]),
            position,
            value: value.map_err(|_| UsageError::Corrupt("event record"))?,
        })
    }

    /// The record under its sequence.
    pub(super) fn value(mut self, sequence: u64) -> Vec<u8> {
        if let Some(place) = self.value.first_chunk_mut::<SEQUENCE_BYTES>() {
            *place = sequence.to_be_bytes();
        }
        self.value
    }
}

/// The key in `events` of the event with that key and position in `ids`.
pub(super) fn event_key(id_key: &[u8], position: &[u8]) -> Vec<u8> {
    let (scope, id) = id_key.split_at_checked(keys::SCOPE_BYTES).unwrap_or((id_key, &[]));
    keys::join(&[scope, position, id])
}

/// The key in `times`, and the series that is its value.
pub(super) fn time_entry<'p>(id_key: &[u8], position: &'p [u8]) -> (Vec<u8>, &'p [u8]) {
    let (scope, id) = id_key.split_at_checked(keys::SCOPE_BYTES).unwrap_or((id_key, &[]));
    let (series, time) = position
        .split_at_checked(position.len().saturating_sub(keys::TIME_BYTES))
        .unwrap_or_default();
    (keys::join(&[scope, time, id]), series)
}

/// The event under a key of `events`.
pub(super) fn stored_event(key: &[u8], value: &[u8]) -> Result<StoredEvent, UsageError> {
    let (event_name, external_customer_id, timestamp_ms, id) =
        split_event_key(key).ok_or(UsageError::Corrupt("event key"))?;
    let (sequence, record) = Record::read(value)?;
    let event = Event {
        event_id: String::from_utf8_lossy(id).into_owned(),
        event_name,
        external_customer_id,
        customer_id: record.customer_id.to_owned(),
        timestamp: timestamp(timestamp_ms)?,
        ingested_at: record.ingested_at(),
        source: record.source.to_owned(),
        properties: record.properties.map(str::to_owned),
    };
    Ok(StoredEvent { sequence, event })
}

fn split_event_key(key: &[u8]) -> Option<(String, String, i64, &[u8])> {
    let (event_name, rest) = keys::take_text(key.get(keys::SCOPE_BYTES..)?)?;
    let (external_customer_id, rest) = keys::take_text(rest)?;
    let (timestamp_ms, id) = keys::take_time(rest)?;
    Some((event_name, external_customer_id, timestamp_ms, id))
}

/// The instant of a time in a key.
pub(super) fn timestamp(ms: i64) -> Result<Timestamp, UsageError> {
    Timestamp::from_millisecond(ms).map_err(|_| UsageError::Corrupt("event time"))
}
