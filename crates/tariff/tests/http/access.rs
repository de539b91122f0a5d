//! Who may do what where: sign-up, login, API keys, environments, roles (spec 01 A2-A4, B7, B9; acceptance 3, 4, 13).

use serde_json::json;

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::{PASSWORD, Tenant, new_key};

crate::tests!(
    a_session_works_without_environment_only_where_none_is_needed,
    login_does_not_tell_which_part_was_wrong,
    an_email_signs_up_once,
    an_api_key_is_listed_masked_and_can_be_revoked,
    an_expired_key_is_refused,
    a_key_stays_in_its_environment,
    an_event_ingestor_may_only_ingest,
    another_tenants_records_do_not_exist,
);

fn a_session_works_without_environment_only_where_none_is_needed(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let login = json!({ "email": tenant.email, "password": PASSWORD });
    let answer = place.server().client().post("/v1/auth/login", &login).expect(200);
    assert_eq!(text(&answer, "/user_id"), tenant.user_id);
    assert_eq!(text(&answer, "/tenant_id"), tenant.tenant_id);

    let session = tenant.api.with_token(&text(&answer, "/token"));
    let me = session.get("/v1/users/me").expect(200);
    assert_eq!(text(&me, "/id"), tenant.user_id);
    assert_eq!(text(&me, "/tenant/id"), tenant.tenant_id);

    let stranger = Tenant::sign_up(&place.server().client());
    let refused = json!({ "error": "Access denied", "message": "Invalid or inaccessible environment" });
    session.get("/v1/customers").expect_exactly(403, &refused);
    session
        .with("x-environment-id", &stranger.environment_id)
        .get("/v1/customers")
        .expect_exactly(403, &refused);
    session
        .with("x-environment-id", &tenant.environment_id)
        .get("/v1/customers")
        .expect(200);
}

fn login_does_not_tell_which_part_was_wrong(place: &Place) {
    let client = place.server().client();
    let tenant = Tenant::sign_up(&client);
    for (email, password) in [
        (tenant.email.as_str(), "a wrong password"),
        ("nobody@example.test", PASSWORD),
    ] {
        let reply = client.post("/v1/auth/login", &json!({ "email": email, "password": password }));
        reply.expect_error(403, "permission_denied");
        assert_eq!(text(&reply.json(), "/message"), "Invalid email or password");
    }
    client
        .post("/v1/auth/login", &json!({ "email": tenant.email, "password": "short" }))
        .expect_error(400, "validation_error");
}

fn an_email_signs_up_once(place: &Place) {
    let client = place.server().client();
    let tenant = Tenant::sign_up(&client);
    let again = json!({ "email": tenant.email, "password": PASSWORD });
    client
        .post("/v1/auth/signup", &again)
        .expect_error(409, "already_exists");
}

fn an_api_key_is_listed_masked_and_can_be_revoked(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let body = json!({ "name": "spare", "type": "private_key" });
    let created = new_key(&tenant.bare_session(), &tenant.environment_id, &body);
    let key = text(&created, "/api_key");
    let id = text(&created, "/secret/id");
    assert!(key.starts_with("sk_"), "{key}");

    let list = tenant.session().get("/v1/secrets/api/keys").expect(200);
    let listed = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == id.as_str())
        .unwrap();
    let masked = format!("{}***{}", &key[..5], &key[key.len() - 2..]);
    assert_eq!(text(listed, "/display_id"), masked);
    assert!(!list.to_string().contains(&key), "the list shows the key");

    let spare = tenant.api.with_key(&key);
    spare.get("/v1/customers").expect(200);
    tenant
        .session()
        .delete(&format!("/v1/secrets/api/keys/{id}"))
        .expect(204);
    spare
        .get("/v1/customers")
        .expect_exactly(401, &json!({ "error": "Unauthorized" }));
}

fn an_expired_key_is_refused(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let body = json!({ "name": "old", "type": "private_key", "expires_at": "2020-01-01T00:00:00Z" });
    let key = new_key(&tenant.bare_session(), &tenant.environment_id, &body);
    tenant
        .api
        .with_key(&text(&key, "/api_key"))
        .get("/v1/customers")
        .expect_exactly(401, &json!({ "error": "Unauthorized" }));
}

fn a_key_stays_in_its_environment(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let environment = json!({ "name": "Staging", "type": "development" });
    let environment = tenant.bare_session().post("/v1/environments", &environment).expect(201);
    let staging = text(&environment, "/id");
    let customer = json!({ "external_id": "in-staging", "name": "Staging customer" });
    let created = tenant
        .bare_session()
        .with("x-environment-id", &staging)
        .post("/v1/customers", &customer)
        .expect(201);

    let crossing = tenant.api.with("x-environment-id", &staging);
    assert_eq!(crossing.get("/v1/customers").expect(200)["items"], json!([]));
    let path = format!("/v1/customers/{}", text(&created, "/id"));
    crossing.get(&path).expect_error(404, "not_found");
}

fn an_event_ingestor_may_only_ingest(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let ingestor = tenant.service_account("event_ingestor");
    ingestor
        .post("/v1/customers", &json!({ "external_id": "x", "name": "n" }))
        .expect_exactly(403, &json!({ "message": "insufficient permissions" }));
    let event = json!({ "event_name": "call", "external_customer_id": "x" });
    let accepted = ingestor.post("/v1/events", &event).expect(202);
    assert!(text(&accepted, "/event_id").starts_with("event_"));
}

fn another_tenants_records_do_not_exist(place: &Place) {
    let owner = Tenant::sign_up(&place.server().client());
    let stranger = Tenant::sign_up(&place.server().client());
    let id = text(&owner.customer("theirs", "Theirs"), "/id");
    let path = format!("/v1/customers/{id}");
    stranger.api.get(&path).expect_error(404, "not_found");
    stranger
        .api
        .put(&path, &json!({ "name": "Mine" }))
        .expect_error(404, "not_found");
    stranger.api.delete(&path).expect_error(404, "not_found");
    let lookup = stranger.api.get("/v1/customers/external/theirs");
    lookup.expect_error(404, "not_found");
    assert_eq!(stranger.api.get("/v1/customers").expect(200)["pagination"]["total"], 0);
    assert_eq!(text(&owner.api.get(&path).expect(200), "/name"), "Theirs");
}
