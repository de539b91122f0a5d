//! Features, meters, groups and entitlements: what a seller sets up before the first price.

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_feature_brings_its_meter_along,
    a_feature_refuses_what_does_not_fit,
    a_feature_is_updated_member_by_member,
    a_cloned_feature_has_a_meter_of_its_own,
    features_are_found_again,
    a_meter_only_ever_gains_filters,
    a_meter_names_the_member_at_fault,
    a_group_lets_go_of_its_members,
    an_entitlement_fits_its_feature,
    entitlements_come_in_bulk_or_not_at_all,
    an_entitlement_is_limited_and_unlimited_again,
    a_grant_is_configured_as_a_whole,
    a_customer_sees_all_entitlements_combined,
);

fn tenant(place: &Place) -> Tenant {
    Tenant::sign_up(&place.server().client())
}

fn counter(name: &str) -> Value {
    json!({ "name": name, "event_name": "call", "aggregation": { "type": "COUNT" }, "reset_usage": "BILLING_PERIOD" })
}

fn metered(tenant: &Tenant, name: &str) -> Value {
    let body = json!({ "name": name, "type": "metered", "meter": counter(name) });
    tenant.api.post("/v1/features", &body).expect(201)
}

fn plan(tenant: &Tenant) -> String {
    text(
        &tenant.api.post("/v1/plans", &json!({ "name": "Pro" })).expect(201),
        "/id",
    )
}

fn a_feature_brings_its_meter_along(place: &Place) {
    let tenant = tenant(place);
    let created = metered(&tenant, "API Calls");
    assert_eq!(created["lookup_key"], "api_calls");
    assert_eq!(created["status"], "published");
    assert!(created.get("meter").is_none(), "{created}");
    let id = text(&created, "/id");
    let read = tenant.api.get(&format!("/v1/features/{id}")).expect(200);
    assert_eq!(read["meter"]["aggregation"], json!({ "type": "COUNT" }));
    assert_eq!(read["meter"]["id"], created["meter_id"]);
    assert_eq!(read["created_at"], created["created_at"]);

    let taken = tenant
        .api
        .post("/v1/features", &json!({ "name": "api calls", "type": "boolean" }));
    taken.expect_error(409, "already_exists");
    let deleted = tenant.api.delete(&format!("/v1/features/{id}")).expect(200);
    assert_eq!(deleted["message"], "feature deleted successfully");
    assert_eq!(
        tenant.api.get(&format!("/v1/features/{id}")).expect(200)["status"],
        "archived"
    );
    let meter = tenant
        .api
        .get(&format!("/v1/meters/{}", text(&created, "/meter_id")))
        .expect(200);
    assert_eq!(meter["status"], "archived");
    // The key is free again, the archived meter is not.
    metered(&tenant, "API Calls");
    let reuse = json!({ "name": "Again", "type": "metered", "meter_id": created["meter_id"] });
    tenant
        .api
        .post("/v1/features", &reuse)
        .expect_error(400, "validation_error");
}

fn a_feature_refuses_what_does_not_fit(place: &Place) {
    let tenant = tenant(place);
    let alert = |settings: Value| json!({ "name": "F", "type": "boolean", "alert_settings": settings });
    let level = |threshold: &str, condition: &str| json!({ "threshold": threshold, "condition": condition });
    for (body, field) in [
        (json!({ "type": "boolean" }), "name"),
        (json!({ "name": "x".repeat(256), "type": "boolean" }), "name"),
        (json!({ "name": "F" }), "type"),
        (json!({ "name": "F", "type": "metered" }), "meter_id"),
        (
            json!({ "name": "F", "type": "boolean", "unit_singular": "call" }),
            "unit_plural",
        ),
        (
            json!({ "name": "F", "type": "boolean", "reporting_unit": { "unit_singular": "s", "unit_plural": "s", "conversion_rate": 0 } }),
            "reporting_unit.conversion_rate",
        ),
        (alert(json!({ "alert_enabled": true })), "alert_settings"),
        (alert(json!({ "warning": level("1", "above") })), "alert_settings"),
        (
            alert(json!({ "critical": level("1", "above"), "warning": level("2", "above") })),
            "alert_settings",
        ),
        (
            alert(json!({ "critical": level("5", "below"), "info": level("4", "below") })),
            "alert_settings",
        ),
    ] {
        let details = tenant
            .api
            .post("/v1/features", &body)
            .expect_error(400, "validation_error");
        assert!(details.get(field).is_some(), "{body} gave {details}");
    }
    for body in [
        json!({ "name": "F", "type": "metered", "meter_id": "meter_none" }),
        json!({ "name": "F", "type": "boolean", "group_id": "group_none" }),
    ] {
        tenant.api.post("/v1/features", &body).expect_error(404, "not_found");
    }
    let unknown = json!({ "name": "F", "type": "soft" });
    tenant
        .api
        .post("/v1/features", &unknown)
        .expect_error(400, "validation_error");
}

