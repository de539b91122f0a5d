//! What happens when storage fails: an honest answer, nothing half-written, nothing acknowledged lost.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed expectation is how a test reports"
)]

mod support;

use std::collections::BTreeSet;
use std::process::{Command, ExitCode};
use std::time::Duration;

use sea_orm::{Database as Connections, SqliteTransactionMode, TransactionOptions, TransactionTrait};
use serde_json::{Value, json};
use support::client::{Client, Reply, text};
use support::databases::{Database, Place, Test, run};
use support::server::{PROGRAM, Server};
use support::tenant::Tenant;
use support::trouble::{SmallDisk, limit_files, skip, start_limitable};

/// Size of the disk that fills up, and its size after somebody made room.
const DISK_MEBIBYTES: u32 = 24;
const LARGER_DISK_MEBIBYTES: u32 = 256;
/// Most requests of a kind until a disk of that size must be full.
const REQUESTS_MAX: usize = 5_000;
/// Failures after which a disk counts as full.
const FAILURES: usize = 5;
const BATCH: usize = 100;

fn main() -> ExitCode {
    let tests: [Test; 3] = [
        (
            "a_locked_database_delays_writers_alone",
            a_locked_database_delays_writers_alone,
        ),
        (
            "database_and_event_log_recover_by_themselves",
            database_and_event_log_recover_by_themselves,
        ),
        (
            "a_full_disk_loses_nothing_acknowledged",
            a_full_disk_loses_nothing_acknowledged,
        ),
    ];
    run(Database::EMBEDDED, &tests)
}

fn a_locked_database_delays_writers_alone(place: &Place) {
    let folder = place.new_folder();
    let mut command = Command::new(PROGRAM);
    command.env("TARIFF_LOCK_WAIT_SECONDS", "1");
    let server = Server::start_as(command, folder.path(), None);
    let tenant = Tenant::sign_up(&server.client());
    tenant.customer("before", "Before");
    let linked = json!({
        "external_id": "during", "name": "During", "skip_onboarding_workflow": true,
        "integration_entity_mapping": [{
            "entity_id": "-", "entity_type": "customer", "provider_type": "stripe", "provider_entity_id": "cus_1",
        }],
    });

    let url = format!("sqlite://{}", folder.path().join("data/tariff.db").display());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lock = runtime.block_on(async {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let connection = Connections::connect(url).await.unwrap();
        connection.begin_with_options(options).await.unwrap()
    });
    let refused = tenant.api.post("/v1/customers", &linked);
    refused.expect_error(500, "database_error");
    expect_no_internals(&refused);
    tenant.api.get("/v1/customers/external/before").expect(200);
    tenant
        .api
        .get("/v1/customers/external/during")
        .expect_error(404, "not_found");
    tenant.api.post("/v1/events", &event("while locked")).expect(202);
    server.client().get("/ready").expect(200);
    runtime.block_on(lock.rollback()).unwrap();

    assert_eq!(customers(&tenant.api), ["before"]);
    tenant.api.post("/v1/customers", &linked).expect(201);
    assert_eq!(customers(&tenant.api), ["before", "during"]);
    server.stop();
}

fn database_and_event_log_recover_by_themselves(place: &Place) {
    let folder = place.new_folder();
    let server = start_limitable(folder.path());
    let tenant = Tenant::sign_up(&server.client());
    tenant.customer("before", "Before");
    tenant.api.post("/v1/events", &event("before")).expect(202);
    if !limit_files(&server, Some(0)) {
        return skip("this machine cannot limit the files of a process (prlimit)");
    }

    for number in 0..FAILURES {
        let refused = tenant
            .api
            .post("/v1/customers", &customer(&format!("refused-{number}")));
        refused.expect_error(500, "database_error");
        expect_no_internals(&refused);
        let refused = tenant.api.post("/v1/events", &event(&format!("refused-{number}")));
        refused.expect_error(503, "service_unavailable");
        let seconds: u32 = refused.header("retry-after").parse().unwrap();
        assert!(seconds > 0);
        expect_no_internals(&refused);
    }
    assert_eq!(customers(&tenant.api), ["before"]);
    assert_eq!(stored_events(&tenant.api), ["before"]);
    server.client().get("/health").expect(200);
    server.client().get("/ready").expect(503);

    assert!(limit_files(&server, None));
    tenant.customer("after", "After");
    assert_eq!(customers(&tenant.api), ["after", "before"]);
    // The log tries its disk about once a second.
    let ready = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        server.client().get("/ready").status == 200
    });
    assert!(ready, "the event log did not recover");
    tenant.api.post("/v1/events", &event("after")).expect(202);
    assert_eq!(stored_events(&tenant.api), ["after", "before"]);
    server.kill();

    let server = Server::start(folder.path(), None);
    let api = server.client().with_key(tenant.key());
    assert_eq!(stored_events(&api), ["after", "before"]);
    assert_eq!(customers(&api), ["after", "before"]);
    server.stop();
}

