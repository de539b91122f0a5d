//! What an invoice charges beyond grants (spec 03 §5.11).

use serde_json::{Value, json};

use super::{Shop, grant, line, shop_with_two_prices, window, with};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    a_day_beyond_its_quota_is_billed,
    additive_quotas_add_up,
    parallel_grants_bill_their_overlap_once,
    a_grant_may_count_money,
    a_grant_may_come_with_an_addon,
    tiered_prices_and_other_meters_fall_back_to_the_plain_allowance,
    a_commitment_comes_after_units_and_instead_of_money,
    successive_prices_use_a_grant_up_once,
    configurations_that_cannot_work_are_refused,
);

fn a_day_beyond_its_quota_is_billed(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&grant("100", "day", 1));
    let subscription = shop.subscribe();
    // Grants open with their first usage and last 24 hours.
    shop.using(&[
        ("2024-01-03T10:00:00Z", 90),
        ("2024-01-04T09:59:59.999Z", 60),
        ("2024-01-04T10:00:00Z", 100),
        ("2024-01-20T12:00:00Z", 30),
    ]);
    assert_eq!(shop.preview(&subscription), [line("50", "230", "5")]);
    assert_eq!(shop.windows(), [], "a preview was kept");
    assert_eq!(shop.billed(&subscription), [line("50", "230", "5")]);
    assert_eq!(
        shop.windows(),
        [
            window("2024-01-03T10:00:00Z", "2024-01-04T10:00:00Z", "150", "exhausted"),
            window("2024-01-04T10:00:00Z", "2024-01-05T10:00:00Z", "100", "exhausted"),
            window("2024-01-20T12:00:00Z", "2024-01-21T12:00:00Z", "30", "active"),
        ]
    );
}

fn additive_quotas_add_up(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&grant("100", "day", 1));
    let second = shop.tenant.api.post(
        "/v1/features",
        &json!({
            "name": "Same", "type": "metered", "meter_id": shop.meter_id,
        }),
    );
    let second = text(&second.expect(201), "/id");
    let subscription = shop.subscribe();
    // Of one feature the quotas are one slot's; a subscription's own entitlement adds to the plan's.
    let own = with(
        grant("30", "day", 1),
        &json!({
            "entity_type": "SUBSCRIPTION", "entity_id": subscription, "feature_id": shop.feature_id,
            "feature_type": "metered",
        }),
    );
    shop.tenant.api.post("/v1/entitlements", &own).expect(201);
    shop.using(&[("2024-01-03T10:00:00Z", 150)]);
    assert_eq!(shop.billed(&subscription), [line("20", "130", "2")]);
    let other = json!({ "feature_id": second });
    shop.try_include(&with(grant("5", "week", 1), &other)).expect(201);
}

/// Once the small quota is reached, everything up to the end of its window is billed; the same usage is not billed again
/// for the large one.
fn parallel_grants_bill_their_overlap_once(place: &Place) {
    let shop = Shop::open(place);
    let parallel = json!({ "aggregation_mode": "parallel" });
    shop.include(&with(grant("10", "hour", 6), &parallel));
    shop.include(&with(grant("100", "day", 1), &parallel));
    let subscription = shop.subscribe();
    shop.using(&[
        // Six hours from 00:00, crossed at 01:00: 20 at 02:00 and 70 at 03:00 are billed.
        ("2024-01-03T00:00:00Z", 5),
        ("2024-01-03T01:00:00Z", 5),
        ("2024-01-03T02:00:00Z", 20),
        // The day is crossed here, until midnight.
        ("2024-01-03T03:00:00Z", 70),
        // In no window of six hours until now; in the day beyond its quota.
        ("2024-01-03T08:00:00Z", 7),
        // Nothing is reached.
        ("2024-01-05T08:00:00Z", 9),
    ]);
    assert_eq!(shop.preview(&subscription), [line("97", "19", "9.7")]);
    assert_eq!(shop.billed(&subscription), [line("97", "19", "9.7")]);
    assert_eq!(
        shop.windows(),
        [
            window("2024-01-03T00:00:00Z", "2024-01-03T06:00:00Z", "100", "exhausted"),
            window("2024-01-03T00:00:00Z", "2024-01-04T00:00:00Z", "107", "exhausted"),
            window("2024-01-03T08:00:00Z", "2024-01-03T14:00:00Z", "7", "active"),
            window("2024-01-05T08:00:00Z", "2024-01-05T14:00:00Z", "9", "active"),
            window("2024-01-05T08:00:00Z", "2024-01-06T08:00:00Z", "9", "active"),
        ]
    );
}