fn a_feature_is_updated_member_by_member(place: &Place) {
    let tenant = tenant(place);
    let id = text(&metered(&tenant, "Calls"), "/id");
    let path = format!("/v1/features/{id}");
    let change = json!({
        "description": "d", "unit_singular": "call", "unit_plural": "calls", "metadata": { "a": "1" },
        "reporting_unit": { "unit_singular": "k", "unit_plural": "k", "conversion_rate": "1000" },
        "alert_settings": { "critical": { "threshold": "5", "condition": "below" } },
        "filters": [{ "key": "region", "values": ["eu"] }],
        "type": "boolean", "lookup_key": "other",
    });
    let updated = tenant.api.put(&path, &change).expect(200);
    assert_eq!(updated["type"], "metered");
    assert_eq!(updated["lookup_key"], "calls");
    assert_eq!(updated["reporting_unit"]["conversion_rate"], 1000);
    assert_eq!(updated["alert_settings"]["alert_enabled"], false);
    assert_eq!(updated["metadata"], json!({ "a": "1" }));
    let read = tenant.api.get(&path).expect(200);
    assert_eq!(read["meter"]["filters"], json!([{ "key": "region", "values": ["eu"] }]));
    assert_eq!(read["updated_at"], updated["updated_at"]);

    // Merged with what is stored, the warning has its critical level.
    let more = json!({ "alert_settings": { "warning": { "threshold": "7", "condition": "below" } } });
    let merged = tenant.api.put(&path, &more).expect(200);
    assert_eq!(merged["alert_settings"]["critical"]["threshold"], "5");
    assert_eq!(merged["alert_settings"]["warning"]["threshold"], "7");
    assert_eq!(merged["unit_plural"], "calls");
    let bad = json!({ "filters": [{ "key": "zone", "values": ["a"] }], "unit_singular": "" });
    tenant.api.put(&path, &bad).expect_error(400, "validation_error");
    let read = tenant.api.get(&path).expect(200);
    assert_eq!(
        read["meter"]["filters"].as_array().unwrap().len(),
        1,
        "a refused update left a trace"
    );
    tenant
        .api
        .put(&path, &json!({ "name": "" }))
        .expect_error(400, "validation_error");
    tenant
        .api
        .put("/v1/features/feat_none", &json!({ "name": "n" }))
        .expect_error(404, "not_found");
}

fn a_cloned_feature_has_a_meter_of_its_own(place: &Place) {
    let tenant = tenant(place);
    let source = metered(&tenant, "Calls");
    let path = format!("/v1/features/{}/clone", text(&source, "/id"));
    let request = json!({ "name": "Copy", "lookup_key": "copy", "metadata": { "k": "v" } });
    let copy = tenant.api.post(&path, &request).expect(201);
    assert_eq!(copy["metadata"], json!({ "k": "v", "source_feature_id": source["id"] }));
    assert_eq!(copy["meter"]["event_name"], "call");
    assert_ne!(copy["meter_id"], source["meter_id"]);
    tenant.api.post(&path, &request).expect_error(409, "already_exists");
    tenant
        .api
        .post(&path, &json!({ "name": "Copy" }))
        .expect_error(400, "validation_error");
}

