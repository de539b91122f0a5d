//! Coupons: their codes, their limits, and what they are redeemed for.

use serde_json::json;

use super::{percentage, plan, subscription, tenant};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    a_code_is_found_in_any_letter_case,
    a_coupon_refuses_what_makes_no_sense,
    a_used_up_coupon_keeps_discounting_its_subscription,
    line_and_invoice_coupons_add_up,
    coupons_are_listed_with_their_subscriptions,
    associations_show_their_lines_and_those_of_no_length_never_run,
    a_list_of_coupons_takes_any_status,
    a_refusal_names_the_coupon_and_uses_nothing_up,
);

fn a_code_is_found_in_any_letter_case(place: &Place) {
    let tenant = tenant(place);
    let mut request = percentage("Spring", "12.5");
    request["coupon_code"] = json!(" Save10 ");
    let coupon = tenant.api.post("/v1/coupons", &request).expect(201);
    assert_eq!(coupon["coupon_code"], "save10");
    assert_eq!(
        (&coupon["percentage_off"], &coupon["amount_off"]),
        (&json!("12.5"), &json!("0"))
    );
    assert_eq!(
        tenant.api.get("/v1/coupons/code/SAVE10").expect(200)["id"],
        coupon["id"]
    );
    tenant
        .api
        .post("/v1/coupons", &request)
        .expect_error(409, "already_exists");
    let path = format!("/v1/coupons/{}", text(&coupon, "/id"));
    let renamed = tenant
        .api
        .put(&path, &json!({ "name": "Summer", "percentage_off": "50" }))
        .expect(200);
    assert_eq!(
        (&renamed["name"], &renamed["percentage_off"]),
        (&json!("Summer"), &json!("12.5"))
    );
    let found = tenant
        .api
        .post("/v1/coupons/search", &json!({ "coupon_codes": ["SAVE10"] }))
        .expect(200);
    assert_eq!(found["pagination"], json!({ "total": 1, "limit": 50, "offset": 0 }));
    assert_eq!(
        tenant.api.delete(&path).expect(200)["message"],
        "Coupon deleted successfully"
    );
    tenant.api.delete("/v1/coupons/coupon_none").expect(200);
    tenant.api.get("/v1/coupons/code/save10").expect_error(404, "not_found");
    assert_eq!(tenant.api.get(&path).expect(200)["status"], "archived");
    tenant.api.get("/v1/coupons/coupon_none").expect_error(404, "not_found");
}

fn a_coupon_refuses_what_makes_no_sense(place: &Place) {
    let tenant = tenant(place);
    for (member, value) in [
        ("percentage_off", json!("101")),
        ("percentage_off", json!("0")),
        ("percentage_off", json!("0.00001")),
        ("type", json!("gift")),
        ("cadence", json!("repeated")),
        ("duration_in_periods", json!(3)),
        ("max_redemptions", json!(0)),
        ("name", json!("")),
    ] {
        let mut body = percentage("c", "10");
        body[member] = value;
        tenant
            .api
            .post("/v1/coupons", &body)
            .expect_error(400, "validation_error");
    }
}

fn a_used_up_coupon_keeps_discounting_its_subscription(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-01T00:00:00Z");
    tenant.customer("acme", "Acme");
    let (plan, _) = plan(&tenant, &["100"]);
    let mut coupon = percentage("once", "10");
    coupon["max_redemptions"] = json!(1);
    let coupon = tenant.api.post("/v1/coupons", &coupon).expect(201);
    let request = subscription(&plan, &json!({ "subscription_coupons": [{ "coupon_code": "ONCE" }] }));
    let created = tenant.api.post("/v1/subscriptions", &request).expect(201);
    assert_eq!(created["latest_invoice"]["total_discount"], "10");
    assert_eq!(created["latest_invoice"]["total"], "90");
    assert_eq!(created["coupon_associations"][0]["coupon"]["id"], coupon["id"]);
    tenant
        .api
        .post("/v1/subscriptions", &request)
        .expect_error(400, "validation_error");
    let read = tenant
        .api
        .get(&format!("/v1/coupons/{}", text(&coupon, "/id")))
        .expect(200);
    assert_eq!(read["total_redemptions"], 1);
    let unknown = subscription(&plan, &json!({ "subscription_coupons": [{ "coupon_code": "nope" }] }));
    tenant
        .api
        .post("/v1/subscriptions", &unknown)
        .expect_error(404, "not_found");
    let preview = json!({ "subscription_id": created["id"] });
    let preview = tenant.api.post("/v1/invoices/preview", &preview).expect(200);
    assert_eq!(preview["total_discount"], "10");
}

