//! Values at a limit, which are taken, and one past it, which are not.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::stock::{Stock, chars, custom, price_tiers};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(members_take_what_their_limits_allow_and_no_more,);

/// Of each member a value at its limit, which is taken, and one past it, which is not.
fn members_take_what_their_limits_allow_and_no_more(place: &Place) {
    let stock = Stock::open(place);
    let repeated = |periods: i64| json!({ "cadence": "repeated", "duration_in_periods": periods });
    let fixed_coupon = |amount: &str| json!({ "type": "fixed", "percentage_off": null, "amount_off": amount });
    let fixed_tax = |value: &str| json!({ "tax_rate_type": "fixed", "percentage_value": null, "fixed_value": value });
    let tier = |member: &str, value: Value| {
        let mut tier = json!({ "unit_amount": "1" });
        tier[member] = value;
        price_tiers(&json!([tier]))
    };
    let tiers = |count: usize| {
        let tier = |up_to| json!({ "unit_amount": "1", "up_to": up_to });
        price_tiers(&(1..=count).map(tier).collect())
    };
    let package =
        |divide_by: i64| json!({ "billing_model": "PACKAGE", "transform_quantity": { "divide_by": divide_by } });
    let unit_amount = |amount: &str| custom(&json!({ "price_unit": "CRD", "amount": amount }));
    let grant = |quota: &str, duration: i64| {
        json!({
            "grant_measure": "quantity", "grant_quota": quota, "grant_duration_unit": "day",
            "grant_duration_value": duration, "aggregation_mode": "parallel",
        })
    };
    let one = |member: &str, value: Value| Value::Object(Map::from_iter([(member.to_owned(), value)]));
    let mut table: Vec<(&str, &str, Value, Value)> = vec![
        (
            "/v1/prices",
            "amount",
            one("amount", json!("0")),
            one("amount", json!("-0.000000000000001")),
        ),
        (
            "/v1/prices",
            "amount",
            one("amount", json!("9999999999.999999999999999")),
            one("amount", json!("10000000000")),
        ),
        (
            "/v1/prices",
            "billing_period_count",
            one("billing_period_count", json!(1)),
            one("billing_period_count", json!(0)),
        ),
        (
            "/v1/prices",
            "billing_period_count",
            one("billing_period_count", json!(1200)),
            one("billing_period_count", json!(1201)),
        ),
        (
            "/v1/prices",
            "trial_period_days",
            one("trial_period_days", json!(0)),
            one("trial_period_days", json!(-1)),
        ),
        (
            "/v1/prices",
            "trial_period_days",
            one("trial_period_days", json!(36500)),
            one("trial_period_days", json!(36501)),
        ),
        (
            "/v1/prices",
            "transform_quantity",
            one("transform_quantity", json!({ "divide_by": 1 })),
            one("transform_quantity", json!({ "divide_by": 0 })),
        ),
        ("/v1/prices", "tiers", tiers(1000), tiers(1001)),
        (
            "/v1/prices",
            "min_quantity",
            one("min_quantity", json!(0)),
            one("min_quantity", json!(-1)),
        ),
        (
            "/v1/prices",
            "currency",
            one("currency", json!("EUR")),
            one("currency", json!("EU")),
        ),
        (
            "/v1/prices",
            "currency",
            one("currency", json!("xyz")),
            one("currency", json!("euro")),
        ),
        // Three characters, but more in lower case.
        (
            "/v1/prices",
            "currency",
            one("currency", json!("ÉÉÉ")),
            one("currency", json!("İİİ")),
        ),
        ("/v1/prices", "transform_quantity", package(1), package(0)),
        (
            "/v1/prices",
            "tiers[0].unit_amount",
            tier("unit_amount", json!("0")),
            tier("unit_amount", json!("-1")),
        ),
        (
            "/v1/prices",
            "tiers[0].flat_amount",
            tier("flat_amount", json!("0")),
            tier("flat_amount", json!("-1")),
        ),
        (
            "/v1/prices",
            "price_unit_config.amount",
            unit_amount("0"),
            unit_amount("-1"),
        ),
        (
            "/v1/prices",
            "price_unit_config.amount",
            unit_amount("9999999999"),
            unit_amount("10000000000"),
        ),
        (
            "/v1/prices",
            "price_unit_config.price_unit",
            unit_amount("1"),
            custom(&json!({ "price_unit": "CRDT", "amount": "1" })),
        ),
        (
            "/v1/prices",
            "metadata.gstin",
            one("metadata", json!({ "gstin": "27AAMCM4148E1ZD" })),
            one("metadata", json!({ "gstin": "27AAMCM4148E1Z" })),
        ),
        (
            "/v1/prices",
            "metadata.pan",
            one("metadata", json!({ "pan": "AAMCM4148E" })),
            one("metadata", json!({ "pan": "AAMCM4148" })),
        ),
        (
            "/v1/prices",
            "metadata.pan",
            one("metadata", json!({ "gstin": "27AAMCM4148E1ZD", "pan": "AAMCM4148E" })),
            one("metadata", json!({ "gstin": "27AAMCM4148E1ZD", "pan": "AAMCM4148F" })),
        ),
        (
            "/v1/prices",
            "metadata.hsn_sac",
            one("metadata", json!({ "hsn_sac": "99831400" })),
            one("metadata", json!({ "hsn_sac": "998314000" })),
        ),
        (
            "/v1/prices/units",
            "symbol",
            one("symbol", json!(chars(10))),
            one("symbol", json!(chars(11))),
        ),
        (
            "/v1/prices/units",
            "code",
            one("code", json!("ééé")),
            one("code", json!("éééé")),
        ),
        (
            "/v1/prices/units",
            "conversion_rate",
            one("conversion_rate", json!("0.000000000000001")),
            one("conversion_rate", json!("0.0000000000000004")),
        ),
        (
            "/v1/prices/units",
            "conversion_rate",
            one("conversion_rate", json!("9999999999")),
            one("conversion_rate", json!("10000000000")),
        ),
        (
            "/v1/prices/units",
            "base_currency",
            one("base_currency", json!("EUR")),
            one("base_currency", json!("EURO")),
        ),
        (
            "/v1/coupons",
            "coupon_code",
            one("coupon_code", json!(chars(100))),
            one("coupon_code", json!(chars(101))),
        ),
        (
            "/v1/coupons",
            "percentage_off",
            one("percentage_off", json!("100")),
            one("percentage_off", json!("100.0001")),
        ),
        (
            "/v1/coupons",
            "percentage_off",
            one("percentage_off", json!("0.0001")),
            one("percentage_off", json!("0")),
        ),
        (
            "/v1/coupons",
            "amount_off",
            fixed_coupon("999999999999.99999999"),
            fixed_coupon("1000000000000"),
        ),
        (
            "/v1/coupons",
            "amount_off",
            fixed_coupon("0.00000001"),
            fixed_coupon("0"),
        ),
        (
            "/v1/coupons",
            "max_redemptions",
            one("max_redemptions", json!(1)),
            one("max_redemptions", json!(0)),
        ),
        (
            "/v1/coupons",
            "max_redemptions",
            one("max_redemptions", json!(1_000_000)),
            one("max_redemptions", json!(1_000_001)),
        ),
        ("/v1/coupons", "duration_in_periods", repeated(1), repeated(0)),
        (
            "/v1/coupons",
            "redeem_before",
            json!({ "redeem_after": "2026-01-01T00:00:00Z", "redeem_before": "2026-01-01T00:00:00Z" }),
            json!({ "redeem_after": "2026-01-01T00:00:01Z", "redeem_before": "2026-01-01T00:00:00Z" }),
        ),
        (
            "/v1/taxes/rates",
            "percentage_value",
            one("percentage_value", json!("100")),
            one("percentage_value", json!("100.000001")),
        ),
        (
            "/v1/taxes/rates",
            "percentage_value",
            one("percentage_value", json!("0")),
            one("percentage_value", json!("-0.000001")),
        ),
        (
            "/v1/taxes/rates",
            "fixed_value",
            fixed_tax("1000000"),
            fixed_tax("-0.000001"),
        ),
        (
            "/v1/taxes/associations",
            "priority",
            one("priority", json!(0)),
            one("priority", json!(-1)),
        ),
        (
            "/v1/taxes/associations",
            "entity_id",
            one("entity_id", json!(chars(255))),
            one("entity_id", json!(chars(256))),
        ),
        (
            "/v1/taxes/associations",
            "currency",
            one("currency", json!("usd")),
            one("currency", json!("us")),
        ),
        (
            "/v1/entitlements",
            "usage_limit",
            one("usage_limit", json!(0)),
            one("usage_limit", json!(-1)),
        ),
        (
            "/v1/entitlements",
            "grant_quota",
            grant("0.000000000000001", 1),
            grant("0", 1),
        ),
        ("/v1/entitlements", "grant_duration_value", grant("1", 1), grant("1", 0)),
    ];
    for (kind, member) in [
        ("/v1/plans", "name"),
        ("/v1/plans", "lookup_key"),
        ("/v1/features", "name"),
        ("/v1/features", "lookup_key"),
        ("/v1/groups", "name"),
        ("/v1/groups", "lookup_key"),
        ("/v1/prices", "lookup_key"),
        ("/v1/prices", "display_name"),
        ("/v1/prices/units", "name"),
        ("/v1/coupons", "name"),
        ("/v1/taxes/rates", "name"),
        ("/v1/taxes/rates", "code"),
        ("/v1/costs", "name"),
        ("/v1/costs", "lookup_key"),
    ] {
        table.push((
            kind,
            member,
            one(member, json!(chars(255))),
            one(member, json!(chars(256))),
        ));
    }
    for (kind, member, at_limit, past_limit) in table {
        let refused = stock.good(kind, &past_limit);
        let before = stock.count(kind);
        let details = stock.api().post(kind, &refused).expect_error(400, "validation_error");
        assert!(details.get(member).is_some(), "{kind} {past_limit} gave {details}");
        assert_eq!(stock.count(kind), before, "{kind} {past_limit} left something behind");
        let reply = stock.api().post(kind, &stock.good(kind, &at_limit));
        assert!(
            reply.status < 300,
            "{kind} {at_limit} answered {}: {}",
            reply.status,
            reply.text
        );
    }
    // The largest bound of a tier, and one more.
    let largest = |up_to: &str| {
        let body = stock.good("/v1/prices", &price_tiers(&json!([{ "unit_amount": "1", "up_to": 1 }])));
        body.to_string().replace("\"up_to\":1", &format!("\"up_to\":{up_to}"))
    };
    let post = |body: String| {
        stock
            .api()
            .raw(Method::POST, "/v1/prices", "application/json", body.into())
    };
    let created = post(largest("18446744073709551615")).expect(201);
    assert_eq!(created["tiers"][0]["up_to"], json!(18_446_744_073_709_551_615_u64));
    let read = stock
        .api()
        .get(&format!("/v1/prices/{}", text(&created, "/id")))
        .expect(200);
    assert_eq!(read["tiers"], created["tiers"]);
    for up_to in ["18446744073709551616", "-1", "1.0", "\"1\""] {
        post(largest(up_to)).expect_error(400, "validation_error");
    }
}
