//! Time as an input.
//!
//! Nothing in Tariff reads the machine's clock except the one implementation of [`Clock`] that the server installs.

use jiff::{Timestamp, TimestampRound, Unit};

/// Tells the present moment.
pub trait Clock: Send + Sync {
    /// The present moment, UTC.
    fn now(&self) -> Timestamp;
}

/// A clock that stands still, for tests and for environments that carry a test clock.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// Rounds to microseconds, the finest unit that storage keeps, so that the answer to a create and every
/// later read agree (spec 01 A7).
#[must_use]
pub fn to_microseconds(instant: Timestamp) -> Timestamp {
    // Rounding to a fixed unit fails only at the very end of the representable range; such an instant stays as it is.
    instant
        .round(TimestampRound::new().smallest(Unit::Microsecond))
        .unwrap_or(instant)
}
