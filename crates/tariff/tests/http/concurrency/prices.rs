//! Versions of a price: however many change it, they form one line (spec 03 §5.7).

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{WRITERS, at_once, expect_winners};
use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(of_changes_at_once_one_wins, changes_one_after_another_all_count,);

/// Longest time that all changes may take.
const DEADLINE: Duration = Duration::from_secs(120);

/// A plan with a price of the lookup key `base`; answers their ids.
fn shop(tenant: &Tenant) -> (String, String) {
    let plan = text(
        &tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201),
        "/id",
    );
    let price = json!({
        "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": "10",
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1, "lookup_key": "base",
    });
    let price = text(&tenant.api.post("/v1/prices", &price).expect(201), "/id");
    (plan, price)
}

/// All versions in order of time, after checking that each follows the one before without gap or overlap, that all have
/// one root, and that only the last is current.
fn line_of_versions(tenant: &Tenant, plan: &str, root: &str) -> Vec<Value> {
    let search = json!({ "plan_ids": [plan], "allow_expired_prices": true, "limit": 1000 });
    let found = tenant.api.post("/v1/prices/search", &search).expect(200);
    let mut versions = found["items"].as_array().unwrap().clone();
    let start = |version: &Value| text(version, "/start_date").parse::<tariff_core::Timestamp>().unwrap();
    versions.sort_by_key(start);
    assert_eq!(versions[0]["id"], root);
    assert!(versions[0].get("parent_price_id").is_none(), "{}", versions[0]);
    for pair in versions.windows(2) {
        assert_eq!(pair[0]["end_date"], pair[1]["start_date"], "a gap or an overlap");
        assert_eq!(pair[1]["parent_price_id"], root);
    }
    let current: Vec<&Value> = versions
        .iter()
        .filter(|version| version.get("end_date").is_none())
        .collect();
    let by_key = tenant.api.get("/v1/prices/lookup/base").expect(200);
    assert_eq!(current.len(), 1);
    assert_eq!(current[0]["id"], by_key["id"]);
    assert_eq!(versions.last().unwrap()["id"], by_key["id"]);
    versions
}

fn of_changes_at_once_one_wins(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let (plan, price) = shop(&tenant);
    let replies = at_once(|number| {
        let body = json!({ "amount": (100 + number).to_string() });
        tenant.api.put(&format!("/v1/prices/{price}"), &body)
    });
    expect_winners(&replies, 1, 200, &[400, 409]);
    let winner = replies.iter().find(|reply| reply.status == 200).unwrap().json();
    let versions = line_of_versions(&tenant, &plan, &price);
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[1]["id"], winner["id"]);
    assert_eq!(versions[1]["amount"], winner["amount"]);
}

fn changes_one_after_another_all_count(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let (plan, price) = shop(&tenant);
    let deadline = Instant::now() + DEADLINE;
    at_once(|number| {
        let body = json!({ "amount": (100 + number).to_string() });
        loop {
            let newest = text(&tenant.api.get("/v1/prices/lookup/base").expect(200), "/id");
            let reply = tenant.api.put(&format!("/v1/prices/{newest}"), &body);
            if reply.status == 200 {
                return;
            }
            assert!([400, 409].contains(&reply.status), "{}: {}", reply.status, reply.text);
            assert!(Instant::now() < deadline, "still refused: {}", reply.text);
        }
    });
    let versions = line_of_versions(&tenant, &plan, &price);
    assert_eq!(versions.len(), 1 + WRITERS);
    let mut amounts: Vec<String> = versions[1..].iter().map(|version| text(version, "/amount")).collect();
    amounts.sort();
    let expected: Vec<String> = (0..WRITERS).map(|number| (100 + number).to_string()).collect();
    assert_eq!(amounts, expected);
}
