//! From an event to recorded usage, as a seller sees it (spec 02, acceptance 1 to 10, 14 to 18 and 20).

use serde_json::{Value, json};

use crate::support::client::{encoded, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    an_accepted_event_is_found_by_its_id,
    an_event_names_its_customer_by_external_id,
    a_batch_has_one_to_a_thousand_events,
    a_delivery_replaces_the_one_before_it,
    the_end_of_a_period_is_listed_but_not_counted,
    negative_values_are_recorded_as_nothing,
    a_minimum_is_recorded_and_asked_for,
    a_meter_counts_what_passes_all_its_filters,
    an_event_is_recorded_by_every_meter_of_its_name,
    a_question_without_a_property_counts,
    added_filters_hold_for_later_events,
    a_lookup_key_is_free_again_after_deletion,
    a_feature_in_use_is_not_deleted,
    a_clone_goes_its_own_way,
    alert_levels_are_in_order,
    reporting_units_stay_with_ten_digits,
    groups_label_features_of_their_kind,
    meters_are_listed_by_what_they_measure,
    an_event_brings_its_customer_along,
    onboarding_subscribes_from_the_first_event,
    a_collector_sends_both_formats,
    nothing_is_fed_again,
);

const START: &str = "2026-01-01T00:00:00Z";
const END: &str = "2026-02-01T00:00:00Z";

fn tenant(place: &Place) -> Tenant {
    Tenant::sign_up(&place.server().client())
}

fn event(id: &str, day: u32, properties: Value) -> Value {
    json!({
        "event_id": id, "event_name": "api_call", "external_customer_id": "cust_1",
        "timestamp": format!("2026-01-{day:02}T12:00:00Z"), "properties": properties,
    })
}

fn send(tenant: &Tenant, events: &[Value]) {
    let batch = json!({ "events": events });
    tenant.api.post("/v1/events/bulk", &batch).expect(202);
}

fn meter(aggregation: Value, filters: Value) -> Value {
    json!({
        "name": "m", "event_name": "api_call", "aggregation": aggregation, "filters": filters,
        "reset_usage": "BILLING_PERIOD",
    })
}

/// A metered feature of its own meter over `api_call`.
fn feature(tenant: &Tenant, name: &str, aggregation: Value, filters: Value) -> Value {
    let body = json!({ "name": name, "type": "metered", "meter": meter(aggregation, filters) });
    tenant.api.post("/v1/features", &body).expect(201)
}

fn sum(tenant: &Tenant) -> Value {
    feature(tenant, "Sum", json!({ "type": "SUM", "field": "v" }), json!([]))
}

/// Total usage and number of events of the customer in January, as analytics shows them; nothing when there is no row.
fn recorded(tenant: &Tenant, feature: &Value, customer: &str) -> Option<(String, u64)> {
    let question = json!({
        "external_customer_id": customer, "feature_ids": [feature["id"]], "start_time": START, "end_time": END,
    });
    let answer = tenant.api.post("/v1/events/analytics", &question).expect(200);
    let items = answer["items"].as_array().unwrap();
    assert!(items.len() <= 1, "{answer}");
    let item = items.first()?;
    Some((text(item, "/total_usage"), item["event_count"].as_u64().unwrap()))
}

fn usage(value: &str, events: u64) -> Option<(String, u64)> {
    Some((value.to_owned(), events))
}

/// Ids of the listed events of January, newest first.
fn listed(tenant: &Tenant) -> Vec<String> {
    let query = json!({ "start_time": START, "end_time": END, "page_size": 1000 });
    let page = tenant.api.post("/v1/events/query", &query).expect(200);
    let events = page["events"].as_array().unwrap().iter();
    events.map(|event| text(event, "/id")).collect()
}

fn lookup(tenant: &Tenant, id: &str) -> Value {
    let path = format!("/v1/events/lookup?id={}", encoded(id));
    tenant.api.get(&path).expect(200)
}

