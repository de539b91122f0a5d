//! What is told about background workflows (spec 07 §3.3), and the copy of an environment as one of them (spec 01 B4).

use serde_json::{Value, json};

use crate::plan_sync::{Shop, sync_path};
use crate::support::client::{Client, text};
use crate::support::databases::Place;
use crate::support::tenant::{Tenant, new_key};
use crate::support::workflow::{completed, path};

crate::tests!(
    a_run_is_found_and_told_in_full,
    several_runs_are_told_at_once,
    runs_stay_with_their_tenant,
    bad_questions_are_told,
    a_copy_of_an_environment_is_made_in_the_background,
    what_cannot_be_copied_fails_alone,
    a_copy_is_asked_for_once_under_a_key,
);

/// A plan that was synced, and the answer that started it.
fn synced(place: &Place) -> (Shop, String, Value) {
    let shop = Shop::open(&place.server().client());
    let plan = shop.plan("Pro");
    let started = shop.tenant.api.post(&sync_path(&plan), &json!({})).expect(200);
    completed(&shop.tenant.api, &started);
    (shop, plan, started)
}

fn search(api: &Client, filter: &Value) -> Vec<Value> {
    let found = api.post("/v1/workflows/search", filter).expect(200);
    found["items"].as_array().unwrap().clone()
}

fn a_run_is_found_and_told_in_full(place: &Place) {
    let (shop, plan, started) = synced(place);
    let api = &shop.tenant.api;
    let second = api.post(&sync_path(&plan), &json!({})).expect(200);
    completed(api, &second);

    let found = search(api, &json!({}));
    assert_eq!(found.len(), 2);
    let (newest, oldest) = (&found[0], &found[1]);
    assert_eq!(
        (&newest["run_id"], &oldest["run_id"]),
        (&second["run_id"], &started["run_id"])
    );
    assert_eq!(oldest["workflow_id"], started["workflow_id"]);
    assert_eq!(oldest["workflow_type"], "PriceSyncWorkflow");
    assert_eq!(
        (&oldest["entity"], &oldest["entity_id"]),
        (&json!("plan"), &json!(plan))
    );
    assert_eq!(oldest["status"], "Completed");
    assert_eq!(oldest["created_by"], shop.tenant.user_id.as_str());
    assert!(
        oldest["duration_ms"].is_u64() && !text(oldest, "/total_duration").is_empty(),
        "{oldest}"
    );
    assert!(text(oldest, "/start_time") <= text(oldest, "/close_time"));
    for (filter, matches) in [
        (json!({ "workflow_id": started["workflow_id"] }), 1),
        (
            json!({ "workflow_type": "PriceSyncWorkflow", "entity": "plan", "entity_id": plan }),
            2,
        ),
        (json!({ "workflow_type": "EnvironmentCloneWorkflow" }), 0),
        (
            json!({ "workflow_status": "Completed", "task_queue": oldest["task_queue"] }),
            2,
        ),
        (json!({ "workflow_status": "Running" }), 0),
        (json!({ "entity_id": "plan_other" }), 0),
        (json!({ "limit": 1, "offset": 1 }), 1),
        (
            json!({ "order": "asc", "sort": [{ "field": "start_time", "direction": "asc" }] }),
            2,
        ),
        (
            json!({ "start_time": oldest["start_time"], "end_time": "2999-01-01T00:00:00Z" }),
            2,
        ),
        (json!({ "end_time": "2020-01-01T00:00:00Z" }), 0),
        (json!({ "status": "published" }), 2),
        (json!({ "status": "archived" }), 0),
    ] {
        assert_eq!(search(api, &filter).len(), matches, "{filter}");
    }

    let details = api.get(&path(&started)).expect(200);
    assert_eq!(details["input"], json!({ "plan_id": plan }));
    assert_eq!(details["result"]["line_items_created"], 0);
    let names = |items: &Value| -> Vec<String> {
        let items = items.as_array().unwrap();
        items.iter().map(|item| text(item, "/name")).collect()
    };
    assert_eq!(names(&details["activities"]), ["requested", "started", "closed"]);
    let summary = api.get(&format!("{}/summary", path(&started))).expect(200);
    assert_eq!(
        (&summary["run_id"], &summary["status"]),
        (&started["run_id"], &json!("Completed"))
    );
    assert!(summary.get("input").is_none(), "{summary}");
    let timeline = api.get(&format!("{}/timeline", path(&started))).expect(200);
    assert_eq!(timeline["workflow_id"], started["workflow_id"]);
    assert_eq!(names(&timeline["items"]), ["requested", "started", "closed"]);
    assert_eq!(timeline["items"][2]["status"], "Completed");
}

