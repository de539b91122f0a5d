//! The one place that reads the machine's clock.

use std::sync::Arc;

use tariff_core::clock::{FixedClock, to_microseconds};
use tariff_core::{Clock, Timestamp};

/// The machine's clock, cut to the microseconds that storage keeps.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    fn now(&self) -> Timestamp {
        to_microseconds(Timestamp::now())
    }
}

/// The clock of an environment: its test clock if it carries one, else the server's.
pub(crate) fn of_environment(server: &Arc<dyn Clock>, test_clock_at: Option<Timestamp>) -> Arc<dyn Clock> {
    match test_clock_at {
        Some(instant) => Arc::new(FixedClock(instant)),
        None => Arc::clone(server),
    }
}