fn features_are_found_again(place: &Place) {
    let tenant = tenant(place);
    let calls = metered(&tenant, "Calls");
    let seats = tenant
        .api
        .post("/v1/features", &json!({ "name": "50% Seats", "type": "static" }))
        .expect(201);
    let names = |body: Value| -> Vec<String> {
        let found = tenant.api.post("/v1/features/search", &body).expect(200);
        found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| text(item, "/name"))
            .collect()
    };
    assert_eq!(names(json!({})), ["50% Seats", "Calls"]);
    assert_eq!(names(json!({ "name_contains": "CALL" })), ["Calls"]);
    assert_eq!(names(json!({ "name_contains": "%" })), ["50% Seats"]);
    assert_eq!(names(json!({ "lookup_keys": ["calls"] })), ["Calls"]);
    assert_eq!(names(json!({ "meter_ids": [calls["meter_id"]] })), ["Calls"]);
    assert_eq!(
        names(json!({ "sort": [{ "field": "name", "direction": "desc" }] })),
        ["Calls", "50% Seats"]
    );
    let condition =
        json!({ "field": "type", "operator": "eq", "data_type": "string", "value": { "string": "static" } });
    assert_eq!(names(json!({ "filters": [condition] })), ["50% Seats"]);
    // Archived ones stay listed unless a status is asked for.
    tenant
        .api
        .delete(&format!("/v1/features/{}", text(&seats, "/id")))
        .expect(200);
    assert_eq!(names(json!({})).len(), 2);
    assert_eq!(names(json!({ "status": "published" })), ["Calls"]);
    let expanded = tenant
        .api
        .get("/v1/features?expand=meters&name_contains=calls")
        .expect(200);
    assert_eq!(expanded["items"][0]["meter"]["id"], calls["meter_id"]);
    tenant
        .api
        .get("/v1/features?expand=plans")
        .expect_error(400, "validation_error");
}

fn a_meter_only_ever_gains_filters(place: &Place) {
    let tenant = tenant(place);
    let mut body = counter("Calls");
    body["event_name"] = json!("  call ");
    body["filters"] = json!([{ "key": "region", "values": ["eu"] }]);
    let meter = tenant.api.post("/v1/meters", &body).expect(201);
    assert_eq!(meter["event_name"], "call");
    let path = format!("/v1/meters/{}", text(&meter, "/id"));
    let more = json!({ "filters": [{ "key": "region", "values": ["us", "eu"] }, { "key": "tier", "values": [""] }] });
    let updated = tenant.api.put(&path, &more).expect(200);
    let filters = json!([{ "key": "region", "values": ["eu", "us"] }, { "key": "tier", "values": [""] }]);
    assert_eq!(updated["filters"], filters);
    for bad in [
        json!({}),
        json!({ "filters": [] }),
        json!({ "filters": [{ "key": "region", "values": [] }] }),
    ] {
        tenant.api.put(&path, &bad).expect_error(400, "validation_error");
    }
    let disabled = tenant.api.post(&format!("{path}/disable"), &json!({})).expect(200);
    assert_eq!(disabled["message"], "Meter disabled successfully");
    assert_eq!(tenant.api.get(&path).expect(200)["status"], "archived");
    assert_eq!(
        tenant.api.get("/v1/meters?event_name=call").expect(200)["pagination"]["total"],
        1
    );
    assert_eq!(
        tenant.api.get("/v1/meters?status=published").expect(200)["pagination"]["total"],
        0
    );
    tenant
        .api
        .delete("/v1/meters/meter_none")
        .expect_error(404, "not_found");
}

fn a_meter_names_the_member_at_fault(place: &Place) {
    let tenant = tenant(place);
    for (aggregation, detail) in [
        (json!({ "type": "SUM" }), "aggregation.field"),
        (json!({ "type": "COUNT", "expression": "a" }), "aggregation.expression"),
        (json!({ "type": "SUM", "expression": "a +" }), "expression"),
        (
            json!({ "type": "SUM_WITH_MULTIPLIER", "field": "a" }),
            "aggregation.multiplier",
        ),
        (
            json!({ "type": "AVG", "field": "a", "bucket_size": "DAY" }),
            "aggregation.bucket_size",
        ),
        (
            json!({ "type": "SUM", "field": "a", "bucket_size": "DAY", "group_by": "b" }),
            "aggregation.group_by",
        ),
        (json!({}), "aggregation.type"),
    ] {
        let mut body = counter("M");
        body["aggregation"] = aggregation;
        let details = tenant
            .api
            .post("/v1/meters", &body)
            .expect_error(400, "validation_error");
        assert!(details.get(detail).is_some(), "{body} gave {details}");
    }
}

