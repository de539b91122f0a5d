//! Attaching and detaching.

use std::thread;

use serde_json::{Value, json};

use super::{END, START, Shop};
use crate::support::client::text;
use crate::support::databases::Place;

crate::tests!(
    attached_twice_it_counts_twice,
    attaching_refuses_what_does_not_fit,
    a_reset_period_must_agree,
    a_one_time_addon_ends_with_its_period,
    an_addon_is_detached_once,
    what_is_detached_grants_until_its_end,
    what_is_withdrawn_before_it_begins_never_counts,
    an_addon_in_use_is_not_archived,
    attaching_and_archiving_at_once,
    a_cancelled_subscription_has_no_addons,
);

/// Acceptance 12 of chapter 03.
fn attached_twice_it_counts_twice(place: &Place) {
    let shop = Shop::open(place);
    let (feature, addon) = (shop.calls(), shop.priced_addon("more", "5"));
    shop.entitle("PLAN", &shop.plan_id, &feature, &json!({ "usage_limit": 100 }));
    shop.entitle("ADDON", &addon, &feature, &json!({ "usage_limit": 10 }));
    let subscription = shop.subscribe(&json!({}));
    assert_eq!(shop.view(&subscription)["entitlement"]["usage_limit"], 100);
    let body = json!({ "metadata": { "why": ["more"] } });
    let first = shop.attach(&subscription, &addon, &body).expect(200);
    let second = shop.attach(&subscription, &addon, &json!({})).expect(200);
    assert!(text(&first, "/id").starts_with("addon_assoc_"), "{first}");
    assert_ne!(first["id"], second["id"]);
    for (member, expected) in [
        ("addon_id", json!(addon)),
        ("addon_status", json!("active")),
        ("entity_id", json!(subscription)),
        ("entity_type", json!("subscription")),
        ("start_date", json!(START)),
        ("metadata", json!({ "why": ["more"] })),
    ] {
        assert_eq!(first[member], expected, "{member}");
    }
    assert!(first.get("end_date").is_none(), "{first}");

    let view = shop.view(&subscription);
    assert_eq!(view["entitlement"]["usage_limit"], 120);
    let sources = view["sources"].as_array().unwrap();
    let of: Vec<_> = sources.iter().map(|source| text(source, "/entity_type")).collect();
    assert_eq!(of, ["plan", "addon", "addon"]);
    assert_eq!(sources[1]["entity_name"], "Addon more");
    assert_eq!(sources[2]["subscription_id"], subscription.as_str());
    let customer = shop
        .tenant
        .api
        .get("/v1/customers/external/acme/entitlements")
        .expect(200);
    assert_eq!(customer["features"][0]["entitlement"]["usage_limit"], 120);

    let lines = shop.lines(&text(&second, "/id"));
    assert_eq!(lines.len(), 1);
    assert_eq!(
        (&lines[0]["entity_type"], &lines[0]["entity_id"]),
        (&json!("addon"), &json!(addon))
    );
    assert_eq!(lines[0]["plan_display_name"], "Addon more");
    assert_eq!(lines[0]["addon_association_id"], second["id"]);
    let listed = shop.associations(&subscription, "?expand=addons,subscription");
    assert_eq!(listed.len(), 2);
    assert_eq!((&listed[0]["id"], &listed[1]["id"]), (&second["id"], &first["id"]));
    assert_eq!(listed[0]["addon"]["id"], addon.as_str());
    assert_eq!(listed[0]["subscription"]["id"], subscription.as_str());
    assert!(shop.associations(&subscription, "")[0].get("addon").is_none());
    let path = |id: &str, query: &str| format!("/v1/subscriptions/{id}/addons/associations{query}");
    let api = &shop.tenant.api;
    api.get(&path(&subscription, "?expand=prices"))
        .expect_error(400, "validation_error");
    api.get(&path("subs_none", "")).expect_error(404, "not_found");
}

