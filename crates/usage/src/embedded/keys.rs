//! Keys of the embedded log.
//!
//! Texts are written so that comparing bytes compares texts and no text is a prefix of another: a zero byte becomes
//! `00 FF`, the end is `00 01`. Numbers are big-endian with the sign bit flipped.
//!
//! | keyspace | key | value |
//! |---|---|---|
//! | `events` | scope, name, customer, time, id | the record |
//! | `ids` | scope, id | position: name, customer, time |
//! | `times` | scope, time, id | series: name, customer |

/// Number by which a scope is known in keys.
pub(super) type ScopeId = u32;

pub(super) const SCOPE_BYTES: usize = size_of::<ScopeId>();
pub(super) const TIME_BYTES: usize = size_of::<i64>();

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
pub(super) fn text_length(bytes: &[u8]) -> Option<usize> {
    // A zero inside a text is always followed by FF, so the first `00 01` at a zero is the end.
    let mut from = 0;
    loop {
        let zero = from + bytes.get(from..)?.iter().position(|byte| *byte == 0)?;
        if bytes.get(zero + 1) == Some(&1) {
            return Some(zero + 2);
        }
        from = zero + 2;
    }
}

/// Milliseconds since the epoch, ordered as bytes.
pub(super) fn time_bytes(ms: i64) -> [u8; TIME_BYTES] {
    (ms.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// Reads [`time_bytes`].
pub(super) fn take_time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (time, rest) = bytes.split_first_chunk::<TIME_BYTES>()?;
    Some(((u64::from_be_bytes(*time) ^ (1 << 63)).cast_signed(), rest))
}

/// Joins parts of a key.
pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Name and customer: the stretch of keys that one series of events shares.
pub(super) fn series(event_name: &str, external_customer_id: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(event_name.len() + external_customer_id.len() + 4 + TIME_BYTES);
    push_text(&mut key, event_name);
    push_text(&mut key, external_customer_id);
    key
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
            assert_eq!(text_length(&bytes), Some(bytes.len()));
            bytes.extend_from_slice(b"\0\x01rest");
            assert_eq!(take_text(&bytes), Some((text.to_owned(), &b"\0\x01rest"[..])));
        }
    }

    #[test]
    fn times_order_across_the_epoch() {
        for pair in [i64::MIN, -1, 0, 1, i64::MAX].windows(2) {
            assert!(time_bytes(pair[0]) < time_bytes(pair[1]));
            assert_eq!(take_time(&time_bytes(pair[0])), Some((pair[0], &[][..])));
        }
    }
}
