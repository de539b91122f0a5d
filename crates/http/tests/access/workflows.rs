//! Background workflows that nobody carries out: how long they are in the way (spec 03 §4.1, Q15).

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Server, Tenant, text};

/// Looks that a test takes until a worker has done its part.
const LOOKS_MAX: usize = 200;

/// A plan to sync, and the path that does it.
async fn plan(tenant: &Tenant) -> (Client, String) {
    let here = tenant.here();
    let plan = here.post("/v1/plans", &json!({"name": "Pro"})).await.expect(201);
    (here, format!("/v1/plans/{}/sync/subscriptions", text(&plan, "id")))
}

async fn run(here: &Client, started: &Value) -> Value {
    let path = format!(
        "/v1/workflows/{}/{}",
        text(started, "workflow_id"),
        text(started, "run_id")
    );
    here.get(&path).await.expect(200)
}

/// The run once it is over.
async fn ended(here: &Client, started: &Value) -> Value {
    for _ in 0..LOOKS_MAX {
        let run = run(here, started).await;
        if run["status"] != "Running" {
            return run;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the workflow does not end");
}

#[tokio::test]
async fn a_sync_that_no_worker_takes_up_locks_its_plan_for_two_hours_at_most() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let (here, path) = plan(&tenant).await;
    server.set_time("2024-03-01T13:00:00Z");
    let first = here.post(&path, &json!({})).await.expect(200);
    for still in ["2024-03-01T13:00:00Z", "2024-03-01T14:59:59.999Z"] {
        server.set_time(still);
        here.post(&path, &json!({})).await.expect_error(409, "already_exists");
    }
    server.set_time("2024-03-01T15:00:00Z");
    let second = here.post(&path, &json!({})).await.expect(200);
    assert_ne!(second["workflow_id"], first["workflow_id"]);
    assert_eq!(run(&here, &first).await["status"], "TimedOut");
    assert_eq!(run(&here, &second).await["status"], "Running");
    server.start_worker();
    assert_eq!(ended(&here, &second).await["status"], "Completed");
    assert_eq!(run(&here, &first).await["status"], "TimedOut");
}

#[tokio::test]
async fn a_worker_closes_what_is_overdue_instead_of_doing_it() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let (here, path) = plan(&tenant).await;
    let late = here.post(&path, &json!({})).await.expect(200);
    server.set_time("2024-03-01T15:00:00Z");
    server.start_worker();
    assert_eq!(ended(&here, &late).await["status"], "TimedOut");
    let next = here.post(&path, &json!({})).await.expect(200);
    assert_eq!(ended(&here, &next).await["status"], "Completed");
}