fn a_group_lets_go_of_its_members(place: &Place) {
    let tenant = tenant(place);
    let request = json!({ "name": "Core", "entity_type": "feature", "lookup_key": "core" });
    let group = tenant.api.post("/v1/groups", &request).expect(201);
    assert_eq!(group["entity_ids"], json!([]));
    assert_eq!(group["metadata"], Value::Null);
    tenant
        .api
        .post("/v1/groups", &request)
        .expect_error(409, "already_exists");
    let plans = json!({ "name": "x", "entity_type": "plan", "lookup_key": "y" });
    tenant
        .api
        .post("/v1/groups", &plans)
        .expect_error(400, "validation_error");
    let body = json!({ "name": "F", "type": "boolean", "group_id": group["id"] });
    let feature = tenant.api.post("/v1/features", &body).expect(201);
    assert_eq!(feature["group"]["name"], "Core");
    let search = |body: Value| tenant.api.post("/v1/groups/search", &body).expect(200)["pagination"]["total"].clone();
    assert_eq!(search(json!({ "name": "Cor" })), 1);
    assert_eq!(search(json!({ "name": "cor" })), 0);
    assert_eq!(search(json!({ "status": "archived" })), 0);
    let path = format!("/v1/groups/{}", text(&group, "/id"));
    tenant.api.delete(&path).expect(204);
    tenant.api.delete(&path).expect(204);
    let feature = tenant
        .api
        .get(&format!("/v1/features/{}", text(&feature, "/id")))
        .expect(200);
    assert!(
        feature.get("group_id").is_none() && feature.get("group").is_none(),
        "{feature}"
    );
    assert_eq!(search(json!({})), 0);
    tenant
        .api
        .delete("/v1/groups/group_none")
        .expect_error(404, "not_found");
    tenant.api.post("/v1/groups", &request).expect(201);
}

fn an_entitlement_fits_its_feature(place: &Place) {
    let tenant = tenant(place);
    let (plan, feature) = (plan(&tenant), metered(&tenant, "Calls"));
    let request = |kind: &str| {
        json!({
            "entity_type": "PLAN", "entity_id": plan, "feature_id": feature["id"], "feature_type": kind,
            "usage_limit": 100, "usage_reset_period": "MONTHLY",
        })
    };
    tenant
        .api
        .post("/v1/entitlements", &request("boolean"))
        .expect_error(400, "validation_error");
    let created = tenant.api.post("/v1/entitlements", &request("metered")).expect(201);
    assert_eq!(created["is_enabled"], true);
    assert_eq!(created["usage_limit"], 100);
    assert_eq!(created["plan_id"], plan.as_str());
    assert_eq!(created["feature"]["id"], feature["id"]);
    assert_eq!(created["plan"]["id"], plan.as_str());
    tenant
        .api
        .post("/v1/entitlements", &request("metered"))
        .expect_error(409, "already_exists");

    let static_feature = tenant
        .api
        .post("/v1/features", &json!({ "name": "Seats", "type": "static" }))
        .expect(201);
    let seats = json!({ "plan_id": plan, "feature_id": static_feature["id"], "feature_type": "static" });
    tenant
        .api
        .post("/v1/entitlements", &seats)
        .expect_error(400, "validation_error");
    for (owner, feature_id) in [
        ("plan_none", text(&feature, "/id")),
        (plan.as_str(), "feat_none".to_owned()),
    ] {
        let body = json!({
            "entity_type": "PLAN", "entity_id": owner, "feature_id": feature_id, "feature_type": "metered",
        });
        tenant
            .api
            .post("/v1/entitlements", &body)
            .expect_error(404, "not_found");
    }
    let read = tenant.api.get(&format!("/v1/plans/{plan}")).expect(200);
    assert_eq!(read["entitlements"][0]["feature"]["meter"]["event_name"], "call");
    let listed = tenant.api.get(&format!("/v1/plans/{plan}/entitlements")).expect(200);
    assert_eq!(listed["items"][0]["id"], created["id"]);
    assert_eq!(
        tenant.api.get("/v1/plans/plan_none/entitlements").expect(200)["items"],
        json!([])
    );
    // A feature with a published entitlement cannot be withdrawn.
    let feature_path = format!("/v1/features/{}", text(&feature, "/id"));
    tenant.api.delete(&feature_path).expect_error(400, "invalid_operation");
    let deleted = tenant
        .api
        .delete(&format!("/v1/entitlements/{}", text(&created, "/id")))
        .expect(200);
    assert_eq!(deleted["message"], "entitlement deleted successfully");
    tenant.api.delete(&feature_path).expect(200);

    let bucketed = json!({
        "name": "Peak", "type": "metered",
        "meter": {
            "name": "Peak", "event_name": "call", "reset_usage": "BILLING_PERIOD",
            "aggregation": { "type": "MAX", "field": "v", "bucket_size": "HOUR" },
        },
    });
    let peak = tenant.api.post("/v1/features", &bucketed).expect(201);
    let body = json!({ "plan_id": plan, "feature_id": peak["id"], "feature_type": "metered" });
    tenant
        .api
        .post("/v1/entitlements", &body)
        .expect_error(400, "validation_error");
}

