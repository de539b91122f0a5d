//! `Idempotency-Key`: what is kept, for whom, for how long, and what is not.

use serde_json::{Value, json};

use crate::support::{Client, Server, text};

fn keyed(client: &Client, key: &str) -> Client {
    client.with("idempotency-key", key)
}

fn customer(external_id: &str) -> Value {
    json!({"external_id": external_id, "name": "n"})
}

async fn count(client: &Client, path: &str) -> u64 {
    client.get(path).await.expect(200)["pagination"]["total"]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn a_repeated_request_is_answered_as_before() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let once = keyed(&here, "k1");
    let first = once.post("/v1/customers", &customer("x")).await;
    assert!(first.headers.get("idempotent-replayed").is_none());
    let created = first.expect(201);
    // Later changes do not change the answer.
    let path = format!("/v1/customers/{}", text(&created, "id"));
    here.put(&path, &json!({"name": "changed"})).await.expect(200);
    let again = once.post("/v1/customers", &customer("x")).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert_eq!(again.headers["content-type"], "application/json; charset=utf-8");
    assert_eq!(again.expect(201), created);
    assert_eq!(count(&here, "/v1/customers").await, 1);
    assert_eq!(
        count(&here, "/v1/audit-logs?entity_type=customer&action=created").await,
        1
    );

    // A refusal is an answer, too.
    let taken = keyed(&here, "k2");
    taken
        .post("/v1/customers", &customer("x"))
        .await
        .expect_error(409, "already_exists");
    here.delete(&path).await.expect(204);
    taken
        .post("/v1/customers", &customer("x"))
        .await
        .expect_error(409, "already_exists");
    keyed(&here, "k3")
        .post("/v1/customers", &customer("x"))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let once = keyed(&here, "k");
    once.post("/v1/customers", &customer("x")).await.expect(201);
    once.post("/v1/customers", &customer("y"))
        .await
        .expect_error(409, "already_exists");
    once.post("/v1/customers?id=1", &customer("x"))
        .await
        .expect_error(409, "already_exists");
    once.post("/v1/plans", &customer("x"))
        .await
        .expect_error(409, "already_exists");
    assert_eq!(count(&here, "/v1/customers").await, 1);
    // The key of another user, and of another tenant, is another key.
    let other = server.invited(&tenant, "b@example.com", "all_writer").await;
    let other = other.with("x-environment-id", &tenant.environment_id);
    keyed(&other, "k")
        .post("/v1/customers", &customer("y"))
        .await
        .expect(201);
    let foreign = server.sign_up("c@example.com").await;
    keyed(&foreign.here(), "k")
        .post("/v1/customers", &customer("x"))
        .await
        .expect(201);
    // Other methods are repeatable as they are, and reading needs no key.
    let id = text(&here.get("/v1/customers/external/x").await.expect(200), "id");
    once.put(&format!("/v1/customers/{id}"), &json!({"name": "m"}))
        .await
        .expect(200);
    once.post("/v1/customers/search", &json!({})).await.expect(200);
}

#[tokio::test]
async fn a_key_has_its_bounds() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    keyed(&here, &"k".repeat(255))
        .post("/v1/customers", &customer("x"))
        .await
        .expect(201);
    for key in ["", "ключ", &"k".repeat(256)] {
        let refused = keyed(&here, key).post("/v1/customers", &customer("y")).await;
        let refused = refused.expect_error(400, "validation_error");
        assert!(refused["details"]["idempotency_key"].is_string(), "{refused}");
        // What only reads takes no notice.
        keyed(&here, key)
            .post("/v1/customers/search", &json!({}))
            .await
            .expect(200);
    }
    // Credentials come first.
    keyed(&server.visitor(), "")
        .post("/v1/customers", &customer("y"))
        .await
        .expect(401);
}

#[tokio::test]
async fn an_answer_is_kept_for_a_day_of_the_server() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let once = keyed(&here, "k");
    once.post("/v1/plans", &json!({"name": "Pro"})).await.expect(201);
    // The environment's clock has no say.
    let clock = format!("/v1/environments/{}/clock", tenant.environment_id);
    here.post(&clock, &json!({"now": "2030-01-01T00:00:00Z"}))
        .await
        .expect(200);
    server.set_time("2024-03-02T12:00:00Z");
    once.post("/v1/plans", &json!({"name": "Pro"})).await.expect(201);
    assert_eq!(count(&here, "/v1/plans").await, 1);
    server.set_time("2024-03-02T12:00:00.5Z");
    once.post("/v1/plans", &json!({"name": "Pro"})).await.expect(201);
    assert_eq!(count(&here, "/v1/plans").await, 2);
    once.post("/v1/plans", &json!({"name": "Pro"})).await.expect(201);
    assert_eq!(count(&here, "/v1/plans").await, 2);
}

