//! How the rows of one series and one day are packed: column by column, so that like lies beside like.
//!
//! A column of numbers holds differences to the row before, a column of texts the lengths first and then all texts.
//! Storage compresses a chunk as a whole and checks its sums.

use super::entry::{Fields, RowView};
use crate::UsageError;

/// Version of the layout, the first byte.
const VERSION: u8 = 1;

/// Packs rows in the order given.
pub(super) fn encode<'a>(rows: impl Iterator<Item = RowView<'a>> + Clone) -> Vec<u8> {
    let mut chunk = vec![VERSION];
    push_number(&mut chunk, rows.clone().count() as u64);
    push_column(&mut chunk, &differences(rows.clone().map(|row| row.time_ms)));
    push_column(
        &mut chunk,
        &differences(rows.clone().map(|row| row.sequence.cast_signed())),
    );
    push_column(&mut chunk, &differences(rows.clone().map(|row| row.ingested_us)));
    push_column(&mut chunk, &texts(rows.clone().map(|row| Some(row.fields.event_id))));
    push_column(&mut chunk, &texts(rows.clone().map(|row| Some(row.fields.customer_id))));
    push_column(&mut chunk, &texts(rows.clone().map(|row| Some(row.fields.source))));
    push_column(&mut chunk, &texts(rows.map(|row| row.fields.properties)));
    chunk
}

/// The rows of a chunk.
pub(super) fn decode(chunk: &[u8]) -> Result<Rows<'_>, UsageError> {
    Rows::open(chunk).ok_or(UsageError::Corrupt("chunk"))
}

/// Reads a chunk row by row.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a> {
    remaining: u64,
    times: Differences<'a>,
    sequences: Differences<'a>,
    ingested: Differences<'a>,
    event_ids: Texts<'a>,
    customer_ids: Texts<'a>,
    sources: Texts<'a>,
    properties: Texts<'a>,
}

impl<'a> Rows<'a> {
    fn open(chunk: &'a [u8]) -> Option<Self> {
        let (version, mut rest) = chunk.split_first()?;
        if *version != VERSION {
            return None;
        }
        let remaining = take_number(&mut rest)?;
        Some(Self {
            remaining,
            times: Differences::new(take_column(&mut rest)?),
            sequences: Differences::new(take_column(&mut rest)?),
            ingested: Differences::new(take_column(&mut rest)?),
            event_ids: Texts::new(take_column(&mut rest)?)?,
            customer_ids: Texts::new(take_column(&mut rest)?)?,
            sources: Texts::new(take_column(&mut rest)?)?,
            properties: Texts::new(take_column(&mut rest)?)?,
        })
    }

    fn row(&mut self) -> Option<RowView<'a>> {
        Some(RowView {
            time_ms: self.times.take()?,
            sequence: self.sequences.take()?.cast_unsigned(),
            ingested_us: self.ingested.take()?,
            fields: Fields {
                event_id: self.event_ids.take()??,
                customer_id: self.customer_ids.take()??,
                source: self.sources.take()??,
                properties: self.properties.take()?,
            },
        })
    }

    /// The sequence of the row of that id, among those that `wanted` lets through; only two columns are read.
    pub(super) fn find(mut self, event_id: &str, wanted: impl Fn(u64) -> bool) -> Result<Option<u64>, UsageError> {
        let corrupt = || UsageError::Corrupt("chunk");
        for _ in 0..self.remaining {
            let sequence = self.sequences.take().ok_or_else(corrupt)?.cast_unsigned();
            let found = self.event_ids.take().flatten().ok_or_else(corrupt)?;
            if found == event_id && wanted(sequence) {
                return Ok(Some(sequence));
            }
        }
        Ok(None)
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<RowView<'a>, UsageError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.remaining = self.remaining.checked_sub(1)?;
        let row = self.row();
        if row.is_none() {
            self.remaining = 0;
        }
        Some(row.ok_or(UsageError::Corrupt("chunk")))
    }
}

#[derive(Debug, Clone)]
struct Differences<'a> {
    rest: &'a [u8],
    last: i64,
}

