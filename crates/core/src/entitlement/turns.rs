//! Which lines of one meter share an allowance by taking turns (spec 03 Q27).

use jiff::Timestamp;

use crate::calendar::Period;

/// A line's place among the lines of its meter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Position among the lines given.
    pub line: usize,
    /// The succession it belongs to.
    pub chain: usize,
}

/// Sorts the lines of one meter into successions, and these into time order. Lines that bill the same time are parallel:
/// each of them has a succession of its own, with a whole allowance. A line goes on where the line that ended last before
/// it stopped, so a new version of a price succeeds the old one.
#[must_use]
pub fn turns(lines: &[Period]) -> Vec<Turn> {
    let mut order: Vec<(usize, &Period)> = lines.iter().enumerate().collect();
    order.sort_by_key(|(line, period)| (period.start, *line));
    let mut ends: Vec<Timestamp> = Vec::new();
    let mut turns = Vec::with_capacity(lines.len());
    for (line, period) in order {
        let over = ends.iter().enumerate().filter(|(_, end)| **end <= period.start);
        // Of chains that ended together the first one goes on.
        let last_ended = over.min_by_key(|(chain, end)| (std::cmp::Reverse(**end), *chain));
        let chain = last_ended.map_or(ends.len(), |(chain, _)| chain);
        match ends.get_mut(chain) {
            Some(end) => *end = period.end,
            None => ends.push(period.end),
        }
        turns.push(Turn { line, chain });
    }
    turns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_second(day * 86_400).unwrap()
    }

    /// Line and chain, in the order of the turns.
    fn check(lines: &[(i64, i64)], expected: &[(usize, usize)]) {
        let periods: Vec<Period> = lines
            .iter()
            .map(|(start, end)| Period::new(day(*start), day(*end)))
            .collect();
        let found: Vec<_> = turns(&periods).iter().map(|turn| (turn.line, turn.chain)).collect();
        assert_eq!(found, expected, "{lines:?}");
    }

    #[test]
    fn lines_that_follow_one_another_form_one_succession() {
        check(&[(0, 30)], &[(0, 0)]);
        check(&[(10, 30), (0, 10)], &[(1, 0), (0, 0)]);
        check(&[(0, 10), (12, 20), (20, 30)], &[(0, 0), (1, 0), (2, 0)]);
    }

    #[test]
    fn lines_that_bill_the_same_time_are_parallel() {
        check(&[(0, 30), (0, 30)], &[(0, 0), (1, 1)]);
        check(&[(0, 10), (0, 30), (10, 30)], &[(0, 0), (1, 1), (2, 0)]);
        check(&[(0, 10), (9, 30)], &[(0, 0), (1, 1)]);
        // Two prices with a new version each.
        check(
            &[(0, 10), (0, 10), (10, 30), (10, 30)],
            &[(0, 0), (1, 1), (2, 0), (3, 1)],
        );
        // The one that ended last goes on.
        check(&[(0, 5), (0, 10), (10, 30)], &[(0, 0), (1, 1), (2, 1)]);
    }
}