fn a_grant_may_count_money(place: &Place) {
    let shop = Shop::open(place);
    shop.include(&with(grant("5.5", "day", 1), &json!({ "grant_measure": "amount" })));
    let subscription = shop.subscribe();
    shop.using(&[
        ("2024-01-03T10:00:00Z", 40),
        ("2024-01-03T11:00:00Z", 30),
        ("2024-01-05T10:00:00Z", 50),
    ]);
    // 70 units cost 7.00, of which 5.50 are included; 50 units cost 5.00.
    assert_eq!(shop.billed(&subscription), [line("0", "120", "1.5")]);
    assert_eq!(
        shop.windows(),
        [
            window("2024-01-03T10:00:00Z", "2024-01-04T10:00:00Z", "7", "exhausted"),
            window("2024-01-05T10:00:00Z", "2024-01-06T10:00:00Z", "5", "active"),
        ]
    );
}

fn a_grant_may_come_with_an_addon(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let addon = text(
        &api.post("/v1/addons", &json!({ "name": "Boost", "lookup_key": "boost" }))
            .expect(201),
        "/id",
    );
    let fee = json!({
        "entity_type": "ADDON", "entity_id": addon, "type": "FIXED", "meter_id": "", "invoice_cadence": "ARREAR",
        "billing_model": "FLAT_FEE", "amount": "1",
    });
    shop.price(&fee);
    let owner = json!({ "plan_id": "", "entity_type": "ADDON", "entity_id": addon });
    shop.include(&with(grant("100", "day", 1), &owner));
    let subscription = shop.subscribe_with("UTC", &json!({ "addons": [{ "addon_id": addon }] }));
    shop.using(&[("2024-01-03T10:00:00Z", 90), ("2024-01-03T11:00:00Z", 60)]);
    shop.tenant.set_clock("2024-01-05T00:00:00Z");
    let day = window("2024-01-03T10:00:00Z", "2024-01-04T10:00:00Z", "150", "exhausted");
    assert_eq!(shop.windows(), [day]);
    let billed = shop.billed(&subscription);
    assert!(billed.contains(&line("50", "100", "5")), "{billed:?}");
    assert!(billed.contains(&line("1", "-", "1")), "{billed:?}");
}

fn tiered_prices_and_other_meters_fall_back_to_the_plain_allowance(place: &Place) {
    let usage = [("2024-01-03T10:00:00Z", 150), ("2024-01-04T12:00:00Z", 150)];
    let limited = with(grant("100", "day", 1), &json!({ "usage_limit": 120 }));
    let shop = Shop::without_price(place, &json!({ "type": "SUM", "field": "n" }));
    shop.price(&json!({
        "billing_model": "TIERED", "tier_mode": "SLAB",
        "tiers": [{ "up_to": 100, "unit_amount": "0.10" }, { "unit_amount": "0.05" }],
    }));
    shop.include(&limited);
    let subscription = shop.subscribe();
    shop.using(&usage);
    assert_eq!(shop.billed(&subscription), [line("180", "120", "14")]);

    let shop = Shop::measuring(place, &json!({ "type": "COUNT_UNIQUE", "field": "n" }));
    shop.include(&with(grant("1", "day", 1), &json!({ "usage_limit": 0 })));
    let subscription = shop.subscribe();
    shop.using(&[
        ("2024-01-03T10:00:00Z", 1),
        ("2024-01-03T11:00:00Z", 2),
        ("2024-01-03T12:00:00Z", 3),
    ]);
    assert_eq!(shop.billed(&subscription), [line("3", "0", "0.3")]);
}

