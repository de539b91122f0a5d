//! Lists of raw events and figures about them (spec 02 §3.4, §3.9).

use serde_json::{Value, json};

use super::{Lab, january};
use crate::support::client::{encoded, text};
use crate::support::databases::Place;

crate::tests!(
    pages_by_offset,
    pages_of_newer_events,
    filters_of_lists,
    sizes_of_pages,
    sorted_lists,
    the_query_form,
    a_list_reaches_back_seven_days,
    events_are_shown_as_they_were_sent,
    counts_over_time,
);

/// Five events of two names, customers and sources.
fn five(place: &Place) -> Lab {
    let lab = Lab::open(place);
    let events: Vec<Value> = [
        ("a", "alpha", "cust_1", "web", json!({ "m": "x" })),
        ("b", "beta", "cust_1", "web", json!({ "m": "y" })),
        ("c", "alpha", "cust_2", "app", json!({ "m": "x", "n": "1" })),
        ("d", "beta", "cust_2", "", json!({})),
        ("e", "alpha", "cust_1", "app", json!({ "m": 7 })),
    ]
    .into_iter()
    .zip(10..)
    .map(|((id, name, customer, source, properties), hour)| {
        json!({
            "event_id": id, "event_name": name, "external_customer_id": customer, "source": source,
            "timestamp": format!("2026-01-05T{hour}:00:00Z"), "properties": properties,
        })
    })
    .collect();
    lab.api()
        .post("/v1/events/bulk", &json!({ "events": events }))
        .expect(202);
    lab
}

/// Everybody's events of January that match.
fn query(lab: &Lab, more: &Value) -> Value {
    let anybody = super::with(json!({ "external_customer_id": "" }), more);
    lab.post("/v1/events/query", &january(&anybody))
}

