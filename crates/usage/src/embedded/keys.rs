//! Keys of the packed part of the log.
//!
//! Texts are written so that comparing bytes compares texts and no text is a prefix of another: a zero byte becomes
//! `00 FF`, the end is `00 01`. Numbers are big-endian, signed ones with the sign bit flipped.
//!
//! | keyspace | key | value |
//! |---|---|---|
//! | `chunks` | scope, name, customer, day, pack, ordinal, first and last time, rows | the rows |
//! | `days` | scope, day, pack, ordinal | the key in `chunks` |
//! | `ids` | scope, hash of the id | where events of that hash are: day, pack, ordinal each |
//! | `dead` | the key in `chunks` | sequences of rows that no longer count |

/// Number by which a scope is known in keys.
pub(super) type ScopeId = u32;

pub(super) const SCOPE_BYTES: usize = size_of::<ScopeId>();

/// Milliseconds of a day: a chunk never crosses midnight UTC.
pub(super) const DAY_MS: i64 = 86_400_000;

/// The day of a time, counted from the epoch.
pub(super) fn day_of(ms: i64) -> i32 {
    let day = ms.div_euclid(DAY_MS);
    i32::try_from(day).unwrap_or(if day < 0 { i32::MIN } else { i32::MAX })
}

/// Appends a text with its end mark.
pub(super) fn push_text(key: &mut Vec<u8>, text: &str) {
    for &byte in text.as_bytes() {
        key.push(byte);
        if byte == 0 {
            key.push(0xFF);
        }
    }
    key.extend_from_slice(&[0, 1]);
}

/// Reads a text written by [`push_text`]; gives it and what follows.
pub(super) fn take_text(bytes: &[u8]) -> Option<(String, &[u8])> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        match rest {
            [0, 1, after @ ..] => return Some((String::from_utf8(text).ok()?, after)),
            [0, 0xFF, after @ ..] => {
                text.push(0);
                rest = after;
            }
            [byte, after @ ..] if *byte != 0 => {
                text.push(*byte);
                rest = after;
            }
            _ => return None,
        }
    }
}

/// The bytes of the text at the start of `bytes`, end mark included.
pub(super) fn text_length(bytes: &[u8]) -> usize {
    // A zero inside a text is always followed by FF, so the first `00 01` at a zero is the end.
    let mut from = 0;
    while let Some(zero) = bytes
        .get(from..)
        .and_then(|rest| rest.iter().position(|byte| *byte == 0))
    {
        from += zero + 2;
        if bytes.get(from - 1) == Some(&1) {
            return from;
        }
    }
    bytes.len()
}

/// Scope, name and customer: what one series of events shares.
pub(super) fn series(scope: ScopeId, event_name: &str, external_customer_id: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(SCOPE_BYTES + event_name.len() + external_customer_id.len() + 4 + TRAILER_BYTES);
    key.extend_from_slice(&scope.to_be_bytes());
    push_text(&mut key, event_name);
    push_text(&mut key, external_customer_id);
    key
}

/// The name and the customer of a series.
pub(super) fn split_series(series: &[u8]) -> Option<(String, String)> {
    let (event_name, rest) = take_text(series.get(SCOPE_BYTES..)?)?;
    let (external_customer_id, rest) = take_text(rest)?;
    rest.is_empty().then_some((event_name, external_customer_id))
}

/// Whether the series is of that customer, whatever its name.
pub(super) fn is_of_customer(series: &[u8], external_customer_id: &str) -> bool {
    split_series(series).is_some_and(|(_, customer)| customer == external_customer_id)
}

/// The first key that does not start with `prefix`; `None` if there is none.
pub(super) fn after_prefix(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut after = prefix.to_vec();
    while let Some(last) = after.pop() {
        if last < u8::MAX {
            after.push(last + 1);
            return Some(after);
        }
    }
    None
}

/// Where a chunk is: the part of its key that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Locator {
    pub(super) day: i32,
    /// The pack that wrote it.
    pub(super) pack: u32,
    /// Its place among the chunks of the pack.
    pub(super) ordinal: u32,
}

pub(super) const LOCATOR_BYTES: usize = 12;

impl Locator {
    pub(super) fn to_bytes(self) -> [u8; LOCATOR_BYTES] {
        let mut bytes = [0; LOCATOR_BYTES];
        let (day, rest) = bytes.split_at_mut(4);
        let (pack, ordinal) = rest.split_at_mut(4);
        day.copy_from_slice(&day_bytes(self.day));
        pack.copy_from_slice(&self.pack.to_be_bytes());
        ordinal.copy_from_slice(&self.ordinal.to_be_bytes());
        bytes
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        Some(Self {
            day: reader.signed()?,
            pack: reader.unsigned()?,
            ordinal: reader.unsigned()?,
        })
    }

    /// The locators that a value of `ids` holds.
    pub(super) fn read_all(value: &[u8]) -> impl Iterator<Item = Self> + '_ {
        value.chunks_exact(LOCATOR_BYTES).filter_map(Self::read)
    }
}

/// What a chunk's key tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkHead {
    pub(super) locator: Locator,
    /// Earliest time of a row.
    pub(super) first_ms: i64,
    /// Latest time of a row.
    pub(super) last_ms: i64,
    /// Rows, dead ones included.
    pub(super) rows: u32,
}

/// Bytes of a chunk's key after its series.
const TRAILER_BYTES: usize = LOCATOR_BYTES + 8 + 8 + 4;

