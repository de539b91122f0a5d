//! Bad input of features, meters and events, rule by rule: the limit, one past it, a wrong type, an unknown word, an
//! impossible combination (spec 02 §2). Each refusal names the member and changes nothing.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    members_of_a_new_feature,
    alert_settings_of_a_feature,
    members_of_a_changed_feature,
    lists_of_features,
    members_of_a_new_meter,
    expressions_of_a_meter,
    filters_of_a_meter,
    members_of_an_event,
    bodies_that_are_no_events,
    events_of_a_collector,
);

fn tenant(place: &Place) -> Tenant {
    Tenant::sign_up(&place.server().client())
}

/// The object with some members replaced; a null leaves one out.
fn with(object: &Value, members: &Value) -> Value {
    let mut changed = object.clone();
    for (name, value) in members.as_object().unwrap() {
        changed[name] = value.clone();
    }
    changed
}

/// Sends `base` with each row's members: those without a field are accepted, the others refused by its name. An empty
/// name stands for a body whose form is wrong, which has no details.
fn check(tenant: &Tenant, path: &str, base: &Value, accepted: u16, rows: &[(Value, Option<&str>)]) {
    for (members, field) in rows {
        let body = with(base, members);
        let reply = tenant.api.post(path, &body);
        let shown: String = members.to_string().chars().take(300).collect();
        match field {
            None => assert_eq!(reply.status, accepted, "{path} {shown} answered {}", reply.text),
            Some(field) => {
                assert_eq!(reply.status, 400, "{path} {shown} answered {}", reply.text);
                let details = reply.expect_error(400, "validation_error");
                if field.is_empty() {
                    assert!(details.is_null(), "{shown} gave {details}");
                } else {
                    assert!(details.get(field).is_some(), "{shown} gave {details}");
                }
            }
        }
    }
}

fn total(tenant: &Tenant, path: &str) -> u64 {
    let page = tenant.api.get(path).expect(200);
    page["pagination"]["total"].as_u64().unwrap()
}

fn meter() -> Value {
    json!({
        "name": "m", "event_name": "api_call", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD",
    })
}

fn members_of_a_new_feature(place: &Place) {
    let tenant = tenant(place);
    let base = json!({ "name": "F", "type": "static", "lookup_key": null });
    let unit = |members: Value| {
        let whole = json!({ "unit_singular": "s", "unit_plural": "s", "conversion_rate": 1 });
        json!({ "reporting_unit": with(&whole, &members) })
    };
    let refused = [
        (json!({ "name": null }), Some("name")),
        (json!({ "name": "" }), Some("name")),
        (json!({ "name": "é".repeat(256) }), Some("name")),
        (json!({ "name": 7 }), Some("")),
        (json!({ "type": null }), Some("type")),
        (json!({ "type": "" }), Some("type")),
        (json!({ "type": "soft" }), Some("")),
        (json!({ "type": "STATIC" }), Some("")),
        (json!({ "lookup_key": "k".repeat(256) }), Some("lookup_key")),
        (json!({ "unit_singular": "call" }), Some("unit_plural")),
        (json!({ "unit_plural": "calls" }), Some("unit_plural")),
        (
            json!({ "unit_singular": "c".repeat(51), "unit_plural": "c" }),
            Some("unit_singular"),
        ),
        (
            json!({ "unit_singular": "c", "unit_plural": "c".repeat(51) }),
            Some("unit_plural"),
        ),
        (
            unit(json!({ "unit_singular": null })),
            Some("reporting_unit.unit_singular"),
        ),
        (unit(json!({ "unit_plural": "" })), Some("reporting_unit.unit_plural")),
        (
            unit(json!({ "unit_plural": "s".repeat(51) })),
            Some("reporting_unit.unit_plural"),
        ),
        (
            unit(json!({ "conversion_rate": null })),
            Some("reporting_unit.conversion_rate"),
        ),
        (
            unit(json!({ "conversion_rate": 0 })),
            Some("reporting_unit.conversion_rate"),
        ),
        (
            unit(json!({ "conversion_rate": "-1" })),
            Some("reporting_unit.conversion_rate"),
        ),
        // Nothing of it is kept.
        (
            unit(json!({ "conversion_rate": "0.00000000004" })),
            Some("reporting_unit.conversion_rate"),
        ),
        (unit(json!({ "conversion_rate": "many" })), Some("")),
        (json!({ "metadata": { "a": 1 } }), Some("")),
        (json!({ "metadata": [] }), Some("")),
        (json!({ "type": "metered" }), Some("meter_id")),
        (json!({ "type": "metered", "meter_id": "" }), Some("meter_id")),
        (
            json!({ "type": "metered", "meter": with(&meter(), &json!({ "name": "" })) }),
            Some("meter.name"),
        ),
        (
            json!({ "type": "metered", "meter": with(&meter(), &json!({ "aggregation": { "type": "SUM" } })) }),
            Some("meter.aggregation.field"),
        ),
    ];
    check(&tenant, "/v1/features", &base, 201, &refused);
    assert_eq!(total(&tenant, "/v1/features"), 0);
    assert_eq!(
        total(&tenant, "/v1/meters"),
        0,
        "a refused feature left its meter behind"
    );
    let longest = [
        (json!({ "name": "é".repeat(255) }), None),
        (json!({ "lookup_key": "k".repeat(255) }), None),
        (
            json!({ "lookup_key": "u", "unit_singular": "c".repeat(50), "unit_plural": "c".repeat(50) }),
            None,
        ),
        (
            with(
                &unit(json!({ "conversion_rate": "0.0000000001" })),
                &json!({ "lookup_key": "r" }),
            ),
            None,
        ),
        // Other types have no meter, whatever is sent.
        (
            json!({ "lookup_key": "x", "meter_id": "meter_none", "meter": { "name": "" } }),
            None,
        ),
    ];
    check(&tenant, "/v1/features", &base, 201, &longest);
    assert_eq!(total(&tenant, "/v1/meters"), 0);
}

