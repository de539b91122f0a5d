//! Mints identifiers: time-ordered, and monotonic within this process (spec 01 A6).

use std::sync::{Mutex, PoisonError};

use tariff_core::IdPrefix;
use ulid::Generator;

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
