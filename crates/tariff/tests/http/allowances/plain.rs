//! Allowances without grants: a limit a reset period (spec 03 §5.10).

use serde_json::json;

use super::{JANUARY, Shop, charge, line, shop_with_two_prices};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    successive_prices_use_an_allowance_up_once,
    parallel_prices_have_an_allowance_each,
    an_allowance_that_never_resets_counts_once,
    two_features_of_a_meter_add_up,
    days_of_an_allowance_are_local,
    three_months_at_a_time_include_three_monthly_limits,
    a_short_first_period_includes_its_share,
);

fn successive_prices_use_an_allowance_up_once(place: &Place) {
    for (reset, expected) in [
        ("MONTHLY", [line("0", "90", "0"), line("120", "10", "24")]),
        // Only the day of the change is shared.
        ("DAILY", [line("0", "90", "0"), line("50", "80", "10")]),
        ("NEVER", [line("0", "90", "0"), line("120", "10", "24")]),
    ] {
        let shop = shop_with_two_prices(place);
        shop.include(&json!({ "usage_limit": 100, "usage_reset_period": reset }));
        let subscription = shop.subscribe();
        shop.using(&[
            ("2024-01-16T10:00:00Z", 90),
            ("2024-01-16T14:00:00Z", 60),
            ("2024-01-17T10:00:00Z", 70),
        ]);
        assert_eq!(shop.billed(&subscription), expected, "{reset}");
    }
}

fn parallel_prices_have_an_allowance_each(place: &Place) {
    let shop = Shop::open(place);
    shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.20" }));
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "MONTHLY" }));
    let subscription = shop.subscribe();
    shop.using(&[("2024-01-16T10:00:00Z", 150)]);
    assert_eq!(
        shop.billed(&subscription),
        [line("50", "100", "5"), line("50", "100", "10")]
    );
}

fn an_allowance_that_never_resets_counts_once(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "NEVER" }));
    let subscription = shop.subscribe();
    shop.using(&[("2024-01-16T10:00:00Z", 90), ("2024-02-16T10:00:00Z", 30)]);
    assert_eq!(
        shop.billed(&subscription),
        [] as [(String, String, String); 0],
        "nothing is owed"
    );
    shop.tenant.set_clock("2024-03-02T00:00:00Z");
    let filter = json!({ "subscription_id": subscription, "order": "desc" });
    let invoices = shop.tenant.api.post("/v1/invoices/search", &filter).expect(200);
    let lines = invoices["items"][0]["line_items"].as_array().unwrap();
    assert_eq!(charge(&lines[0]), line("20", "10", "2"));
}

fn two_features_of_a_meter_add_up(place: &Place) {
    let shop = Shop::open(place);
    let second = json!({ "name": "Same", "type": "metered", "meter_id": shop.meter_id });
    let second = shop.tenant.api.post("/v1/features", &second).expect(201);
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "MONTHLY" }));
    shop.include(&json!({ "usage_limit": 20, "usage_reset_period": "MONTHLY", "feature_id": second["id"] }));
    let subscription = shop.subscribe();
    shop.using(&[("2024-01-16T10:00:00Z", 150)]);
    assert_eq!(shop.billed(&subscription), [line("30", "120", "3")]);
}

fn days_of_an_allowance_are_local(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "DAILY" }));
    let subscription = shop.subscribe_in("Asia/Kolkata");
    // 18:00 and 19:00 UTC are 23:30 and 00:30 of the next day.
    shop.using(&[("2024-01-16T18:00:00Z", 90), ("2024-01-16T19:00:00Z", 90)]);
    assert_eq!(shop.preview(&subscription), [line("0", "180", "0")]);
    shop.using(&[("2024-01-17T18:00:00Z", 30)]);
    assert_eq!(shop.preview(&subscription), [line("20", "190", "2")]);
}

/// What is billed at a time is no month: each month has its limit, and the usage shown is the month's, too.
fn three_months_at_a_time_include_three_monthly_limits(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "MONTHLY" }));
    let subscription = shop.subscribe_with("UTC", &json!({ "billing_period_count": 3 }));
    shop.using(&[
        ("2024-01-16T10:00:00Z", 90),
        ("2024-02-16T10:00:00Z", 120),
        ("2024-03-16T10:00:00Z", 130),
    ]);
    assert_eq!(shop.preview(&subscription), [line("50", "290", "5")]);
    shop.tenant.set_clock("2024-02-20T00:00:00Z");
    let usage = shop.tenant.api.get("/v1/customers/usage?customer_lookup_key=acme");
    let usage = usage.expect(200);
    assert_eq!(usage["features"][0]["current_usage"], "120");
    assert_eq!(usage["features"][0]["next_usage_reset_at"], "2024-03-01T00:00:00Z");
}

/// A calendar month that is joined on its eleventh day includes 21 of 31 parts of the limit, and its successor all of it.
fn a_short_first_period_includes_its_share(place: &Place) {
    let shop = Shop::open(place);
    shop.tenant.set_clock("2024-01-11T00:00:00Z");
    let included = shop.include(&json!({ "usage_limit": 100, "usage_reset_period": "MONTHLY" }));
    let unlimited = json!({ "name": "Other", "event_name": "other", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD" });
    let unlimited = json!({ "name": "Other", "type": "metered", "meter": unlimited });
    let unlimited = shop.tenant.api.post("/v1/features", &unlimited).expect(201);
    shop.include(&json!({ "feature_id": unlimited["id"] }));
    shop.tenant.customer("acme", "Acme");
    let subscription = json!({
        "external_customer_id": "acme", "plan_id": shop.plan_id, "currency": "usd",
        "start_date": "2024-01-11T00:00:00Z", "billing_period": "MONTHLY", "billing_period_count": 1,
        "billing_cycle": "calendar", "proration_behavior": "create_prorations",
        "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    let subscription = text(
        &shop.tenant.api.post("/v1/subscriptions", &subscription).expect(201),
        "/id",
    );
    let own = json!({ "entity_ids": [subscription] });
    let own = shop.tenant.api.post("/v1/entitlements/search", &own).expect(200);
    assert_eq!(own["items"].as_array().unwrap().len(), 1, "{own}");
    let own = &own["items"][0];
    assert_eq!(
        (&own["usage_limit"], &own["parent_entitlement_id"]),
        (&json!(68), &included["id"])
    );
    assert_eq!(
        (&own["start_date"], &own["end_date"]),
        (&json!("2024-01-11T00:00:00Z"), &json!(JANUARY.1))
    );
    shop.using(&[("2024-01-16T10:00:00Z", 100), ("2024-02-16T10:00:00Z", 110)]);
    assert_eq!(shop.billed(&subscription), [line("32", "68", "3.2")]);
    assert_eq!(shop.preview(&subscription), [line("10", "100", "1")]);
}
