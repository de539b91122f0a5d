//! Many writers at the same record at the same moment: limits hold, names stay unique, nothing is lost, and nobody is
//! answered with a failure of the server.

pub mod admins;
pub mod customers;
pub mod deadlock;
pub mod groups;
pub mod plans;
pub mod prices;
pub mod quotas;
pub mod rates;
pub mod settings;
pub mod unique;

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use crate::support::client::{Client, Reply, text};

/// Clients that write at once.
pub const WRITERS: usize = 32;

/// The id of a new plan with a monthly fee in advance.
pub fn plan_with_fee(api: &Client) -> String {
    let plan = api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
    let fee = json!({
        "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "type": "FIXED", "amount": "10",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    });
    api.post("/v1/prices", &fee).expect(201);
    text(&plan, "/id")
}

/// Runs one call a writer, all starting together, and returns what each was answered.
pub fn at_once<T: Send>(call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(WRITERS);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (start, call) = (&start, &call);
                scope.spawn(move || {
                    start.wait();
                    call(number)
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

/// Checks that exactly `winners` were answered with `won` and everybody else with one of `lost`.
#[track_caller]
pub fn expect_winners(replies: &[Reply], winners: usize, won: u16, lost: &[u16]) {
    let count = replies.iter().filter(|reply| reply.status == won).count();
    let others = replies.iter().filter(|reply| reply.status != won);
    let unexpected: Vec<String> = others
        .filter(|reply| !lost.contains(&reply.status))
        .map(|reply| format!("{} answered {}: {}", reply.what, reply.status, reply.text))
        .collect();
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    let texts: Vec<_> = replies.iter().map(|reply| (reply.status, &reply.text)).collect();
    assert_eq!(count, winners, "{texts:?}");
}