impl<'a> Differences<'a> {
    fn new(column: &'a [u8]) -> Self {
        Self { rest: column, last: 0 }
    }

    fn take(&mut self) -> Option<i64> {
        let code = take_number(&mut self.rest)?;
        let difference = (code >> 1).cast_signed() ^ -(code & 1).cast_signed();
        self.last = self.last.wrapping_add(difference);
        Some(self.last)
    }
}

fn differences(numbers: impl Iterator<Item = i64>) -> Vec<u8> {
    let (mut column, mut last) = (Vec::new(), 0_i64);
    for number in numbers {
        let difference = number.wrapping_sub(last);
        push_number(&mut column, ((difference << 1) ^ (difference >> 63)).cast_unsigned());
        last = number;
    }
    column
}

#[derive(Debug, Clone)]
struct Texts<'a> {
    lengths: &'a [u8],
    texts: &'a str,
}

impl<'a> Texts<'a> {
    fn new(mut column: &'a [u8]) -> Option<Self> {
        let lengths = take_column(&mut column)?;
        let texts = std::str::from_utf8(column).ok()?;
        Some(Self { lengths, texts })
    }

    fn take(&mut self) -> Option<Option<&'a str>> {
        let length = take_number(&mut self.lengths)?;
        let Some(length) = length.checked_sub(1) else {
            return Some(None);
        };
        let (text, rest) = self.texts.split_at_checked(usize::try_from(length).ok()?)?;
        self.texts = rest;
        Some(Some(text))
    }
}

/// Lengths plus one, zero for none; then the texts.
fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Vec<u8> {
    let (mut lengths, mut bytes) = (Vec::new(), Vec::new());
    for value in values {
        push_number(&mut lengths, value.map_or(0, |text| text.len() as u64 + 1));
        bytes.extend_from_slice(value.unwrap_or_default().as_bytes());
    }
    let mut column = Vec::with_capacity(lengths.len() + bytes.len() + 4);
    push_column(&mut column, &lengths);
    column.extend_from_slice(&bytes);
    column
}

fn push_column(chunk: &mut Vec<u8>, column: &[u8]) {
    push_number(chunk, column.len() as u64);
    chunk.extend_from_slice(column);
}

fn take_column<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (column, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(column)
}

/// Seven bits a byte, least first.
fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let (mut number, mut shift) = (0_u64, 0_u32);
    loop {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7F).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
        shift += 7;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(sequence: u64, time_ms: i64, event_id: &'static str, properties: Option<&'static str>) -> RowView<'static> {
        RowView {
            sequence,
            time_ms,
            ingested_us: time_ms.wrapping_mul(3),
            fields: Fields {
                event_id,
                customer_id: "",
                source: "é",
                properties,
            },
        }
    }

    #[test]
    fn rows_read_back_as_they_were_packed() {
        let rows = [
            row(7, i64::MIN, "a", None),
            row(u64::MAX - 1, i64::MAX, "", Some("")),
            row(0, -1, "ü/::", Some("{\"v\":1}")),
        ];
        let chunk = encode(rows.iter().copied());
        let read: Vec<RowView<'_>> = decode(&chunk).unwrap().map(Result::unwrap).collect();
        assert_eq!(format!("{read:?}"), format!("{rows:?}"));
        assert_eq!(decode(&chunk).unwrap().find("ü/::", |_| true).unwrap(), Some(0));
        assert_eq!(decode(&chunk).unwrap().find("ü/::", |_| false).unwrap(), None);
        assert_eq!(decode(&chunk).unwrap().find("b", |_| true).unwrap(), None);
    }

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        let rows = [row(1, 5, "a", Some("{}")), row(2, 6, "b", None)];
        let chunk = encode(rows.iter().copied());
        for cut in 0..chunk.len() {
            let read = decode(&chunk[..cut]).and_then(|rows| rows.collect::<Result<Vec<_>, _>>());
            assert!(read.is_err(), "{cut}");
        }
        for position in 0..chunk.len() {
            let mut damaged = chunk.clone();
            damaged[position] ^= 0xFF;
            drop(decode(&damaged).map(|rows| rows.count()));
        }
    }
}
