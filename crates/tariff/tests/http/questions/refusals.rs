//! Questions that make no sense: each is a clear 400 that names the member at fault (spec 02 §3.4 to §3.9).

use serde_json::{Value, json};
use tariff_core::Timestamp;

use super::{Lab, flat, january, with};
use crate::support::databases::Place;

crate::tests!(
    lists_of_events,
    the_query_form_of_lists,
    aggregates_by_name,
    aggregates_by_meter,
    analytics,
    usage_by_meter,
    single_costs,
    monitoring,
    answers_with_too_many_windows,
    bodies_beyond_a_mebibyte,
    overlong_texts_find_nothing,
);

/// Asks with each change of a valid body, and demands a refusal whose details name the member.
fn refused(lab: &Lab, path: &str, valid: &Value, changes: &[(Value, &str)]) {
    lab.post(path, valid);
    for (change, member) in changes {
        let reply = lab.api().post(path, &with(valid.clone(), change));
        assert_eq!(
            reply.status, 400,
            "{path} with {change:.200} answered {:.300}",
            reply.text
        );
        let details = reply.expect_error(400, "validation_error");
        if !member.is_empty() {
            assert!(
                details.get(member).is_some(),
                "{path} with {change:.200} names {details}"
            );
        }
    }
}

/// A range that ends before it starts, and times that are none.
fn times() -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({ "start_time": "2026-01-02T00:00:00Z", "end_time": "2026-01-01T23:59:59Z" }),
            "end_time",
        ),
        // The range ends now.
        (
            json!({ "start_time": "2026-01-20T12:00:01Z", "end_time": null }),
            "end_time",
        ),
        (json!({ "start_time": "2026-01-02" }), ""),
        (json!({ "end_time": "2026-01-02T00:00:00" }), ""),
        (json!({ "end_time": "" }), ""),
        (json!({ "start_time": 1_700_000_000 }), ""),
    ]
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("x{number}")).collect()
}

/// Too many properties, too many values, and what is no map of lists.
fn filters(member: &'static str) -> Vec<(Value, &'static str)> {
    let keys: Value = many(51)
        .into_iter()
        .map(|key| (key, json!(["v"])))
        .collect::<serde_json::Map<_, _>>()
        .into();
    vec![
        (json!({ member: keys }), member),
        (json!({ member: { "k": many(1_001) } }), member),
        (json!({ member: { "k": "v" } }), ""),
        (json!({ member: { "k": [1] } }), ""),
        (json!({ member: ["k"] }), ""),
    ]
}

fn windows(member: &'static str) -> Vec<(Value, &'static str)> {
    let wrong = ["FORTNIGHT", "day", "YEAR", "1HOUR", "DAY "];
    wrong.iter().map(|size| (json!({ member: size }), "")).collect()
}

fn anchors() -> Vec<(Value, &'static str)> {
    vec![
        (json!({ "billing_anchor": "2026-01-05" }), ""),
        (json!({ "billing_anchor": 5 }), ""),
        (json!({ "billing_anchor": "2026-02-30T00:00:00Z" }), ""),
    ]
}

fn lists_of_events(place: &Place) {
    let lab = Lab::open(place);
    let mut changes = times();
    changes.extend(filters("property_filters"));
    changes.extend([
        (json!({ "sort": "source" }), "sort"),
        (json!({ "sort": "TIMESTAMP" }), "sort"),
        (json!({ "order": "up" }), "order"),
        (json!({ "page_size": "2" }), ""),
        (json!({ "page_size": 1.5 }), ""),
        (json!({ "offset": 100_001 }), "offset"),
        (json!({ "offset": i64::MAX }), "offset"),
        (json!({ "offset": "0" }), ""),
        (json!({ "iter_last_key": "a" }), "iter_last_key"),
        (json!({ "iter_last_key": "1:a" }), "iter_last_key"),
        (json!({ "iter_last_key": "1.5::a" }), "iter_last_key"),
        (json!({ "iter_last_key": "::a" }), "iter_last_key"),
        (json!({ "iter_first_key": "x::a" }), "iter_first_key"),
        (
            json!({ "iter_first_key": "99999999999999999999999999999999999999999::a" }),
            "iter_first_key",
        ),
        (json!({ "event_id": 1 }), ""),
        (json!({ "source": ["web"] }), ""),
        (json!({ "event_name": "a\u{0}b" }), ""),
    ]);
    refused(&lab, "/v1/events/query", &january(&json!({})), &changes);
}

