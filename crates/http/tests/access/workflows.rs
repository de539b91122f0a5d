//! Background workflows that nobody carries out, and those that cannot be: how long they are in the way (spec 03 §4.1,
//! Q15), and when they are given up (spec 07 §4.8).

use std::time::Duration;

use serde_json::{Value, json};
use tariff_core::Scope;
use tariff_store::column::Json;
use tariff_store::entity::job_runs;
use tariff_store::set;

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

/// Changes a run past the API.
async fn tamper(server: &Server, tenant: &Tenant, started: &Value, changes: job_runs::ActiveModel) {
    let session = server.begin().await;
    let scope = Scope::new(&tenant.tenant_id, &tenant.environment_id);
    let changed = session
        .scoped(&scope)
        .update::<job_runs::Entity>(&text(started, "run_id"), changes)
        .await
        .unwrap();
    assert!(changed.is_some());
    session.commit().await.unwrap();
}

/// The run once it was taken up this often and was handed back.
async fn after_attempt(server: &Server, tenant: &Tenant, started: &Value, attempt: i64) -> Value {
    let scope = Scope::new(&tenant.tenant_id, &tenant.environment_id);
    for _ in 0..LOOKS_MAX {
        let session = server.store.read();
        let found = session
            .scoped(&scope)
            .get::<job_runs::Entity>(&text(started, "run_id"))
            .await;
        let found = found.unwrap().unwrap();
        if found.attempts == attempt && found.lease_holder.is_none() {
            return run(&tenant.here(), started).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the workflow is not taken up {attempt} times");
}

#[tokio::test]
async fn a_run_that_always_fails_is_given_up_after_five_attempts_with_growing_pauses() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let (here, path) = plan(&tenant).await;
    server.set_time("2024-03-01T13:00:00Z");
    let started = here.post(&path, &json!({})).await.expect(200);
    // Nobody can read what is to be done.
    let unreadable = job_runs::ActiveModel {
        input: set(Json(json!({"plan": 7}))),
        ..Default::default()
    };
    tamper(&server, &tenant, &started, unreadable).await;
    server.start_worker();
    // Ends of the pauses of 10, 30, 90 and 270 seconds.
    let pauses = ["13:00:10", "13:00:40", "13:02:10", "13:06:40"];
    for (attempt, pause_ends) in (1..).zip(pauses) {
        let waiting = after_attempt(&server, &tenant, &started, attempt).await;
        assert_eq!(waiting["status"], "Running", "{waiting}");
        assert_eq!(waiting["error"], "An unexpected error occurred");
        assert_eq!(waiting["close_time"], Value::Null);
        here.post(&path, &json!({})).await.expect_error(409, "already_exists");
        server.set_time(&format!("2024-03-01T{pause_ends}Z"));
    }
    let failed = ended(&here, &started).await;
    assert_eq!(
        (&failed["status"], &failed["attempts"]),
        (&json!("Failed"), &json!(5)),
        "{failed}"
    );
    assert_eq!(failed["error"], "An unexpected error occurred");
    assert_eq!(failed["close_time"], "2024-03-01T13:06:40Z");
    assert_eq!(failed["duration_ms"], 400_000);
    let activities = failed["activities"].as_array().unwrap();
    assert_eq!(activities.last().unwrap()["status"], "Failed");

    let found = here
        .post("/v1/workflows/search", &json!({"workflow_status": "Failed"}))
        .await
        .expect(200);
    assert_eq!(found["items"][0]["run_id"], started["run_id"]);
    let entries = here.get("/v1/audit-logs?entity_type=workflow").await.expect(200);
    assert_eq!(entries["items"][0]["after"]["run_status"], "Failed", "{entries}");
    // It is in nobody's way any more.
    let next = here.post(&path, &json!({})).await.expect(200);
    assert_eq!(ended(&here, &next).await["status"], "Completed");
}

#[tokio::test]
async fn a_pause_after_a_failure_is_kept() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let (here, path) = plan(&tenant).await;
    server.set_time("2024-03-01T13:00:00Z");
    let started = here.post(&path, &json!({})).await.expect(200);
    let unreadable = job_runs::ActiveModel {
        input: set(Json(json!([]))),
        ..Default::default()
    };
    tamper(&server, &tenant, &started, unreadable).await;
    server.start_worker();
    after_attempt(&server, &tenant, &started, 1).await;
    server.set_time("2024-03-01T13:00:09.999Z");
    // Whoever does this run has looked at the other one too, which is older.
    let (_, other) = plan(&tenant).await;
    let other = here.post(&other, &json!({})).await.expect(200);
    assert_eq!(ended(&here, &other).await["status"], "Completed");
    assert_eq!(run(&here, &started).await["attempts"], 1);
}

#[tokio::test]
async fn a_run_that_no_worker_survives_is_given_up() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let (here, path) = plan(&tenant).await;
    let started = here.post(&path, &json!({})).await.expect(200);
    // Five workers have taken it up and were not heard of again.
    let abandoned = job_runs::ActiveModel {
        attempts: set(5),
        lease_holder: set(Some("the fifth".to_owned())),
        ..Default::default()
    };
    tamper(&server, &tenant, &started, abandoned).await;
    server.start_worker();
    let failed = ended(&here, &started).await;
    assert_eq!(failed["status"], "Failed");
    assert_eq!(failed["error"], "The work was interrupted too often");
}
