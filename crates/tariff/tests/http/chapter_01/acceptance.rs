//! Acceptance checks of chapter 01 that no other file holds: 7, 8, 9, 14, 15, 16. The rest: 1-2 `conventions`, 3-4 and
//! 13 `access`, 5-6, 10-12 and 17 `customers`, 8 `customer_vectors`, 18 `connections`.

use sea_orm::{ConnectionTrait, Database as Connections, Statement};
use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::server::Server;
use crate::support::tenant::{Tenant, new_key};

crate::tests!(
    a_customer_stays_while_it_is_subscribed,
    usage_takes_both_forms_of_a_list,
    an_update_is_recorded_as_one_event,
    a_setting_is_merged_and_reset,
    a_service_account_changes_no_setting,
    roles_change_only_without_live_keys,
);

fn a_customer_stays_while_it_is_subscribed(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let plan = text(
        &tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201),
        "/id",
    );
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": "10",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    });
    tenant.api.post("/v1/prices", &price).expect(201);
    for status in ["draft", "active"] {
        let path = format!("/v1/customers/{}", text(&tenant.customer(status, "n"), "/id"));
        let subscription = json!({
            "external_customer_id": status, "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "subscription_status": status, "collection_method": "send_invoice",
            "payment_behavior": "default_active",
        });
        let subscription = tenant.api.post("/v1/subscriptions", &subscription).expect(201);
        assert_eq!(subscription["subscription_status"], status);
        tenant.api.delete(&path).expect_error(400, "invalid_operation");
        // A draft is activated before it can be cancelled (spec 04 §4.10).
        if status == "active" {
            let cancel = format!("/v1/subscriptions/{}/cancel", text(&subscription, "/id"));
            let how = json!({ "cancellation_type": "immediate" });
            tenant.api.post(&cancel, &how).expect(200);
            tenant.api.delete(&path).expect(204);
        }
    }
}

fn usage_takes_both_forms_of_a_list(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let customer = text(&tenant.customer("x", "n"), "/id");
    let feature = |name: &str| {
        let body = json!({ "name": name, "type": "boolean" });
        text(&tenant.api.post("/v1/features", &body).expect(201), "/id")
    };
    let (first, second) = (feature("First"), feature("Second"));
    let usage = |query: String| {
        tenant
            .api
            .get(&format!("/v1/customers/usage?customer_id={customer}&{query}"))
            .expect(200)
    };
    let joined = usage(format!("feature_ids={first}%2C{second}"));
    assert_eq!(joined, usage(format!("feature_ids={first}&feature_ids={second}")));
}

fn an_update_is_recorded_as_one_event(place: &Place) {
    let folder = place.new_folder();
    let url = place.database_url();
    let server = Server::start(folder.path(), url.as_deref());
    let file = folder.path().join("data/tariff.db");
    let url = url.unwrap_or_else(|| format!("sqlite://{}", file.display()));
    let tenant = Tenant::sign_up(&server.client());
    let customer = text(&tenant.customer("x", "n"), "/id");
    let updated = tenant
        .api
        .put(&format!("/v1/customers/{customer}"), &json!({ "name": "n" }));
    updated.expect(200);
    // Deliveries are not served yet; they are made of these rows.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let names: Vec<String> = runtime.block_on(async {
        let connection = Connections::connect(url).await.unwrap();
        let query = format!("SELECT event_name FROM outbox WHERE entity_id = '{customer}' ORDER BY id");
        let statement = Statement::from_string(connection.get_database_backend(), query);
        let rows = connection.query_all_raw(statement).await.unwrap();
        connection.close().await.unwrap();
        rows.iter().map(|row| row.try_get("", "event_name").unwrap()).collect()
    });
    assert_eq!(names, ["customer.created", "customer.updated"]);
    server.stop();
}

fn a_setting_is_merged_and_reset(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let session = tenant.session();
    let path = "/v1/settings/invoice_config";
    let fresh = session.get(path).expect(200);
    let defaults = json!({
        "prefix": "INV", "format": "YYYYMM", "start_sequence": 1, "timezone": "UTC", "separator": "-",
        "suffix_length": 5, "due_date_days": 1, "finalization_delay_seconds": 7200,
    });
    assert_eq!((&fresh["id"], &fresh["value"]), (&json!(""), &defaults));
    assert_eq!(fresh["created_at"], "0001-01-01T00:00:00Z");
    session.put(path, &json!({})).expect_error(400, "validation_error");
    let put = |value: Value| session.put(path, &json!({ "value": value })).expect(200);
    let mut expected = defaults.clone();
    expected["prefix"] = json!("AC");
    assert_eq!(put(json!({ "prefix": "AC" }))["value"], expected);
    put(json!({ "separator": "", "finalization_delay_seconds": 0 }));
    expected["separator"] = json!("");
    expected["finalization_delay_seconds"] = json!(0);
    assert_eq!(session.get(path).expect(200)["value"], expected);
    session
        .delete(path)
        .expect_exactly(200, &json!({ "message": "Setting deleted successfully" }));
    assert_eq!(session.get(path).expect(200), fresh);
    session.delete(path).expect_error(404, "not_found");
}

fn a_service_account_changes_no_setting(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let account = tenant.service_account("super_admin");
    let refused = json!({ "message": "This action requires a user account with Super Admin access" });
    account
        .put("/v1/settings/x", &json!({ "value": {} }))
        .expect_exactly(403, &refused);
    account.delete("/v1/settings/x").expect_exactly(403, &refused);
}

fn roles_change_only_without_live_keys(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let email = format!("colleague-{}", tenant.email);
    let invitation = json!({ "type": "user", "email": email, "roles": ["all_writer"] });
    let colleague = tenant.session().post("/v1/users", &invitation).expect(201);
    let login = json!({ "email": email, "password": colleague["password"] });
    let answer = tenant
        .api
        .without_credentials()
        .post("/v1/auth/login", &login)
        .expect(200);
    let session = tenant.api.with_token(&text(&answer, "/token"));
    let key = json!({ "name": "theirs", "type": "private_key" });
    let key = new_key(&session, &tenant.environment_id, &key);

    let readers = json!({ "roles": ["all_reader"] });
    let path = format!("/v1/users/{}/roles", text(&colleague, "/id"));
    let details = tenant
        .session()
        .put(&path, &readers)
        .expect_error(400, "validation_error");
    assert_eq!(details["active_api_key_count"], 1);
    let own = format!("/v1/users/{}/roles", tenant.user_id);
    tenant
        .session()
        .put(&own, &readers)
        .expect_error(403, "permission_denied");

    let revoke = format!("/v1/secrets/api/keys/{}", text(&key, "/secret/id"));
    tenant.session().delete(&revoke).expect(204);
    let changed = tenant.session().put(&path, &readers).expect(200);
    assert_eq!(changed["roles"], json!(["all_reader"]));
    // A session follows the roles at once.
    session
        .put("/v1/users/me", &json!({}))
        .expect_exactly(403, &json!({ "message": "insufficient permissions" }));
}