fn the_query_form_of_lists(place: &Place) {
    let lab = Lab::open(place);
    lab.api().get("/v1/events").expect(200);
    for query in [
        "sort=source",
        "order=up",
        "page_size=many",
        "offset=1.5",
        "offset=100001",
        "iter_last_key=a",
        "iter_first_key=x%3A%3Aa",
        "start_time=yesterday",
        "start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z",
        "event_name=a%00b",
    ] {
        let reply = lab.api().get(&format!("/v1/events?{query}"));
        assert_eq!(reply.status, 400, "{query} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
}

fn aggregates_by_name(place: &Place) {
    let lab = Lab::open(place);
    let valid = january(&json!({ "event_name": "api_call", "aggregation_type": "SUM", "property_name": "v" }));
    let mut changes = times();
    changes.extend(filters("filters"));
    changes.extend(windows("window_size"));
    changes.extend(windows("bucket_size"));
    changes.extend(anchors());
    changes.extend([
        (json!({ "event_name": "" }), "event_name"),
        (json!({ "event_name": " " }), "event_name"),
        (json!({ "event_name": null }), "event_name"),
        (json!({ "aggregation_type": null }), "aggregation_type"),
        (json!({ "aggregation_type": "" }), "aggregation_type"),
        (json!({ "aggregation_type": "MEDIAN" }), ""),
        (json!({ "multiplier": 2 }), "multiplier"),
        (
            json!({ "aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": "-0.1" }),
            "multiplier",
        ),
        (
            json!({ "aggregation_type": "SUM_WITH_MULTIPLIER", "multiplier": "much" }),
            "",
        ),
        (json!({ "group_by": "properties.m" }), ""),
    ]);
    refused(&lab, "/v1/events/usage", &valid, &changes);
    // Some wrong members are ignored by the rules of the chapter.
    for ignored in [
        json!({ "timezone": "Mars/Olympus" }),
        json!({ "group_by": ["region"], "aggregation_type": "MAX", "bucket_size": "DAY" }),
        json!({ "group_by": ["properties.a-b"], "aggregation_type": "MAX", "bucket_size": "DAY" }),
        json!({ "aggregation_type": "AVG", "bucket_size": "DAY" }),
        json!({ "window_size": "" }),
        json!({ "start_time": "2026-02-01T00:00:00Z" }),
    ] {
        lab.post("/v1/events/usage", &with(valid.clone(), &ignored));
    }
}

fn aggregates_by_meter(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "COUNT" }));
    let valid = january(&json!({ "meter_id": feature["meter_id"] }));
    let mut changes = times();
    changes.extend(filters("filters"));
    changes.extend(windows("window_size"));
    changes.extend(anchors());
    changes.extend([
        (json!({ "meter_id": "" }), "meter_id"),
        (json!({ "meter_id": null }), "meter_id"),
        (json!({ "meter_id": 1 }), ""),
    ]);
    refused(&lab, "/v1/events/usage/meter", &valid, &changes);
    lab.api()
        .post(
            "/v1/events/usage/meter",
            &with(valid, &json!({ "meter_id": "meter_x" })),
        )
        .expect_error(404, "not_found");
}