fn several_runs_are_told_at_once(place: &Place) {
    let (shop, plan, started) = synced(place);
    let api = &shop.tenant.api;
    let second = api.post(&sync_path(&plan), &json!({})).expect(200);
    completed(api, &second);
    let named = |run: &Value| json!({ "workflow_id": run["workflow_id"], "run_id": run["run_id"] });
    let batch = json!({ "workflows": [named(&second), named(&started)], "include_activities": true });
    let answer = api.post("/v1/workflows/batch", &batch).expect(200);
    let workflows = answer["workflows"].as_array().unwrap();
    let ids: Vec<_> = workflows.iter().map(|one| &one["run_id"]).collect();
    assert_eq!(ids, [&second["run_id"], &started["run_id"]]);
    assert_eq!(workflows[0]["activities"].as_array().unwrap().len(), 3);
    let plain = json!({ "workflows": [named(&second)] });
    let plain = api.post("/v1/workflows/batch", &plain).expect(200);
    assert!(plain["workflows"][0].get("activities").is_none(), "{plain}");
}

fn runs_stay_with_their_tenant(place: &Place) {
    let (shop, _, started) = synced(place);
    let (stranger, _, own) = synced(place);
    let api = &stranger.tenant.api;
    for tail in ["", "/summary", "/timeline"] {
        api.get(&format!("{}{tail}", path(&started)))
            .expect_error(404, "not_found");
    }
    // The ids of two runs do not mix.
    let mixed = format!(
        "/v1/workflows/{}/{}",
        text(&own, "/workflow_id"),
        text(&started, "/run_id")
    );
    api.get(&mixed).expect_error(404, "not_found");
    assert_eq!(search(api, &json!({ "workflow_id": started["workflow_id"] })).len(), 0);
    let named = |run: &Value| json!({ "workflow_id": run["workflow_id"], "run_id": run["run_id"] });
    let batch = json!({ "workflows": [named(&own), named(&started)] });
    api.post("/v1/workflows/batch", &batch).expect_error(404, "not_found");
    // Nor do environments.
    let second = json!({ "name": "Second", "type": "development" });
    let second = shop.tenant.session().post("/v1/environments", &second).expect(201);
    let there = shop
        .tenant
        .bare_session()
        .with("x-environment-id", &text(&second, "/id"));
    there.get(&path(&started)).expect_error(404, "not_found");
    let events = shop.tenant.service_account("event_reader");
    assert_eq!(events.post("/v1/workflows/search", &json!({})).status, 403);
    assert_eq!(events.get(&path(&started)).status, 403);
}

fn bad_questions_are_told(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let one = json!({ "workflow_id": "wf_x", "run_id": "run_x" });
    for bad in [
        json!({}),
        json!({ "workflows": [] }),
        json!({ "workflows": vec![one.clone(); 51] }),
        json!({ "workflows": "all" }),
    ] {
        tenant
            .api
            .post("/v1/workflows/batch", &bad)
            .expect_error(400, "validation_error");
    }
    let batch = json!({ "workflows": [one] });
    tenant
        .api
        .post("/v1/workflows/batch", &batch)
        .expect_error(404, "not_found");
    for bad in [
        json!({ "limit": 1001 }),
        json!({ "sort": [{ "field": "lease_until", "direction": "asc" }] }),
        json!({ "start_time": "2024-01-02T00:00:00Z", "end_time": "2024-01-01T00:00:00Z" }),
    ] {
        tenant
            .api
            .post("/v1/workflows/search", &bad)
            .expect_error(400, "validation_error");
    }
}

/// A catalog with and without lookup keys.
fn stock(shop: &Shop) {
    let api = &shop.tenant.api;
    for feature in [
        json!({ "name": "Audit", "type": "boolean" }),
        json!({ "name": "Single sign-on", "type": "boolean", "lookup_key": "sso" }),
    ] {
        api.post("/v1/features", &feature).expect(201);
    }
    for name in ["Plain", "Other"] {
        let plan = shop.plan(name);
        shop.price(&plan, &json!({}));
    }
    let keyed = json!({ "name": "Keyed", "lookup_key": "keyed" });
    api.post("/v1/plans", &keyed).expect(201);
}

fn there(tenant: &Tenant, environment_id: &str) -> Client {
    let key = json!({ "name": "there", "type": "private_key" });
    let key = new_key(&tenant.bare_session(), environment_id, &key);
    tenant.api.with_key(&text(&key, "/api_key"))
}

