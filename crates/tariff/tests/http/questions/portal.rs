//! Usage as a customer sees it in the portal (spec 01 B1, spec 02 §3.9).

use serde_json::{Value, json};

use super::{Lab, flat, january};
use crate::support::client::{Client, text};
use crate::support::databases::Place;

crate::tests!(the_own_usage_and_nobody_elses, an_archived_customer_sees_nothing);

fn session(lab: &Lab) -> Client {
    let opened = lab.api().get("/v1/customers/portal/cust_1").expect(200);
    let token = text(&opened, "/token");
    lab.api().without_credentials().with("x-session-token", &token)
}

fn the_own_usage_and_nobody_elses(place: &Place) {
    let lab = Lab::open(place);
    let feature = lab.feature("Calls", json!({ "type": "SUM", "field": "v" }));
    lab.subscribed(&feature, &flat("0.02"));
    lab.ingest(&[("e1", "2026-01-05T10:00:00Z", json!({ "v": 150 }))]);
    let mut foreign = super::event(&("e2", "2026-01-05T10:00:00Z", json!({ "v": 1 })));
    foreign["external_customer_id"] = json!("cust_2");
    lab.api().post("/v1/events", &foreign).expect(202);
    let portal = session(&lab);
    for named in [json!("cust_2"), json!(""), Value::Null] {
        let question = january(&json!({ "external_customer_id": named, "window_size": "DAY" }));
        let answer = portal
            .post("/v1/customer/portal/analytics/revenue", &question)
            .expect(200);
        assert_eq!(
            (&answer["subtotal"], &answer["items"][0]["total_usage"]),
            (&json!("3"), &json!("150"))
        );
        assert_eq!(answer, lab.analytics(&json!({ "window_size": "DAY" })));
    }
    let summary = portal.get("/v1/customer/portal/usage").expect(200);
    let customer = lab.api().get("/v1/customers/lookup/cust_1").expect(200);
    assert_eq!(summary["customer_id"], customer["id"]);
    portal
        .post(
            "/v1/customer/portal/analytics/revenue",
            &json!({ "group_by": ["customer"] }),
        )
        .expect_error(400, "validation_error");
    let stranger = lab.api().without_credentials();
    assert_eq!(stranger.get("/v1/customer/portal/usage").status, 401);
    assert_eq!(
        stranger
            .post("/v1/customer/portal/analytics/revenue", &json!({}))
            .status,
        401
    );
    // A session opens the portal and nothing else.
    assert_eq!(portal.post("/v1/events/analytics", &january(&json!({}))).status, 401);
}

fn an_archived_customer_sees_nothing(place: &Place) {
    let lab = Lab::open(place);
    lab.feature("Calls", json!({ "type": "COUNT" }));
    let customer = lab.tenant.customer("cust_1", "First");
    let portal = session(&lab);
    portal
        .post("/v1/customer/portal/analytics/revenue", &json!({}))
        .expect(200);
    lab.api()
        .delete(&format!("/v1/customers/{}", text(&customer, "/id")))
        .expect(204);
    portal
        .post("/v1/customer/portal/analytics/revenue", &json!({}))
        .expect_error(404, "not_found");
}