fn an_accepted_event_is_found_by_its_id(place: &Place) {
    let tenant = tenant(place);
    let properties = json!({ "model": "m-1", "tokens": 12, "nested": { "deep": [1, null] }, "a.b": true });
    let body = json!({
        "event_name": " api_call ", "external_customer_id": "cust_1", "properties": properties, "unknown": [1],
        "timestamp": "2026-01-05T10:00:00.1239+02:00",
    });
    let accepted = tenant.api.post("/v1/events", &body).expect(202);
    assert_eq!(accepted["message"], "Event accepted for processing");
    let id = text(&accepted, "/event_id");
    assert!(id.starts_with("event_"), "{id}");
    let found = lookup(&tenant, &id);
    assert_eq!(found["event"]["properties"], properties);
    assert_eq!(found["event"]["event_name"], "api_call");
    assert_eq!(found["event"]["timestamp"], "2026-01-05T08:00:00.123Z");
    let own = json!({ "event_id": "a/b::c", "event_name": "api_call", "external_customer_id": "cust_1" });
    assert_eq!(tenant.api.post("/v1/events", &own).expect(202)["event_id"], "a/b::c");
    assert_eq!(lookup(&tenant, "a/b::c")["event"]["id"], "a/b::c");
}

fn an_event_names_its_customer_by_external_id(place: &Place) {
    let tenant = tenant(place);
    let mut body = event("e1", 5, json!({}));
    body["external_customer_id"] = Value::Null;
    body["customer_id"] = json!("cust_internal");
    let details = tenant
        .api
        .post("/v1/events", &body)
        .expect_error(400, "validation_error");
    assert!(details.get("external_customer_id").is_some(), "{details}");
    assert!(listed(&tenant).is_empty());
}

fn a_batch_has_one_to_a_thousand_events(place: &Place) {
    let tenant = tenant(place);
    let batch = |count: usize| {
        let events: Vec<Value> = (0..count)
            .map(|number| event(&format!("e{number}"), 5, json!({})))
            .collect();
        tenant.api.post("/v1/events/bulk", &json!({ "events": events }))
    };
    batch(1001).expect_error(400, "validation_error");
    batch(0).expect_error(400, "validation_error");
    let mut nameless = event("b", 5, json!({}));
    nameless["event_name"] = Value::Null;
    let mixed = json!({ "events": [event("a", 5, json!({})), nameless, event("c", 5, json!({}))] });
    let details = tenant
        .api
        .post("/v1/events/bulk", &mixed)
        .expect_error(400, "validation_error");
    assert!(details.get("events[1].event_name").is_some(), "{details}");
    assert!(listed(&tenant).is_empty(), "a refused batch left events behind");
    let accepted = batch(1000).expect(202);
    assert_eq!(accepted, json!({ "message": "Events accepted for processing" }));
    assert_eq!(listed(&tenant).len(), 1000);
}

fn a_delivery_replaces_the_one_before_it(place: &Place) {
    let tenant = tenant(place);
    let feature = sum(&tenant);
    send(&tenant, &[event("e1", 5, json!({ "v": 3 }))]);
    send(&tenant, &[event("e1", 5, json!({ "v": 3 }))]);
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("3", 1));
    send(&tenant, &[event("e1", 9, json!({ "v": 3 }))]);
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("3", 1));
    assert_eq!(
        lookup(&tenant, "e1")["event"]["timestamp"],
        "2026-01-09T12:00:00Z",
        "the last delivery counts"
    );
    // Inside one batch, and for another customer.
    let mut moved = event("e1", 9, json!({ "v": 4 }));
    moved["external_customer_id"] = json!("cust_2");
    send(&tenant, &[event("e1", 9, json!({ "v": 5 })), moved]);
    assert_eq!(recorded(&tenant, &feature, "cust_1"), None);
    assert_eq!(recorded(&tenant, &feature, "cust_2"), usage("4", 1));
}

fn the_end_of_a_period_is_listed_but_not_counted(place: &Place) {
    let tenant = tenant(place);
    let at = |id: &str, instant: &str| {
        let mut event = event(id, 1, json!({}));
        event["timestamp"] = json!(instant);
        event
    };
    send(&tenant, &[at("start", START), at("end", END)]);
    let question = json!({
        "event_name": "api_call", "aggregation_type": "COUNT", "start_time": START, "end_time": END,
    });
    assert_eq!(tenant.api.post("/v1/events/usage", &question).expect(200)["value"], 1);
    assert_eq!(listed(&tenant), ["end", "start"]);
}

fn negative_values_are_recorded_as_nothing(place: &Place) {
    let tenant = tenant(place);
    let feature = sum(&tenant);
    send(
        &tenant,
        &[event("e1", 5, json!({ "v": 10 })), event("e2", 6, json!({ "v": -4 }))],
    );
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("10", 2));
    let question = json!({
        "event_name": "api_call", "aggregation_type": "SUM", "property_name": "v", "start_time": START, "end_time": END,
    });
    assert_eq!(tenant.api.post("/v1/events/usage", &question).expect(200)["value"], 6);
}

