//! Who may read the audit log, and what an entry tells.

use serde_json::json;

use crate::support::{Server, text};

const LOG: &str = "/v1/audit-logs";

#[tokio::test]
async fn an_entry_tells_who_did_what_when_and_how() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let key = tenant.new_key(&json!({"name": "own", "type": "private_key"})).await;
    let keyed = tenant.keyed(&key).with("x-request-id", "request-7");
    let created = json!({"external_id": "x", "name": "n", "contact": "c"});
    let created = keyed.post("/v1/customers", &created).await.expect(201);
    let id = text(&created, "id");
    server.set_time("2024-03-01T12:01:00Z");
    let path = format!("/v1/customers/{id}");
    let updated = tenant.here().put(&path, &json!({"name": "m"})).await.expect(200);
    tenant.here().delete(&path).await.expect(204);

    let log = keyed.get(&format!("{LOG}?entity_id={id}&order=asc")).await.expect(200);
    assert_eq!(log["pagination"], json!({"total": 3, "limit": 50, "offset": 50}));
    let [first, second, third] = log["items"].as_array().unwrap().as_slice() else {
        panic!("{log}");
    };
    let entry_id = text(first, "id");
    assert!(entry_id.starts_with("audit_"), "{entry_id}");
    let mut after = created.clone();
    after["metadata"] = json!(null);
    assert_eq!(
        first,
        &json!({
            "id": entry_id, "action": "created", "entity_type": "customer", "entity_id": id, "actor_type": "user",
            "user_id": tenant.user_id, "api_key_id": key["secret"]["id"], "request_id": "request-7",
            "before": null, "after": after, "tenant_id": tenant.tenant_id,
            "environment_id": tenant.environment_id, "effective_at": "2024-03-01T12:00:00.5Z",
            "created_at": "2024-03-01T12:00:00.5Z",
        })
    );
    assert_eq!((&second["before"], &second["after"]), (&after, &updated));
    assert!(second.get("api_key_id").is_none(), "{second}");
    assert_eq!(second["action"], "updated");
    assert_eq!(second["created_at"], "2024-03-01T12:01:00Z");
    // Without an id of the caller's, the server's own tells which request it was.
    assert_eq!(text(second, "request_id").len(), 26);
    assert_eq!(
        (&third["action"], &third["after"]["status"]),
        (&json!("archived"), &json!("archived"))
    );

    for (filter, expected) in [
        ("action=updated", 1),
        ("request_id=request-7", 1),
        ("start_time=2024-03-01T12:00:01Z", 2),
        ("end_time=2024-03-01T12:00:01Z", 1),
        ("actor_type=portal", 0),
        (&format!("user_id={}", tenant.user_id), 3),
        ("user_id=somebody", 0),
    ] {
        let found = keyed
            .get(&format!("{LOG}?entity_type=customer&{filter}"))
            .await
            .expect(200);
        assert_eq!(found["pagination"]["total"], expected, "{filter}");
        let mut body = json!({"entity_type": "customer"});
        let (name, value) = filter.split_once('=').unwrap();
        body[name] = json!(value);
        let searched = keyed.post(&format!("{LOG}/search"), &body).await.expect(200);
        assert_eq!(searched, found, "{filter}");
    }
    keyed
        .get(&format!("{LOG}?action=destroyed"))
        .await
        .expect_error(400, "validation_error");
    keyed
        .get(&format!("{LOG}?sort=before"))
        .await
        .expect_error(400, "validation_error");
}

