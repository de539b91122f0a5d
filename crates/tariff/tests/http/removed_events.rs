//! Taking one event out: what it was counts no more, and the audit log knows what it was.

use serde_json::{Value, json};

use crate::support::client::{encoded, text};
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_removed_event_counts_no_more,
    an_event_is_removed_once,
    events_of_others_stay,
    a_removed_event_may_come_again,
    removing_needs_the_permission_to_write_events,
);

const START: &str = "2024-01-01T00:00:00Z";
const END: &str = "2024-02-01T00:00:00Z";

/// A tenant with a meter that sums `n` of `call`, and a customer who used 1, 10 and 100 on three days.
struct Shop {
    tenant: Tenant,
    meter_id: String,
}

impl Shop {
    fn open(place: &Place) -> Self {
        let tenant = Tenant::sign_up(&place.server().client());
        let meter = json!({
            "name": "Calls", "event_name": "call", "aggregation": { "type": "SUM", "field": "n" },
            "reset_usage": "BILLING_PERIOD",
        });
        let feature = json!({ "name": "Calls", "type": "metered", "meter": meter });
        let feature = tenant.api.post("/v1/features", &feature).expect(201);
        tenant.customer("acme", "Acme");
        let shop = Self {
            meter_id: text(&feature, "/meter_id"),
            tenant,
        };
        for (id, day, n) in [("a/1", 2, "1"), ("b", 3, "10"), ("c", 4, "100")] {
            shop.send(id, day, n);
        }
        shop
    }

    fn send(&self, id: &str, day: u32, n: &str) {
        let event = json!({
            "event_id": id, "event_name": "call", "external_customer_id": "acme", "source": "test",
            "timestamp": format!("2024-01-{day:02}T12:00:00Z"), "properties": { "n": n },
        });
        self.tenant.api.post("/v1/events", &event).expect(202);
    }

    fn usage(&self) -> f64 {
        let question = json!({
            "meter_id": self.meter_id, "external_customer_id": "acme", "start_time": START, "end_time": END,
        });
        let answer = self.tenant.api.post("/v1/events/usage/meter", &question).expect(200);
        answer.get("value").map_or(0.0, |value| value.as_f64().unwrap())
    }

    fn analytics(&self) -> Value {
        let question = json!({ "external_customer_id": "acme", "start_time": START, "end_time": END });
        let answer = self.tenant.api.post("/v1/events/analytics", &question).expect(200);
        answer["items"][0]["total_usage"].clone()
    }

    fn listed(&self) -> Vec<String> {
        let question = json!({ "start_time": START, "end_time": END, "order": "asc" });
        let answer = self.tenant.api.post("/v1/events/query", &question).expect(200);
        answer["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| text(event, "/id"))
            .collect()
    }

    fn removals(&self) -> Vec<Value> {
        let log = self.tenant.api.get("/v1/audit-logs?entity_type=event").expect(200);
        log["items"].as_array().unwrap().clone()
    }
}

fn a_removed_event_counts_no_more(place: &Place) {
    let shop = Shop::open(place);
    assert_eq!((shop.usage(), shop.analytics()), (111.0, json!("111")));
    let path = format!("/v1/events/{}", encoded("a/1"));
    let before = shop.tenant.api.get(&path).expect(200)["event"].clone();
    shop.tenant.api.delete(&path).expect(204);
    assert_eq!((shop.usage(), shop.analytics()), (110.0, json!("110")));
    assert_eq!(shop.listed(), ["b", "c"]);
    shop.tenant.api.get(&path).expect_error(404, "not_found");
    shop.tenant
        .api
        .get("/v1/events/lookup?id=a%2F1")
        .expect_error(404, "not_found");
    let monitoring = format!("/v1/events/monitoring?start_time={START}&end_time={END}");
    assert_eq!(shop.tenant.api.get(&monitoring).expect(200)["total_count"], 2);

    let removals = shop.removals();
    let [removal] = removals.as_slice() else {
        panic!("{removals:?}");
    };
    assert_eq!(
        (&removal["action"], &removal["entity_id"]),
        (&json!("deleted"), &json!("a/1"))
    );
    assert_eq!(
        (&removal["user_id"], &removal["after"]),
        (&json!(shop.tenant.user_id), &Value::Null)
    );
    for (name, value) in before.as_object().unwrap() {
        assert_eq!(&removal["before"][name], value, "{name}");
    }

    shop.tenant.api.delete("/v1/events/lookup?id=c").expect(204);
    assert_eq!((shop.usage(), shop.analytics()), (10.0, json!("10")));
    assert_eq!(shop.removals().len(), 2);
}

fn an_event_is_removed_once(place: &Place) {
    let shop = Shop::open(place);
    shop.tenant.api.delete("/v1/events/b").expect(204);
    shop.tenant.api.delete("/v1/events/b").expect_error(404, "not_found");
    shop.tenant.api.delete("/v1/events/none").expect_error(404, "not_found");
    shop.tenant
        .api
        .delete("/v1/events/lookup")
        .expect_error(400, "validation_error");
    assert_eq!(shop.removals().len(), 1);

    // Of many at once, one removes it, and one entry tells of it.
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let api = &shop.tenant.api;
        let calls: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| api.delete("/v1/events/c").status))
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!(
        answers.iter().filter(|status| **status == 204).count(),
        1,
        "{answers:?}"
    );
    assert!(answers.iter().all(|status| matches!(status, 204 | 404)), "{answers:?}");
    assert_eq!(shop.removals().len(), 2);
}

fn events_of_others_stay(place: &Place) {
    let shop = Shop::open(place);
    let other = Tenant::sign_up(&place.server().client());
    other.api.delete("/v1/events/b").expect_error(404, "not_found");
    assert_eq!(shop.usage(), 111.0);
    assert!(shop.removals().is_empty());
    let log = other.api.get("/v1/audit-logs?entity_type=event").expect(200);
    assert_eq!(log["pagination"]["total"], 0);
}

fn a_removed_event_may_come_again(place: &Place) {
    let shop = Shop::open(place);
    shop.tenant.api.delete("/v1/events/b").expect(204);
    shop.send("b", 5, "1000");
    assert_eq!((shop.usage(), shop.analytics()), (1101.0, json!("1101")));
    shop.tenant.api.delete("/v1/events/b").expect(204);
    assert_eq!(shop.usage(), 101.0);
    let removals = shop.removals();
    assert_eq!(removals.len(), 2);
    assert_eq!(removals[0]["before"]["properties"], json!({ "n": "1000" }));
}

fn removing_needs_the_permission_to_write_events(place: &Place) {
    let shop = Shop::open(place);
    let reader = shop.tenant.service_account("event_reader");
    reader
        .delete("/v1/events/b")
        .expect_exactly(403, &json!({ "message": "insufficient permissions" }));
    let writer = shop.tenant.service_account("event_ingestor");
    writer.delete("/v1/events/b").expect(204);
    assert_eq!(shop.removals()[0]["actor_type"], "service_account");
}