fn a_minimum_is_recorded_and_asked_for(place: &Place) {
    let tenant = tenant(place);
    let least = feature(&tenant, "Least", json!({ "type": "MIN", "field": "v" }), json!([]));
    let computed = feature(
        &tenant,
        "Computed",
        json!({ "type": "MIN", "expression": "v * 2" }),
        json!([]),
    );
    assert_eq!(recorded(&tenant, &least, "cust_1"), None);
    let read = tenant
        .api
        .get(&format!("/v1/meters/{}", text(&least, "/meter_id")))
        .expect(200);
    assert_eq!(read["aggregation"], json!({ "type": "MIN", "field": "v" }));
    send(
        &tenant,
        &[
            event("e1", 5, json!({ "v": 7.5 })),
            event("e2", 6, json!({ "v": "3.25" })),
        ],
    );
    assert_eq!(recorded(&tenant, &least, "cust_1"), usage("3.25", 2));
    assert_eq!(recorded(&tenant, &computed, "cust_1"), usage("6.5", 2));
    let question = |property: &str| {
        let question = json!({
            "event_name": "api_call", "aggregation_type": "min", "property_name": property,
            "start_time": START, "end_time": END,
        });
        tenant.api.post("/v1/events/usage", &question).expect(200)
    };
    assert_eq!(
        question("v"),
        json!({ "event_name": "api_call", "type": "MIN", "value": 3.25 })
    );
    send(&tenant, &[event("e3", 7, json!({ "v": -1 }))]);
    assert_eq!(recorded(&tenant, &least, "cust_1"), usage("0", 3));
    assert_eq!(question("v"), json!({ "event_name": "api_call", "type": "MIN" }));
}

fn a_meter_counts_what_passes_all_its_filters(place: &Place) {
    let tenant = tenant(place);
    let filters = json!([{ "key": "model", "values": ["gpt-4", "o1"] }, { "key": "region", "values": ["eu"] }]);
    let feature = feature(&tenant, "Calls", json!({ "type": "COUNT" }), filters);
    send(
        &tenant,
        &[
            event("both", 5, json!({ "model": "o1", "region": "eu" })),
            event("other_model", 5, json!({ "model": "o2", "region": "eu" })),
            event("other_region", 5, json!({ "model": "gpt-4", "region": "us" })),
            event("no_region", 5, json!({ "model": "gpt-4" })),
            event("other_case", 5, json!({ "model": "O1", "region": "eu" })),
        ],
    );
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("1", 1));
}

fn an_event_is_recorded_by_every_meter_of_its_name(place: &Place) {
    let tenant = tenant(place);
    let (sum, count) = (
        sum(&tenant),
        feature(&tenant, "Calls", json!({ "type": "COUNT" }), json!([])),
    );
    tenant.customer("cust_1", "First");
    send(&tenant, &[event("e1", 5, json!({ "v": 3 }))]);
    assert_eq!(recorded(&tenant, &sum, "cust_1"), usage("3", 1));
    assert_eq!(recorded(&tenant, &count, "cust_1"), usage("1", 1));
    let found = lookup(&tenant, "e1");
    assert_eq!(found["status"], "failed");
    let failure = |found: &Value| text(found, "/debug_tracker/failure_point/failure_point_type");
    assert_eq!(failure(&found), "price_lookup");
    let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1, "type": "USAGE", "billing_model": "FLAT_FEE",
        "invoice_cadence": "ARREAR", "amount": "1", "meter_id": sum["meter_id"],
    });
    tenant.api.post("/v1/prices", &price).expect(201);
    assert_eq!(failure(&lookup(&tenant, "e1")), "subscription_line_item_lookup");
}

