//! The audit log on every database: it commits with the change, cannot be changed, and shows records as the API does.

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    an_entry_shows_the_record_as_the_api_does,
    a_subscription_and_its_invoices_leave_entries,
    entries_are_paged_and_sorted,
    what_is_refused_leaves_no_entry,
);

const LOG: &str = "/v1/audit-logs";

fn tenant(place: &Place) -> Tenant {
    Tenant::sign_up(&place.server().client())
}

fn entries(tenant: &Tenant, query: &str) -> Vec<Value> {
    let log = tenant
        .api
        .get(&format!("{LOG}?order=asc&limit=1000&{query}"))
        .expect(200);
    log["items"].as_array().unwrap().clone()
}

/// A document without members that have no value, as answers leave them out.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let filled = members.iter().filter(|(_, member)| !member.is_null());
            Value::Object(
                filled
                    .map(|(name, member)| (name.clone(), without_nulls(member)))
                    .collect(),
            )
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        other => other.clone(),
    }
}

/// Every member of the entry's state is the answer's, but those that have no value.
#[track_caller]
fn shows(state: &Value, answer: &Value) {
    for (name, value) in state.as_object().unwrap() {
        let value = &without_nulls(value);
        let shown = &without_nulls(answer.get(name).unwrap_or(&Value::Null));
        // Some answers show what has no value as an empty text or a zero.
        let blank = value.is_null() || *value == "";
        assert!(
            shown == value || (blank && (shown.is_null() || *shown == "" || *shown == "0")),
            "{name} is {value} in the log and {shown} in the answer {answer}"
        );
    }
}

fn an_entry_shows_the_record_as_the_api_does(place: &Place) {
    let tenant = tenant(place);
    let plan = tenant
        .api
        .post("/v1/plans", &json!({ "name": "Pro", "metadata": { "a": "1" } }))
        .expect(201);
    let plan_id = text(&plan, "/id");
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan_id, "currency": "usd", "type": "USAGE", "billing_model": "TIERED",
        "tier_mode": "SLAB", "invoice_cadence": "ARREAR", "price_unit_type": "FIAT", "billing_period": "MONTHLY",
        "billing_period_count": 1, "tiers": [{ "up_to": 100, "unit_amount": "0.10" }, { "unit_amount": "0.05" }],
    });
    let counter = json!({
        "name": "Calls", "event_name": "call", "aggregation": { "type": "SUM", "field": "n" },
        "reset_usage": "BILLING_PERIOD",
    });
    let feature = json!({ "name": "Calls", "type": "metered", "meter": counter });
    let feature = tenant.api.post("/v1/features", &feature).expect(201);
    let meter_id = text(&feature, "/meter_id");
    let mut price = price;
    price["meter_id"] = json!(meter_id);
    let coupon = json!({
        "name": "Spring", "type": "percentage", "cadence": "forever", "percentage_off": "12.50",
        "redeem_after": "2024-01-01T00:00:00Z",
    });
    let rate = json!({ "name": "VAT", "code": "vat", "tax_rate_type": "percentage", "percentage_value": "19.50" });
    let unit = json!({
        "name": "Credit", "code": "CRD", "symbol": "c", "base_currency": "usd", "conversion_rate": "0.010",
    });
    let group = json!({ "name": "G", "entity_type": "price", "lookup_key": "g" });
    let records = [
        ("plan", plan, "/v1/plans"),
        ("feature", feature, "/v1/features"),
        (
            "meter",
            tenant.api.get(&format!("/v1/meters/{meter_id}")).expect(200),
            "/v1/meters",
        ),
        ("customer", tenant.customer("acme", "Acme"), "/v1/customers"),
        (
            "coupon",
            tenant.api.post("/v1/coupons", &coupon).expect(201),
            "/v1/coupons",
        ),
        ("price", tenant.api.post("/v1/prices", &price).expect(201), "/v1/prices"),
        (
            "tax_rate",
            tenant.api.post("/v1/taxes/rates", &rate).expect(201),
            "/v1/taxes/rates",
        ),
        (
            "price_unit",
            tenant.api.post("/v1/prices/units", &unit).expect(201),
            "/v1/prices/units",
        ),
        ("group", tenant.api.post("/v1/groups", &group).expect(201), "/v1/groups"),
    ];
    for (kind, created, path) in records {
        let id = text(&created, "/id");
        let found = entries(&tenant, &format!("entity_type={kind}&entity_id={id}"));
        let [entry] = found.as_slice() else {
            panic!("{} entries for {kind} {id}", found.len());
        };
        assert_eq!((&entry["action"], &entry["before"]), (&json!("created"), &Value::Null));
        let read = tenant.api.get(&format!("{path}/{id}")).expect(200);
        let mut state = entry["after"].clone();
        // Groups and tax rates do not show whose they are.
        for hidden in ["tenant_id", "environment_id", "created_by", "updated_by"] {
            if read.get(hidden).is_none() {
                state.as_object_mut().unwrap().remove(hidden);
            }
        }
        shows(&state, &read);
    }
}

