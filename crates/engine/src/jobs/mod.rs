//! Background jobs: work that a request starts and a worker does (spec 07 §3.3, spec 03 §4.1).
//!
//! Owns the runs: starting one inside the caller's transaction, taking it up, closing it, reading it. What a run does is
//! the business of its resource, see [`work`].
//!
//! An open run is the only record that there is work. A worker has it by a short lease, which every step renews in its
//! own transaction, and every step first makes sure that the lease is still its own: two workers never write for one
//! run. A worker that dies loses the lease, and the next one goes on from what was committed.

mod find;
mod hold;
mod start;
mod take;
mod wake;
mod work;

pub(crate) use hold::{Halt, Hold};
pub(crate) use start::{NewRun, start};
pub(crate) use wake::Bell;
pub(crate) use work::run;

use tariff_core::{SignedDuration, Timestamp};
use tariff_store::entity::job_runs;

/// How long a worker has a run without a sign of life. Between two steps it only reads.
const LEASE: SignedDuration = SignedDuration::from_secs(15);
/// How long a run may take in all; nothing stays locked longer (spec 03 §4.1).
const RUN_TIME_MAX: SignedDuration = SignedDuration::from_hours(2);
/// How often a run is taken up without getting on, before it is given up.
const ATTEMPTS_MAX: i64 = 5;
/// Pause after the first failure; each further one is three times as long.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(10);
/// Longest pause after a failure (spec 07 §4.8).
const PAUSE_MAX: SignedDuration = SignedDuration::from_mins(5);

/// When a run that is still open is closed, whatever it has come to.
fn deadline(run: &job_runs::Model) -> Timestamp {
    later(run.created_at.0, RUN_TIME_MAX)
}

fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.checked_add(by).unwrap_or(instant)
}

/// How long a run waits after its `attempt`-th failure in a row; zero is a failure after it got on.
fn pause_after(attempt: i64) -> SignedDuration {
    let tripled = u32::try_from(attempt.max(1).saturating_sub(1))
        .ok()
        .and_then(|exponent| 3_i32.checked_pow(exponent))
        .and_then(|factor| FIRST_PAUSE.checked_mul(factor));
    tripled.unwrap_or(PAUSE_MAX).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_from_ten_seconds_to_five_minutes() {
        let seconds = [0, 1, 2, 3, 4, 5, 1_000].map(|attempt| pause_after(attempt).as_secs());
        assert_eq!(seconds, [10, 10, 30, 90, 270, 300, 300]);
    }
}