fn a_question_without_a_property_counts(place: &Place) {
    let tenant = tenant(place);
    send(&tenant, &[event("e1", 5, json!({ "v": 3 }))]);
    let ask = |members: Value| {
        let mut question = json!({ "event_name": "api_call", "start_time": START, "end_time": END });
        for (name, value) in members.as_object().unwrap() {
            question[name] = value.clone();
        }
        tenant.api.post("/v1/events/usage", &question)
    };
    let counted = ask(json!({ "aggregation_type": "SUM" })).expect(200);
    assert_eq!(
        counted,
        json!({ "event_name": "api_call", "type": "COUNT", "value": 1 })
    );
    for refused in [
        json!({ "aggregation_type": "SUM", "multiplier": 2, "property_name": "v" }),
        json!({ "aggregation_type": "SUM", "multiplier": 2 }),
        json!({ "aggregation_type": "MEDIAN", "property_name": "v" }),
        json!({ "aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": 0, "property_name": "v" }),
        json!({}),
    ] {
        ask(refused).expect_error(400, "validation_error");
    }
}

fn added_filters_hold_for_later_events(place: &Place) {
    let tenant = tenant(place);
    let filters = json!([{ "key": "region", "values": ["eu"] }]);
    let feature = feature(&tenant, "Calls", json!({ "type": "COUNT" }), filters);
    let path = format!("/v1/features/{}", text(&feature, "/id"));
    send(&tenant, &[event("early", 5, json!({ "region": "us" }))]);
    let more = json!({ "filters": [{ "key": "region", "values": ["us"] }] });
    tenant.api.put(&path, &more).expect(200);
    assert_eq!(
        tenant.api.get(&path).expect(200)["meter"]["filters"],
        json!([{ "key": "region", "values": ["eu", "us"] }])
    );
    assert_eq!(recorded(&tenant, &feature, "cust_1"), None);
    send(&tenant, &[event("late", 6, json!({ "region": "us" }))]);
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("1", 1));
    // What is refused as a whole changes no filter.
    let both = json!({ "filters": [{ "key": "tier", "values": ["pro"] }], "unit_plural": "calls" });
    tenant.api.put(&path, &both).expect_error(400, "validation_error");
    send(&tenant, &[event("later", 7, json!({ "region": "us" }))]);
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("2", 2));
}

fn a_lookup_key_is_free_again_after_deletion(place: &Place) {
    let tenant = tenant(place);
    let body = json!({ "name": "API  Calls!", "type": "boolean" });
    let first = tenant.api.post("/v1/features", &body).expect(201);
    assert_eq!(first["lookup_key"], "api_calls");
    tenant
        .api
        .post("/v1/features", &body)
        .expect_error(409, "already_exists");
    let path = format!("/v1/features/{}", text(&first, "/id"));
    tenant.api.delete(&path).expect(200);
    tenant.api.post("/v1/features", &body).expect(201);
    let archived = tenant.api.get(&path).expect(200);
    tenant.api.delete(&path).expect(200);
    assert_eq!(
        tenant.api.get(&path).expect(200),
        archived,
        "deleting twice changes something"
    );
    // A name without letters or digits makes an empty key, which any number of features may have.
    for _ in 0..2 {
        let nameless = tenant
            .api
            .post("/v1/features", &json!({ "name": "!", "type": "config" }));
        assert_eq!(nameless.expect(201)["lookup_key"], "");
    }
}

fn a_feature_in_use_is_not_deleted(place: &Place) {
    let tenant = tenant(place);
    let feature = feature(&tenant, "Calls", json!({ "type": "COUNT" }), json!([]));
    let path = format!("/v1/features/{}", text(&feature, "/id"));
    let meter_path = format!("/v1/meters/{}", text(&feature, "/meter_id"));
    let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
    let entitlement = json!({
        "entity_type": "PLAN", "entity_id": plan["id"], "feature_id": feature["id"], "feature_type": "metered",
        "usage_limit": 5, "usage_reset_period": "MONTHLY",
    });
    let entitlement = tenant.api.post("/v1/entitlements", &entitlement).expect(201);
    send(&tenant, &[event("before", 5, json!({}))]);
    tenant.api.delete(&path).expect_error(400, "invalid_operation");
    assert_eq!(tenant.api.get(&meter_path).expect(200)["status"], "published");
    tenant
        .api
        .delete(&format!("/v1/entitlements/{}", text(&entitlement, "/id")))
        .expect(200);
    let deleted = tenant.api.delete(&path).expect(200);
    assert_eq!(deleted, json!({ "message": "feature deleted successfully" }));
    assert_eq!(tenant.api.get(&meter_path).expect(200)["status"], "archived");
    send(&tenant, &[event("after", 6, json!({}))]);
    assert_eq!(listed(&tenant), ["after", "before"]);
    tenant.customer("cust_1", "First");
    let found = lookup(&tenant, "after");
    let status = &found["debug_tracker"]["meter_matching"]["status"];
    assert_eq!(status, "not_found", "{found}");
    // What was recorded before stays.
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("1", 1));
}