fn entitlements_come_in_bulk_or_not_at_all(place: &Place) {
    let tenant = tenant(place);
    let plan = plan(&tenant);
    let item = |name: &str| {
        let feature = tenant
            .api
            .post("/v1/features", &json!({ "name": name, "type": "boolean" }))
            .expect(201);
        json!({ "plan_id": plan, "feature_id": feature["id"], "feature_type": "boolean", "is_enabled": true })
    };
    let (first, second) = (item("A"), item("B"));
    let mut foreign = first.clone();
    foreign["feature_id"] = json!("feat_none");
    let bad = json!({ "items": [first, foreign] });
    let details = tenant
        .api
        .post("/v1/entitlements/bulk", &bad)
        .expect_error(400, "validation_error");
    assert_eq!(details["index"], 1);
    let search =
        |body: Value| tenant.api.post("/v1/entitlements/search", &body).expect(200)["pagination"]["total"].clone();
    assert_eq!(search(json!({ "plan_ids": [plan] })), 0);
    let created = tenant
        .api
        .post("/v1/entitlements/bulk", &json!({ "items": [first, second] }))
        .expect(201);
    assert_eq!(created["items"].as_array().unwrap().len(), 2);
    assert_eq!(search(json!({ "plan_ids": [plan] })), 2);
    assert_eq!(search(json!({ "entity_type": "ADDON" })), 0);
    assert_eq!(search(json!({ "is_enabled": false })), 0);
    assert_eq!(search(json!({ "has_grant_config": false })), 2);
    assert_eq!(search(json!({ "has_grant_config": true })), 0);
    tenant
        .api
        .post("/v1/entitlements/bulk", &json!({ "items": [] }))
        .expect_error(400, "validation_error");
}

fn an_entitlement_is_limited_and_unlimited_again(place: &Place) {
    let tenant = tenant(place);
    let (plan, feature) = (plan(&tenant), metered(&tenant, "Calls"));
    let body = json!({ "plan_id": plan, "feature_id": feature["id"], "feature_type": "metered" });
    let created = tenant.api.post("/v1/entitlements", &body).expect(201);
    assert!(created.get("usage_limit").is_none(), "{created}");
    let path = format!("/v1/entitlements/{}", text(&created, "/id"));
    let limited = json!({ "usage_limit": 7, "is_soft_limit": true, "usage_reset_period": "DAILY" });
    let updated = tenant.api.put(&path, &limited).expect(200);
    assert_eq!(updated["usage_limit"], 7);
    let unchanged = tenant.api.put(&path, &json!({ "usage_reset_period": "" })).expect(200);
    assert_eq!(unchanged["usage_reset_period"], "DAILY");
    // Zero and null both mean unlimited; what is not sent stays (Q5).
    for unlimited in [json!(0), Value::Null] {
        tenant.api.put(&path, &json!({ "usage_limit": 7 })).expect(200);
        let kept = tenant.api.put(&path, &json!({ "is_soft_limit": false })).expect(200);
        assert_eq!(kept["usage_limit"], 7);
        let answer = tenant.api.put(&path, &json!({ "usage_limit": unlimited })).expect(200);
        assert!(answer.get("usage_limit").is_none(), "{answer}");
    }
    tenant
        .api
        .put(&path, &json!({ "usage_limit": -1 }))
        .expect_error(400, "validation_error");
    tenant
        .api
        .put(&path, &json!({ "config_value": { "a": 1 } }))
        .expect_error(400, "validation_error");
}

