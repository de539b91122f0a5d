//! Prices and quantities of one subscription.

use serde_json::{Value, json};

use super::{START, Shop, amount, flat, tiered, with};
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::workflow::completed;

crate::tests!(
    an_overridden_price_belongs_to_the_subscription,
    an_override_descends_from_the_first_version,
    a_quantity_is_overridden_alone,
    every_model_can_be_overridden,
    a_custom_unit_is_overridden_in_its_unit,
    a_withdrawn_unit_keeps_billing,
    a_plan_sync_leaves_overridden_prices_alone,
);

/// The line of the subscription whose price descends from the plan's.
fn line_of<'a>(subscription: &'a Value, root: &str) -> &'a Value {
    let lines = subscription["line_items"].as_array().unwrap();
    let of = |line: &&Value| line["price_id"] == root || line["price"]["parent_price_id"] == root;
    lines
        .iter()
        .find(of)
        .unwrap_or_else(|| panic!("no line of {root} in {subscription}"))
}

fn an_overridden_price_belongs_to_the_subscription(place: &Place) {
    let shop = Shop::open(place);
    let original = shop.price(&json!({
        "amount": "12.5", "min_quantity": 2, "lookup_key": "seats", "description": "Seats", "display_name": "Seat",
        "metadata": { "team": "core" },
    }));
    let id = text(&original, "/id");
    let subscription = shop.subscribe(&json!({ "override_line_items": [{ "price_id": id, "amount": "9.99" }] }));
    let line = line_of(&subscription, &id);
    // The quantity stays that of the plan's price.
    assert_eq!(
        (&line["quantity"], &line["display_name"]),
        (&json!("2"), &json!("Seat"))
    );
    assert_eq!(line["start_date"], START);
    let path = format!("/v1/prices/{}", text(line, "/price_id"));
    let own = shop.api().get(&path).expect(200);
    for (member, expected) in [
        ("entity_type", json!("SUBSCRIPTION")),
        ("entity_id", subscription["id"].clone()),
        ("parent_price_id", json!(id)),
        ("amount", json!("9.99")),
        ("display_name", json!("Seat")),
        ("description", json!("Seats")),
        ("metadata", json!({ "team": "core" })),
        ("billing_period", json!("MONTHLY")),
        ("invoice_cadence", json!("ADVANCE")),
        ("lookup_key", json!("")),
        ("start_date", json!(START)),
    ] {
        assert_eq!(own[member], expected, "{member} of {own}");
    }
    assert!(
        own.get("min_quantity").is_none() && own.get("group_id").is_none(),
        "{own}"
    );
    assert_eq!(subscription["latest_invoice"]["total"], "19.98");

    // The plan and others on it are as before.
    let untouched = shop.api().get(&format!("/v1/prices/{id}")).expect(200);
    assert_eq!(untouched, original);
    shop.tenant.customer("other", "Other");
    let other = shop.try_subscribe("other", &json!({})).expect(201);
    assert_eq!(other["latest_invoice"]["total"], "25");

    // The next month costs the same.
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    let invoices = shop.invoices(&subscription);
    assert_eq!((invoices.len(), &invoices[1]["total"]), (2, &json!("19.98")));
    assert_eq!(invoices[1]["line_items"][0]["price_id"], own["id"]);
}

fn an_override_descends_from_the_first_version(place: &Place) {
    let shop = Shop::open(place);
    let first = text(&shop.price(&json!({})), "/id");
    let path = format!("/v1/prices/{first}");
    let second = shop.api().put(&path, &json!({ "amount": "20" })).expect(200);
    let request = json!({ "override_line_items": [{ "price_id": second["id"], "amount": "15" }] });
    let subscription = shop.subscribe(&request);
    assert_eq!(line_of(&subscription, &first)["price"]["amount"], "15");
    assert_eq!(
        subscription["line_items"].as_array().unwrap().len(),
        1,
        "{subscription}"
    );
}

fn a_quantity_is_overridden_alone(place: &Place) {
    let shop = Shop::open(place);
    let id = text(&shop.price(&json!({ "min_quantity": 5 })), "/id");
    for (quantity, expected) in [("7.5", "7.5"), ("2", "2"), ("0", "5"), ("1.123456789", "1.12345679")] {
        let request = json!({ "override_line_items": [{ "price_id": id, "quantity": quantity }] });
        let subscription = shop.subscribe(&request);
        let line = line_of(&subscription, &id);
        assert_eq!(line["quantity"], expected);
        assert_ne!(line["price_id"], id.as_str(), "{line}");
        assert_eq!(
            (&line["price"]["amount"], &line["price"]["parent_price_id"]),
            (&json!("10"), &json!(id))
        );
    }
}

fn every_model_can_be_overridden(place: &Place) {
    let ladder = json!([{ "up_to": 10, "unit_amount": "2" }, { "unit_amount": "1" }]);
    let package = json!({
        "billing_model": "PACKAGE", "amount": "3", "transform_quantity": { "divide_by": 10, "round": "up" },
    });
    for (original, sent, expected) in [
        (flat("1"), json!({ "amount": "0.5" }), "12.5"),
        (flat("1"), package.clone(), "9"),
        (package.clone(), json!({ "amount": "4" }), "12"),
        (
            package,
            json!({ "transform_quantity": { "divide_by": 20, "round": "down" } }),
            "3",
        ),
        (flat("1"), tiered("SLAB", &ladder), "35"),
        (tiered("SLAB", &ladder), json!({ "tier_mode": "VOLUME" }), "25"),
        (
            tiered("SLAB", &ladder),
            json!({ "tiers": [{ "unit_amount": "0.1" }] }),
            "2.5",
        ),
        (
            tiered("VOLUME", &ladder),
            json!({ "billing_model": "FLAT_FEE", "amount": "6" }),
            "150",
        ),
    ] {
        let shop = Shop::open(place);
        let id = shop.usage_price("call", &json!({ "type": "SUM" }), &original);
        let mut line = json!({ "price_id": id });
        for (member, value) in sent.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()) {
            line[member] = value.clone();
        }
        let subscription = shop.subscribe(&json!({ "override_line_items": [line] }));
        shop.ingest("acme", &[("call", "2024-01-05T12:00:00Z", "25")]);
        let charge = shop.charge(&subscription);
        assert_eq!(
            amount(&charge),
            (expected.to_owned(), "25".to_owned()),
            "{original} with {sent}"
        );
    }
}