fn ids(page: &Value) -> String {
    page["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| text(event, "/id"))
        .collect()
}

fn pages_by_offset(place: &Place) {
    let lab = five(place);
    for (offset, shown, next, has_more) in [
        (0, "ed", 2, true),
        (2, "cb", 4, true),
        (4, "a", 6, false),
        (9, "", 11, false),
    ] {
        let page = query(&lab, &json!({ "page_size": 2, "offset": offset }));
        assert_eq!(ids(&page), shown);
        assert_eq!(
            (&page["offset"], &page["has_more"], &page["total_count"]),
            (&json!(next), &json!(has_more), &json!(5))
        );
        for key in ["iter_first_key", "iter_last_key"] {
            assert_eq!(page.get(key).is_some(), !shown.is_empty(), "{key} of {page}");
        }
    }
    assert_eq!(ids(&query(&lab, &json!({ "page_size": 2, "offset": -3 }))), "ed");
    let none = query(&lab, &json!({ "event_name": "nothing" }));
    assert_eq!(none, json!({ "events": [], "has_more": false, "offset": 50 }));
}

fn pages_of_newer_events(place: &Place) {
    let lab = five(place);
    let key = |hour: u32, id: &str| {
        format!(
            "{}::{id}",
            (1_767_571_200_u64 + u64::from(hour) * 3_600) * 1_000_000_000
        )
    };
    let page = query(&lab, &json!({ "iter_first_key": key(12, "c"), "page_size": 1 }));
    assert_eq!(ids(&page), "e");
    assert_eq!((&page["has_more"], &page["total_count"]), (&json!(true), &json!(2)));
    assert_eq!(page["iter_first_key"], key(14, "e"));
    assert!(page.get("offset").is_none(), "{page}");
    // The first key wins, and an offset is not looked at.
    let both = json!({ "iter_first_key": key(12, "c"), "iter_last_key": key(11, "b"), "offset": 4 });
    assert_eq!(ids(&query(&lab, &both)), "ed");
    assert_eq!(ids(&query(&lab, &json!({ "iter_last_key": key(12, "c") }))), "ba");
    // Of events at one time the id decides.
    assert_eq!(ids(&query(&lab, &json!({ "iter_last_key": key(12, "cc") }))), "cba");
}

fn filters_of_lists(place: &Place) {
    let lab = five(place);
    for (more, shown) in [
        (json!({}), "edcba"),
        (json!({ "external_customer_id": "cust_1" }), "eba"),
        (json!({ "event_name": "alpha" }), "eca"),
        (json!({ "event_name": "alpha", "external_customer_id": "cust_2" }), "c"),
        (json!({ "event_id": "b" }), "b"),
        (json!({ "event_id": "b", "event_name": "alpha" }), ""),
        (json!({ "source": "app" }), "ec"),
        (json!({ "property_filters": { "m": ["x", "7"] } }), "eca"),
        (json!({ "property_filters": { "m": ["x"], "n": ["1", "2"] } }), "c"),
        (json!({ "property_filters": { "m": [""] } }), "d"),
        (json!({ "property_filters": { "m": [] } }), "edcba"),
    ] {
        assert_eq!(ids(&query(&lab, &more)), shown, "{more}");
    }
}

fn sizes_of_pages(place: &Place) {
    let lab = Lab::open(place);
    let sent: Vec<(String, String)> = (0..60)
        .map(|minute| (format!("e{minute:02}"), format!("2026-01-05T10:{minute:02}:00Z")))
        .collect();
    let sent: Vec<_> = sent
        .iter()
        .map(|(id, at)| (id.as_str(), at.as_str(), json!({})))
        .collect();
    lab.ingest(&sent);
    let shown = |page: &Value| page["events"].as_array().unwrap().len();
    for (page_size, events) in [
        (json!(null), 50),
        (json!(0), 50),
        (json!(-1), 50),
        (json!(60), 60),
        (json!(100_000), 60),
    ] {
        assert_eq!(
            shown(&query(&lab, &json!({ "page_size": page_size }))),
            events,
            "{page_size}"
        );
        let size = page_size
            .as_i64()
            .map_or(String::new(), |size| format!("&page_size={size}"));
        let range = "start_time=2026-01-01T00:00:00Z&end_time=2026-02-01T00:00:00Z";
        let page = lab.api().get(&format!("/v1/events?{range}{size}")).expect(200);
        assert_eq!(shown(&page), 50, "{page_size}");
    }
}

fn sorted_lists(place: &Place) {
    let lab = five(place);
    for (sort, order, shown) in [
        ("timestamp", "asc", "abcde"),
        ("timestamp", "desc", "edcba"),
        ("", "", "edcba"),
        // Names tie, and ties are by id, descending.
        ("event_name", "asc", "ecadb"),
        ("event_name", "desc", "dbeca"),
    ] {
        assert_eq!(
            ids(&query(&lab, &json!({ "sort": sort, "order": order }))),
            shown,
            "{sort} {order}"
        );
    }
}

fn the_query_form(place: &Place) {
    let lab = five(place);
    let range = "start_time=2026-01-01T00:00:00Z&end_time=2026-02-01T00:00:00%2B00:00";
    let list = |query: &str| lab.api().get(&format!("/v1/events?{range}&{query}")).expect(200);
    for (query, shown) in [
        ("", "edcba"),
        ("event_name=alpha&source=app", "ec"),
        ("external_customer_id=cust_2", "dc"),
        ("event_id=a", "a"),
        ("page_size=2&offset=1", "dc"),
        ("sort=timestamp&order=asc&page_size=3", "abc"),
        (&format!("property_filters={}", encoded("m:x,7;n:1")), "c"),
        (&format!("property_filters={}", encoded("m:x;nonsense;a:b:c")), "ca"),
        (&format!("property_filters={}", encoded("nonsense")), "edcba"),
    ] {
        assert_eq!(ids(&list(query)), shown, "{query}");
    }
    let first = list("page_size=2");
    let key = encoded(&text(&first, "/iter_last_key"));
    assert_eq!(ids(&list(&format!("page_size=2&iter_last_key={key}"))), "cb");
}

fn a_list_reaches_back_seven_days(place: &Place) {
    let lab = Lab::open(place);
    lab.ingest(&[
        ("now", "2026-01-20T12:00:00Z", json!({})),
        ("later", "2026-01-20T12:00:00.001Z", json!({})),
        ("edge", "2026-01-13T12:00:00Z", json!({})),
        ("old", "2026-01-13T11:59:59.999Z", json!({})),
    ]);
    let listed = |body: Value| -> Vec<String> {
        let page = lab.post("/v1/events/query", &body);
        page["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| text(event, "/id"))
            .collect()
    };
    assert_eq!(listed(json!({})), ["now", "edge"]);
    assert_eq!(
        listed(json!({ "end_time": "2026-01-20T11:59:59.999Z" })),
        ["edge", "old"]
    );
    assert_eq!(
        listed(json!({ "start_time": "2026-01-13T11:59:59.999Z" })),
        ["now", "edge", "old"]
    );
}

fn events_are_shown_as_they_were_sent(place: &Place) {
    let lab = Lab::open(place);
    let sent = json!({
        "event_id": "e1", "event_name": " spaced ", "external_customer_id": "cust_1", "customer_id": "literal",
        "timestamp": "2026-01-05T12:00:00.1239+02:00", "source": "web",
        "properties": { "n": 1.5, "deep": { "list": [1, null] }, "a.b": true },
    });
    lab.api().post("/v1/events", &sent).expect(202);
    lab.api()
        .post(
            "/v1/events",
            &json!({ "event_id": "e2", "event_name": "bare", "external_customer_id": "cust_1" }),
        )
        .expect(202);
    let page = lab.post("/v1/events/query", &january(&json!({ "event_id": "e1" })));
    assert_eq!(
        page["events"][0],
        json!({
            "id": "e1", "event_name": "spaced", "external_customer_id": "cust_1", "customer_id": "literal",
            "timestamp": "2026-01-05T10:00:00.123Z", "source": "web", "environment_id": lab.tenant.environment_id,
            "properties": { "n": 1.5, "deep": { "list": [1, null] }, "a.b": true },
        })
    );
    let page = lab.post("/v1/events/query", &january(&json!({ "event_id": "e2" })));
    let bare = &page["events"][0];
    assert_eq!(
        (&bare["customer_id"], &bare["source"], &bare["properties"]),
        (&json!(""), &json!(""), &Value::Null)
    );
    assert_eq!(bare["timestamp"], super::NOW);
    // The literal customer id is what the filter of aggregates matches.
    for (customer_id, count) in [("literal", Some(1)), ("cust_1", None)] {
        let more = json!({ "event_name": "spaced", "aggregation_type": "COUNT", "customer_id": customer_id });
        assert_eq!(
            lab.usage(&more).get("value").and_then(Value::as_i64),
            count,
            "{customer_id}"
        );
    }
}

fn counts_over_time(place: &Place) {
    let lab = five(place);
    let range = "start_time=2026-01-05T10:00:00Z&end_time=2026-01-05T14:00:00Z";
    let whole = lab.api().get(&format!("/v1/events/monitoring?{range}")).expect(200);
    // What the log has yet to take in is the whole server's, which other tests share.
    assert!(whole["consumption_lag"].is_u64(), "{whole}");
    let mut of_the_range = whole.clone();
    of_the_range.as_object_mut().unwrap().remove("consumption_lag");
    assert_eq!(of_the_range, json!({ "total_count": 4, "post_processing_lag": 0 }));
    let hourly = lab
        .api()
        .get(&format!("/v1/events/monitoring?{range}&window_size=3HOUR"))
        .expect(200);
    assert_eq!(hourly["total_count"], 4);
    assert_eq!(
        hourly["points"],
        json!([
            { "timestamp": "2026-01-05T09:00:00Z", "event_count": 2 },
            { "timestamp": "2026-01-05T12:00:00Z", "event_count": 2 },
        ])
    );
    // The last day unless the request says otherwise.
    assert_eq!(lab.api().get("/v1/events/monitoring").expect(200)["total_count"], 0);
}