fn a_grant_is_configured_as_a_whole(place: &Place) {
    let tenant = tenant(place);
    let (plan, feature) = (plan(&tenant), metered(&tenant, "Calls"));
    let with = |members: Value| {
        let mut body = json!({ "plan_id": plan, "feature_id": feature["id"], "feature_type": "metered" });
        for (name, value) in members.as_object().unwrap() {
            body[name] = value.clone();
        }
        tenant.api.post("/v1/entitlements", &body)
    };
    for bad in [
        json!({ "aggregation_mode": "parallel" }),
        json!({ "grant_quota": "5" }),
        json!({ "grant_measure": "quantity", "grant_quota": "0", "grant_duration_unit": "day", "grant_duration_value": 1 }),
        json!({ "grant_measure": "quantity", "grant_quota": "5", "grant_duration_unit": "subscription_period", "grant_duration_value": 1 }),
        json!({ "grant_measure": "quantity", "grant_quota": "5", "grant_duration_unit": "day" }),
    ] {
        with(bad).expect_error(400, "validation_error");
    }
    let whole = json!({
        "grant_measure": "quantity", "grant_quota": "5", "grant_duration_unit": "day", "grant_duration_value": 1,
    });
    for (member, bad) in [
        ("grant_measure", json!("units")),
        ("grant_measure", json!(null)),
        ("grant_measure", json!("")),
        ("grant_quota", json!("-1")),
        ("grant_quota", json!("many")),
        ("grant_quota", json!("12345678901")),
        ("grant_quota", json!(null)),
        ("grant_duration_unit", json!("month")),
        ("grant_duration_unit", json!(7)),
        ("grant_duration_unit", json!(null)),
        ("grant_duration_value", json!(0)),
        ("grant_duration_value", json!(-1)),
        ("grant_duration_value", json!(1.5)),
        ("grant_duration_value", json!(i64::MAX)),
        ("grant_allocation_behavior", json!("last_usage")),
        ("aggregation_mode", json!("serial")),
        // Whole periods have neither a length nor a beginning of their own.
        ("grant_duration_unit", json!("subscription_period")),
        ("feature_type", json!("boolean")),
    ] {
        let mut body = whole.clone();
        body[member] = bad.clone();
        let refused = with(body);
        assert_eq!(refused.status, 400, "{member}: {bad} answered {}", refused.text);
        refused.expect_error(400, "validation_error");
    }
    let search = json!({ "feature_ids": [feature["id"]] });
    let found = tenant.api.post("/v1/entitlements/search", &search).expect(200);
    assert_eq!(found["pagination"]["total"], 0, "a refused entitlement was kept");
    let daily = json!({
        "grant_measure": "quantity", "grant_quota": "5.5", "grant_duration_unit": "day", "grant_duration_value": 1,
        "aggregation_mode": "parallel",
    });
    let created = with(daily.clone()).expect(201);
    assert_eq!(created["grant_quota"], "5.5");
    // Parallel grants of one feature may stand side by side; another mode may not join them.
    with(daily.clone()).expect(201);
    let mut additive = daily;
    additive["aggregation_mode"] = json!("additive");
    with(additive).expect_error(400, "validation_error");
    let path = format!("/v1/entitlements/{}", text(&created, "/id"));
    let changed = tenant.api.put(&path, &json!({ "grant_quota": "6" })).expect(200);
    assert_eq!(
        (&changed["grant_quota"], &changed["grant_duration_unit"]),
        (&json!("6"), &json!("day"))
    );
    let cleared = tenant
        .api
        .put(&path, &json!({ "clear_grant_config": true }))
        .expect(200);
    assert!(
        cleared.get("grant_quota").is_none() && cleared.get("aggregation_mode").is_none(),
        "{cleared}"
    );
}

