//! `Idempotency-Key` on every database: many clients at once, a server that dies, answers that come again.

use std::thread;
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::databases::Place;
use crate::support::server::Server;
use crate::support::tenant::Tenant;

crate::tests!(
    of_many_clients_one_creates,
    many_keys_go_side_by_side,
    another_request_with_the_key_is_refused,
    a_key_works_after_its_server_died,
);

/// Clients that send the same at once.
const CLIENTS: usize = 32;

fn total(api: &Client, path: &str) -> u64 {
    api.get(path).expect(200)["pagination"]["total"].as_u64().unwrap()
}

fn of_many_clients_one_creates(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let coupon = json!({ "name": "C", "type": "percentage", "cadence": "forever", "percentage_off": "10" });
    for (path, body) in [
        ("/v1/customers", json!({ "external_id": "acme", "name": "Acme" })),
        ("/v1/coupons", coupon),
        ("/v1/features", json!({ "name": "SSO", "type": "boolean" })),
    ] {
        let api = tenant.api.with("idempotency-key", &format!("key of {path}"));
        let answers: Vec<(Value, bool)> = thread::scope(|scope| {
            let calls: Vec<_> = (0..CLIENTS)
                .map(|_| {
                    scope.spawn(|| {
                        let deadline = Instant::now() + Duration::from_secs(60);
                        loop {
                            let reply = api.post(path, &body);
                            if reply.status != 409 || Instant::now() > deadline {
                                let replayed = reply.header("idempotent-replayed") == "true";
                                return (reply.expect(201), replayed);
                            }
                            // It waited in vain and is told to come back.
                            assert_eq!(reply.expect_error(409, "version_conflict")["retry_after_seconds"], 1);
                            assert_eq!(reply.header("retry-after"), "1");
                            thread::sleep(Duration::from_secs(1));
                        }
                    })
                })
                .collect();
            calls.into_iter().map(|call| call.join().unwrap()).collect()
        });
        let fresh = answers.iter().filter(|(_, replayed)| !replayed).count();
        assert_eq!(fresh, 1, "{path}");
        assert!(answers.iter().all(|(answer, _)| *answer == answers[0].0), "{path}");
        assert_eq!(total(&tenant.api, path), 1, "{path}");
        let created = answers[0].0["id"].as_str().unwrap();
        assert_eq!(
            total(&tenant.api, &format!("/v1/audit-logs?entity_id={created}")),
            1,
            "{path}"
        );
    }
}

fn many_keys_go_side_by_side(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    thread::scope(|scope| {
        for number in 0..CLIENTS {
            let api = tenant.api.with("idempotency-key", &format!("key {number}"));
            scope.spawn(move || {
                let body = json!({ "external_id": format!("c{number}"), "name": "n" });
                let first = api.post("/v1/customers", &body).expect(201);
                assert_eq!(api.post("/v1/customers", &body).expect(201), first);
            });
        }
    });
    assert_eq!(total(&tenant.api, "/v1/customers"), CLIENTS as u64);
}

fn another_request_with_the_key_is_refused(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let api = tenant.api.with("idempotency-key", "k");
    let plan = json!({ "name": "Pro" });
    let first = api.post("/v1/plans", &plan).expect(201);
    let again = api.post("/v1/plans", &plan);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.expect(201), first);
    api.post("/v1/plans", &json!({ "name": "Other" }))
        .expect_error(409, "already_exists");
    api.post("/v1/features", &plan).expect_error(409, "already_exists");
    assert_eq!(total(&tenant.api, "/v1/plans"), 1);
    let broken = api.with("idempotency-key", "unused");
    let broken = broken.raw(Method::POST, "/v1/plans", "application/json", b"{".to_vec());
    // Of two keys the first counts.
    broken.expect_error(409, "already_exists");
}

fn a_key_works_after_its_server_died(place: &Place) {
    let folder = place.new_folder();
    let database = place.database_url();
    let mut server = Server::start(folder.path(), database.as_deref());
    let tenant = Tenant::sign_up(&server.client());
    let key = tenant.key().to_owned();
    let mut carried_out = 0;
    for round in 0..4 {
        let api = server.client().with_key(&key);
        let senders: Vec<_> = (0..8)
            .map(|number| {
                let api = api.with("idempotency-key", &format!("{round} {number}"));
                let body = json!({ "external_id": format!("c{round}-{number}"), "name": "n" });
                // Most get no answer, which is the point.
                thread::spawn(move || api.try_post("/v1/customers", &body).map(|reply| reply.status))
            })
            .collect();
        thread::sleep(Duration::from_millis(15 * round));
        server.kill();
        for sender in senders {
            let _ = sender.join();
        }
        server = Server::start(folder.path(), database.as_deref());
        let api = server.client().with_key(&key);
        for number in 0..8 {
            let api = api.with("idempotency-key", &format!("{round} {number}"));
            let body = json!({ "external_id": format!("c{round}-{number}"), "name": "n" });
            let first = until_free(&api, &body);
            assert_eq!(api.post("/v1/customers", &body).expect(201), first);
            carried_out += 1;
        }
        // Each customer once, each with one entry: nothing was done twice, or half.
        assert_eq!(total(&api, "/v1/customers"), carried_out);
        assert_eq!(total(&api, "/v1/audit-logs?entity_type=customer"), carried_out);
    }
}

/// PostgreSQL notices the death of a client only when it speaks to it, so a key may be in use for a moment.
fn until_free(api: &Client, body: &Value) -> Value {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let reply = api.post("/v1/customers", body);
        if reply.status != 409 || Instant::now() > deadline {
            return reply.expect(201);
        }
        thread::sleep(Duration::from_millis(200));
    }
}
