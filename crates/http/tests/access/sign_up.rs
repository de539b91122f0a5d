//! Sign-up and login (spec 01 B9, acceptance 3).

use serde_json::json;

use crate::support::{PASSWORD, Server, text};

#[tokio::test]
async fn who_signs_up_is_the_super_admin_of_a_tenant_with_a_sandbox() {
    let server = Server::start().await;
    let body = json!({"email": "Ann@example.com", "password": PASSWORD, "metadata": {"from": "ad"}});
    let answer = server.visitor().post("/v1/auth/signup", &body).await.expect(200);
    let session = server.visitor().with_token(&text(&answer, "token"));
    let me = session.get("/v1/users/me").await.expect(200);
    assert_eq!(me["id"], answer["user_id"]);
    assert_eq!((&me["email"], &me["type"]), (&json!("Ann@example.com"), &json!("user")));
    assert_eq!(
        (&me["roles"], &me["metadata"]),
        (&json!(["super_admin"]), &json!({"from": "ad"}))
    );
    assert_eq!(me["tenant"]["id"], answer["tenant_id"]);
    assert_eq!(
        (&me["tenant"]["name"], &me["tenant"]["metadata"]),
        (&json!("Tariff"), &json!({"from": "ad"}))
    );
    assert!(me.to_string().to_lowercase().find("trialing").is_none());
}

#[tokio::test]
async fn an_email_signs_up_once_in_any_letter_case() {
    let server = Server::start().await;
    server.sign_up("ÉMILE@example.com").await;
    for email in ["ÉMILE@example.com", "émile@EXAMPLE.com"] {
        let body = json!({"email": email, "password": PASSWORD});
        server
            .visitor()
            .post("/v1/auth/signup", &body)
            .await
            .expect_error(409, "already_exists");
    }
}

#[tokio::test]
async fn a_login_tells_neither_by_answer_which_part_was_wrong() {
    let server = Server::start().await;
    let tenant = server.sign_up("ann@example.com").await;
    let visitor = server.visitor();
    let login = |email: &str, password: &str| json!({"email": email, "password": password});
    let answer = visitor
        .post("/v1/auth/login", &login("ANN@example.com", PASSWORD))
        .await
        .expect(200);
    assert_eq!(
        (text(&answer, "user_id"), text(&answer, "tenant_id")),
        (tenant.user_id, tenant.tenant_id)
    );
    let wrong = visitor
        .post("/v1/auth/login", &login("ann@example.com", "wrong password"))
        .await;
    let unknown = visitor
        .post("/v1/auth/login", &login("bob@example.com", PASSWORD))
        .await;
    assert_eq!(wrong.body, unknown.body);
    let body = wrong.expect_error(403, "permission_denied");
    assert_eq!(body["message"], "Invalid email or password");
    unknown.expect(403);
    for bad in [
        login("ann", PASSWORD),
        login("ann@example.com", "short"),
        json!({"email": "ann@example.com"}),
    ] {
        visitor
            .post("/v1/auth/login", &bad)
            .await
            .expect_error(400, "validation_error");
    }
}

#[tokio::test]
async fn guessing_is_slowed_down_until_the_window_ends() {
    let server = Server::start().await;
    server.sign_up("ann@example.com").await;
    let visitor = server.visitor();
    let guess = json!({"email": "ann@example.com", "password": "wrong password"});
    for _ in 0..10 {
        visitor.post("/v1/auth/login", &guess).await.expect(403);
    }
    let right = json!({"email": "Ann@example.com", "password": PASSWORD});
    let refused = visitor.post("/v1/auth/login", &right).await;
    assert_eq!(refused.headers["retry-after"], "900");
    refused.expect_error(429, "too_many_requests");
    server.set_time("2024-03-01T12:15:01Z");
    visitor.post("/v1/auth/login", &right).await.expect(200);
}
