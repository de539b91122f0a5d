//! Sign-up and login (spec 01 B9).

use serde_json::json;

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_long_password_counts_to_its_last_character,
    a_password_has_eight_characters,
    a_sign_up_names_what_it_creates,
    guesses_are_slowed_down,
);

/// Beyond 72 bytes, where some hashes stop looking.
const LONG: usize = 100;

fn a_long_password_counts_to_its_last_character(place: &Place) {
    let client = place.server().client();
    let email = format!("long-{}", Tenant::sign_up(&client).email);
    let password = "x".repeat(LONG);
    let body = json!({ "email": email, "password": password });
    client.post("/v1/auth/signup", &body).expect(200);
    client.post("/v1/auth/login", &body).expect(200);
    let other = format!("{}y", "x".repeat(LONG - 1));
    let login = json!({ "email": email, "password": other });
    client
        .post("/v1/auth/login", &login)
        .expect_error(403, "permission_denied");
}

fn a_password_has_eight_characters(place: &Place) {
    let client = place.server().client();
    let email = format!("short-{}", Tenant::sign_up(&client).email);
    let sign_up = |password: &str| client.post("/v1/auth/signup", &json!({ "email": email, "password": password }));
    sign_up("ääääää1").expect_error(400, "validation_error");
    client
        .post("/v1/auth/signup", &json!({ "email": email }))
        .expect_error(400, "validation_error");
    sign_up("äääääää1").expect(200);
}

fn a_sign_up_names_what_it_creates(place: &Place) {
    let client = place.server().client();
    let email = format!("named-{}", Tenant::sign_up(&client).email);
    let body = json!({ "email": email, "password": "correct horse", "metadata": { "source": "ad" } });
    let answer = client.post("/v1/auth/signup", &body).expect(200);
    let session = client.with_token(&text(&answer, "/token"));
    let me = session.get("/v1/users/me").expect(200);
    assert_eq!(me["roles"], json!(["super_admin"]));
    assert_eq!(me["metadata"], json!({ "source": "ad" }));
    assert_eq!(me["tenant"]["metadata"], json!({ "source": "ad" }));
    assert_eq!(me["tenant"]["name"], "Tariff");
    let environments = session.get("/v1/environments").expect(200);
    assert_eq!(environments["total"], 1);
    assert_eq!(environments["environments"][0]["name"], "Sandbox");
    assert_eq!(environments["environments"][0]["type"], "development");
}

fn guesses_are_slowed_down(place: &Place) {
    let client = place.server().client();
    let email = format!("guessed-{}", Tenant::sign_up(&client).email);
    let guess = json!({ "email": email, "password": "a wrong guess" });
    for _ in 0..10 {
        client
            .post("/v1/auth/login", &guess)
            .expect_error(403, "permission_denied");
    }
    let details = client
        .post("/v1/auth/login", &guess)
        .expect_error(429, "too_many_requests");
    assert!(details["retry_after_seconds"].as_i64().unwrap() > 0);
}
