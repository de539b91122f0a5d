//! Environments and their quotas (spec 01 B4, example 10).

use serde_json::json;

use crate::support::{Server, text};

#[tokio::test]
async fn a_fresh_tenant_may_have_two_development_environments_and_none_in_production() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    for (kind, status) in [("development", 201), ("development", 400), ("production", 400)] {
        let body = json!({"name": "More", "type": kind});
        let answer = tenant.session.post("/v1/environments", &body).await.expect(status);
        if status == 400 {
            assert_eq!(answer["code"], "validation_error");
        }
    }
    let list = tenant.session.get("/v1/environments").await.expect(200);
    let names: Vec<_> = list["environments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(one, "name"))
        .collect();
    assert_eq!(names, ["More", "Sandbox"]);
    assert_eq!(
        (&list["total"], &list["limit"], &list["offset"]),
        (&json!(2), &json!(50), &json!(0))
    );
}

#[tokio::test]
async fn environments_answer_whole_seconds_and_nothing_more() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let path = format!("/v1/environments/{}", tenant.environment_id);
    tenant.session.get(&path).await.expect_exactly(
        200,
        json!({
            "id": tenant.environment_id, "name": "Sandbox", "type": "development",
            "created_at": "2024-03-01T12:00:00Z", "updated_at": "2024-03-01T12:00:00Z",
        }),
    );
}

#[tokio::test]
async fn an_environment_is_renamed_and_keeps_its_type() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let path = format!("/v1/environments/{}", tenant.environment_id);
    for (body, name) in [
        (json!({"name": "Play"}), "Play"),
        (json!({"name": "", "type": "development"}), "Play"),
        (json!({"name": "Ground", "type": ""}), "Ground"),
    ] {
        assert_eq!(tenant.session.put(&path, &body).await.expect(200)["name"], name);
    }
    for body in [
        json!({"type": "production"}),
        json!({"type": "other"}),
        json!({"name": "x".repeat(51)}),
    ] {
        tenant
            .session
            .put(&path, &body)
            .await
            .expect_error(400, "validation_error");
    }
    let stranger = server.sign_up("b@example.com").await;
    stranger
        .session
        .put(&path, &json!({"name": "Mine"}))
        .await
        .expect_error(404, "not_found");
    stranger.session.get(&path).await.expect_error(404, "not_found");
}

#[tokio::test]
async fn bad_requests_are_told() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    for body in [
        json!({}),
        json!({"name": "x"}),
        json!({"type": "development"}),
        json!({"name": "x", "type": "test"}),
    ] {
        tenant
            .session
            .post("/v1/environments", &body)
            .await
            .expect_error(400, "validation_error");
    }
}

#[tokio::test]
async fn a_clone_copies_the_catalog_once() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let group = json!({"name": "Compute", "entity_type": "feature", "lookup_key": "compute"});
    let group = text(&here.post("/v1/groups", &group).await.expect(201), "id");
    let feature = here
        .post(
            "/v1/features",
            &json!({
                "name": "Calls", "lookup_key": "calls", "type": "metered", "group_id": group, "metadata": {"k": "v"},
                "meter": {
                    "name": "Calls", "event_name": "call", "aggregation": {"type": "COUNT"},
                    "reset_usage": "BILLING_PERIOD",
                },
            }),
        )
        .await
        .expect(201);
    let (feature_id, meter_id) = (text(&feature, "id"), text(&feature, "meter_id"));
    let plan = json!({"name": "Pro", "lookup_key": "pro"});
    let plan = text(&here.post("/v1/plans", &plan).await.expect(201), "id");
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan, "type": "USAGE", "meter_id": meter_id, "currency": "usd",
        "amount": "0.01", "billing_period": "MONTHLY", "billing_period_count": 1, "billing_model": "FLAT_FEE",
        "billing_cadence": "RECURRING", "invoice_cadence": "ARREAR", "price_unit_type": "FIAT",
    });
    here.post("/v1/prices", &price).await.expect(201);
    let entitlement = json!({
        "plan_id": plan, "entity_type": "PLAN", "entity_id": plan, "feature_id": feature_id, "feature_type": "metered",
        "usage_limit": 100, "usage_reset_period": "MONTHLY", "is_enabled": true,
    });
    here.post("/v1/entitlements", &entitlement).await.expect(201);

    let path = format!("/v1/environments/{}/clone", tenant.environment_id);
    for bad in [
        json!({}),
        json!({"name": "Copy"}),
        json!({"target_environment_id": tenant.environment_id}),
    ] {
        tenant
            .session
            .post(&path, &bad)
            .await
            .expect_error(400, "validation_error");
    }
    let unknown = json!({"target_environment_id": "env_unknown"});
    tenant
        .session
        .post(&path, &unknown)
        .await
        .expect_error(404, "not_found");
    let production = json!({"name": "Live", "type": "production"});
    tenant
        .session
        .post(&path, &production)
        .await
        .expect_error(400, "validation_error");

    let started = tenant
        .session
        .post(&path, &json!({"name": "Copy", "type": "development"}))
        .await
        .expect(202);
    assert!(text(&started, "workflow_id").starts_with("wf_EnvironmentCloneWorkflow_"));
    server.start_worker();
    here.completed(&started).await;
    let environments = tenant.session.get("/v1/environments").await.expect(200);
    let target = text(&environments["environments"][0], "id");
    // A second time there is nothing left to copy.
    let again = json!({"target_environment_id": target});
    let again = tenant.session.post(&path, &again).await.expect(202);
    here.completed(&again).await;

    let there = tenant.session.with("x-environment-id", &target);
    let features = there.get("/v1/features").await.expect(200);
    assert_eq!(features["pagination"]["total"], 1);
    let copy = &features["items"][0];
    assert_ne!((&copy["id"], &copy["meter_id"]), (&json!(feature_id), &json!(meter_id)));
    assert_eq!(
        copy["metadata"],
        json!({
            "k": "v", "source_environment_feature_id": feature_id,
            "source_environment_id": tenant.environment_id,
        })
    );
    let search = json!({"expand": "prices,entitlements"});
    let plans = there.post("/v1/plans/search", &search).await.expect(200);
    assert_eq!(plans["pagination"]["total"], 1);
    let copied = &plans["items"][0];
    assert_eq!(copied["lookup_key"], "pro");
    assert_eq!(
        (&copied["prices"][0]["meter_id"], &copied["prices"][0]["amount"]),
        (&copy["meter_id"], &json!("0.01"))
    );
    assert_eq!(copied["entitlements"][0]["feature_id"], copy["id"]);
}