fn line_and_invoice_coupons_add_up(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-01T00:00:00Z");
    tenant.customer("acme", "Acme");
    let (plan, prices) = plan(&tenant, &["100", "50"]);
    tenant.api.post("/v1/coupons", &percentage("line", "10")).expect(201);
    tenant.api.post("/v1/coupons", &percentage("all", "20")).expect(201);
    let request = subscription(
        &plan,
        &json!({ "subscription_coupons": [{ "coupon_code": "line", "price_id": prices[0] }, { "coupon_code": "all" }] }),
    );
    let created = tenant.api.post("/v1/subscriptions", &request).expect(201);
    let path = format!("/v1/invoices/{}", text(&created, "/latest_invoice/id"));
    let invoice = tenant.api.get(&path).expect(200);
    assert_eq!(
        (&invoice["total_discount"], &invoice["total"]),
        (&json!("38"), &json!("112"))
    );
    let shares: Vec<(String, String)> = invoice["line_items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (text(line, "/line_item_discount"), text(line, "/invoice_level_discount")))
        .collect();
    let share = |line: &str, invoice: &str| (line.to_owned(), invoice.to_owned());
    assert_eq!(shares, [share("10", "18"), share("0", "10")]);
    let applied = invoice["coupon_applications"].as_array().unwrap();
    assert_eq!(applied.len(), 2);
    assert_eq!(applied[0]["invoice_line_item_id"], invoice["line_items"][0]["id"]);
    assert_eq!(
        (&applied[1]["original_price"], &applied[1]["final_price"]),
        (&json!("140"), &json!("112"))
    );
    let elsewhere = subscription(
        &plan,
        &json!({ "line_item_coupons": { "price_none": ["coupon_none"] } }),
    );
    tenant
        .api
        .post("/v1/subscriptions", &elsewhere)
        .expect_error(400, "validation_error");
}

fn coupons_are_listed_with_their_subscriptions(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-01T00:00:00Z");
    tenant.customer("acme", "Acme");
    let (plan, _) = plan(&tenant, &["100"]);
    let coupon = json!({
        "name": "Trial", "type": "fixed", "cadence": "repeated", "duration_in_periods": 2, "amount_off": "5",
        "currency": "USD",
    });
    let coupon = tenant.api.post("/v1/coupons", &coupon).expect(201);
    let request = subscription(&plan, &json!({ "coupons": [coupon["id"]] }));
    let created = tenant.api.post("/v1/subscriptions", &request).expect(201);
    let path = format!(
        "/v1/coupons/associations?subscription_ids={}&expand=coupon",
        text(&created, "/id")
    );
    let listed = tenant.api.get(&path).expect(200);
    assert_eq!(listed["items"][0]["coupon"]["id"], coupon["id"]);
    assert_eq!(listed["items"][0]["end_date"], "2024-02-29T23:59:59Z");
    let one = format!("/v1/coupons/associations/{}", text(&listed, "/items/0/id"));
    assert_eq!(tenant.api.get(&one).expect(200)["coupon_id"], coupon["id"]);
    let later = "active_only=true&period_start=2024-03-01T00:00:00Z&period_end=2024-04-01T00:00:00Z";
    let later = tenant.api.get(&format!("/v1/coupons/associations?{later}")).expect(200);
    assert_eq!(later["items"], json!([]));
    tenant
        .api
        .get("/v1/coupons/associations/ca_none")
        .expect_error(404, "not_found");
}

fn associations_show_their_lines_and_those_of_no_length_never_run(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-15T00:00:00Z");
    tenant.customer("acme", "Acme");
    let (plan, prices) = plan(&tenant, &["100", "50"]);
    for name in ["line", "brief", "whole"] {
        tenant.api.post("/v1/coupons", &percentage(name, "10")).expect(201);
    }
    let instant = "2024-01-15T00:00:00Z";
    let request = subscription(
        &plan,
        &json!({ "start_date": instant, "subscription_coupons": [
            { "coupon_code": "line", "price_id": prices[1] },
            { "coupon_code": "brief", "start_date": instant, "end_date": instant },
            { "coupon_code": "whole" },
        ] }),
    );
    let created = tenant.api.post("/v1/subscriptions", &request).expect(201);
    let listed = |query: &str| {
        let path = format!(
            "/v1/coupons/associations?subscription_ids={}&order=asc&{query}",
            text(&created, "/id")
        );
        tenant.api.get(&path).expect(200)
    };
    assert_eq!(listed("")["pagination"]["total"], 3);
    // The page is as long as its total says.
    let active = listed("active_only=true&expand=coupon");
    assert_eq!(active["pagination"]["total"], 2, "{active}");
    let codes: Vec<_> = active["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| text(item, "/coupon/coupon_code"))
        .collect();
    assert_eq!(codes, ["line", "whole"]);
    let plain = active["items"][0].clone();
    assert!(plain.get("subscription_line_item").is_none(), "{plain}");
    let with_lines = listed("expand=subscription_line_items")["items"][0].clone();
    assert_eq!(with_lines["subscription_line_item"]["price_id"], prices[1].as_str());
    assert!(
        with_lines["subscription_line_item"].get("price").is_none(),
        "{with_lines}"
    );
    let with_prices = listed("expand=subscription_line_items.prices")["items"][0].clone();
    assert_eq!(with_prices["subscription_line_item"]["price"]["amount"], "50");
    // Nor does a coupon of no length take anything off: 10 % of 50 on the line, 10 % of the other 145 on the whole.
    assert_eq!(created["latest_invoice"]["total_discount"], "19.5");
}

fn a_list_of_coupons_takes_any_status(place: &Place) {
    let tenant = tenant(place);
    for name in ["kept", "gone"] {
        tenant.api.post("/v1/coupons", &percentage(name, "10")).expect(201);
    }
    let gone = tenant.api.get("/v1/coupons/code/gone").expect(200);
    tenant
        .api
        .delete(&format!("/v1/coupons/{}", text(&gone, "/id")))
        .expect(200);
    for (query, total) in [
        ("", 1),
        ("status=archived", 1),
        ("status=deleted", 0),
        ("status=nope", 0),
    ] {
        let found = tenant.api.get(&format!("/v1/coupons?{query}")).expect(200);
        assert_eq!(found["pagination"]["total"], total, "{query}");
    }
}

fn a_refusal_names_the_coupon_and_uses_nothing_up(place: &Place) {
    let tenant = tenant(place);
    tenant.set_clock("2024-01-15T00:00:00Z");
    tenant.customer("acme", "Acme");
    let (plan, _) = plan(&tenant, &["100"]);
    let mut past = percentage("past", "10");
    past["redeem_before"] = json!("2024-01-14T23:59:59Z");
    let mut edge = percentage("edge", "10");
    edge["redeem_after"] = json!("2024-01-15T00:00:00Z");
    edge["redeem_before"] = json!("2024-01-15T00:00:00Z");
    let mut euros = percentage("euros", "10");
    euros["type"] = json!("fixed");
    euros["amount_off"] = json!("1");
    euros["currency"] = json!("EUR");
    let mut endless = percentage("endless", "10");
    endless["cadence"] = json!("repeated");
    endless["duration_in_periods"] = json!(i64::MAX);
    for coupon in [past, edge, euros, endless] {
        tenant.api.post("/v1/coupons", &coupon).expect(201);
    }
    let ended = json!({ "coupon_code": "edge", "end_date": "2024-01-14T23:59:59Z" });
    let reversed = json!({
        "coupon_code": "edge", "start_date": "2024-03-01T00:00:00Z", "end_date": "2024-02-01T00:00:00Z",
    });
    for (refused, named) in [
        (json!({ "coupon_code": "past" }), Some("past")),
        (json!({ "coupon_code": "euros" }), Some("euros")),
        (json!({ "coupon_code": "endless" }), Some("endless")),
        (ended, Some("edge")),
        (reversed, None),
    ] {
        let request = subscription(
            &plan,
            &json!({ "subscription_coupons": [{ "coupon_code": "edge" }, refused] }),
        );
        let refused = tenant.api.post("/v1/subscriptions", &request);
        let details = refused.expect_error(400, "validation_error");
        if let Some(code) = named {
            assert_eq!(details["coupon_code"], code, "{details}");
            assert!(details["coupon_id"].is_string(), "{details}");
        }
    }
    let edge = tenant.api.get("/v1/coupons/code/edge").expect(200);
    assert_eq!(edge["total_redemptions"], 0);
    let subscriptions = tenant.api.get("/v1/subscriptions").expect(200);
    assert_eq!(subscriptions["pagination"]["total"], 0);
}