impl ChunkHead {
    /// The whole key.
    pub(super) fn key(&self, series: &[u8]) -> Vec<u8> {
        let mut key = Vec::with_capacity(series.len() + TRAILER_BYTES);
        key.extend_from_slice(series);
        key.extend_from_slice(&self.locator.to_bytes());
        key.extend_from_slice(&time_bytes(self.first_ms));
        key.extend_from_slice(&time_bytes(self.last_ms));
        key.extend_from_slice(&self.rows.to_be_bytes());
        key
    }

    /// The series and the head of a chunk's key.
    pub(super) fn split(key: &[u8]) -> Option<(&[u8], Self)> {
        let (series, trailer) = key.split_at_checked(key.len().checked_sub(TRAILER_BYTES)?)?;
        let locator = Locator::read(trailer)?;
        let mut reader = Reader(trailer.get(LOCATOR_BYTES..)?);
        let head = Self {
            locator,
            first_ms: reader.time()?,
            last_ms: reader.time()?,
            rows: reader.unsigned()?,
        };
        Some((series, head))
    }
}

/// The bounds of the keys of one series' chunks whose day is in `first_day..=last_day`.
pub(super) fn chunk_bounds(series: &[u8], first_day: i32, last_day: i32) -> (Vec<u8>, Option<Vec<u8>>) {
    let from = [series, &day_bytes(first_day)].concat();
    (from, after_prefix(&[series, &day_bytes(last_day)].concat()))
}

/// The key of a chunk in `days`.
pub(super) fn day_key(scope: ScopeId, locator: Locator) -> Vec<u8> {
    [&scope.to_be_bytes()[..], &locator.to_bytes()].concat()
}

/// The bounds of the keys in `days` of a scope whose day is in `first_day..=last_day`.
pub(super) fn day_bounds(scope: ScopeId, first_day: i32, last_day: i32) -> (Vec<u8>, Option<Vec<u8>>) {
    chunk_bounds(&scope.to_be_bytes(), first_day, last_day)
}

/// The key of an id's hash.
pub(super) fn id_key(scope: ScopeId, hash: u64) -> [u8; 12] {
    let mut key = [0; 12];
    let (head, tail) = key.split_at_mut(SCOPE_BYTES);
    head.copy_from_slice(&scope.to_be_bytes());
    tail.copy_from_slice(&hash.to_be_bytes());
    key
}

fn day_bytes(day: i32) -> [u8; 4] {
    (day.cast_unsigned() ^ (1 << 31)).to_be_bytes()
}

fn time_bytes(ms: i64) -> [u8; 8] {
    (ms.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// Takes numbers off the front.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn unsigned(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn signed(&mut self) -> Option<i32> {
        Some((self.unsigned()? ^ (1 << 31)).cast_signed())
    }

    fn time(&mut self) -> Option<i64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some((u64::from_be_bytes(*number) ^ (1 << 63)).cast_signed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> Vec<u8> {
        let mut key = Vec::new();
        push_text(&mut key, text);
        key
    }

    #[test]
    fn bytes_order_as_texts_do() {
        let mut texts = [
            "",
            "a",
            "a\0",
            "a\0\0",
            "a\0b",
            "ab",
            "b",
            "é",
            "\u{10FFFF}",
            "\0",
            "\0\u{1}",
            "\u{1}",
        ];
        texts.sort_unstable();
        for pair in texts.windows(2) {
            assert!(encoded(pair[0]) < encoded(pair[1]), "{pair:?}");
            assert!(!encoded(pair[1]).starts_with(&encoded(pair[0])), "{pair:?}");
        }
        for text in texts {
            let mut bytes = encoded(text);
            bytes.extend_from_slice(b"\0\x01rest");
            assert_eq!(text_length(&bytes), encoded(text).len());
            assert_eq!(take_text(&bytes), Some((text.to_owned(), &b"\0\x01rest"[..])));
            assert_eq!(
                split_series(&series(7, text, "c\0")),
                Some((text.to_owned(), "c\0".to_owned()))
            );
        }
    }

    #[test]
    fn chunk_keys_order_by_day_and_read_back() {
        let series = series(1, "call", "acme");
        let head = |day, pack, first_ms| ChunkHead {
            locator: Locator { day, pack, ordinal: 3 },
            first_ms,
            last_ms: first_ms + 5,
            rows: 9,
        };
        let heads = [
            head(i32::MIN, 9, i64::MIN),
            head(-1, 2, -5),
            head(0, 1, 0),
            head(0, 2, 0),
            head(i32::MAX, 0, 7),
        ];
        for pair in heads.windows(2) {
            assert!(pair[0].key(&series) < pair[1].key(&series));
        }
        for head in heads {
            assert_eq!(ChunkHead::split(&head.key(&series)), Some((&series[..], head)));
            assert_eq!(Locator::read(&head.locator.to_bytes()), Some(head.locator));
        }
        let (from, to) = chunk_bounds(&series, -1, 0);
        let inside = heads
            .iter()
            .filter(|head| head.key(&series) >= from && head.key(&series) < to.clone().unwrap());
        assert_eq!(inside.count(), 3);
    }

    #[test]
    fn days_are_cut_at_midnight() {
        for (ms, day) in [(0, 0), (-1, -1), (DAY_MS - 1, 0), (DAY_MS, 1), (-DAY_MS, -1)] {
            assert_eq!(day_of(ms), day);
        }
    }
}
