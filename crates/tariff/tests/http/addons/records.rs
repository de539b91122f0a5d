//! Creating, reading, changing and archiving addons, and what they own.

use serde_json::{Value, json};

use super::Shop;
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    an_addon_is_created_changed_and_archived,
    an_addon_refuses_what_does_not_fit,
    addons_are_found_again,
    an_addon_owns_prices_and_entitlements,
);

fn an_addon_is_created_changed_and_archived(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let body = json!({
        "name": "Seats", "lookup_key": "seats", "description": "More people", "metadata": { "a": { "b": [1, null] } },
    });
    let created = api.post("/v1/addons", &body).expect(201);
    let id = text(&created, "/id");
    assert!(id.starts_with("addon_"), "{id}");
    for member in ["name", "lookup_key", "description", "metadata"] {
        assert_eq!(created[member], body[member], "{member}");
    }
    assert_eq!(created["status"], "published");
    let path = format!("/v1/addons/{id}");
    assert_eq!(api.get(&path).expect(200), created);
    assert_eq!(api.get("/v1/addons/lookup/seats").expect(200), created);

    let taken = json!({ "name": "Other", "lookup_key": "seats" });
    let details = api.post("/v1/addons", &taken).expect_error(409, "already_exists");
    assert_eq!(details["lookup_key"], "seats");
    let changed = api.put(&path, &json!({ "name": "Chairs", "lookup_key": "chairs" }));
    let changed = changed.expect(200);
    assert_eq!(
        (&changed["name"], &changed["lookup_key"]),
        (&json!("Chairs"), &json!("seats"))
    );
    assert_eq!(changed["metadata"], body["metadata"]);
    let changed = api
        .put(&path, &json!({ "description": "", "metadata": {} }))
        .expect(200);
    assert_eq!(
        (&changed["description"], &changed["metadata"]),
        (&json!(""), &json!({}))
    );
    assert_eq!(changed["name"], "Chairs");

    let answer = api.delete(&path).expect(200);
    assert_eq!(answer["message"], "addon deleted successfully");
    assert_eq!(api.get(&path).expect(200)["status"], "archived");
    api.get("/v1/addons/lookup/seats").expect_error(404, "not_found");
    // The key is free again.
    api.post("/v1/addons", &taken).expect(201);
}

fn an_addon_refuses_what_does_not_fit(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let long = "ö".repeat(255);
    api.post("/v1/addons", &json!({ "name": long, "lookup_key": long }))
        .expect(201);
    let longer = "ö".repeat(256);
    let refused = |body: &Value, field: &str| {
        let details = api.post("/v1/addons", body).expect_error(400, "validation_error");
        assert!(details.get(field).is_some(), "{body} gave {details}");
    };
    refused(&json!({ "lookup_key": "k" }), "name");
    refused(&json!({ "name": "", "lookup_key": "k" }), "name");
    refused(&json!({ "name": longer, "lookup_key": "k" }), "name");
    refused(&json!({ "name": "n" }), "lookup_key");
    refused(&json!({ "name": "n", "lookup_key": "" }), "lookup_key");
    refused(&json!({ "name": "n", "lookup_key": longer }), "lookup_key");
    for (member, value) in [
        ("name", json!(1)),
        ("lookup_key", json!([])),
        ("description", json!({})),
        ("metadata", json!("text")),
        ("metadata", json!([1])),
    ] {
        let mut body = json!({ "name": "n", "lookup_key": "k" });
        body[member] = value;
        let reply = api.post("/v1/addons", &body);
        assert_eq!(reply.status, 400, "{body} answered {}", reply.text);
    }
    let id = shop.addon("kept");
    let path = format!("/v1/addons/{id}");
    for body in [
        json!({ "name": "" }),
        json!({ "name": longer }),
        json!({ "metadata": 1 }),
    ] {
        api.put(&path, &body).expect_error(400, "validation_error");
    }
    assert_eq!(api.get(&path).expect(200)["name"], "Addon kept");
    api.get("/v1/addons/addon_none").expect_error(404, "not_found");
    api.put("/v1/addons/addon_none", &json!({ "name": "n" }))
        .expect_error(404, "not_found");
    api.delete("/v1/addons/addon_none").expect_error(404, "not_found");
    api.get("/v1/addons/lookup/none").expect_error(404, "not_found");
    assert_eq!(api.get("/v1/addons").expect(200)["pagination"]["total"], 2);
}

