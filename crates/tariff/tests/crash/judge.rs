//! The ledger is what the crash test believes; here it is shown what must never be found.

use std::collections::BTreeMap;

use crate::ledger::{Content, Effects, Ledger};
use crate::support::databases::Place;

const CUSTOMER: &str = "customer";

fn content(delivery: u64) -> Content {
    Content {
        event_name: "call".to_owned(),
        customer: CUSTOMER.to_owned(),
        at: tariff_core::Timestamp::UNIX_EPOCH,
        value: 1,
        user: "user".to_owned(),
        delivery,
    }
}

fn effects(events: &[(&str, u64)]) -> Effects {
    let event = |(id, delivery): &(&str, u64)| ((*id).to_owned(), Some(content(*delivery)));
    events.iter().map(event).collect()
}

/// How much is wrong when these are found after that was sent; a batch is acknowledged or not.
fn complaints(sent: &[(&[(&str, u64)], bool)], found: &[(&str, u64)]) -> usize {
    let mut ledger = Ledger::default();
    for (events, acknowledged) in sent {
        let ticket = ledger.begin(effects(events));
        if *acknowledged {
            ledger.acknowledge(ticket);
        }
    }
    let found: BTreeMap<String, Content> = found
        .iter()
        .map(|(id, delivery)| ((*id).to_owned(), content(*delivery)))
        .collect();
    ledger.settle(&[CUSTOMER.to_owned()], &found).len()
}

pub fn the_ledger_notices_what_cannot_be(_: &Place) {
    let once: &[(&str, u64)] = &[("a", 1)];
    let again: &[(&str, u64)] = &[("a", 2)];
    let batch: &[(&str, u64)] = &[("b", 3), ("c", 3)];
    // What may be.
    assert_eq!(complaints(&[(once, true)], once), 0);
    assert_eq!(complaints(&[(once, false)], &[]), 0);
    assert_eq!(complaints(&[(once, true), (again, false)], once), 0);
    assert_eq!(complaints(&[(once, true), (again, false)], again), 0);
    assert_eq!(complaints(&[(batch, false)], batch), 0);
    assert_eq!(complaints(&[(batch, false)], &[]), 0);
    assert_eq!(
        complaints(&[(batch, false), (&[("c", 4)], false)], &[("b", 3), ("c", 4)]),
        0
    );
    // Lost, never sent, an older delivery, an unacknowledged one overtaken by a later one, half a batch.
    assert_eq!(complaints(&[(once, true)], &[]), 1);
    assert_eq!(complaints(&[(once, true)], again), 1);
    assert_eq!(complaints(&[(once, true), (again, true)], once), 1);
    assert_eq!(complaints(&[(once, false), (again, true)], &[]), 1);
    assert_eq!(complaints(&[(batch, false)], &[("b", 3)]), 1);
    assert_eq!(
        complaints(&[(&[("c", 2)], true), (batch, false)], &[("b", 3), ("c", 2)]),
        1
    );
}

pub fn concurrent_deliveries_may_end_either_way(_: &Place) {
    for (delivery, expected) in [(1, 0), (2, 0), (3, 1)] {
        let mut ledger = Ledger::default();
        let first = ledger.begin(effects(&[("a", 1)]));
        let second = ledger.begin(effects(&[("a", 2)]));
        ledger.acknowledge(second);
        ledger.acknowledge(first);
        let found = BTreeMap::from([("a".to_owned(), content(delivery))]);
        assert_eq!(ledger.settle(&[CUSTOMER.to_owned()], &found).len(), expected);
        // What was found stays.
        assert_eq!(ledger.settle(&[CUSTOMER.to_owned()], &BTreeMap::new()).len(), 1);
    }
}
