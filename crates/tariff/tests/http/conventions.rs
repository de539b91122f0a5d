//! What all endpoints share: probes, cross-origin answers, request ids, unknown routes (spec 01 A1, A2).

use reqwest::Method;
use serde_json::json;

use crate::support::databases::Place;

crate::tests!(
    health_answers_without_credentials,
    options_answers_before_authentication,
    every_answer_carries_a_request_id,
    every_answer_carries_security_headers,
    missing_and_malformed_credentials,
    unknown_routes_are_plain_text,
    a_trailing_slash_redirects,
);

fn health_answers_without_credentials(place: &Place) {
    let client = place.server().client();
    client.get("/health").expect_exactly(200, &json!({ "status": "ok" }));
    client
        .raw(Method::POST, "/health", "text/plain", b"ignored".to_vec())
        .expect_exactly(200, &json!({ "status": "ok" }));
}

fn options_answers_before_authentication(place: &Place) {
    let reply = place.server().client().bare(Method::OPTIONS, "/v1/anything");
    assert_eq!((reply.status, reply.text.as_str()), (200, ""));
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert!(reply.header("access-control-allow-methods").contains("PUT"));
    let allowed = reply.header("access-control-allow-headers").to_ascii_lowercase();
    for header in ["authorization", "content-type", "x-api-key", "x-environment-id"] {
        assert!(allowed.contains(header), "{header} is missing in {allowed}");
    }
    assert_eq!(reply.header("access-control-max-age"), "86400");
    assert!(!reply.header("x-request-id").is_empty());
}

fn every_answer_carries_a_request_id(place: &Place) {
    let client = place.server().client();
    for path in ["/health", "/v1/customers", "/nowhere"] {
        let own = client.with("x-request-id", "my-request-1").get(path);
        assert_eq!(own.header("x-request-id"), "my-request-1", "{path}");
        let made = client.get(path);
        assert_eq!(made.header("x-request-id").len(), 26, "{path}");
        let overlong = client.with("x-request-id", &"x".repeat(129)).get(path);
        assert_eq!(overlong.header("x-request-id").len(), 26, "{path}");
    }
}

fn every_answer_carries_security_headers(place: &Place) {
    let reply = place.server().client().get("/v1/customers");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    assert_eq!(reply.header("x-frame-options"), "DENY");
    assert_eq!(reply.header("referrer-policy"), "no-referrer");
    assert_eq!(reply.header("access-control-allow-origin"), "*");
}

fn missing_and_malformed_credentials(place: &Place) {
    let client = place.server().client();
    let refused = |error: &str| json!({ "error": error });
    client
        .get("/v1/customers")
        .expect_exactly(401, &refused("Unauthorized"));
    client
        .with_key("sk_01ARZ3NDEKTSV4RRFFQ69G5FAV")
        .get("/v1/customers")
        .expect_exactly(401, &refused("Unauthorized"));
    client
        .with("authorization", "abc")
        .get("/v1/customers")
        .expect_exactly(401, &refused("Invalid authorization header format"));
    client
        .with_token("abc")
        .get("/v1/customers")
        .expect_exactly(401, &refused("Invalid token"));
}

fn unknown_routes_are_plain_text(place: &Place) {
    let client = place.server().client();
    client.get("/v1/nowhere").expect_no_route();
    client.get("/nowhere").expect_no_route();
    client.bare(Method::PATCH, "/v1/customers").expect_no_route();
}

fn a_trailing_slash_redirects(place: &Place) {
    let client = place.server().client();
    let reply = client.get("/v1/customers/");
    assert_eq!((reply.status, reply.header("location")), (301, "/v1/customers"));
    assert_eq!(client.post("/v1/customers/", &json!({})).status, 307);
}
