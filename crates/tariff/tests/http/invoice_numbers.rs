//! Invoice numbers at the bounds of the setting (spec 01 B8 `invoice_config`, spec 05 §5.11).

use serde_json::json;

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(the_longest_numbers_are_stored_and_go_on);

fn the_longest_numbers_are_stored_and_go_on(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    // Four bytes each, so that nothing takes more room.
    let (prefix, separator) = ("𝓟".repeat(100), "𝓢".repeat(100));
    let bounds = json!({
        "prefix": prefix, "separator": separator, "start_sequence": 1_000_000_000_000_000_i64, "suffix_length": 10,
        "format": "YYYYMMDD", "due_date_days": 36_500, "finalization_delay_seconds": 0,
    });
    tenant
        .session()
        .put("/v1/settings/invoice_config", &json!({ "value": bounds }))
        .expect(200);
    tenant.set_clock("2027-01-01T00:00:00Z");
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
    for customer in ["first", "second"] {
        tenant.customer(customer, "N");
        let subscription = json!({
            "external_customer_id": customer, "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        tenant.api.post("/v1/subscriptions", &subscription).expect(201);
    }
    let invoices = tenant.api.get("/v1/invoices?order=asc").expect(200);
    let number = |sequence: u64| format!("{prefix}{separator}20270101{separator}{sequence}");
    assert_eq!(
        text(&invoices, "/items/0/invoice_number"),
        number(1_000_000_000_000_000)
    );
    assert_eq!(
        text(&invoices, "/items/1/invoice_number"),
        number(1_000_000_000_000_001)
    );
    assert_eq!(text(&invoices, "/items/0/due_date"), "2127-01-08T00:00:00Z");
}
