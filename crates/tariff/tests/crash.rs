//! What survives the end of the process: everything that was answered with success (spec 02 §3.3), the first key, and
//! background workflows.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed expectation is how a test reports"
)]

#[path = "crash/clients.rs"]
mod clients;
#[path = "crash/jobs.rs"]
mod jobs;
#[path = "crash/judge.rs"]
mod judge;
#[path = "crash/ledger.rs"]
mod ledger;
#[path = "crash/meters.rs"]
mod meters;
#[path = "crash/rounds.rs"]
mod rounds;
mod support;

use std::process::ExitCode;

use serde_json::{Value, json};
use support::client::{Client, text};
use support::databases::{Database, Place, Test, run_each};
use support::server::Server;
use support::tenant::Tenant;

const EVENTS: usize = 1_000;
const BATCH: usize = 100;

fn main() -> ExitCode {
    let tests: [Test; 4] = [
        ("accepted_events_survive_a_crash", accepted_events_survive_a_crash),
        (
            "a_restart_keeps_keys_and_prints_none",
            a_restart_keeps_keys_and_prints_none,
        ),
        (
            "a_killed_sync_makes_each_line_once",
            jobs::a_killed_sync_makes_each_line_once,
        ),
        (
            "a_killed_clone_copies_everything_once",
            jobs::a_killed_clone_copies_everything_once,
        ),
    ];
    // Events are in the log of the data folder, whichever database stands beside it.
    let on_one: [Test; 3] = [
        (
            "the_ledger_notices_what_cannot_be",
            judge::the_ledger_notices_what_cannot_be,
        ),
        (
            "concurrent_deliveries_may_end_either_way",
            judge::concurrent_deliveries_may_end_either_way,
        ),
        (
            "killed_over_and_over_nothing_acknowledged_is_lost",
            rounds::killed_over_and_over_nothing_acknowledged_is_lost,
        ),
    ];
    run_each(&[(Database::ALL, &tests), (Database::EMBEDDED, &on_one)])
}

fn accepted_events_survive_a_crash(place: &Place) {
    let folder = place.new_folder();
    let database = place.database_url();
    let server = Server::start(folder.path(), database.as_deref());
    let tenant = Tenant::sign_up(&server.client());
    tenant.customer("acme", "Acme");
    let meter = meter(&tenant.api);
    for batch in 0..EVENTS / BATCH {
        let events: Vec<Value> = (0..BATCH)
            .map(|number| {
                json!({
                    "event_id": format!("event-{batch}-{number}"),
                    "event_name": "call",
                    "external_customer_id": "acme",
                    "timestamp": "2024-01-10T12:00:00Z",
                })
            })
            .collect();
        tenant
            .api
            .post("/v1/events/bulk", &json!({ "events": events }))
            .expect(202);
    }
    server.kill();

    let server = Server::start(folder.path(), database.as_deref());
    let api = server.client().with_key(tenant.key());
    let question = json!({
        "meter_id": meter,
        "external_customer_id": "acme",
        "start_time": "2024-01-01T00:00:00Z",
        "end_time": "2024-02-01T00:00:00Z",
    });
    let usage = api.post("/v1/events/usage/meter", &question).expect(200);
    assert_eq!(usage["value"].as_f64(), Some(1000.0), "{usage}");
    api.get("/v1/customers/external/acme").expect(200);
}

fn meter(api: &Client) -> String {
    let body = json!({
        "name": "Calls", "type": "metered",
        "meter": {
            "name": "Calls", "event_name": "call", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD",
        },
    });
    text(&api.post("/v1/features", &body).expect(201), "/meter_id")
}

fn a_restart_keeps_keys_and_prints_none(place: &Place) {
    let folder = place.new_folder();
    let database = place.database_url();
    let first = Server::start(folder.path(), database.as_deref());
    // A database that was provided for the tests may have had its first start long ago.
    let key = first.printed_key().map(str::to_owned);
    let tenant = Tenant::sign_up(&first.client());
    first.stop();

    let second = Server::start(folder.path(), database.as_deref());
    assert_eq!(second.printed_key(), None, "{:?}", second.output());
    for key in key.iter().map(String::as_str).chain([tenant.key()]) {
        second.client().with_key(key).get("/v1/customers").expect(200);
    }
    second
        .client()
        .with_token(&tenant.token)
        .get("/v1/users/me")
        .expect(200);
    second.stop();
}