fn a_clone_goes_its_own_way(place: &Place) {
    let tenant = tenant(place);
    let group = json!({ "name": "Core", "entity_type": "feature", "lookup_key": "core" });
    let group = tenant.api.post("/v1/groups", &group).expect(201);
    let source = json!({
        "name": "Calls", "type": "metered", "meter": meter(json!({ "type": "COUNT" }), json!([])),
        "description": "d", "unit_singular": "call", "unit_plural": "calls", "group_id": group["id"],
        "metadata": { "a": "1", "b": "1" },
        "reporting_unit": { "unit_singular": "k", "unit_plural": "k", "conversion_rate": 1000 },
        "alert_settings": { "info": { "threshold": "5", "condition": "below" } },
    });
    let source = tenant.api.post("/v1/features", &source).expect(201);
    let path = format!("/v1/features/{}", text(&source, "/id"));
    let request = json!({ "name": "Copy", "lookup_key": "copy", "metadata": { "b": "2" } });
    let copy = tenant.api.post(&format!("{path}/clone"), &request).expect(201);
    assert_eq!(
        copy["metadata"],
        json!({ "a": "1", "b": "2", "source_feature_id": source["id"] })
    );
    for member in [
        "type",
        "description",
        "unit_singular",
        "unit_plural",
        "reporting_unit",
        "alert_settings",
        "group_id",
        "group",
    ] {
        assert_eq!(copy[member], source[member], "{member}");
    }
    assert_ne!(copy["meter_id"], source["meter_id"]);
    assert_eq!(copy["meter"]["id"], copy["meter_id"]);
    assert_eq!(copy["meter"]["status"], "published");
    tenant
        .api
        .delete(&format!("/v1/features/{}", text(&copy, "/id")))
        .expect(200);
    let read = tenant.api.get(&path).expect(200);
    assert_eq!(read["meter"]["status"], "published");
    // A copy of what is archived works like any other.
    tenant.api.delete(&path).expect(200);
    let request = json!({ "name": "Again", "lookup_key": "again", "description": "other" });
    let again = tenant.api.post(&format!("{path}/clone"), &request).expect(201);
    assert_eq!(
        (&again["status"], &again["description"]),
        (&json!("published"), &json!("other"))
    );
    assert_eq!(again["meter"]["status"], "published");
    tenant
        .api
        .post("/v1/features/feat_none/clone", &request)
        .expect_error(404, "not_found");
}

fn alert_levels_are_in_order(place: &Place) {
    let tenant = tenant(place);
    let level = |threshold: i64| json!({ "threshold": threshold, "condition": "below" });
    let create = |settings: Value| {
        let body = json!({ "name": "Credits", "type": "boolean", "alert_settings": settings });
        tenant.api.post("/v1/features", &body)
    };
    create(json!({ "critical": level(10), "warning": level(5) })).expect_error(400, "validation_error");
    let settings = json!({ "critical": level(10), "warning": level(20), "info": level(50) });
    let created = create(settings).expect(201);
    assert_eq!(created["alert_settings"]["alert_enabled"], false);
    assert_eq!(created["alert_settings"]["warning"]["threshold"], "20");
    let path = format!("/v1/features/{}", text(&created, "/id"));
    let update = |settings: Value| tenant.api.put(&path, &json!({ "alert_settings": settings }));
    // Checked as a whole, after merging.
    update(json!({ "critical": level(30) })).expect_error(400, "validation_error");
    update(json!({ "info": { "threshold": "15", "condition": "above" } })).expect_error(400, "validation_error");
    let enabled = update(json!({ "alert_enabled": true })).expect(200);
    assert_eq!(enabled["alert_settings"]["critical"]["threshold"], "10");
    assert_eq!(enabled["alert_settings"]["alert_enabled"], true);
    // Without a critical and an info level there is nothing to show.
    let off = json!({ "name": "Off", "type": "boolean", "alert_settings": { "alert_enabled": false } });
    let off = tenant.api.post("/v1/features", &off).expect(201);
    assert!(off.get("alert_settings").is_none(), "{off}");
}