fn analytics(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "COUNT" }));
    lab.subscribed(&feature, &flat("1"));
    let mut changes = times();
    changes.extend(filters("property_filters"));
    changes.extend(windows("window_size"));
    for group in [
        "",
        "region",
        "properties.",
        "properties.a-b",
        "customer_id",
        "Source",
        "feature",
    ] {
        changes.push((json!({ "group_by": [group] }), "group_by"));
    }
    changes.extend([
        (json!({ "group_by": vec!["source"; 11] }), "group_by"),
        (json!({ "group_by": "source" }), ""),
        (json!({ "feature_ids": many(1_001) }), "feature_ids"),
        (json!({ "feature_ids": "feat" }), ""),
        (json!({ "sources": many(1_001) }), "sources"),
        (json!({ "expand": many(1_001) }), "expand"),
        (json!({ "include_children": "yes" }), ""),
        (json!({ "breakdown_bucket": 1 }), ""),
        (json!({ "external_customer_id": 7 }), ""),
    ]);
    refused(&lab, "/v1/events/analytics", &january(&json!({})), &changes);
    changes.extend(anchors());
    changes.extend([
        (json!({ "external_customer_id": "" }), "external_customer_id"),
        (json!({ "external_customer_id": null }), "external_customer_id"),
        (json!({ "meter_ids": many(1_001) }), "meter_ids"),
    ]);
    refused(
        &lab,
        "/v1/meter-usage/detailed-analytics",
        &january(&json!({})),
        &changes,
    );
}

fn usage_by_meter(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "COUNT" }));
    let mut changes = times();
    // Both bounds are required here.
    changes.retain(|(_, member)| *member != "end_time");
    changes.extend(filters("property_filters"));
    changes.extend(windows("window_size"));
    changes.extend(anchors());
    changes.extend([
        (json!({ "start_time": "2026-03-01T00:00:00Z" }), "end_time"),
        (json!({ "start_time": null }), "start_time"),
        (json!({ "end_time": null }), "end_time"),
        (json!({ "external_customer_id": "" }), "external_customer_id"),
        (json!({ "aggregation_type": null }), "aggregation_type"),
        (json!({ "aggregation_type": "MEDIAN" }), ""),
        // The meter has no property to add up.
        (json!({ "aggregation_type": "SUM" }), "aggregation_type"),
        (json!({ "sources": many(1_001) }), "sources"),
    ]);
    let question = january(&json!({ "aggregation_type": "COUNT", "meter_id": feature["meter_id"] }));
    let mut of_one = changes.clone();
    of_one.push((json!({ "meter_id": "" }), "meter_id"));
    refused(&lab, "/v1/meter-usage/query", &question, &of_one);
    lab.api()
        .post(
            "/v1/meter-usage/query",
            &with(question.clone(), &json!({ "meter_id": "meter_x" })),
        )
        .expect_error(404, "not_found");

    lab.subscribed(&feature, &flat("1"));
    let question = with(question, &json!({ "meter_ids": [feature["meter_id"]] }));
    changes.extend([
        (json!({ "meter_ids": [] }), "meter_ids"),
        (json!({ "meter_ids": null }), "meter_ids"),
        (json!({ "meter_ids": many(1_001) }), "meter_ids"),
    ]);
    refused(&lab, "/v1/meter-usage/analytics", &question, &changes);
}

fn single_costs(place: &Place) {
    let lab = Lab::open(place);
    for path in ["/v1/events/huggingface-inference", "/v1/events/huggingface-billing"] {
        let changes = [
            (json!({ "requestIds": [] }), "requestIds"),
            (json!({ "requestIds": null }), "requestIds"),
            (json!({ "requestIds": many(1_001) }), "requestIds"),
            (json!({ "requestIds": "r1" }), ""),
            (json!({ "requestIds": [1] }), ""),
        ];
        refused(&lab, path, &json!({ "requestIds": many(1_000) }), &changes);
    }
}

fn monitoring(place: &Place) {
    let lab = Lab::open(place);
    for query in [
        "start_time=2026-01-01T00:00:00Z",
        "end_time=2026-01-01T00:00:00Z",
        "start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z",
        "start_time=a&end_time=b",
        "window_size=FORTNIGHT",
        // A window a minute for a year is more than an answer holds.
        "start_time=2025-01-01T00:00:00Z&end_time=2026-01-01T00:00:00Z&window_size=MINUTE",
    ] {
        let reply = lab.api().get(&format!("/v1/events/monitoring?{query}"));
        assert_eq!(reply.status, 400, "{query} answered {}", reply.text);
        reply.expect_error(400, "validation_error");
    }
    lab.api()
        .get("/v1/events/monitoring?start_time=2025-01-01T00:00:00Z&end_time=2026-01-01T00:00:00Z&window_size=HOUR")
        .expect(200);
}