#[tokio::test]
async fn the_portal_the_worker_and_service_accounts_are_told_apart() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    here.post("/v1/customers", &json!({"external_id": "x", "name": "n"}))
        .await
        .expect(201);
    let opened = here.get("/v1/customers/portal/x").await.expect(200);
    let visitor = server.visitor().with("x-session-token", &text(&opened, "token"));
    let own = visitor
        .put("/v1/customer/portal/info", &json!({"name": "m"}))
        .await
        .expect(200);
    let log = here.get(&format!("{LOG}?actor_type=portal")).await.expect(200);
    assert_eq!(log["items"][0]["user_id"], own["id"]);

    let account = tenant.service_account("super_admin").await;
    account.post("/v1/plans", &json!({"name": "Pro"})).await.expect(201);
    let log = here.get(&format!("{LOG}?actor_type=service_account")).await.expect(200);
    assert_eq!(log["items"][0]["entity_type"], "plan");
    assert!(log["items"][0]["api_key_id"].is_string());

    let onboarding =
        json!({"value": {"workflow_type": "customer_onboarding", "actions": [{"action": "create_customer"}]}});
    here.put("/v1/settings/customer_onboarding", &onboarding)
        .await
        .expect(200);
    let meter = json!({"name": "Calls", "event_name": "call", "aggregation": {"type": "COUNT"}, "reset_usage": "BILLING_PERIOD"});
    here.post("/v1/meters", &meter).await.expect(201);
    let event = json!({"event_name": "call", "external_customer_id": "new"});
    here.post("/v1/events", &event).await.expect(202);
    let log = here.get(&format!("{LOG}?actor_type=worker")).await.expect(200);
    assert_eq!(log["items"][0]["after"]["external_id"], "new", "{log}");
}

#[tokio::test]
async fn secrets_never_reach_the_log() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let key = tenant.new_key(&json!({"name": "own", "type": "private_key"})).await;
    let person = json!({"type": "user", "email": "b@example.com", "roles": ["all_reader"]});
    let person = here.post("/v1/users", &person).await.expect(201);
    for level in ["environment", "tenant"] {
        let log = here
            .get(&format!("{LOG}?level={level}&limit=1000"))
            .await
            .expect(200)
            .to_string();
        assert!(log.contains("\"entity_type\""), "{log}");
        for secret in [
            text(&key, "api_key"),
            text(&person, "password"),
            "argon2".to_owned(),
            "_hash".to_owned(),
        ] {
            assert!(!log.contains(&secret), "{secret} is in {log}");
        }
    }
}

#[tokio::test]
async fn the_log_is_for_those_who_may_read_everything_and_for_their_tenant_alone() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let reader = server.invited(&tenant, "r@example.com", "all_reader").await;
    let reader = reader.with("x-environment-id", &tenant.environment_id);
    tenant
        .here()
        .post("/v1/plans", &json!({"name": "Pro"}))
        .await
        .expect(201);
    assert_eq!(reader.get(LOG).await.expect(200)["pagination"]["total"], 1);
    for role in ["event_reader", "event_ingestor"] {
        let account = tenant.service_account(role).await;
        account
            .get(LOG)
            .await
            .expect_exactly(403, json!({"message": "insufficient permissions"}));
    }
    let other = server.sign_up("b@example.com").await;
    assert_eq!(other.here().get(LOG).await.expect(200)["pagination"]["total"], 0);
    let own = other.here().get(&format!("{LOG}?level=tenant")).await.expect(200);
    assert!(
        own["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|entry| text(entry, "tenant_id") == other.tenant_id)
    );
    // There is no way to change or remove an entry.
    for method in ["PUT", "DELETE", "POST"] {
        tenant.here().request(method, LOG, &json!({})).await.expect(404);
    }
}

#[tokio::test]
async fn what_is_undone_leaves_no_entry() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let customer = json!({"external_id": "x", "name": "n"});
    here.post("/v1/customers", &customer).await.expect(201);
    here.post("/v1/customers", &customer)
        .await
        .expect_error(409, "already_exists");
    let rate =
        json!({"external_id": "y", "name": "n", "tax_rate_overrides": [{"tax_rate_code": "none", "currency": "usd"}]});
    let refused = here.post("/v1/customers", &rate).await;
    assert!(refused.status >= 400, "{}", refused.body);
    assert_eq!(here.get(LOG).await.expect(200)["pagination"]["total"], 1);
}

#[tokio::test]
async fn a_large_record_is_bounded() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let customer = json!({"external_id": "x", "name": "n", "metadata": {"note": "x".repeat(70_000), "token": "mine"}});
    here.post("/v1/customers", &customer).await.expect(201);
    let log = here.get(LOG).await.expect(200);
    let after = &log["items"][0]["after"];
    assert_eq!(
        (&after["external_id"], &after["_omitted"]),
        (&json!("x"), &json!(["metadata"]))
    );
    assert!(after.get("metadata").is_none());
}