/// Worked example 12 of spec 03 §6: a unit of 0.0123 usd.
fn unit(shop: &Shop) -> Value {
    let unit = json!({
        "name": "Credit", "code": "CRD", "symbol": "c", "base_currency": "usd", "conversion_rate": "0.0123",
    });
    shop.api().post("/v1/prices/units", &unit).expect(201)
}

fn in_units(amount: &str) -> Value {
    json!({ "price_unit_type": "CUSTOM", "amount": null, "price_unit_config": { "price_unit": "CRD", "amount": amount } })
}

fn a_custom_unit_is_overridden_in_its_unit(place: &Place) {
    let shop = Shop::open(place);
    unit(&shop);
    let usage = shop.usage_price("call", &json!({ "type": "SUM" }), &with(flat("1"), &in_units("100")));
    let fixed = text(&shop.price(&in_units("100")), "/id");
    let subscription = shop.subscribe(&json!({ "override_line_items": [
        { "price_id": usage, "price_unit_amount": "7" },
        { "price_id": fixed, "price_unit_amount": "7", "quantity": 10 },
    ] }));
    for id in [&usage, &fixed] {
        let price = &line_of(&subscription, id)["price"];
        assert_eq!(
            (&price["amount"], &price["price_unit_amount"]),
            (&json!("0.0861"), &json!("7"))
        );
        assert_eq!(line_of(&subscription, id)["price_unit"], "CRD");
    }
    shop.ingest("acme", &[("call", "2024-01-05T12:00:00Z", "10")]);
    let preview = shop.preview(&subscription);
    let billed = |kind: &str| {
        let lines = preview["line_items"].as_array().unwrap();
        let line = lines.iter().find(|line| line["price_type"] == kind).unwrap();
        (text(line, "/amount"), text(line, "/price_unit_amount"))
    };
    assert_eq!(billed("USAGE"), ("0.86".to_owned(), "69.92".to_owned()));
    assert_eq!(billed("FIXED"), ("0.86".to_owned(), "70".to_owned()));

    let tiers = json!([{ "up_to": 10, "unit_amount": "100" }, { "unit_amount": "0" }]);
    let laddered = shop.subscribe(&json!({ "override_line_items": [{
        "price_id": usage, "billing_model": "TIERED", "tier_mode": "SLAB", "price_unit_tiers": tiers,
    }] }));
    let price = &line_of(&laddered, &usage)["price"];
    assert_eq!(price["tiers"][0]["unit_amount"], "1.23");
    assert_eq!(price["price_unit_tiers"][0]["unit_amount"], "100");
}

/// Invoices use the rate that the price has kept (Q26).
fn a_withdrawn_unit_keeps_billing(place: &Place) {
    let shop = Shop::open(place);
    let unit = unit(&shop);
    shop.usage_price("call", &json!({ "type": "SUM" }), &with(flat("1"), &in_units("7")));
    shop.price(&in_units("1000"));
    let subscription = shop.subscribe(&json!({}));
    shop.ingest("acme", &[("call", "2024-01-05T12:00:00Z", "10")]);
    let before = shop.preview(&subscription);
    assert_eq!(before["total"], "13.16");
    shop.api()
        .delete(&format!("/v1/prices/units/{}", text(&unit, "/id")))
        .expect(200);
    let after = shop.preview(&subscription);
    let amounts = |preview: &Value| -> Vec<(Value, Value)> {
        let lines = preview["line_items"].as_array().unwrap();
        lines
            .iter()
            .map(|line| (line["amount"].clone(), line["price_unit_amount"].clone()))
            .collect()
    };
    assert_eq!((&after["total"], amounts(&after)), (&before["total"], amounts(&before)));
}

/// Part of acceptance 11: new prices of the plan arrive, also new versions, but not the one that is overridden.
fn a_plan_sync_leaves_overridden_prices_alone(place: &Place) {
    let shop = Shop::open(place);
    let overridden = shop.summed("call");
    let subscription = shop.subscribe(&json!({ "override_line_items": [{ "price_id": overridden, "amount": "2" }] }));
    let path = format!("/v1/prices/{overridden}");
    shop.api().put(&path, &json!({ "amount": "3" })).expect(200);
    let added = shop.summed("other");
    let path = format!("/v1/plans/{}/sync/subscriptions", shop.plan);
    completed(shop.api(), &shop.api().post(&path, &json!({})).expect(200));
    let path = format!("/v1/subscriptions/{}", text(&subscription, "/id"));
    let synced = shop.api().get(&path).expect(200);
    let lines = synced["line_items"].as_array().unwrap();
    let mut prices: Vec<&Value> = lines.iter().map(|line| &line["price_id"]).collect();
    prices.sort_by_key(|id| **id == json!(added));
    assert_eq!(
        prices,
        [&subscription["line_items"][0]["price_id"], &json!(added)],
        "{synced}"
    );
    assert!(lines.iter().all(|line| line.get("end_date").is_none()), "{synced}");
}