fn attaching_refuses_what_does_not_fit(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.priced_addon("fits", "1");
    let subscription = shop.subscribe(&json!({ "end_date": "2024-06-01T00:00:00Z" }));
    let refused = |addon: &str, changes: Value| {
        let reply = shop.attach(&subscription, addon, &changes);
        assert_eq!(reply.status, 400, "{addon} {changes} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    };
    refused("", json!({}));
    refused(&addon, json!({ "subscription_id": "" }));
    for (member, value) in [
        ("addon_id", json!(1)),
        ("subscription_id", json!({})),
        ("cadence", json!("weekly")),
        ("cadence", json!(1)),
        ("start_date", json!("soon")),
        ("start_date", json!(true)),
        ("metadata", json!("text")),
        ("proration_behavior", json!("half")),
        ("override_line_items", json!({})),
        ("line_item_commitments", json!([])),
    ] {
        refused(&addon, json!({ member: value }));
    }
    // At or after the subscription's end.
    refused(&addon, json!({ "start_date": "2024-06-01T00:00:00Z" }));
    refused(
        &addon,
        json!({ "cadence": "onetime", "start_date": "2024-06-01T00:00:00Z" }),
    );
    let details = shop
        .attach(&subscription, &addon, &json!({ "checkout": {} }))
        .expect_error(501, "not_implemented");
    assert_eq!(details["field"], "checkout");
    shop.attach("subs_none", &addon, &json!({}))
        .expect_error(404, "not_found");
    shop.attach(&subscription, "addon_none", &json!({}))
        .expect_error(404, "not_found");
    let archived = shop.priced_addon("archived", "1");
    shop.tenant.api.delete(&format!("/v1/addons/{archived}")).expect(200);
    refused(&archived, json!({}));

    // Prices of another currency or a longer period, or none, or ended ones.
    let misfit = shop.addon("misfit");
    refused(&misfit, json!({}));
    shop.price("ADDON", &misfit, &json!({ "currency": "eur" }));
    shop.price("ADDON", &misfit, &json!({ "billing_period": "ANNUAL" }));
    shop.price("ADDON", &misfit, &json!({ "billing_period": "DAILY" }));
    shop.price(
        "ADDON",
        &misfit,
        &json!({ "start_date": "2023-01-01T00:00:00Z", "end_date": START }),
    );
    refused(&misfit, json!({}));
    shop.price("ADDON", &misfit, &json!({ "billing_period": "ONETIME" }));
    let attached = shop.attach(&subscription, &misfit, &json!({})).expect(200);
    assert_eq!(shop.lines(&text(&attached, "/id")).len(), 1);
    assert_eq!(shop.associations(&subscription, "").len(), 1, "a refusal left a trace");

    let draft = shop.subscribe(&json!({ "subscription_status": "draft" }));
    shop.attach(&draft, &addon, &json!({ "proration_behavior": "create_prorations" }))
        .expect(200);
    let incomplete = shop.subscribe(&json!({ "payment_behavior": "default_incomplete" }));
    let reply = shop.attach(&incomplete, &addon, &json!({}));
    reply.expect_error(400, "validation_error");
}

/// One feature has one reset period on a subscription, also among addons that start later.
fn a_reset_period_must_agree(place: &Place) {
    let shop = Shop::open(place);
    let feature = shop.calls();
    let with_reset = |key: &str, period: &str| {
        let addon = shop.priced_addon(key, "1");
        let terms = json!({ "usage_limit": 1, "usage_reset_period": period });
        shop.entitle("ADDON", &addon, &feature, &terms);
        addon
    };
    let (monthly, daily, open) = (
        with_reset("monthly", "MONTHLY"),
        with_reset("daily", "DAILY"),
        with_reset("open", ""),
    );
    let subscription = shop.subscribe(&json!({}));
    let later = json!({ "start_date": "2024-05-01T00:00:00Z" });
    shop.attach(&subscription, &daily, &later).expect(200);
    let details = shop.attach(&subscription, &monthly, &json!({}));
    assert_eq!(
        details.expect_error(400, "validation_error")["feature_id"],
        feature["id"]
    );
    shop.attach(&subscription, &open, &json!({})).expect(200);
    shop.attach(&subscription, &daily, &json!({})).expect(200);
    // Of two addons of a new subscription, too, and of an addon and its plan.
    let both = json!({ "addons": [{ "addon_id": monthly }, { "addon_id": daily }] });
    let reply = shop.tenant.api.post("/v1/subscriptions", &shop.subscription(&both));
    reply.expect_error(400, "validation_error");
    let terms = json!({ "usage_limit": 1, "usage_reset_period": "MONTHLY" });
    shop.entitle("PLAN", &shop.plan_id, &feature, &terms);
    let subscription = shop.subscribe(&json!({}));
    shop.attach(&subscription, &daily, &json!({}))
        .expect_error(400, "validation_error");
    shop.attach(&subscription, &monthly, &json!({})).expect(200);
}

fn a_one_time_addon_ends_with_its_period(place: &Place) {
    let shop = Shop::open(place);
    let (feature, addon) = (shop.calls(), shop.priced_addon("boost", "5"));
    shop.price("ADDON", &addon, &json!({ "billing_period": "ONETIME", "amount": "3" }));
    shop.entitle("ADDON", &addon, &feature, &json!({ "usage_limit": 10 }));
    let subscription = shop.subscribe(&json!({}));
    shop.tenant.set_clock("2024-01-10T00:00:00Z");
    let attached = shop
        .attach(&subscription, &addon, &json!({ "cadence": "onetime" }))
        .expect(200);
    assert_eq!(
        (&attached["start_date"], &attached["end_date"]),
        (&json!("2024-01-10T00:00:00Z"), &json!(END))
    );
    let lines = shop.lines(&text(&attached, "/id"));
    assert_eq!(lines.len(), 2);
    for line in &lines {
        assert_eq!(
            (&line["start_date"], &line["end_date"]),
            (&attached["start_date"], &json!(END))
        );
    }
    let next = json!({ "cadence": "onetime", "start_date": "2024-03-15T00:00:00Z" });
    let coming = shop.attach(&subscription, &addon, &next).expect(200);
    assert_eq!(coming["end_date"], "2024-04-01T00:00:00Z");
    assert_eq!(
        shop.associations(&subscription, "").len(),
        1,
        "one that has not begun is listed"
    );
    assert_eq!(shop.view(&subscription)["entitlement"]["usage_limit"], 10);
    shop.detach(&text(&attached, "/id"), &json!({}))
        .expect_error(400, "validation_error");

    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    assert_eq!(shop.associations(&subscription, ""), Vec::<Value>::new());
    assert_eq!(shop.view(&subscription), Value::Null);
    shop.tenant.set_clock("2024-03-02T00:00:00Z");
    assert_eq!(shop.associations(&subscription, "")[0]["id"], coming["id"]);
    // A period in which it could not have been attached.
    let past = json!({ "cadence": "onetime", "start_date": "2024-01-10T00:00:00Z" });
    let details = shop.attach(&subscription, &addon, &past);
    assert!(
        details
            .expect_error(400, "validation_error")
            .get("start_date")
            .is_some()
    );
}

fn an_addon_is_detached_once(place: &Place) {
    let shop = Shop::open(place);
    let (feature, addon) = (shop.calls(), shop.priced_addon("boost", "5"));
    shop.entitle("ADDON", &addon, &feature, &json!({ "usage_limit": 10 }));
    let subscription = shop.subscribe(&json!({}));
    let attach = || text(&shop.attach(&subscription, &addon, &json!({})).expect(200), "/id");
    let (first, second) = (attach(), attach());
    shop.tenant.set_clock("2024-01-10T00:00:00Z");
    for changes in [
        json!({ "effective_date": "2023-12-31T23:59:59Z" }),
        json!({ "effective_date": "2024-02-01T00:00:01Z" }),
        json!({ "effective_date": 1.5 }),
        json!({ "effective_date": "soon" }),
        json!({ "proration_behavior": "half" }),
        json!({ "reason": 1 }),
        json!({ "addon_association_id": 1 }),
    ] {
        let reply = shop.detach(&first, &changes);
        assert_eq!(reply.status, 400, "{changes} answered {}", reply.text);
    }
    shop.remove(&json!({})).expect_error(400, "validation_error");
    shop.detach("addon_assoc_none", &json!({}))
        .expect_error(404, "not_found");
    // A credit would go to a wallet, which there is none of; with the period nothing is left to credit.
    let credited = json!({ "proration_behavior": "create_prorations", "effective_date": "2024-01-10T00:00:00Z" });
    let details = shop.detach(&first, &credited).expect_error(501, "not_implemented");
    assert_eq!(details["field"], "proration_behavior");

    // With the period: what it grants stays until then, but it is not active any more (04 Q18).
    let kindly = json!({ "reason": "too much", "proration_behavior": "create_prorations" });
    let answer = shop.detach(&first, &kindly).expect(200);
    assert_eq!(answer["message"], "addon removed from subscription successfully");
    shop.detach(&first, &json!({})).expect_error(400, "validation_error");
    assert_eq!(shop.lines(&first)[0]["end_date"], END);
    assert_eq!(shop.view(&subscription)["entitlement"]["usage_limit"], 20);
    let listed = shop.associations(&subscription, "");
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["id"], second.as_str());
    let path = format!("/v1/audit-logs?entity_id={first}&action=updated");
    let ended = shop.tenant.api.get(&path).expect(200)["items"][0]["after"].clone();
    for (member, expected) in [
        ("addon_status", "cancelled"),
        ("cancellation_reason", "too much"),
        ("cancelled_at", "2024-01-10T00:00:00Z"),
        ("end_date", END),
    ] {
        assert_eq!(ended[member], expected, "{member} of {ended}");
    }

    // At once.
    let now = json!({ "effective_date": "2024-01-10T00:00:00Z" });
    shop.detach(&second, &now).expect(200);
    shop.detach(&second, &now).expect_error(400, "validation_error");
    assert_eq!(shop.lines(&second)[0]["end_date"], "2024-01-10T00:00:00Z");
    assert_eq!(shop.view(&subscription)["entitlement"]["usage_limit"], 10);
    shop.tenant.set_clock("2024-02-01T00:00:00Z");
    assert_eq!(shop.view(&subscription), Value::Null);
    let renewed = shop
        .tenant
        .api
        .get(&format!("/v1/subscriptions/{subscription}"))
        .expect(200);
    assert_eq!(renewed["current_period_start"], END);
}

/// Chapter 04, Q18.
fn what_is_detached_grants_until_its_end(place: &Place) {
    let shop = Shop::open(place);
    let feature = shop.calls();
    let addon_with_reset = |key: &str, period: &str| {
        let addon = shop.priced_addon(key, "5");
        let terms = json!({ "usage_limit": 10, "usage_reset_period": period });
        shop.entitle("ADDON", &addon, &feature, &terms);
        addon
    };
    let (addon, other) = (addon_with_reset("boost", "MONTHLY"), addon_with_reset("other", "DAILY"));
    let subscription = shop.subscribe(&json!({}));
    let attached = text(&shop.attach(&subscription, &addon, &json!({})).expect(200), "/id");
    shop.tenant.set_clock("2024-01-10T00:00:00Z");
    let then = json!({ "effective_date": "2024-01-20T00:00:00Z" });
    shop.detach(&attached, &then).expect(200);
    assert_eq!(shop.associations(&subscription, ""), Vec::<Value>::new());
    assert_eq!(shop.lines(&attached)[0]["end_date"], "2024-01-20T00:00:00Z");
    shop.tenant.set_clock("2024-01-19T23:59:59Z");
    assert_eq!(shop.view(&subscription)["entitlement"]["usage_limit"], 10);
    shop.tenant.set_clock("2024-01-20T00:00:00Z");
    assert_eq!(shop.view(&subscription), Value::Null);
    // January's invoice still counts it, so that in January no other reset period fits.
    shop.attach(&subscription, &other, &json!({}))
        .expect_error(400, "validation_error");
    shop.tenant.set_clock("2024-02-02T00:00:00Z");
    shop.attach(&subscription, &other, &json!({})).expect(200);
}

fn what_is_withdrawn_before_it_begins_never_counts(place: &Place) {
    let shop = Shop::open(place);
    let (feature, addon) = (shop.calls(), shop.priced_addon("boost", "5"));
    shop.entitle("ADDON", &addon, &feature, &json!({ "usage_limit": 10 }));
    let subscription = shop.subscribe(&json!({}));
    let later = json!({ "start_date": "2024-02-10T00:00:00Z" });
    let coming = text(&shop.attach(&subscription, &addon, &later).expect(200), "/id");
    // Nothing of it is paid yet, so that nothing is to be credited.
    let credited = json!({ "proration_behavior": "create_prorations", "effective_date": START });
    shop.detach(&coming, &credited).expect(200);
    let line = &shop.lines(&coming)[0];
    assert_eq!(line["end_date"], line["start_date"]);
    shop.detach(&coming, &json!({})).expect_error(400, "validation_error");
    shop.tenant.set_clock("2024-02-20T00:00:00Z");
    assert_eq!(shop.associations(&subscription, ""), Vec::<Value>::new());
    assert_eq!(shop.view(&subscription), Value::Null);
    let renewal = &shop.invoices(&subscription)[1];
    assert_eq!(renewal["total"], "10");
}

fn an_addon_in_use_is_not_archived(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.priced_addon("boost", "5");
    let subscription = shop.subscribe(&json!({}));
    let attached = shop.attach(&subscription, &addon, &json!({})).expect(200);
    let path = format!("/v1/addons/{addon}");
    shop.tenant.api.delete(&path).expect_error(400, "validation_error");
    // Neither later: its line is part of the subscription's history.
    let now = json!({ "effective_date": START });
    shop.detach(&text(&attached, "/id"), &now).expect(200);
    let details = shop.tenant.api.delete(&path).expect_error(400, "validation_error");
    assert_eq!(details["addon_id"], addon.as_str());
    assert_eq!(shop.tenant.api.get(&path).expect(200)["status"], "published");
}

/// However an attachment and an archiving race, no archived addon is ever attached.
fn attaching_and_archiving_at_once(place: &Place) {
    let shop = Shop::open(place);
    let subscription = shop.subscribe(&json!({}));
    let mut attached = 0;
    for round in 0..12 {
        let addon = shop.priced_addon(&format!("race{round}"), "1");
        let path = format!("/v1/addons/{addon}");
        let (attaching, archiving) = thread::scope(|scope| {
            let attaching = scope.spawn(|| shop.attach(&subscription, &addon, &json!({})).status);
            let archiving = scope.spawn(|| shop.tenant.api.delete(&path).status);
            (attaching.join().unwrap(), archiving.join().unwrap())
        });
        let status = text(&shop.tenant.api.get(&path).expect(200), "/status");
        let lines = shop
            .tenant
            .api
            .post("/v1/subscriptions/lineitems/search", &json!({ "entity_ids": [addon] }));
        let lines = lines.expect(200)["pagination"]["total"].as_u64().unwrap();
        match (attaching, archiving) {
            (200, 400) => {
                attached += 1;
                assert_eq!((status.as_str(), lines), ("published", 1));
            }
            (400, 200) => assert_eq!((status.as_str(), lines), ("archived", 0)),
            other => panic!("attaching and archiving answered {other:?}"),
        }
    }
    assert_eq!(shop.associations(&subscription, "").len(), attached);
}

fn a_cancelled_subscription_has_no_addons(place: &Place) {
    let shop = Shop::open(place);
    let addon = shop.priced_addon("boost", "5");
    let subscription = shop.subscribe(&json!({}));
    let attached = shop.attach(&subscription, &addon, &json!({})).expect(200);
    shop.tenant.set_clock("2024-01-10T00:00:00Z");
    let path = format!("/v1/subscriptions/{subscription}/cancel");
    let how = json!({ "cancellation_type": "immediate" });
    shop.tenant.api.post(&path, &how).expect(200);
    assert_eq!(shop.associations(&subscription, ""), Vec::<Value>::new());
    let lines = shop.lines(&text(&attached, "/id"));
    assert_eq!(lines[0]["end_date"], "2024-01-10T00:00:00Z");
    shop.detach(&text(&attached, "/id"), &json!({}))
        .expect_error(400, "validation_error");
    shop.attach(&subscription, &addon, &json!({}))
        .expect_error(400, "validation_error");
}
