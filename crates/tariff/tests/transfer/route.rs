//! `GET /v1/events/export`.

use serde_json::{Value, json};

use crate::support::client::{Client, encoded};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    the_route_streams_a_line_an_event,
    the_route_refuses_what_it_cannot_answer,
    the_route_needs_permission_and_stays_in_its_environment,
);

fn ingest(api: &Client) {
    let event = |id: &str, name: &str, customer: &str, timestamp: &str| json!({ "event_id": id, "event_name": name, "external_customer_id": customer, "timestamp": timestamp });
    let mut events = vec![
        event("1", "call", "a/b", "2026-01-01T00:00:00Z"),
        event("2", "call", "acme", "2026-01-02T00:00:00Z"),
        event("3", "mail", "acme", "2026-01-03T00:00:00Z"),
    ];
    events[1]["properties"] = json!({ "tokens": 5 });
    api.post("/v1/events/bulk", &json!({ "events": events })).expect(202);
}

fn exported(api: &Client, query: &str) -> Vec<Value> {
    let reply = api.get(&format!("/v1/events/export{query}"));
    assert_eq!(reply.status, 200, "{}", reply.text);
    assert_eq!(reply.header("content-type"), "application/x-ndjson");
    let mut events: Vec<Value> = reply
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    events.sort_by_key(|event| event["event_id"].to_string());
    events
}

fn ids(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event_id"].as_str().unwrap()).collect()
}

fn the_route_streams_a_line_an_event(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    assert!(exported(&tenant.api, "").is_empty());
    ingest(&tenant.api);
    let events = exported(&tenant.api, "");
    assert_eq!(ids(&events), ["1", "2", "3"]);
    let expected = json!({
        "event_id": "2", "event_name": "call", "external_customer_id": "acme", "customer_id": "", "source": "",
        "timestamp": "2026-01-02T00:00:00Z", "properties": { "tokens": 5 },
    });
    assert_eq!(events[1], expected);
    assert_eq!(events[0]["properties"], Value::Null);
    let customer = format!("?external_customer_id={}", encoded("a/b"));
    assert_eq!(ids(&exported(&tenant.api, &customer)), ["1"]);
    assert_eq!(
        ids(&exported(&tenant.api, "?event_name=mail&external_customer_id=")),
        ["3"]
    );
    let times = "?start_time=2026-01-02T00:00:00Z&end_time=2026-01-03T00:00:00Z";
    assert_eq!(ids(&exported(&tenant.api, times)), ["2"]);
}

fn the_route_refuses_what_it_cannot_answer(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    for query in [
        "start_time=yesterday",
        "start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z",
        "event_name=%00",
    ] {
        let reply = tenant.api.get(&format!("/v1/events/export?{query}"));
        reply.expect_error(400, "validation_error");
    }
}

fn the_route_needs_permission_and_stays_in_its_environment(place: &Place) {
    let (tenant, other) = (
        Tenant::sign_up(&place.server().client()),
        Tenant::sign_up(&place.server().client()),
    );
    ingest(&tenant.api);
    assert!(exported(&other.api, "").is_empty());
    tenant.api.without_credentials().get("/v1/events/export").expect(401);
    // A service account that may only send events must not be able to read all of them.
    tenant
        .service_account("event_ingestor")
        .get("/v1/events/export")
        .expect(403);
    exported(&tenant.service_account("event_reader"), "");
}
