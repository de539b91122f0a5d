//! Finding the instant from which on something holds that, once true, stays true (spec 03 §5.11).
//!
//! The usage of a window that only grows is such a thing: has any been recorded by then, has it reached the quota? Only
//! the question's answers are needed, so the search does not know where they come from.

use jiff::Timestamp;

use crate::calendar::Period;

/// A bisection of a stretch of time, in whole milliseconds, which is how exactly usage knows its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstantSearch {
    /// The last millisecond known not to be the one.
    before_ms: i64,
    /// The first one at which it is known to hold.
    holds_ms: i64,
}

impl InstantSearch {
    /// A search inside a period. It must hold at the period's end, seen from which all of the period is past, and not at
    /// its start, which has no past yet.
    #[must_use]
    pub fn within(period: Period) -> Self {
        let end_ms = period.end.as_millisecond();
        let exact = Timestamp::from_millisecond(end_ms).is_ok_and(|end| end == period.end);
        Self {
            before_ms: period.start.as_millisecond(),
            holds_ms: if exact { end_ms } else { end_ms.saturating_add(1) },
        }
    }

    /// The instant to ask about next; `None` when the search is over.
    #[must_use]
    pub fn probe(&self) -> Option<Timestamp> {
        let distance = self.holds_ms.checked_sub(self.before_ms)?;
        let middle_ms = (distance > 1).then(|| self.before_ms + distance / 2)?;
        Timestamp::from_millisecond(middle_ms).ok()
    }

    /// Takes the answer about an instant.
    pub fn narrow(&mut self, probe: Timestamp, holds: bool) {
        let probe_ms = probe.as_millisecond();
        if holds {
            self.holds_ms = self.holds_ms.min(probe_ms);
        } else {
            self.before_ms = self.before_ms.max(probe_ms);
        }
    }

    /// The first instant at which it holds, once the search is over.
    #[must_use]
    pub fn found(&self) -> Timestamp {
        Timestamp::from_millisecond(self.holds_ms).unwrap_or(Timestamp::MAX)
    }

    /// The millisecond that made it hold: the one before the instant that first looks back on it.
    #[must_use]
    pub fn cause(&self) -> Timestamp {
        Timestamp::from_millisecond(self.holds_ms.saturating_sub(1)).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// The search for the first look back on an event.
    fn search(start: &str, end: &str, event: &str) -> (String, String, usize) {
        let event = at(event);
        let mut search = InstantSearch::within(Period::new(at(start), at(end)));
        let mut questions = 0;
        while let Some(probe) = search.probe() {
            search.narrow(probe, event < probe);
            questions += 1;
        }
        (search.cause().to_string(), search.found().to_string(), questions)
    }

    #[test]
    fn it_finds_the_millisecond() {
        for event in [
            "2025-03-01T00:00:00Z",
            "2025-03-01T00:00:00.001Z",
            "2025-03-14T09:26:53.589Z",
            "2025-03-31T23:59:59.999Z",
        ] {
            let (cause, found, questions) = search("2025-03-01T00:00:00Z", "2025-04-01T00:00:00Z", event);
            assert_eq!(cause, event);
            let next = at(event).as_millisecond() + 1;
            assert_eq!(found, Timestamp::from_millisecond(next).unwrap().to_string());
            assert!(questions <= 32, "{questions}");
        }
    }

    #[test]
    fn a_period_that_ends_inside_a_millisecond_includes_it() {
        let (cause, ..) = search(
            "2025-03-01T00:00:00Z",
            "2025-03-01T00:00:10.0005Z",
            "2025-03-01T00:00:10Z",
        );
        assert_eq!(cause, "2025-03-01T00:00:10Z");
    }
}
