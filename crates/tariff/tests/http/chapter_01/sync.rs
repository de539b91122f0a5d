//! Pushing and pulling one entity (spec 01 B2; spec 07 §3.4, §4.11).

use serde_json::{Value, json};

use crate::support::client::{Reply, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_provider_that_is_not_built_is_said_to_be,
    an_invoice_that_nobody_owes_is_not_pushed,
);

fn sync(tenant: &Tenant, body: &Value) -> Reply {
    tenant.api.post("/v1/integrations/sync", body)
}

fn connect(tenant: &Tenant, provider: &str, credentials: &Value) {
    let body = json!({ "name": provider, "provider_type": provider, "encrypted_secret_data": credentials });
    tenant.api.post("/v1/connections", &body).expect(201);
}

fn a_provider_that_is_not_built_is_said_to_be(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let customer = text(&tenant.customer("x", "n"), "/id");
    let push = json!({ "entity_type": "customer", "entity_id": customer });
    let done = json!({ "message": "integration sync triggered successfully" });
    sync(&tenant, &push).expect_exactly(200, &done);
    // Storage has nothing to do with customers, and Moyasar takes invoices only.
    connect(
        &tenant,
        "s3",
        &json!({ "aws_access_key_id": "a", "aws_secret_access_key": "s" }),
    );
    connect(&tenant, "moyasar", &json!({ "secret_key": "s" }));
    sync(&tenant, &push).expect_exactly(200, &done);
    connect(&tenant, "tabs", &json!({ "api_key": "s" }));
    let details = sync(&tenant, &push).expect_error(501, "not_implemented");
    assert_eq!(details["provider_type"], "tabs");
    // A customer is pushed whatever is asked for.
    let pull = json!({ "entity_type": "customer", "entity_id": customer, "method": "pull" });
    sync(&tenant, &pull).expect_error(501, "not_implemented");
    let unknown = json!({ "entity_type": "customer", "entity_id": "nobody" });
    sync(&tenant, &unknown).expect_error(404, "not_found");
}

fn an_invoice_that_nobody_owes_is_not_pushed(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    tenant.set_clock("2024-01-01T00:00:00Z");
    tenant.customer("x", "n");
    let plan = text(
        &tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201),
        "/id",
    );
    for cadence in ["ADVANCE", "ARREAR"] {
        let price = json!({
            "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": "10",
            "billing_model": "FLAT_FEE", "invoice_cadence": cadence, "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        tenant.api.post("/v1/prices", &price).expect(201);
    }
    let subscription = json!({
        "external_customer_id": "x", "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
        "billing_period_count": 1, "billing_cycle": "anniversary", "start_date": "2024-01-01T00:00:00Z",
        "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    tenant.api.post("/v1/subscriptions", &subscription).expect(201);
    // The second month's invoice is a draft that waits for late events.
    tenant.set_clock("2024-02-01T00:05:00Z");
    let invoices = tenant.api.get("/v1/invoices?limit=10").expect(200);
    let of_status = |status: &str| {
        let items = invoices["items"].as_array().unwrap();
        let found = items.iter().find(|invoice| invoice["invoice_status"] == status);
        text(found.unwrap_or_else(|| panic!("no {status} in {invoices}")), "/id")
    };
    let push = |id: &str| json!({ "entity_type": "invoice", "entity_id": id });
    let details = sync(&tenant, &push(&of_status("DRAFT"))).expect_error(400, "invalid_operation");
    assert_eq!(details["invoice_status"], "DRAFT");
    sync(&tenant, &push(&of_status("FINALIZED"))).expect(200);
    connect(&tenant, "tabs", &json!({ "api_key": "s" }));
    sync(&tenant, &push(&of_status("FINALIZED"))).expect_error(501, "not_implemented");
    // What Tabs has of an invoice is never fetched, so pulling is nobody's task; nor need there be anything to push.
    for status in ["DRAFT", "FINALIZED"] {
        let pull = json!({ "entity_type": "invoice", "entity_id": of_status(status), "method": "pull" });
        sync(&tenant, &pull).expect(200);
    }
}
