//! How long the audit log keeps its entries.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Client, Server};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Somebody new with a key, which outlives any session.
async fn keyed(server: &Server, email: &str) -> Client {
    server.sign_up(email).await.with_own_key().await
}

async fn customer(here: &Client, external_id: &str) {
    let customer = json!({"external_id": external_id, "name": "n"});
    here.post("/v1/customers", &customer).await.expect(201);
}

/// External ids of the customers that the log still tells of, the oldest first.
async fn told(here: &Client) -> Vec<Value> {
    let log = here
        .get("/v1/audit-logs?entity_type=customer&order=asc")
        .await
        .expect(200);
    let items = log["items"].as_array().unwrap();
    items
        .iter()
        .map(|entry| entry["after"]["external_id"].clone())
        .collect()
}

#[tokio::test]
async fn entries_are_kept_for_ever_unless_the_deployment_says_otherwise() {
    let server = Server::start().await;
    let here = keyed(&server, "a@example.com").await;
    customer(&here, "x").await;
    server.set_time("2124-03-01T12:00:00Z");
    assert_eq!(server.engine.forget_old_changes(1_000).await.unwrap(), 0);
    assert_eq!(told(&here).await, ["x"]);
}

#[tokio::test]
async fn old_entries_of_every_tenant_go_in_bounded_steps_the_oldest_first() {
    let server = Server::start_with(|config| config.audit_log_retention = Some(30 * DAY)).await;
    let here = keyed(&server, "a@example.com").await;
    let there = keyed(&server, "b@example.com").await;
    server.set_time("2024-03-02T12:00:00Z");
    customer(&here, "first").await;
    server.set_time("2024-03-02T12:00:01Z");
    customer(&there, "second").await;
    server.set_time("2024-03-02T12:00:02Z");
    customer(&here, "third").await;

    // Of each tenant there are itself, a user, an environment and a key.
    server.set_time("2024-04-01T12:00:00Z");
    assert_eq!(server.engine.forget_old_changes(5).await.unwrap(), 5);
    assert_eq!(server.engine.forget_old_changes(5).await.unwrap(), 3);
    // An entry of just that age stays.
    assert_eq!(server.engine.forget_old_changes(5).await.unwrap(), 0);
    assert_eq!(told(&here).await, ["first", "third"]);
    server.set_time("2024-04-01T12:00:01.5Z");
    assert_eq!(server.engine.forget_old_changes(1).await.unwrap(), 1);
    assert_eq!(
        (told(&here).await, told(&there).await),
        (vec![json!("third")], vec![json!("second")])
    );
    assert_eq!(server.engine.forget_old_changes(1).await.unwrap(), 1);
    assert_eq!(server.engine.forget_old_changes(1).await.unwrap(), 0);
    assert_eq!(
        (told(&here).await, told(&there).await),
        (vec![json!("third")], Vec::new())
    );
}

#[tokio::test]
async fn a_retention_beyond_the_calendar_is_for_ever() {
    let server = Server::start_with(|config| config.audit_log_retention = Some(u32::MAX * DAY)).await;
    let here = keyed(&server, "a@example.com").await;
    customer(&here, "x").await;
    assert_eq!(server.engine.forget_old_changes(1_000).await.unwrap(), 0);
    assert_eq!(told(&here).await, ["x"]);
}