fn alert_settings_of_a_feature(place: &Place) {
    let tenant = tenant(place);
    let base = json!({ "name": "!", "type": "boolean" });
    let level = |threshold: i64, condition: &str| json!({ "threshold": threshold, "condition": condition });
    let (above, below) = (
        |threshold| level(threshold, "above"),
        |threshold| level(threshold, "below"),
    );
    let settings = |members: Value| json!({ "alert_settings": members });
    let refused = Some("alert_settings");
    let rows = [
        (settings(json!({ "alert_enabled": true })), refused),
        (settings(json!({ "critical": level(1, "beside") })), Some("")),
        (settings(json!({ "critical": { "threshold": "1" } })), refused),
        (settings(json!({ "critical": { "condition": "above" } })), refused),
        (
            settings(json!({ "critical": { "threshold": "one", "condition": "above" } })),
            Some(""),
        ),
        (settings(json!({ "warning": above(1) })), refused),
        (
            settings(json!({ "critical": above(10), "warning": below(10) })),
            refused,
        ),
        (
            settings(json!({ "critical": above(10), "warning": above(11) })),
            refused,
        ),
        (settings(json!({ "critical": below(10), "warning": below(9) })), refused),
        (settings(json!({ "critical": above(10), "info": below(5) })), refused),
        (settings(json!({ "critical": above(10), "info": above(11) })), refused),
        (
            settings(json!({ "critical": above(10), "warning": above(8), "info": above(9) })),
            refused,
        ),
        (
            settings(json!({ "critical": below(10), "warning": below(20), "info": below(15) })),
            refused,
        ),
        (
            settings(json!({ "critical": above(10), "warning": above(10), "info": above(10) })),
            None,
        ),
        (
            settings(json!({ "critical": below(10), "warning": below(10), "info": below(10) })),
            None,
        ),
        (settings(json!({ "alert_enabled": true, "info": below(-5) })), None),
        (settings(json!({ "alert_enabled": false })), None),
    ];
    check(&tenant, "/v1/features", &base, 201, &rows);
}