fn addons_are_found_again(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let feature = shop.calls();
    let (first, second) = (shop.priced_addon("first", "1"), shop.addon("second"));
    shop.entitle("ADDON", &first, &feature, &json!({ "usage_limit": 3 }));
    let ids = |body: Value| -> Vec<String> {
        let found = api.post("/v1/addons/search", &body).expect(200);
        let items = found["items"].as_array().unwrap().iter();
        items.map(|addon| text(addon, "/id")).collect()
    };
    assert_eq!(ids(json!({})), [second.clone(), first.clone()]);
    assert_eq!(ids(json!({ "order": "asc", "limit": 1 })), std::slice::from_ref(&first));
    assert_eq!(
        ids(json!({ "order": "asc", "offset": 1 })),
        std::slice::from_ref(&second)
    );
    assert_eq!(ids(json!({ "addon_ids": [first] })), std::slice::from_ref(&first));
    assert_eq!(
        ids(json!({ "lookup_keys": ["second", "none"] })),
        std::slice::from_ref(&second)
    );
    assert_eq!(ids(json!({ "status": "archived" })), [""; 0]);
    let named =
        json!({ "field": "name", "operator": "contains", "data_type": "string", "value": { "string": "FIRST" } });
    assert_eq!(ids(json!({ "filters": [named] })), std::slice::from_ref(&first));
    let listed = api.get(&format!("/v1/addons?addon_ids={first}")).expect(200);
    assert_eq!(listed["pagination"]["total"], 1);
    assert!(listed["items"][0].get("prices").is_none(), "{listed}");

    let shown = |expand: &str| {
        let body = json!({ "addon_ids": [first], "expand": expand });
        api.post("/v1/addons/search", &body).expect(200)["items"][0].clone()
    };
    let everything = shown("prices,meters,entitlements,features,credit_grant,nonsense");
    assert_eq!(everything["prices"][0]["amount"], "1");
    assert_eq!(everything["entitlements"][0]["usage_limit"], 3);
    assert_eq!(everything["entitlements"][0]["feature"]["meter"]["event_name"], "call");
    assert!(shown("entitlements")["entitlements"][0].get("feature").is_none());
    for body in [
        json!({ "limit": 1001 }),
        json!({ "limit": -1 }),
        json!({ "offset": -1 }),
        json!({ "addon_ids": "x" }),
        json!({ "filters": [{ "field": "tenant_id", "operator": "eq", "value": { "string": "x" } }] }),
    ] {
        let reply = api.post("/v1/addons/search", &body);
        assert_eq!(reply.status, 400, "{body} answered {}", reply.text);
    }
}

fn an_addon_owns_prices_and_entitlements(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let addon = shop.addon("seats");
    let feature = shop.calls();
    let price = shop.price("ADDON", &addon, &json!({ "amount": "5" }));
    assert_eq!(price["display_name"], "Addon seats");
    assert_eq!(price["entity_type"], "ADDON");
    let ended = json!({ "amount": "6", "start_date": "2023-01-01T00:00:00Z", "end_date": "2023-06-01T00:00:00Z" });
    shop.price("ADDON", &addon, &ended);
    let granted = shop.entitle("ADDON", &addon, &feature, &json!({ "usage_limit": 7 }));
    assert_eq!(
        (&granted["plan_id"], &granted["addon"]["id"]),
        (&json!(addon), &json!(addon))
    );
    let again = json!({
        "entity_type": "ADDON", "entity_id": addon, "feature_id": feature["id"], "feature_type": "metered",
    });
    api.post("/v1/entitlements", &again).expect_error(409, "already_exists");
    for (path, body) in [
        (
            "/v1/prices",
            json!({
                "entity_type": "ADDON", "entity_id": "addon_none", "currency": "usd", "type": "FIXED", "amount": "1",
                "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "billing_period": "MONTHLY",
                "billing_period_count": 1, "price_unit_type": "FIAT",
            }),
        ),
        (
            "/v1/entitlements",
            json!({
                "entity_type": "ADDON", "entity_id": "addon_none", "feature_id": feature["id"], "feature_type": "metered",
            }),
        ),
    ] {
        api.post(path, &body).expect_error(404, "not_found");
    }

    let read = api.get(&format!("/v1/addons/{addon}")).expect(200);
    let prices = read["prices"].as_array().unwrap();
    assert_eq!(prices.len(), 1, "an ended price is shown: {read}");
    assert_eq!(read["entitlements"][0]["feature"]["id"], feature["id"]);
    let listed = api.get(&format!("/v1/addons/{addon}/entitlements")).expect(200);
    assert_eq!(listed["pagination"]["total"], 1);
    assert_eq!(listed["items"][0]["addon"]["id"], addon.as_str());
    assert!(listed["items"][0].get("plan_id").is_none(), "{listed}");
    let none = api.get("/v1/addons/addon_none/entitlements").expect(200);
    assert_eq!(none["items"], json!([]));

    let filter = json!({ "entity_type": "ADDON", "entity_ids": [addon], "expand": "addons" });
    let found = api.post("/v1/prices/search", &filter).expect(200);
    assert_eq!(found["pagination"]["total"], 1);
    assert_eq!(found["items"][0]["addon"]["lookup_key"], "seats");
    // Prices and entitlements stay when the addon goes.
    api.delete(&format!("/v1/addons/{addon}")).expect(200);
    let found = api.post("/v1/prices/search", &filter).expect(200);
    assert_eq!(found["items"][0]["addon"]["status"], "archived");
}