/// 10.00 are committed, and what exceeds them costs twice as much.
fn a_commitment_comes_after_units_and_instead_of_money(place: &Place) {
    for (measure, expected) in [
        // 150 units are left of a day's 250: 15.00.
        ("quantity", line("150", "100", "20")),
        // The grant is ignored; the plain allowance leaves 200 units: 20.00.
        ("amount", line("200", "50", "30")),
    ] {
        let shop = Shop::without_price(place, &json!({ "type": "SUM", "field": "n" }));
        let price = shop.price(&json!({ "billing_model": "FLAT_FEE", "amount": "0.10" }));
        shop.include(&with(
            grant("100", "day", 1),
            &json!({ "grant_measure": measure, "usage_limit": 50 }),
        ));
        let promise = json!({ "commitment_amount": "10", "overage_factor": "2" });
        let subscription = shop.subscribe_with("UTC", &json!({ "line_item_commitments": { price: promise } }));
        shop.using(&[("2024-01-03T10:00:00Z", 250)]);
        assert_eq!(shop.billed(&subscription), [expected], "{measure}");
    }
}

fn successive_prices_use_a_grant_up_once(place: &Place) {
    let usage = [("2024-01-16T10:00:00Z", 90), ("2024-01-16T14:00:00Z", 60)];
    let shop = shop_with_two_prices(place);
    shop.include(&grant("100", "day", 1));
    let subscription = shop.subscribe();
    shop.using(&usage);
    assert_eq!(
        shop.billed(&subscription),
        [line("0", "90", "0"), line("50", "10", "10")]
    );
    // The same in money: 9.00 of 10.00 are spent before the change, 12.00 after it.
    let shop = shop_with_two_prices(place);
    shop.include(&with(grant("10", "day", 1), &json!({ "grant_measure": "amount" })));
    let subscription = shop.subscribe();
    shop.using(&usage);
    assert_eq!(
        shop.billed(&subscription),
        [line("0", "90", "0"), line("0", "60", "11")]
    );
}

fn configurations_that_cannot_work_are_refused(place: &Place) {
    let refused = |shop: &Shop, members: &Value| {
        shop.try_include(members).expect_error(400, "validation_error");
    };
    let daily = grant("100", "day", 1);
    for aggregation in [
        json!({ "type": "MAX", "field": "n" }),
        json!({ "type": "SUM", "field": "n", "bucket_size": "HOUR" }),
    ] {
        refused(&Shop::without_price(place, &aggregation), &daily);
    }
    let shop = Shop::without_price(place, &json!({ "type": "SUM", "field": "n" }));
    shop.price(&json!({ "billing_model": "TIERED", "tier_mode": "VOLUME", "tiers": [{ "unit_amount": "1" }] }));
    refused(&shop, &with(daily.clone(), &json!({ "grant_measure": "amount" })));
    // What another grant of the feature rules out, whoever owns it.
    let first = shop.include(&daily);
    let plan = shop
        .tenant
        .api
        .post("/v1/plans", &json!({ "name": "Other" }))
        .expect(201);
    let on_other = |members: Value| with(with(daily.clone(), &json!({ "plan_id": plan["id"] })), &members);
    for members in [
        json!({ "grant_duration_value": 2 }),
        json!({ "grant_duration_unit": "week" }),
        json!({ "grant_measure": "amount" }),
        json!({ "aggregation_mode": "parallel" }),
    ] {
        refused(&shop, &on_other(members));
    }
    shop.try_include(&on_other(json!({ "grant_quota": "7" }))).expect(201);
    let path = format!("/v1/entitlements/{}", text(&first, "/id"));
    for members in [
        json!({ "grant_duration_value": 0 }),
        json!({ "grant_quota": "0" }),
        json!({ "grant_quota": "12345678901" }),
        json!({ "grant_measure": "units" }),
        json!({ "grant_duration_unit": "subscription_period" }),
        json!({ "grant_duration_unit": "week" }),
        json!({ "aggregation_mode": "parallel" }),
    ] {
        shop.tenant
            .api
            .put(&path, &members)
            .expect_error(400, "validation_error");
    }
    let stored = shop.tenant.api.get(&path).expect(200);
    assert_eq!(stored["grant_quota"], "100");
    assert_eq!(stored["grant_duration_unit"], "day");
}
