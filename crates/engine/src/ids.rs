//! Mints identifiers: time-ordered, and monotonic within this process (spec 01 A6).

use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};
use tariff_core::IdPrefix;
use ulid::{Generator, Ulid};

static GENERATOR: Mutex<Generator> = Mutex::new(Generator::new());

/// A fresh ULID.
#[must_use]
pub fn ulid() -> String {
    let mut generator = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    match generator.generate() {
        Ok(ulid) => ulid.to_string(),
        // 2^80 ids in one millisecond: continue in the next one.
        Err(overflow) => overflow.commit_overflow_increment().to_string(),
    }
}

/// A fresh id of this kind, `<prefix>_<ULID>`.
#[must_use]
pub fn mint(prefix: IdPrefix) -> String {
    format!("{}_{}", prefix.as_str(), ulid())
}

/// The id of this kind that these texts have at this moment, in milliseconds since the epoch: always the same one. For
/// records that must not be written twice.
pub(crate) fn id_made_of(prefix: IdPrefix, at_ms: i64, texts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        // The length keeps `ab`, `c` apart from `a`, `bc`.
        digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(text.as_bytes());
    }
    let random = digest
        .finalize()
        .iter()
        .take(10)
        .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    let ulid = Ulid::from_parts(u64::try_from(at_ms).unwrap_or_default(), random);
    format!("{}_{ulid}", prefix.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_made_of_texts_is_theirs_alone() {
        let id = |at_ms: i64, texts: &[&str]| id_made_of(IdPrefix::SystemEvent, at_ms, texts);
        let first = id(1_700_000_000_000, &["ab", "c"]);
        assert!(first.starts_with("sys_event_01"), "{first}");
        assert_eq!(first.len(), "sys_event_".len() + 26);
        assert_eq!(first, id(1_700_000_000_000, &["ab", "c"]));
        assert_ne!(first, id(1_700_000_000_000, &["a", "bc"]));
        assert_ne!(first, id(1_700_000_600_000, &["ab", "c"]));
    }
}