fn members_of_a_changed_feature(place: &Place) {
    let tenant = tenant(place);
    let body = json!({ "name": "F", "type": "metered", "meter": meter(), "unit_singular": "c", "unit_plural": "c" });
    let created = tenant.api.post("/v1/features", &body).expect(201);
    let path = format!("/v1/features/{}", created["id"].as_str().unwrap());
    let before = tenant.api.get(&path).expect(200);
    for (change, field) in [
        (json!({ "name": "" }), "name"),
        (json!({ "name": "n".repeat(256) }), "name"),
        (json!({ "unit_singular": "" }), "unit_plural"),
        (json!({ "unit_singular": "c".repeat(51) }), "unit_singular"),
        (json!({ "reporting_unit": {} }), "reporting_unit.conversion_rate"),
        (json!({ "alert_settings": { "alert_enabled": true } }), "alert_settings"),
        (json!({ "filters": [{ "key": "a" }] }), "filters[0].values"),
        (json!({ "filters": [{ "values": ["a"] }] }), "filters[0].key"),
        (
            json!({ "name": "G", "filters": [{ "key": "a", "values": ["b"] }, { "key": "", "values": ["b"] }] }),
            "filters[1].key",
        ),
    ] {
        let details = tenant.api.put(&path, &change).expect_error(400, "validation_error");
        assert!(details.get(field).is_some(), "{change} gave {details}");
    }
    for change in [
        json!({ "name": 7 }),
        json!({ "filters": {} }),
        json!({ "metadata": { "a": [] } }),
    ] {
        tenant.api.put(&path, &change).expect_error(400, "validation_error");
    }
    assert_eq!(tenant.api.get(&path).expect(200), before);
    let cleared = json!({ "unit_singular": "", "unit_plural": "", "metadata": {}, "filters": [] });
    let cleared = tenant.api.put(&path, &cleared).expect(200);
    assert_eq!(
        (&cleared["unit_singular"], &cleared["metadata"]),
        (&json!(""), &json!({}))
    );
}