fn reporting_units_stay_with_ten_digits(place: &Place) {
    let tenant = tenant(place);
    let unit = |rate: Value| json!({ "unit_singular": "s", "unit_plural": "s", "conversion_rate": rate });
    let mut body =
        json!({ "name": "Time", "type": "metered", "meter": meter(json!({ "type": "SUM", "field": "v" }), json!([])) });
    body["reporting_unit"] = unit(json!("1000.00000000004"));
    let created = tenant.api.post("/v1/features", &body).expect(201);
    assert_eq!(created["reporting_unit"]["conversion_rate"], 1000);
    let path = format!("/v1/features/{}", text(&created, "/id"));
    for kept in [json!({ "reporting_unit": null }), json!({ "description": "d" })] {
        let updated = tenant.api.put(&path, &kept).expect(200);
        assert_eq!(updated["reporting_unit"], created["reporting_unit"], "{kept}");
    }
    send(&tenant, &[event("e1", 5, json!({ "v": 1_234_567 }))]);
    let question = json!({
        "external_customer_id": "cust_1", "feature_ids": [created["id"]], "start_time": START, "end_time": END,
    });
    let answer = tenant.api.post("/v1/events/analytics", &question).expect(200);
    assert_eq!(answer["items"][0]["total_usage_display"], "1234.57");
    let changed = tenant.api.put(&path, &json!({ "reporting_unit": unit(json!(0.5)) }));
    assert_eq!(changed.expect(200)["reporting_unit"]["conversion_rate"], 0.5);
}

fn groups_label_features_of_their_kind(place: &Place) {
    let tenant = tenant(place);
    let group = |kind: &str| {
        let body = json!({ "name": kind, "entity_type": kind, "lookup_key": kind });
        tenant.api.post("/v1/groups", &body).expect(201)
    };
    let (features, prices) = (group("feature"), group("price"));
    let create = |group_id: &Value| {
        let body = json!({ "name": "F", "type": "static", "group_id": group_id });
        tenant.api.post("/v1/features", &body)
    };
    create(&json!("group_none")).expect_error(404, "not_found");
    create(&prices["id"]).expect_error(400, "validation_error");
    let created = create(&features["id"]).expect(201);
    assert_eq!(created["group"]["id"], features["id"]);
    let path = format!("/v1/features/{}", text(&created, "/id"));
    let update = |group_id: Value| tenant.api.put(&path, &json!({ "group_id": group_id }));
    update(json!("group_none")).expect_error(404, "not_found");
    update(prices["id"].clone()).expect_error(400, "validation_error");
    assert_eq!(update(Value::Null).expect(200)["group_id"], features["id"]);
    let cleared = update(json!("")).expect(200);
    assert!(
        cleared.get("group_id").is_none() && cleared.get("group").is_none(),
        "{cleared}"
    );
}

fn meters_are_listed_by_what_they_measure(place: &Place) {
    let tenant = tenant(place);
    let create = |event_name: &str| {
        let mut body = meter(json!({ "type": "COUNT" }), json!([]));
        body["event_name"] = json!(event_name);
        tenant.api.post("/v1/meters", &body).expect(201)
    };
    let (first, second) = (create("one"), create("two"));
    let ids = |query: &str| -> Vec<String> {
        let page = tenant.api.get(&format!("/v1/meters?{query}")).expect(200);
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| text(item, "/event_name")).collect()
    };
    assert_eq!(ids(""), ["two", "one"]);
    assert_eq!(ids("event_name=one"), ["one"]);
    let by_id = |meter: &Value| format!("meter_ids={}", text(meter, "/id"));
    assert_eq!(ids(&by_id(&second)), ["two"]);
    assert_eq!(ids(&format!("{}&{}", by_id(&first), by_id(&second))).len(), 2);
    let created = encoded(&text(&second, "/created_at"));
    assert_eq!(ids(&format!("start_time={created}")), ["two"]);
    assert_eq!(ids("end_time=2020-01-01T00:00:00Z").len(), 0);
    let path = format!("/v1/meters/{}", text(&first, "/id"));
    for action in 0..2 {
        let deleted = tenant.api.delete(&path).expect(200);
        assert_eq!(deleted, json!({ "message": "Meter deleted successfully" }), "{action}");
    }
    assert_eq!(ids("status=archived"), ["one"]);
    assert_eq!(ids("status=published"), ["two"]);
    assert_eq!(ids("").len(), 2);
    for query in ["limit=1001", "start_time=yesterday", "sort=nope", "status=%27&order=up"] {
        let reply = tenant.api.get(&format!("/v1/meters?{query}"));
        reply.expect_error(400, "validation_error");
    }
    let none = tenant.api.post("/v1/meters/meter_none/disable", &json!({}));
    none.expect_error(404, "not_found");
    let filters = json!({ "filters": [{ "key": "a", "values": ["b"] }] });
    tenant
        .api
        .put("/v1/meters/meter_none", &filters)
        .expect_error(404, "not_found");
}

