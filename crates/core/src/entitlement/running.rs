//! What was used over a stretch of time, instant by instant, so that any part of it can be told without asking again
//! (spec 03 §5.11).

use jiff::Timestamp;

use crate::Decimal;
use crate::calendar::Period;

/// The usage of a stretch of time, each instant with what was used up to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningUsage {
    stretch: Period,
    /// Instants with usage, ascending.
    instants: Vec<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Instant {
    at: Timestamp,
    /// What was used since the start of the stretch, this instant included.
    through: Decimal,
}

impl RunningUsage {
    /// Takes what was used at each instant of a stretch, in the order of time.
    #[must_use]
    pub fn new(stretch: Period, used: impl IntoIterator<Item = (Timestamp, Decimal)>) -> Self {
        let mut through = Decimal::zero();
        let instants = used.into_iter().map(|(at, used)| {
            through += &used;
            Instant {
                at,
                through: through.clone(),
            }
        });
        let instants = instants.collect();
        Self { stretch, instants }
    }

    /// The stretch.
    #[must_use]
    pub const fn stretch(&self) -> Period {
        self.stretch
    }

    /// Whether all of a period lies in the stretch.
    #[must_use]
    pub fn covers(&self, period: Period) -> bool {
        self.stretch.start <= period.start && period.end <= self.stretch.end
    }

    /// The first instant of a period with usage, as far as the stretch tells.
    #[must_use]
    pub fn first_in(&self, period: Period) -> Option<Timestamp> {
        let first = self.instants.get(self.before(period.start))?;
        (first.at < period.end).then_some(first.at)
    }

    /// What was used in a period that the stretch covers, of usage that adds up.
    #[must_use]
    pub fn used_in(&self, period: Period) -> Decimal {
        (self.through(period.end) - self.through(period.start)).floor_at_zero()
    }

    fn through(&self, end: Timestamp) -> Decimal {
        let last = self.before(end).checked_sub(1);
        let last = last.and_then(|last| self.instants.get(last));
        last.map(|last| last.through.clone()).unwrap_or_default()
    }

    /// How many instants lie before this one.
    fn before(&self, instant: Timestamp) -> usize {
        self.instants.partition_point(|known| known.at < instant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn period(start: i64, end: i64) -> Period {
        Period::new(at(start), at(end))
    }

    fn running(stretch: Period, used: &[(i64, &str)]) -> RunningUsage {
        RunningUsage::new(
            stretch,
            used.iter().map(|(second, used)| (at(*second), used.parse().unwrap())),
        )
    }

    #[test]
    fn parts_of_a_stretch_begin_with_their_start_and_end_before_their_end() {
        let running = running(period(0, 100), &[(0, "1"), (10, "2.5"), (11, "0"), (99, "4")]);
        for (part, used, first) in [
            (period(0, 100), "7.5", Some(0)),
            (period(0, 10), "1", Some(0)),
            (period(10, 11), "2.5", Some(10)),
            (period(11, 99), "0", Some(11)),
            (period(12, 99), "0", None),
            (period(99, 100), "4", Some(99)),
            (period(50, 50), "0", None),
        ] {
            assert_eq!(running.used_in(part), used.parse().unwrap(), "{part:?}");
            assert_eq!(running.first_in(part), first.map(at), "{part:?}");
        }
    }

    #[test]
    fn a_stretch_without_usage_is_known_too() {
        let running = running(period(10, 20), &[]);
        assert_eq!(running.used_in(period(10, 20)), Decimal::zero());
        assert_eq!(running.first_in(period(10, 20)), None);
        assert!(running.covers(period(10, 20)) && running.covers(period(12, 13)));
        assert!(!running.covers(period(9, 20)) && !running.covers(period(10, 21)));
    }
}
