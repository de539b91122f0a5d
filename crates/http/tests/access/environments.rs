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
