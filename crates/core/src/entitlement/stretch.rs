//! Finding how much of a period can be read at a time (spec 03 §5.11).

use jiff::Timestamp;

use crate::calendar::Period;

/// A search for a stretch at the start of a period that tells its first event, and holds no more events than can be read
/// at a time. Only counts of events are needed, so the search does not know where they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StretchSearch {
    start: Timestamp,
    /// Up to here there is no event.
    empty_until: Timestamp,
    end: Timestamp,
    events: u64,
    events_max: u64,
}

impl StretchSearch {
    /// A search in a period with that many events.
    #[must_use]
    pub const fn within(period: Period, events: u64, events_max: u64) -> Self {
        Self {
            start: period.start,
            empty_until: period.start,
            end: period.end,
            events,
            events_max,
        }
    }

    /// The part whose events are to be counted next; `None` when the search is over. A millisecond is not divided, however
    /// many events it has.
    #[must_use]
    pub fn probe(&self) -> Option<Period> {
        if self.events <= self.events_max {
            return None;
        }
        let (from_ms, end_ms) = (self.empty_until.as_millisecond(), self.end.as_millisecond());
        let middle_ms = from_ms + end_ms.checked_sub(from_ms)? / 2;
        let middle = Timestamp::from_millisecond(middle_ms).ok()?;
        (middle > self.empty_until && middle < self.end).then(|| Period::new(self.empty_until, middle))
    }

    /// Takes the number of events of a probe.
    pub fn narrow(&mut self, probe: Period, events: u64) {
        if events == 0 {
            self.empty_until = probe.end;
        } else {
            self.end = probe.end;
            self.events = events;
        }
    }

    /// The stretch, once the search is over.
    #[must_use]
    pub const fn found(&self) -> Period {
        Period::new(self.start, self.end)
    }

    /// Whether there is no event in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(start_ms: i64, end_ms: i64) -> Period {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap();
        Period::new(at(start_ms), at(end_ms))
    }

    /// The stretch found in the first second, its events, and how often they were counted.
    fn search(events_ms: &[i64], events_max: u64) -> (Period, usize, usize) {
        let within = |part: Period| {
            let inside = |ms: &&i64| part.start.as_millisecond() <= **ms && **ms < part.end.as_millisecond();
            events_ms.iter().filter(inside).count()
        };
        let whole = period(0, 1_000);
        let mut search = StretchSearch::within(whole, within(whole) as u64, events_max);
        let mut counts = 1;
        while let Some(probe) = search.probe() {
            search.narrow(probe, within(probe) as u64);
            counts += 1;
        }
        (search.found(), within(search.found()), counts)
    }

    #[test]
    fn what_can_be_read_at_a_time_is_found_by_counting() {
        assert_eq!(search(&[], 2), (period(0, 1_000), 0, 1));
        assert_eq!(search(&[1, 999], 2), (period(0, 1_000), 2, 1));
        assert_eq!(search(&[1, 600, 999], 2), (period(0, 500), 1, 2));
        // Whatever is left out in the front was seen to be empty.
        assert_eq!(search(&[800, 801, 802, 990], 3), (period(0, 875), 3, 4));
        let (stretch, events, counts) = search(&(0..1_000).collect::<Vec<_>>(), 10);
        assert_eq!((stretch, events), (period(0, 7), 7));
        assert!(counts <= 9, "{counts}");
    }

    #[test]
    fn a_millisecond_is_read_as_a_whole() {
        let (stretch, events, _) = search(&[500; 9], 3);
        assert_eq!((stretch, events), (period(0, 501), 9));
    }
}