fn lists_of_features(place: &Place) {
    let tenant = tenant(place);
    for query in [
        "limit=1001",
        "limit=-1",
        "limit=many",
        "offset=-1",
        "order=up",
        "sort=nope",
        "expand=groups",
        "expand=meters.features",
        "start_time=2026-01-01",
        "start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z",
    ] {
        let reply = tenant.api.get(&format!("/v1/features?{query}"));
        assert_eq!(reply.status, 400, "{query} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    for body in [
        json!({ "sort": [{ "field": "nope" }] }),
        json!({ "sort": [{ "direction": "asc" }] }),
        json!({ "sort": [{ "field": "name", "direction": "up" }] }),
        json!({ "filters": [{ "field": "nope", "operator": "eq", "value": { "string": "a" } }] }),
        json!({ "filters": [{ "field": "name", "operator": "near", "value": { "string": "a" } }] }),
        json!({ "filters": [{ "field": "name", "operator": "eq" }] }),
        json!({ "limit": 1001 }),
        json!({ "limit": "10" }),
        json!({ "feature_ids": "feat_1" }),
        json!({ "expand": "plans" }),
    ] {
        let reply = tenant.api.post("/v1/features/search", &body);
        assert_eq!(reply.status, 400, "{body} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    for query in ["limit=1000&offset=5&order=asc&expand=meters", "status=gone", "limit=0"] {
        tenant.api.get(&format!("/v1/features?{query}")).expect(200);
    }
    tenant.api.get("/v1/features/feat_none").expect_error(404, "not_found");
    tenant
        .api
        .delete("/v1/features/feat_none")
        .expect_error(404, "not_found");
}

fn members_of_a_new_meter(place: &Place) {
    let tenant = tenant(place);
    let aggregation = |members: Value| json!({ "aggregation": members });
    let field = Some("aggregation.field");
    let mut rows = vec![
        (json!({ "name": null }), Some("name")),
        (json!({ "name": "n".repeat(256) }), Some("name")),
        (json!({ "event_name": null }), Some("event_name")),
        (json!({ "event_name": " \t" }), Some("event_name")),
        (json!({ "event_name": "e".repeat(256) }), Some("event_name")),
        (json!({ "aggregation": null }), Some("aggregation")),
        (aggregation(json!({})), Some("aggregation.type")),
        (aggregation(json!({ "type": "MEDIAN" })), Some("")),
        (aggregation(json!({ "type": "SUM", "field": 7 })), Some("")),
        (json!({ "reset_usage": null }), Some("reset_usage")),
        (json!({ "reset_usage": "DAILY" }), Some("")),
        (aggregation(json!({ "type": "SUM", "field": " " })), field),
        (
            aggregation(json!({ "type": "SUM_WITH_MULTIPLIER", "field": "a" })),
            Some("aggregation.multiplier"),
        ),
        (
            aggregation(json!({ "type": "SUM_WITH_MULTIPLIER", "field": "a", "multiplier": 0 })),
            Some("aggregation.multiplier"),
        ),
        (
            aggregation(json!({ "type": "SUM_WITH_MULTIPLIER", "field": "a", "multiplier": "-0.1" })),
            Some("aggregation.multiplier"),
        ),
        (
            aggregation(json!({ "type": "SUM_WITH_MULTIPLIER", "field": "a", "multiplier": "two" })),
            Some(""),
        ),
        (
            aggregation(json!({ "type": "MAX", "field": "a", "bucket_size": "DECADE" })),
            Some(""),
        ),
        (
            aggregation(json!({ "type": "MAX", "field": "a", "group_by": "b" })),
            Some("aggregation.group_by"),
        ),
        (
            aggregation(json!({ "type": "SUM", "field": "a", "bucket_size": "DAY", "group_by": "b" })),
            Some("aggregation.group_by"),
        ),
        (
            json!({ "name": "n".repeat(255), "event_name": format!(" {} ", "e".repeat(255)) }),
            None,
        ),
        (
            aggregation(json!({ "type": "COUNT", "multiplier": -1, "field": "kept" })),
            None,
        ),
        (
            aggregation(json!({ "type": "MAX", "field": "a", "bucket_size": "15MIN", "group_by": "b" })),
            None,
        ),
        (
            aggregation(json!({ "type": "SUM", "field": "a", "bucket_size": "MONTH" })),
            None,
        ),
    ];
    for kind in ["SUM", "AVG", "MAX", "MIN", "LATEST", "COUNT_UNIQUE", "WEIGHTED_SUM"] {
        rows.push((aggregation(json!({ "type": kind })), field));
        rows.push((aggregation(json!({ "type": kind, "field": "a" })), None));
    }
    for kind in ["COUNT", "AVG", "MIN", "LATEST", "COUNT_UNIQUE", "WEIGHTED_SUM"] {
        let bucketed = json!({ "type": kind, "field": "a", "bucket_size": "DAY" });
        rows.push((aggregation(bucketed), Some("aggregation.bucket_size")));
    }
    check(&tenant, "/v1/meters", &meter(), 201, &rows);
}

fn expressions_of_a_meter(place: &Place) {
    let tenant = tenant(place);
    let aggregation =
        |kind: &str, expression: &str| json!({ "aggregation": { "type": kind, "expression": expression } });
    let mut rows = Vec::new();
    for kind in ["SUM", "AVG", "MAX", "MIN", "LATEST"] {
        rows.push((aggregation(kind, "max(a, 1) * 2"), None));
        let mut both = aggregation(kind, "a");
        both["aggregation"]["field"] = json!("a");
        rows.push((both, Some("aggregation.field")));
    }
    for kind in ["COUNT", "COUNT_UNIQUE", "SUM_WITH_MULTIPLIER", "WEIGHTED_SUM"] {
        rows.push((aggregation(kind, "a"), Some("aggregation.expression")));
    }
    let nested = format!("{}a{}", "(".repeat(200), ")".repeat(200));
    let long = format!("a{}", "+a".repeat(10_000));
    for expression in [
        "a +",
        "a % 2",
        "median(a)",
        "max(a)",
        "1 + 2",
        "a > 1",
        "a && 1",
        "'x' + a",
        "[1].map(x, x)",
        &nested,
        &long,
    ] {
        for detail in ["expression", "error"] {
            rows.push((aggregation("SUM", expression), Some(detail)));
        }
    }
    let mut multiplied = aggregation("SUM", "a");
    multiplied["aggregation"]["multiplier"] = json!("0.5");
    rows.push((multiplied, None));
    check(&tenant, "/v1/meters", &meter(), 201, &rows);
}

fn filters_of_a_meter(place: &Place) {
    let tenant = tenant(place);
    let filters = |filters: Value| json!({ "filters": filters });
    let value = |bytes: usize| "v".repeat(bytes);
    let rows = [
        (filters(json!([{ "values": ["a"] }])), Some("filters[0].key")),
        (filters(json!([{ "key": "", "values": ["a"] }])), Some("filters[0].key")),
        (filters(json!([{ "key": "a" }])), Some("filters[0].values")),
        (
            filters(json!([{ "key": "a", "values": [] }])),
            Some("filters[0].values"),
        ),
        (filters(json!([{ "key": "a", "values": "b" }])), Some("")),
        (filters(json!([{ "key": "a", "values": [1] }])), Some("")),
        (filters(json!([{ "key": "a", "values": [null] }])), Some("")),
        (filters(json!({ "a": ["b"] })), Some("")),
        (
            filters(json!([{ "key": "a", "values": [value(64 * 1024)] }])),
            Some("filters"),
        ),
        (filters(json!([{ "key": "a", "values": [value(64 * 1024 - 1)] }])), None),
        (filters(json!([{ "key": "a", "values": [""] }])), None),
        (filters(json!([])), None),
    ];
    check(&tenant, "/v1/meters", &meter(), 201, &rows);
    // Grown beyond its bounds by one change after another, a meter stays as it was.
    let created = tenant.api.post("/v1/meters", &meter()).expect(201);
    let path = format!("/v1/meters/{}", created["id"].as_str().unwrap());
    let add = |key: &str, bytes: usize| {
        let change = filters(json!([{ "key": key, "values": [value(bytes)] }]));
        tenant.api.put(&path, &change)
    };
    add("a", 40 * 1024).expect(200);
    let details = add("b", 30 * 1024).expect_error(400, "validation_error");
    assert!(details.get("filters").is_some(), "{details}");
    // A change that changes nothing is remembered no more often than it happens.
    for _ in 0..40 {
        add("a", 40 * 1024).expect(200);
    }
    let refused = (0..40).find_map(|number| {
        let reply = add(&format!("k{number}"), 1);
        (reply.status != 200).then_some(reply)
    });
    refused
        .expect("a meter's history is not bounded")
        .expect_error(400, "validation_error");
}

fn event() -> Value {
    json!({ "event_name": "api_call", "external_customer_id": "cust_1" })
}

fn events(tenant: &Tenant) -> u64 {
    let query = json!({ "start_time": "0001-01-01T00:00:00Z", "end_time": "9999-01-01T00:00:00Z" });
    let page = tenant.api.post("/v1/events/query", &query).expect(200);
    page["total_count"].as_u64().unwrap_or_default()
}

fn members_of_an_event(place: &Place) {
    let tenant = tenant(place);
    let refused = [
        (json!({ "event_name": null }), Some("event_name")),
        (json!({ "event_name": "" }), Some("event_name")),
        (json!({ "event_name": " \n" }), Some("event_name")),
        (json!({ "event_name": "é".repeat(511) }), Some("event_name")),
        (json!({ "event_name": 7 }), Some("")),
        (json!({ "external_customer_id": null }), Some("external_customer_id")),
        (
            json!({ "external_customer_id": "", "customer_id": "c" }),
            Some("external_customer_id"),
        ),
        (
            json!({ "external_customer_id": "c".repeat(4097) }),
            Some("external_customer_id"),
        ),
        (json!({ "external_customer_id": {} }), Some("")),
        (json!({ "event_id": "i".repeat(4097) }), Some("event_id")),
        (json!({ "event_id": 7 }), Some("")),
        (json!({ "customer_id": 7 }), Some("")),
        (json!({ "source": [] }), Some("")),
        (json!({ "timestamp": "" }), Some("")),
        (json!({ "timestamp": 1_767_225_600 }), Some("")),
        (json!({ "timestamp": "2026-01-01T00:00:00" }), Some("")),
        (json!({ "timestamp": "2026-02-30T00:00:00Z" }), Some("")),
        (json!({ "properties": [] }), Some("properties")),
        (json!({ "properties": "{}" }), Some("properties")),
        (json!({ "properties": 1 }), Some("properties")),
    ];
    check(&tenant, "/v1/events", &event(), 202, &refused);
    for (members, field) in &refused {
        let batch = json!({ "events": [event(), with(&event(), members)] });
        let details = tenant
            .api
            .post("/v1/events/bulk", &batch)
            .expect_error(400, "validation_error");
        if let Some(field) = field.filter(|field| !field.is_empty()) {
            let place = format!("events[1].{field}");
            assert!(details.get(&place).is_some(), "{members} gave {details}");
        }
    }
    assert_eq!(events(&tenant), 0);
    let accepted = [
        (json!({ "event_name": "é".repeat(510) }), None),
        (
            json!({ "external_customer_id": "c".repeat(4096), "event_id": "i".repeat(4096) }),
            None,
        ),
        (
            json!({ "timestamp": null, "properties": null, "source": null, "customer_id": null }),
            None,
        ),
        (json!({ "timestamp": "0001-01-01T00:00:00Z" }), None),
        (json!({ "timestamp": "0001-01-02T00:00:00Z" }), None),
        (json!({ "timestamp": "9998-12-31T23:59:59.999999999+14:00" }), None),
        (
            json!({ "properties": { "": null, "a": { "b": [1, "2", true] } }, "colour": "red" }),
            None,
        ),
    ];
    check(&tenant, "/v1/events", &event(), 202, &accepted);
    assert_eq!(events(&tenant), 7);
}

fn bodies_that_are_no_events(place: &Place) {
    let tenant = tenant(place);
    let post = |path: &str, body: &[u8]| tenant.api.raw(Method::POST, path, "application/json", body.to_vec());
    for path in ["/v1/events", "/v1/events/bulk", "/v1/events/raw/bulk"] {
        for body in [
            &b""[..],
            b"{",
            b"[]",
            b"null",
            b"7",
            b"event",
            b"{}",
            br#"{"events":{}}"#,
            br#"{"events":"all"}"#,
            br#"{"events":[]}"#,
            br#"{"events":[7]}"#,
            br#"{"events":[[]]}"#,
            b"\xff\xfe{}",
        ] {
            let reply = post(path, body);
            assert_eq!(reply.status, 400, "{path} {body:?} answered {}", reply.text);
            reply.expect_error(400, "validation_error");
        }
    }
    assert_eq!(events(&tenant), 0);
    // Whatever the media type, and with the last of repeated members.
    let event = br#"{"event_name":"first","external_customer_id":"c","event_name":"api_call","event_id":"e"}"#;
    let accepted = tenant.api.raw(Method::POST, "/v1/events", "text/plain", event.to_vec());
    accepted.expect(202);
    let found = tenant.api.get("/v1/events/lookup?id=e").expect(200);
    assert_eq!(found["event"]["event_name"], "api_call");
}

fn events_of_a_collector(place: &Place) {
    let tenant = tenant(place);
    let cloud = json!({ "specversion": "1.0", "id": "e", "source": "s", "type": "api_call", "subject": "cust_1" });
    let send = |events: &[Value]| tenant.api.post("/v1/events/raw/bulk", &json!({ "events": events }));
    for (object, field) in [
        (with(&cloud, &json!({ "specversion": "0.3" })), "events[1].specversion"),
        (with(&cloud, &json!({ "id": "" })), "events[1].id"),
        (with(&cloud, &json!({ "source": null })), "events[1].source"),
        (with(&cloud, &json!({ "type": " " })), "events[1].type"),
        (with(&cloud, &json!({ "subject": null })), "events[1].subject"),
        (with(&cloud, &json!({ "data": [1] })), "events[1].data"),
        (with(&cloud, &json!({ "data_base64": "AA==" })), "events[1].data_base64"),
        (with(&cloud, &json!({ "time": "now" })), "events[1]"),
        (json!({}), "events[1].event_name"),
        (json!(null), "events[1]"),
        (json!("event"), "events[1]"),
    ] {
        let details = send(&[event(), object.clone()]).expect_error(400, "validation_error");
        assert!(details.get(field).is_some(), "{object} gave {details}");
    }
    send(&vec![event(); 1001]).expect_error(400, "validation_error");
    assert_eq!(events(&tenant), 0, "a refused batch left events behind");
    assert_eq!(send(&vec![event(); 1000]).expect(202)["batch_size"], 1000);
    let batch = json!({ "events": [event()] });
    let reader = tenant.service_account("event_reader");
    let refused = reader.post("/v1/events/raw/bulk", &batch);
    assert_eq!(refused.status, 403, "{}", refused.text);
    let ingestor = tenant.service_account("event_ingestor");
    ingestor.post("/v1/events/raw/bulk", &batch).expect(202);
    for path in ["/v1/features", "/v1/meters"] {
        let refused = ingestor.post(path, &meter());
        assert_eq!(refused.status, 403, "{}", refused.text);
        ingestor.get(path).expect(200);
    }
}
