//! Entitlements of the plan that a subscription changes for itself.

use serde_json::{Value, json};

use super::{START, Shop};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    an_override_takes_the_place_of_the_plans,
    an_override_refuses_what_does_not_fit,
);

/// Acceptance 13 of chapter 03.
fn an_override_takes_the_place_of_the_plans(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let feature = |name: &str, kind: &str| {
        api.post("/v1/features", &json!({ "name": name, "type": kind }))
            .expect(201)
    };
    let calls = shop.calls();
    let (seats, sso, limits) = (
        feature("Seats", "static"),
        feature("SSO", "boolean"),
        feature("Limits", "config"),
    );
    let plan = |feature: &Value, terms: Value| text(&shop.entitle("PLAN", &shop.plan_id, feature, &terms), "/id");
    let calls = plan(&calls, json!({ "usage_limit": 100 }));
    let seats = plan(&seats, json!({ "static_value": "five" }));
    let sso = plan(&sso, json!({ "is_enabled": true }));
    let limits = plan(&limits, json!({ "config_value": { "a": 1 } }));
    let view = |overrides: Value| -> Vec<Value> {
        let subscription = shop.subscribe(&json!({ "override_entitlements": overrides }));
        let path = format!("/v1/subscriptions/{subscription}/entitlements");
        api.get(&path).expect(200)["features"].as_array().unwrap().clone()
    };
    let of = |features: &[Value], name: &str| {
        let found = features.iter().find(|feature| feature["feature"]["name"] == name);
        found.cloned().unwrap_or_default()
    };

    let limited = view(json!([{ "entitlement_id": calls, "usage_limit": 5 }]));
    let entry = of(&limited, "Calls");
    assert_eq!(entry["entitlement"]["usage_limit"], 5);
    assert_eq!(entry["entitlement"]["usage_reset_period"], "MONTHLY");
    let sources = entry["sources"].as_array().unwrap();
    assert_eq!(sources.len(), 1, "{entry}");
    assert_eq!(sources[0]["entity_type"], "subscription");
    assert_eq!(of(&limited, "Seats")["entitlement"]["static_values"], json!(["five"]));

    let changed = view(json!([
        { "entitlement_id": calls },
        { "entitlement_id": seats, "static_value": "" },
        { "entitlement_id": sso, "is_enabled": false },
        { "entitlement_id": limits, "config_value": { "b": 2 } },
    ]));
    // Without a limit there is none, whatever the plan says; an empty text keeps the plan's.
    let entry = of(&changed, "Calls");
    assert!(entry["entitlement"].get("usage_limit").is_none(), "{entry}");
    assert_eq!(of(&changed, "Seats")["entitlement"]["static_values"], json!(["five"]));
    assert_eq!(of(&changed, "SSO"), Value::Null);
    assert_eq!(
        of(&changed, "Limits")["entitlement"]["config_values"],
        json!([{ "b": 2 }])
    );
    let none = view(json!([{ "entitlement_id": calls, "usage_limit": 0 }]));
    assert_eq!(of(&none, "Calls")["entitlement"]["usage_limit"], 0);

    let subscription = json!({ "entity_type": "SUBSCRIPTION", "filters": [], "sort": [] });
    let found = api.post("/v1/entitlements/search", &subscription).expect(200);
    assert_eq!(found["pagination"]["total"], 6);
    let own = &found["items"][0];
    assert_eq!(
        (&own["parent_entitlement_id"], &own["start_date"]),
        (&json!(calls), &json!(START))
    );
}

fn an_override_refuses_what_does_not_fit(place: &Place) {
    let shop = Shop::open(place);
    let api = &shop.tenant.api;
    let (calls, addon) = (shop.calls(), shop.priced_addon("more", "1"));
    let of_addon = text(
        &shop.entitle("ADDON", &addon, &calls, &json!({ "usage_limit": 1 })),
        "/id",
    );
    let of_plan = text(
        &shop.entitle("PLAN", &shop.plan_id, &calls, &json!({ "usage_limit": 100 })),
        "/id",
    );
    let other = text(&api.post("/v1/plans", &json!({ "name": "Other" })).expect(201), "/id");
    let foreign = text(&shop.entitle("PLAN", &other, &calls, &json!({})), "/id");
    let seats = api
        .post("/v1/features", &json!({ "name": "Seats", "type": "static" }))
        .expect(201);
    let gone = text(
        &shop.entitle("PLAN", &shop.plan_id, &seats, &json!({ "static_value": "x" })),
        "/id",
    );
    api.delete(&format!("/v1/entitlements/{gone}")).expect(200);
    let create = |overrides: Value, changes: Value| {
        let mut body = shop.subscription(&changes);
        body["override_entitlements"] = overrides;
        api.post("/v1/subscriptions", &body)
    };
    let one = |changes: Value| {
        create(
            json!([super::with(json!({ "entitlement_id": of_plan }), &changes)]),
            json!({}),
        )
    };
    for id in ["ent_none", &foreign, &gone] {
        create(json!([{ "entitlement_id": id }]), json!({})).expect_error(404, "not_found");
    }
    for attached in [json!({}), json!({ "addons": [{ "addon_id": addon }] })] {
        create(json!([{ "entitlement_id": of_addon, "usage_limit": 5 }]), attached)
            .expect_error(400, "validation_error");
    }
    for (changes, field) in [
        (
            json!({ "entitlement_id": "" }),
            "override_entitlements[0].entitlement_id",
        ),
        (json!({ "usage_limit": -1 }), "override_entitlements[0].usage_limit"),
        (json!({ "static_value": "x" }), "override_entitlements[0].static_value"),
        (
            json!({ "config_value": { "a": 1 } }),
            "override_entitlements[0].config_value",
        ),
        (
            json!({ "config_value": { " ": 1 } }),
            "override_entitlements[0].config_value",
        ),
    ] {
        let details = one(changes).expect_error(400, "validation_error");
        assert!(details.get(field).is_some(), "{field} is not in {details}");
    }
    for changes in [
        json!({ "usage_limit": "many" }),
        json!({ "usage_limit": 1.5 }),
        json!({ "is_enabled": "yes" }),
        json!({ "config_value": [] }),
    ] {
        one(changes).expect_error(400, "validation_error");
    }
    let twice = json!([{ "entitlement_id": of_plan }, { "entitlement_id": of_plan, "usage_limit": 1 }]);
    create(twice, json!({})).expect_error(400, "validation_error");
    let prorated = json!({ "proration_behavior": "create_prorations" });
    let details = create(json!([{ "entitlement_id": of_plan }]), prorated).expect_error(400, "validation_error");
    assert!(details.get("override_entitlements").is_some(), "{details}");
    let all = json!({ "subscription_status": [] });
    let found = api.post("/v1/subscriptions/search", &all).expect(200);
    assert_eq!(found["pagination"]["total"], 0);
}
