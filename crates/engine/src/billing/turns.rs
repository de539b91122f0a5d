//! The order in which the lines of an invoice take their allowances (spec 03 Q27).

use std::collections::BTreeMap;

use tariff_core::Period;
use tariff_core::Timestamp;
use tariff_core::entitlement::{ConsumedAllowance, turns};

use super::facts::{Billable, BillableItem};
use super::plan::PlannedLine;
use tariff_core::Decimal;

/// A planned line whose turn it is.
pub(super) struct LineTurn<'a> {
    /// Position in the plan.
    pub position: usize,
    pub line: &'a PlannedLine,
    pub item: &'a BillableItem,
    /// The meter, and which of its successions of lines it belongs to.
    pub succession: (&'a str, usize),
}

/// What the lines of one succession have used so far.
#[derive(Default)]
pub(super) struct Consumed {
    /// Of the plain allowance.
    pub allowance: ConsumedAllowance,
    /// Money spent inside a grant's window, by entitlement and start.
    pub money: BTreeMap<(String, Timestamp), Decimal>,
}

/// The planned lines, so that what precedes another line of its meter comes first.
pub(super) fn in_turn<'a>(subject: &'a Billable, planned: &'a [PlannedLine]) -> Vec<LineTurn<'a>> {
    let mut by_meter: BTreeMap<&str, Vec<LineTurn<'a>>> = BTreeMap::new();
    for (position, line) in planned.iter().enumerate() {
        let Some(item) = subject.items.get(line.item) else {
            continue;
        };
        // Fixed lines have no allowance to share.
        let meter_id = item.meter.as_ref().map_or("", |metered| metered.row.id.as_str());
        by_meter.entry(meter_id).or_default().push(LineTurn {
            position,
            line,
            item,
            succession: (meter_id, 0),
        });
    }
    let mut ordered = Vec::with_capacity(planned.len());
    for lines in by_meter.into_values() {
        let periods: Vec<Period> = lines.iter().map(|turn| turn.line.period).collect();
        let mut lines: BTreeMap<usize, LineTurn<'a>> = lines.into_iter().enumerate().collect();
        for turn in turns(&periods) {
            if let Some(line) = lines.remove(&turn.line) {
                ordered.push(LineTurn {
                    succession: (line.succession.0, turn.chain),
                    ..line
                });
            }
        }
    }
    ordered
}