fn total(api: &Client, list: &str) -> u64 {
    let page = api.get(list).expect(200);
    page["pagination"]["total"].as_u64().unwrap()
}

fn copied(result: &Value) -> [u64; 6] {
    let names = [
        "features_copied",
        "features_skipped",
        "features_failed",
        "plans_copied",
        "plans_skipped",
        "plans_failed",
    ];
    names.map(|name| result[name].as_u64().unwrap_or_else(|| panic!("no {name} in {result}")))
}

fn a_copy_of_an_environment_is_made_in_the_background(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    tenant.set_clock("2024-01-01T00:00:00Z");
    let shop = Shop::of(tenant);
    stock(&shop);
    let (tenant, api) = (&shop.tenant, &shop.tenant.api);
    let clone = format!("/v1/environments/{}/clone", tenant.environment_id);
    let copy = json!({ "name": "Copy", "type": "development" });
    let started = api.post(&clone, &copy).expect(202);
    let prefix = format!("wf_EnvironmentCloneWorkflow_{}_", tenant.environment_id);
    assert!(text(&started, "/workflow_id").starts_with(&prefix), "{started}");
    let result = completed(api, &started);
    assert_eq!(copied(&result), [3, 0, 0, 3, 0, 0]);
    assert_eq!(result["failures"], json!([]));
    let target = text(&result, "/target_environment_id");
    let there = there(tenant, &target);
    assert_eq!((total(&there, "/v1/features"), total(&there, "/v1/plans")), (3, 3));
    assert_eq!(total(&there, "/v1/prices"), 2);

    // A second time there is nothing left to copy, with and without lookup keys.
    let again = json!({ "target_environment_id": target });
    let started = api.post(&clone, &again).expect(202);
    assert_eq!(copied(&completed(api, &started)), [0, 3, 0, 0, 3, 0]);
    assert_eq!((total(&there, "/v1/features"), total(&there, "/v1/plans")), (3, 3));
    // What came since is brought.
    shop.plan("Later");
    let started = api.post(&clone, &again).expect(202);
    assert_eq!(copied(&completed(api, &started)), [0, 3, 0, 1, 3, 0]);

    let found = search(
        api,
        &json!({ "entity": "environment", "entity_id": tenant.environment_id }),
    );
    assert_eq!(found.len(), 3);
    // The new environment counts against the quota, so there is no room for a third; nothing is left of the attempt.
    api.post(&clone, &copy).expect_error(400, "validation_error");
    assert_eq!(search(api, &json!({})).len(), 3);
}

fn what_cannot_be_copied_fails_alone(place: &Place) {
    let shop = Shop::open(&place.server().client());
    let (tenant, api) = (&shop.tenant, &shop.tenant.api);
    stock(&shop);
    // A meter without a feature is not part of a copy, so a price on it has nothing to count.
    let meter = json!({
        "name": "Alone", "event_name": "alone", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD",
    });
    let meter = text(&api.post("/v1/meters", &meter).expect(201), "/id");
    let plan = shop.plan("Broken");
    shop.price(&plan, &json!({ "meter_id": meter }));
    let clone = format!("/v1/environments/{}/clone", tenant.environment_id);
    let started = api
        .post(&clone, &json!({ "name": "Copy", "type": "development" }))
        .expect(202);
    let result = completed(api, &started);
    assert_eq!(copied(&result), [3, 0, 0, 3, 0, 1]);
    let failures = result["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{result}");
    assert_eq!(
        (&failures[0]["entity_type"], &failures[0]["entity_id"]),
        (&json!("plan"), &json!(plan))
    );
    assert!(text(&failures[0], "/error").contains("meter"), "{result}");
    let there = there(tenant, &text(&result, "/target_environment_id"));
    assert_eq!(total(&there, "/v1/plans"), 3);
}

/// The worker hears of a run only when the whole request is committed.
fn a_copy_is_asked_for_once_under_a_key(place: &Place) {
    let shop = Shop::open(&place.server().client());
    stock(&shop);
    let (tenant, api) = (&shop.tenant, &shop.tenant.api);
    let once = api.with("idempotency-key", "copy");
    let clone = format!("/v1/environments/{}/clone", tenant.environment_id);
    let copy = json!({ "name": "Copy", "type": "development" });
    let started = once.post(&clone, &copy).expect(202);
    assert_eq!(once.post(&clone, &copy).expect(202), started);
    assert_eq!(copied(&completed(api, &started)), [3, 0, 0, 3, 0, 0]);
    assert_eq!(once.post(&clone, &copy).expect(202), started);
    assert_eq!(search(api, &json!({})).len(), 1);
}
