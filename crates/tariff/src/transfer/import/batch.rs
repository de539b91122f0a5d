//! Rows, checked by the contract's own rules, gathered into batches.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use tariff_contract::error::ApiError;
use tariff_contract::events::{BATCH_EVENTS_MAX, IngestEventRequest};
use tariff_contract::wire;
use tariff_usage::event::{EVENT_ID_BYTES_MAX, EVENT_NAME_BYTES_MAX, EXTERNAL_CUSTOMER_ID_BYTES_MAX};
use tokio::sync::mpsc::Sender;

use super::rows::{Row, Rows};
use crate::AnyError;

/// Bytes of rows after which a batch ends, so that few large events do not make a large request.
const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most bytes of one row: what the server takes in one request, without the frame of a batch.
pub const ROW_BYTES_MAX: usize = 32 * 1024 * 1024 - 64;

/// Some rows of the file, one after the other.
#[derive(Debug, Default)]
pub struct Batch {
    /// The rows to send, or that were stored.
    pub rows: Vec<PreparedRow>,
    /// The rows that are not events, in their order.
    pub rejections: Vec<Rejection>,
    /// Hashes of the ids that the rows name.
    pub ids: HashSet<u64>,
    /// Number of the last row.
    pub last_row: u64,
    /// How far this is into the file.
    pub position: u64,
    bytes: usize,
}

/// A row as it is sent.
#[derive(Debug)]
pub struct PreparedRow {
    /// Its number: 1 is the first below the header.
    pub number: u64,
    /// The event.
    pub json: Vec<u8>,
    /// The row as it stands in the file, unless it is no text there.
    pub raw: Option<String>,
}

/// A row that is not imported.
#[derive(Debug)]
pub struct Rejection {
    /// Its number.
    pub number: u64,
    /// Why.
    pub reason: String,
    /// The row as it stands in the file.
    pub raw: String,
}

impl PreparedRow {
    /// The same row, refused.
    pub fn rejected(self, reason: String) -> Rejection {
        Rejection {
            number: self.number,
            reason,
            raw: self
                .raw
                .unwrap_or_else(|| String::from_utf8_lossy(&self.json).into_owned()),
        }
    }
}

/// Reads all rows after the first `skip`, until nobody takes batches any more.
///
/// # Errors
/// When the file cannot be read any further.
pub fn read(mut rows: Box<dyn Rows>, skip: u64, id_prefix: &str, batches: &Sender<Batch>) -> Result<(), AnyError> {
    let mut batch = Batch::default();
    let mut number = 0;
    while let Some(row) = rows.next()? {
        number += 1;
        if number <= skip {
            continue;
        }
        batch.add(number, row, id_prefix);
        batch.position = rows.position();
        if batch.is_full() && batches.blocking_send(std::mem::take(&mut batch)).is_err() {
            return Ok(());
        }
    }
    if batch.last_row > 0 {
        // Nobody there means that the import failed, and it tells why.
        drop(batches.blocking_send(batch));
    }
    Ok(())
}

impl Batch {
    fn is_full(&self) -> bool {
        self.rows.len() >= BATCH_EVENTS_MAX
            || self.rejections.len() >= BATCH_EVENTS_MAX
            || self.bytes >= BATCH_BYTES_MAX
    }

    fn add(&mut self, number: u64, row: Row, id_prefix: &str) {
        self.last_row = number;
        let named_id = row.event.as_ref().ok().and_then(|event| event.event_id.clone());
        let named_id = named_id.filter(|id| !id.is_empty());
        self.bytes += row.raw.as_ref().map_or(0, String::len);
        match row
            .event
            .and_then(|event| prepared(event, || format!("{id_prefix}-{number}")))
        {
            Ok(json) => {
                self.bytes += json.len();
                self.ids.extend(named_id.map(hashed));
                self.rows.push(PreparedRow {
                    number,
                    json,
                    raw: row.raw,
                });
            }
            Err(reason) => self.rejections.push(Rejection {
                number,
                reason,
                raw: row.raw.unwrap_or_default(),
            }),
        }
    }
}