fn a_customer_sees_all_entitlements_combined(place: &Place) {
    let tenant = tenant(place);
    let customer = tenant.customer("acme", "Acme");
    let (calls, seats) = (
        metered(&tenant, "Calls"),
        tenant
            .api
            .post("/v1/features", &json!({ "name": "Seats", "type": "static" }))
            .expect(201),
    );
    let mut entitlements = Vec::new();
    for (limit, seat) in [(100, "five"), (50, "ten")] {
        let plan = plan(&tenant);
        let price = json!({
            "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": "1",
            "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        tenant.api.post("/v1/prices", &price).expect(201);
        for body in [
            json!({ "plan_id": plan, "feature_id": calls["id"], "feature_type": "metered", "usage_limit": limit }),
            json!({ "plan_id": plan, "feature_id": seats["id"], "feature_type": "static", "static_value": seat }),
        ] {
            entitlements.push(tenant.api.post("/v1/entitlements", &body).expect(201));
        }
        let subscription = json!({
            "external_customer_id": "acme", "plan_id": plan, "currency": "usd", "billing_period": "MONTHLY",
            "billing_period_count": 1, "billing_cadence": "RECURRING", "collection_method": "send_invoice",
            "payment_behavior": "default_active",
        });
        tenant.api.post("/v1/subscriptions", &subscription).expect(201);
    }
    let path = format!("/v1/customers/{}/entitlements", text(&customer, "/id"));
    let of = |view: &Value, feature: &Value| -> Value {
        let features = view["features"].as_array().unwrap();
        features
            .iter()
            .find(|entry| entry["feature"]["id"] == feature["id"])
            .unwrap()
            .clone()
    };
    let view = tenant.api.get(&path).expect(200);
    assert_eq!(view["subscriptions"].as_array().unwrap().len(), 2);
    let combined = of(&view, &calls);
    assert_eq!(combined["entitlement"]["usage_limit"], 150);
    assert_eq!(combined["entitlement"]["aggregation_mode"], "additive");
    assert_eq!(combined["sources"].as_array().unwrap().len(), 2);
    assert_eq!(combined["sources"][0]["entity_type"], "plan");
    assert_eq!(
        of(&view, &seats)["entitlement"]["static_values"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let only = tenant
        .api
        .get(&format!("{path}?feature_ids={}", text(&calls, "/id")))
        .expect(200);
    assert_eq!(only["features"].as_array().unwrap().len(), 1);
    // One unlimited plan lifts the limit.
    let limited = format!("/v1/entitlements/{}", text(&entitlements[0], "/id"));
    tenant.api.put(&limited, &json!({ "usage_limit": 0 })).expect(200);
    let by_external_id = tenant.api.get("/v1/customers/external/acme/entitlements").expect(200);
    assert!(of(&by_external_id, &calls)["entitlement"].get("usage_limit").is_none());

    let subscription = text(&view, "/subscriptions/0/id");
    // An override of the subscription takes the place of the plan's entitlement.
    let plan = text(&view, "/subscriptions/0/plan_id");
    let parent = entitlements.iter().find(|row| row["plan_id"] == plan.as_str()).unwrap();
    let own = json!({
        "entity_type": "SUBSCRIPTION", "entity_id": subscription, "feature_id": calls["id"], "feature_type": "metered",
        "usage_limit": 5, "parent_entitlement_id": parent["id"],
    });
    tenant.api.post("/v1/entitlements", &own).expect(201);
    let view = tenant
        .api
        .get(&format!("/v1/subscriptions/{subscription}/entitlements"))
        .expect(200);
    let combined = of(&view, &calls);
    assert_eq!(combined["entitlement"]["usage_limit"], 5);
    assert_eq!(combined["sources"].as_array().unwrap().len(), 1);
    assert_eq!(combined["sources"][0]["entity_type"], "subscription");
    let nobody = tenant.api.get("/v1/customers/cust_none/entitlements").expect(200);
    assert_eq!(
        (&nobody["features"], &nobody["subscriptions"]),
        (&json!([]), &json!([]))
    );
    tenant
        .api
        .get("/v1/customers/external/nobody/entitlements")
        .expect_error(404, "not_found");
}