fn a_subscription_and_its_invoices_leave_entries(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-01T00:00:00Z");
    let plan = text(
        &tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201),
        "/id",
    );
    let fee = json!({
        "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": "10",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    });
    tenant.api.post("/v1/prices", &fee).expect(201);
    tenant.customer("acme", "Acme");
    let subscription = json!({
        "external_customer_id": "acme", "plan_id": plan, "currency": "usd", "start_date": "2024-01-01T00:00:00Z",
        "billing_period": "MONTHLY", "billing_period_count": 1, "billing_cycle": "calendar",
        "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    let subscription = tenant.api.post("/v1/subscriptions", &subscription).expect(201);
    let id = text(&subscription, "/id");
    let created = entries(&tenant, &format!("entity_id={id}"));
    assert_eq!(created.len(), 1, "one transaction, one entry: {created:?}");
    assert_eq!(
        created[0]["after"]["subscription_status"],
        subscription["subscription_status"]
    );
    assert_eq!(created[0]["effective_at"], "2024-01-01T00:00:00Z");
    assert_ne!(created[0]["created_at"], "2024-01-01T00:00:00Z");
    assert_eq!(entries(&tenant, "entity_type=subscription_line_item").len(), 1);
    let invoices = entries(&tenant, "entity_type=invoice").len();

    // Time passes: the worker's deeds are the worker's.
    tenant.set_clock("2024-02-03T00:00:00Z");
    let renewed = entries(&tenant, &format!("entity_id={id}&actor_type=worker"));
    assert_eq!(renewed.len(), 1, "{renewed:?}");
    assert_eq!(renewed[0]["before"]["current_period_start"], "2024-01-01T00:00:00Z");
    assert_eq!(renewed[0]["after"]["current_period_start"], "2024-02-01T00:00:00Z");
    assert!(entries(&tenant, "entity_type=invoice").len() > invoices);
    assert!(entries(&tenant, "entity_type=invoice_line_item").is_empty());
}

fn entries_are_paged_and_sorted(place: &Place) {
    let tenant = tenant(place);
    for number in 0..7 {
        tenant.customer(&format!("c{number}"), "n");
    }
    let mut seen = Vec::new();
    let mut offset = 0;
    loop {
        let page = tenant
            .api
            .get(&format!("{LOG}?entity_type=customer&limit=3&offset={offset}"))
            .expect(200);
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|entry| text(entry, "/after/external_id")));
        offset = page["pagination"]["offset"].as_u64().unwrap();
        if offset >= page["pagination"]["total"].as_u64().unwrap() {
            break;
        }
    }
    assert_eq!(seen, ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]);
}

fn what_is_refused_leaves_no_entry(place: &Place) {
    let tenant = tenant(place);
    tenant.customer("acme", "Acme");
    let count = || entries(&tenant, "").len();
    let before = count();
    let taken = json!({ "external_id": "acme", "name": "Acme" });
    tenant
        .api
        .post("/v1/customers", &taken)
        .expect_error(409, "already_exists");
    tenant
        .api
        .delete("/v1/customers/cust_none")
        .expect_error(404, "not_found");
    assert_eq!(count(), before);
}