fn onboard(tenant: &Tenant, actions: Value) {
    let value = json!({ "value": { "actions": actions } });
    tenant
        .session()
        .put("/v1/settings/customer_onboarding", &value)
        .expect(200);
}

fn of(customer: &str, mut event: Value) -> Value {
    event["external_customer_id"] = json!(customer);
    event
}

fn an_event_brings_its_customer_along(place: &Place) {
    let tenant = tenant(place);
    feature(
        &tenant,
        "Calls",
        json!({ "type": "COUNT" }),
        json!([{ "key": "region", "values": ["eu"] }]),
    );
    let eu = || json!({ "region": "eu" });
    let exists = |external_id: &str| {
        let reply = tenant.api.get(&format!("/v1/customers/external/{external_id}"));
        (reply.status == 200).then(|| reply.json())
    };
    send(&tenant, &[of("before", event("e0", 5, eu()))]);
    assert_eq!(exists("before"), None, "nobody is created unless asked for");
    onboard(&tenant, json!([{ "action": "create_customer" }]));
    let single = of("single", event("e1", 5, eu()));
    tenant.api.post("/v1/events", &single).expect(202);
    let created = exists("single").expect("the customer of the event");
    assert_eq!((&created["name"], &created["email"]), (&json!("single"), &json!("")));
    assert_eq!(
        created["metadata"],
        json!({ "created_by_workflow": "true", "workflow_type": "customer_onboarding" })
    );
    // In batches too, once each, and only of events that some meter records.
    send(
        &tenant,
        &[
            of("many", event("e2", 5, eu())),
            of("many", event("e3", 5, eu())),
            of("filtered", event("e4", 5, json!({}))),
            of("single", event("e5", 5, eu())),
        ],
    );
    assert!(exists("many").is_some());
    assert_eq!(exists("filtered"), None);
    let all = tenant.api.post("/v1/customers/search", &json!({})).expect(200);
    assert_eq!(all["pagination"]["total"], 2);
    // Only a first action that creates customers does so.
    onboard(&tenant, json!([]));
    send(&tenant, &[of("after", event("e6", 5, eu()))]);
    assert_eq!(exists("after"), None);
}

fn onboarding_subscribes_from_the_first_event(place: &Place) {
    let tenant = tenant(place);
    let sum = sum(&tenant);
    let plan = tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201);
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1, "type": "USAGE", "billing_model": "FLAT_FEE",
        "invoice_cadence": "ARREAR", "amount": "2", "meter_id": sum["meter_id"], "start_date": "2025-01-01T00:00:00Z",
    });
    tenant.api.post("/v1/prices", &price).expect(201);
    tenant.set_clock("2026-01-20T00:00:00Z");
    let subscribe = json!({ "action": "create_subscription", "plan_id": plan["id"] });
    onboard(&tenant, json!([{ "action": "create_customer" }, subscribe]));
    send(
        &tenant,
        &[
            of("new", event("late", 9, json!({ "v": 4 }))),
            of("new", event("early", 7, json!({ "v": 3 }))),
        ],
    );
    let subscriptions = |external_id: &str| {
        let filter = json!({ "external_customer_id": external_id });
        let page = tenant.api.post("/v1/subscriptions/search", &filter).expect(200);
        page["items"].as_array().unwrap().clone()
    };
    let created = subscriptions("new");
    assert_eq!(created.len(), 1, "{created:?}");
    assert_eq!(created[0]["start_date"], "2026-01-07T12:00:00Z");
    assert_eq!(created[0]["currency"], "usd");
    assert_eq!(created[0]["billing_period"], "MONTHLY");
    let question = json!({ "external_customer_id": "new", "start_time": START, "end_time": END });
    let answer = tenant.api.post("/v1/events/analytics", &question).expect(200);
    assert_eq!(answer["total_cost"], "14");
    // A customer that a caller creates takes the later steps too, from now on, unless told not to.
    let body = |external_id: &str, skip: bool| json!({ "external_id": external_id, "name": "n", "skip_onboarding_workflow": skip });
    tenant.api.post("/v1/customers", &body("called", false)).expect(201);
    tenant.api.post("/v1/customers", &body("skipped", true)).expect(201);
    assert_eq!(subscriptions("called")[0]["start_date"], "2026-01-20T00:00:00Z");
    assert!(subscriptions("skipped").is_empty());
    // A step that fails takes neither the customer nor the event with it.
    onboard(
        &tenant,
        json!([{ "action": "create_customer" }, { "action": "create_subscription", "plan_id": "plan_none" }]),
    );
    send(&tenant, &[of("unlucky", event("u", 9, json!({ "v": 1 })))]);
    tenant.api.get("/v1/customers/external/unlucky").expect(200);
    assert!(subscriptions("unlucky").is_empty());
    assert_eq!(recorded(&tenant, &sum, "unlucky"), usage("1", 1));
}