#[tokio::test]
async fn expired_keys_are_forgotten_in_bounded_steps() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    for number in 0..5 {
        let body = json!({"name": format!("P{number}")});
        keyed(&here, &format!("k{number}"))
            .post("/v1/plans", &body)
            .await
            .expect(201);
    }
    assert_eq!(server.engine.forget_expired_keys(100).await.unwrap(), 0);
    server.set_time("2024-03-02T12:00:00.5Z");
    keyed(&here, "fresh")
        .post("/v1/plans", &json!({"name": "Q"}))
        .await
        .expect(201);
    assert_eq!(server.engine.forget_expired_keys(3).await.unwrap(), 3);
    assert_eq!(server.engine.forget_expired_keys(3).await.unwrap(), 2);
    assert_eq!(server.engine.forget_expired_keys(3).await.unwrap(), 0);
    let again = keyed(&here, "fresh").post("/v1/plans", &json!({"name": "Q"})).await;
    assert_eq!(again.headers["idempotent-replayed"], "true");
}

#[tokio::test]
async fn a_secret_is_shown_once_and_not_kept() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let once = keyed(&tenant.here(), "k");
    let body = json!({"name": "own", "type": "private_key"});
    once.post("/v1/secrets/api/keys", &body).await.expect(201);
    let refused = once
        .post("/v1/secrets/api/keys", &body)
        .await
        .expect_error(409, "already_exists");
    assert_eq!(refused["details"]["http_status"], 201);
    assert_eq!(count(&tenant.here(), "/v1/secrets/api/keys").await, 1);
    let person = json!({"type": "user", "email": "b@example.com", "roles": ["all_reader"]});
    let once = keyed(&tenant.here(), "k2");
    once.post("/v1/users", &person).await.expect(201);
    once.post("/v1/users", &person)
        .await
        .expect_error(409, "already_exists");
}

#[tokio::test]
async fn of_many_at_once_one_is_carried_out() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let once = keyed(&here, "k");
    let requests = (0..32).map(|_| {
        let once = once.clone();
        tokio::spawn(async move { once.post("/v1/plans", &json!({"name": "Pro"})).await })
    });
    let mut fresh = 0;
    for request in requests.collect::<Vec<_>>() {
        let reply = request.await.unwrap();
        fresh += u32::from(reply.headers.get("idempotent-replayed").is_none());
        reply.expect(201);
    }
    assert_eq!(fresh, 1);
    assert_eq!(count(&here, "/v1/plans").await, 1);
}

#[tokio::test]
async fn work_in_several_steps_is_one() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let plan = text(
        &here
            .post("/v1/plans", &json!({"name": "Pro", "lookup_key": "pro"}))
            .await
            .expect(201),
        "id",
    );
    here.post("/v1/features", &json!({"name": "SSO", "type": "boolean"}))
        .await
        .expect(201);
    // A copy of an environment is work for the background, which must not begin before the request is committed.
    server.start_worker();
    let once = keyed(&here, "k");
    let copy = json!({"name": "Copy", "type": "development"});
    let path = format!("/v1/environments/{}/clone", tenant.environment_id);
    let first = once.post(&path, &copy).await.expect(202);
    assert_eq!(once.post(&path, &copy).await.expect(202), first);
    here.completed(&first).await;
    let environments = here.get("/v1/environments").await.expect(200);
    assert_eq!(environments["environments"].as_array().unwrap().len(), 2);
    let newest = text(&environments["environments"][0], "id");
    let there = tenant.session.with("x-environment-id", &newest);
    assert_eq!(count(&there, "/v1/plans").await, 1);
    assert_eq!(count(&there, "/v1/features").await, 1);
    // A refusal inside undoes only its own step.
    let twice = json!({"items": [
        {"entity_type": "PLAN", "entity_id": plan, "feature_id": "feat_none", "feature_type": "boolean", "is_enabled": true},
    ]});
    let refused = keyed(&here, "k2").post("/v1/entitlements/bulk", &twice).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    here.post("/v1/plans", &json!({"name": "Next"})).await.expect(201);
}

#[tokio::test]
async fn events_without_an_id_take_theirs_from_the_key() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let once = keyed(&here, "k");
    let event = json!({"event_name": "call", "external_customer_id": "x"});
    let first = once.post("/v1/events", &event).await.expect(202);
    let again = once.post("/v1/events", &event).await.expect(202);
    assert_eq!(first["event_id"], again["event_id"]);
    let batch =
        json!({"events": [event, event, {"event_id": "own", "event_name": "call", "external_customer_id": "x"}]});
    let once = keyed(&here, "k2");
    once.post("/v1/events/bulk", &batch).await.expect(202);
    once.post("/v1/events/bulk", &batch).await.expect(202);
    let events = here.post("/v1/events/query", &json!({})).await.expect(200);
    assert_eq!(events["total_count"], 4, "{events}");
    let ids = events["events"].to_string();
    assert!(ids.contains("\"own\""), "{ids}");
}