fn hashed(id: String) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// The event as it is sent, if the server would take it.
fn prepared(mut event: IngestEventRequest, id: impl FnOnce() -> String) -> Result<Vec<u8>, String> {
    let id = event.event_id.take().filter(|id| !id.is_empty()).unwrap_or_else(id);
    event.event_id = Some(id);
    check_lengths(&event)?;
    let json = serde_json::to_vec(&event).map_err(|error| error.to_string())?;
    if json.len() > ROW_BYTES_MAX {
        return Err(format!("the row is longer than {ROW_BYTES_MAX} bytes"));
    }
    // What the server will see, by its own decoder: texts from tables may hold what JSON bodies may not.
    let seen: IngestEventRequest = wire::decode_body(&json).map_err(|error| reason(&error))?;
    seen.validate().map_err(|error| reason(&error))?;
    Ok(json)
}

/// The bounds of the event log.
fn check_lengths(event: &IngestEventRequest) -> Result<(), String> {
    let name = event.event_name.as_deref().map(str::trim);
    for (field, text, bytes_max) in [
        ("event_id", event.event_id.as_deref(), EVENT_ID_BYTES_MAX),
        ("event_name", name, EVENT_NAME_BYTES_MAX),
        (
            "external_customer_id",
            event.external_customer_id.as_deref(),
            EXTERNAL_CUSTOMER_ID_BYTES_MAX,
        ),
    ] {
        if text.is_some_and(|text| text.len() > bytes_max) {
            return Err(format!("{field}: is longer than {bytes_max} bytes"));
        }
    }
    Ok(())
}

/// A refusal by the contract in one line.
pub fn reason(error: &ApiError) -> String {
    if error.details.is_empty() {
        let cause = error
            .source
            .as_ref()
            .map(|cause| format!(": {cause}"))
            .unwrap_or_default();
        return format!("{}{cause}", error.message);
    }
    let fields = error.details.iter().map(|(field, reason)| match reason.as_str() {
        Some(reason) => format!("{field}: {reason}"),
        None => format!("{field}: {reason}"),
    });
    fields.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(batch: &mut Batch, number: u64, json: &str) {
        let row = Row {
            event: wire::decode_body(json.as_bytes()).map_err(|error| reason(&error)),
            raw: Some(json.to_owned()),
        };
        batch.add(number, row, "file");
    }

    #[test]
    fn rows_without_an_id_get_one_of_the_file() {
        let mut batch = Batch::default();
        add(
            &mut batch,
            7,
            r#"{"event_name":"a","external_customer_id":"c","event_id":""}"#,
        );
        add(
            &mut batch,
            8,
            r#"{"event_name":"a","external_customer_id":"c","event_id":"own"}"#,
        );
        let json: Vec<_> = batch
            .rows
            .iter()
            .map(|row| String::from_utf8_lossy(&row.json))
            .collect();
        assert!(
            json[0].contains(r#""event_id":"file-7""#) && json[1].contains(r#""event_id":"own""#),
            "{json:?}"
        );
        assert_eq!(batch.ids.len(), 1);
    }

    #[test]
    fn what_the_server_would_refuse_is_rejected_with_its_reason() {
        let mut batch = Batch::default();
        let long = "x".repeat(EVENT_ID_BYTES_MAX + 1);
        for (number, json) in [
            r#"{"event_name":" "}"#.to_owned(),
            r#"{"event_name":"a","external_customer_id":"c","properties":[]}"#.to_owned(),
            r#"{"event_name":"a","external_customer_id":"c","source":"\u0000"}"#.to_owned(),
            r#"{"event_name":"a","external_customer_id":"c","properties":{"a":1e999}}"#.to_owned(),
            format!(r#"{{"event_name":"a","external_customer_id":"c","event_id":"{long}"}}"#),
            "nonsense".to_owned(),
        ]
        .iter()
        .enumerate()
        {
            add(&mut batch, number as u64 + 1, json);
        }
        let reasons: Vec<_> = batch
            .rejections
            .iter()
            .map(|rejection| rejection.reason.as_str())
            .collect();
        assert_eq!(batch.rows.len(), 0);
        assert_eq!(
            reasons,
            [
                "event_name: is required; external_customer_id: is required",
                "properties: must be a JSON object",
                "The request contains a NUL character",
                "properties.a: is a number out of range",
                "event_id: is longer than 4096 bytes",
                "Invalid request format",
            ]
        );
    }
}