fn a_full_disk_loses_nothing_acknowledged(place: &Place) {
    let folder = place.new_folder();
    let Some(disk) = SmallDisk::mount(&folder.path().join("data"), DISK_MEBIBYTES) else {
        return skip("this machine does not let the tests mount a small disk; they must run as root");
    };
    let server = Server::start(folder.path(), None);
    let tenant = Tenant::sign_up(&server.client());
    let mut events = Outcome::default();
    for number in 0..REQUESTS_MAX {
        if events.refused.len() == FAILURES {
            break;
        }
        events.note(
            number,
            &tenant.api.post("/v1/events/bulk", &json!({ "events": batch(number) })),
        );
    }
    disk.fill();
    let mut customers_sent = Outcome::default();
    for number in 0..REQUESTS_MAX {
        if customers_sent.refused.len() == FAILURES {
            break;
        }
        let reply = tenant.api.post("/v1/customers", &customer(&number.to_string()));
        customers_sent.note(number, &reply);
    }
    assert_eq!(events.refused.len(), FAILURES, "the event log did not fill the disk");
    assert_eq!(
        customers_sent.refused.len(),
        FAILURES,
        "the database did not fill the disk"
    );
    server.kill();

    disk.grow(LARGER_DISK_MEBIBYTES);
    let server = Server::start(folder.path(), None);
    let api = server.client().with_key(tenant.key());
    expect_each_once(&stored_events(&api), &events.ids(batch_ids));
    expect_each_once(&customers(&api), &customers_sent.ids(|number| vec![number.to_string()]));

    // Whoever got an error sends again; whatever the failed attempt left behind, it counts once.
    for number in events.refused.clone() {
        events.note(
            number,
            &api.post("/v1/events/bulk", &json!({ "events": batch(number) })),
        );
    }
    let all = events.ids(batch_ids);
    assert_eq!(stored_events(&api).len(), all.len());
    expect_each_once(&stored_events(&api), &all);
    api.post("/v1/customers", &customer("after")).expect(201);
    server.stop();
}

/// Which of the numbered requests were acknowledged, and which failed.
#[derive(Default)]
struct Outcome {
    acknowledged: Vec<usize>,
    refused: Vec<usize>,
}

impl Outcome {
    #[track_caller]
    fn note(&mut self, number: usize, reply: &Reply) {
        if (200..300).contains(&reply.status) {
            self.acknowledged.push(number);
            return;
        }
        let body = reply.json();
        let code = text(&body, "/code");
        assert!(
            matches!(code.as_str(), "database_error" | "service_unavailable"),
            "{body}"
        );
        assert!(reply.status >= 500, "{} answered {}: {body}", reply.what, reply.status);
        reply.expect_error(reply.status, &code);
        expect_no_internals(reply);
        self.refused.push(number);
    }

    /// What the acknowledged requests carried.
    fn ids(&self, of: impl Fn(usize) -> Vec<String>) -> Vec<String> {
        self.acknowledged.iter().flat_map(|number| of(*number)).collect()
    }
}

#[track_caller]
fn expect_each_once(stored: &[String], acknowledged: &[String]) {
    let distinct: BTreeSet<&String> = stored.iter().collect();
    assert_eq!(distinct.len(), stored.len(), "something is stored twice");
    let lost: Vec<_> = acknowledged.iter().filter(|id| !distinct.contains(id)).collect();
    assert!(
        lost.is_empty(),
        "{} of {} are lost, the first is {:?}",
        lost.len(),
        acknowledged.len(),
        lost.first()
    );
}

/// The causes of storage failures are for the log.
#[track_caller]
fn expect_no_internals(reply: &Reply) {
    let body = reply.text.to_lowercase();
    for word in ["sqlite", "locked", "disk", "fjall", "poison", "os error", "data/"] {
        assert!(!body.contains(word), "{} answered {}", reply.what, reply.text);
    }
}

fn customer(external_id: &str) -> Value {
    // Large, so that a small disk is full soon.
    json!({
        "external_id": external_id, "name": external_id, "skip_onboarding_workflow": true,
        "metadata": { "notes": "n".repeat(400) },
    })
}

fn event(id: &str) -> Value {
    json!({
        "event_id": id, "event_name": "call", "external_customer_id": "acme", "timestamp": "2024-01-10T12:00:00Z",
        "properties": { "notes": "n".repeat(1_000) },
    })
}

fn batch(number: usize) -> Vec<Value> {
    batch_ids(number).iter().map(|id| event(id)).collect()
}

fn batch_ids(number: usize) -> Vec<String> {
    (0..BATCH).map(|index| format!("{number}-{index}")).collect()
}

/// The external ids of all customers, sorted.
fn customers(api: &Client) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let page = api
            .get(&format!("/v1/customers?limit=500&offset={}", ids.len()))
            .expect(200);
        let items = page["items"].as_array().unwrap();
        if items.is_empty() {
            ids.sort();
            return ids;
        }
        ids.extend(items.iter().map(|item| text(item, "/external_id")));
    }
}

/// The ids of all events, sorted.
fn stored_events(api: &Client) -> Vec<String> {
    let mut ids = Vec::new();
    let mut question = json!({
        "start_time": "2024-01-01T00:00:00Z", "end_time": "2024-02-01T00:00:00Z", "page_size": 1_000,
    });
    loop {
        let page = api.post("/v1/events/query", &question).expect(200);
        let events = page["events"].as_array().cloned().unwrap_or_default();
        ids.extend(events.iter().map(|event| text(event, "/id")));
        if page["has_more"] != true {
            ids.sort();
            return ids;
        }
        question["iter_last_key"] = page["iter_last_key"].clone();
    }
}