/// An event a minute, for 105 days.
fn answers_with_too_many_windows(place: &Place) {
    const BATCHES: i64 = 151;
    let lab = Lab::open(place);
    let calls = lab.feature("Calls", json!({ "type": "COUNT" }));
    let peak = lab.feature("Peak", json!({ "type": "MAX", "field": "v", "bucket_size": "MINUTE" }));
    let start: Timestamp = "2025-09-01T00:00:00Z".parse().unwrap();
    for batch in 0..BATCHES {
        let events: Vec<Value> = (batch * 1_000..(batch + 1) * 1_000)
            .map(|minute| {
                let timestamp = Timestamp::from_second(start.as_second() + minute * 60).unwrap();
                json!({ "event_name": "api_call", "external_customer_id": "cust_1", "timestamp": timestamp.to_string() })
            })
            .collect();
        lab.api()
            .post("/v1/events/bulk", &json!({ "events": events }))
            .expect(202);
    }
    let range = json!({ "start_time": "2025-09-01T00:00:00Z" });
    let by_minute = with(range.clone(), &json!({ "window_size": "MINUTE" }));
    let question = |feature: &Value, more: &Value| {
        let question = json!({ "meter_id": feature["meter_id"], "feature_ids": [feature["id"]] });
        january(&with(question, more))
    };
    for (path, body) in [
        ("/v1/events/usage/meter", question(&calls, &by_minute)),
        ("/v1/events/usage/meter", question(&peak, &range)),
        ("/v1/events/analytics", question(&calls, &by_minute)),
        ("/v1/events/analytics", question(&peak, &range)),
    ] {
        let details = lab.api().post(path, &body).expect_error(400, "validation_error");
        assert_eq!(details["parts_max"], 150_000, "{path}");
    }
    // Wider windows, a shorter range or none at all are fine.
    let hourly = with(range.clone(), &json!({ "window_size": "HOUR" }));
    for more in [range, hourly] {
        let item = &lab.post("/v1/events/analytics", &question(&calls, &more))["items"][0];
        assert_eq!(item["total_usage"], (BATCHES * 1_000).to_string());
    }
    let shorter = with(by_minute, &json!({ "end_time": "2025-09-02T00:00:00Z" }));
    let answer = lab.post("/v1/events/usage/meter", &question(&calls, &shorter));
    assert_eq!(answer["results"].as_array().unwrap().len(), 24 * 60);
}

fn bodies_beyond_a_mebibyte(place: &Place) {
    let lab = Lab::open(place);
    let long = json!({ "padding": "x".repeat(1024 * 1024) });
    for path in [
        "/v1/events/query",
        "/v1/events/usage",
        "/v1/events/usage/meter",
        "/v1/events/analytics",
        "/v1/events/huggingface-inference",
        "/v1/meter-usage/query",
    ] {
        lab.api().post(path, &long).expect_error(400, "validation_error");
    }
}

/// Texts longer than any that can be stored match nothing, and break nothing.
fn overlong_texts_find_nothing(place: &Place) {
    let lab = Lab::open(place);
    let long = "x".repeat(100_000);
    for more in [
        json!({ "external_customer_id": long }),
        json!({ "event_name": long }),
        json!({ "event_id": long }),
        json!({ "source": long }),
        json!({ "iter_last_key": format!("1::{long}") }),
    ] {
        let page = lab.post("/v1/events/query", &january(&more));
        assert_eq!(page["events"], json!([]));
    }
    let question = json!({ "aggregation_type": "COUNT", "external_customer_id": long });
    let usage = json!({ "event_name": "api_call", "type": "COUNT" });
    assert_eq!(lab.usage(&question), usage);
    let analytics = lab.analytics(&json!({ "external_customer_id": long, "feature_ids": [long] }));
    assert_eq!(analytics["items"], json!([]));
    let costs = lab.post("/v1/events/huggingface-inference", &json!({ "requestIds": [long] }));
    assert_eq!(costs["requests"][0]["costNanoUsd"], "0");
}