fn a_collector_sends_both_formats(place: &Place) {
    let tenant = tenant(place);
    let feature = sum(&tenant);
    let cloud = |id: &str, customer: &str| {
        json!({
            "specversion": "1.0", "id": id, "source": "/gateway", "type": "api_call", "subject": customer,
            "time": "2026-01-05T12:00:00Z", "data": { "v": 2 },
        })
    };
    let batch = json!({ "events": [event("own", 6, json!({ "v": 3 })), cloud("cloud", "cust_1")] });
    let accepted = tenant.api.post("/v1/events/raw/bulk", &batch).expect(202);
    assert_eq!(accepted["batch_size"], 2);
    assert!(!text(&accepted, "/message").is_empty());
    assert_eq!(listed(&tenant), ["own", "cloud"]);
    assert_eq!(lookup(&tenant, "cloud")["event"]["source"], "/gateway");
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("5", 2));
    // The filter drops other customers' events, here and nowhere else.
    let filter = |value: Value| {
        let body = json!({ "value": value });
        tenant.session().put("/v1/settings/event_ingestion_filter", &body)
    };
    filter(json!({ "enabled": true })).expect_error(400, "validation_error");
    filter(json!({ "enabled": true, "allowed_external_customer_ids": ["cust_2"] })).expect(200);
    let batch = json!({ "events": [cloud("dropped", "cust_1"), cloud("kept", "cust_2")] });
    let accepted = tenant.api.post("/v1/events/raw/bulk", &batch).expect(202);
    assert_eq!(accepted["batch_size"], 2);
    send(&tenant, &[event("elsewhere", 7, json!({ "v": 1 }))]);
    assert_eq!(listed(&tenant), ["elsewhere", "own", "kept", "cloud"]);
    let nobody = json!({ "events": [cloud("dropped", "cust_3")] });
    tenant.api.post("/v1/events/raw/bulk", &nobody).expect(202);
    filter(json!({ "enabled": false })).expect(200);
    tenant.api.post("/v1/events/raw/bulk", &nobody).expect(202);
    assert!(listed(&tenant).contains(&"dropped".to_owned()));
}

fn nothing_is_fed_again(place: &Place) {
    let tenant = tenant(place);
    let feature = sum(&tenant);
    send(&tenant, &[event("e1", 5, json!({ "v": 3 }))]);
    for which in ["all", "pending"] {
        let path = format!("/v1/events/raw/reprocess/{which}");
        let body = json!({ "start_date": START, "end_date": END, "event_names": ["api_call"], "batch_size": 10 });
        let answer = tenant.api.post(&path, &body).expect(200);
        assert!(text(&answer, "/workflow_id").starts_with("wf_"), "{answer}");
        assert!(
            text(&answer, "/message").starts_with("Nothing to reprocess"),
            "{answer}"
        );
        for refused in [
            json!({}),
            json!({ "start_date": "yesterday" }),
            json!({ "start_date": END, "end_date": START }),
            json!({ "start_date": "2999-01-01T00:00:00Z" }),
            json!({ "start_date": START, "batch_size": -1 }),
            json!({ "start_date": START, "event_ids": "e1" }),
        ] {
            tenant.api.post(&path, &refused).expect_error(400, "validation_error");
        }
    }
    assert_eq!(recorded(&tenant, &feature, "cust_1"), usage("3", 1));
}
