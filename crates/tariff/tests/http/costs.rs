//! Cost sheets as records (spec 03 §3.9, §4.7, Q7, Q18, acceptance 21). What they make of usage is asked in
//! `questions/costs.rs`.

use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    acceptance_21_a_cost_sheet_is_created_wrapped_read_flat_and_deleted_once,
    names_and_keys_are_taken_once,
    a_cost_sheet_is_updated_member_by_member,
    a_search_reads_its_names_in_any_letter_case,
    the_newest_sheet_that_is_not_deleted_is_active,
    rates_belong_to_a_sheet_that_exists,
    a_reader_may_not_write,
);

fn tenant(place: &Place) -> Tenant {
    Tenant::sign_up(&place.server().client())
}

fn sheet(tenant: &Tenant, body: &Value) -> String {
    text(&tenant.api.post("/v1/costs", body).expect(201), "/costsheet/id")
}

fn acceptance_21_a_cost_sheet_is_created_wrapped_read_flat_and_deleted_once(place: &Place) {
    let tenant = tenant(place);
    let body = json!({ "name": "2026", "description": "d", "lookup_key": "k", "metadata": { "a": "1" } });
    let created = tenant.api.post("/v1/costs", &body).expect(201)["costsheet"].clone();
    assert_eq!(created["status"], "published");
    let path = format!("/v1/costs/{}", text(&created, "/id"));
    assert!(path.starts_with("/v1/costs/cost_"), "{path}");
    assert_eq!(tenant.api.get(&path).expect(200), created);
    let deleted = tenant.api.delete(&path).expect(200);
    assert_eq!(deleted["id"], created["id"]);
    assert!(deleted["message"].is_string(), "{deleted}");
    let again = tenant.api.delete(&path).expect_error(400, "validation_error");
    assert_eq!(again["costsheet_id"], created["id"]);
    assert_eq!(tenant.api.get(&path).expect(200)["status"], "deleted");
    for method in [reqwest::Method::GET, reqwest::Method::DELETE] {
        tenant
            .api
            .bare(method, "/v1/costs/cost_none")
            .expect_error(404, "not_found");
    }
}

fn names_and_keys_are_taken_once(place: &Place) {
    let tenant = tenant(place);
    let first = sheet(&tenant, &json!({ "name": "A", "lookup_key": "a" }));
    let second = sheet(&tenant, &json!({ "name": "B" }));
    // Empty keys are never taken.
    sheet(&tenant, &json!({ "name": "C", "lookup_key": "" }));
    for body in [json!({ "name": "A" }), json!({ "name": "D", "lookup_key": "a" })] {
        tenant.api.post("/v1/costs", &body).expect_error(409, "already_exists");
    }
    let path = format!("/v1/costs/{second}");
    for body in [json!({ "name": "A" }), json!({ "lookup_key": "a" })] {
        tenant.api.put(&path, &body).expect_error(409, "already_exists");
    }
    let kept = tenant.api.get(&path).expect(200);
    assert_eq!((&kept["name"], &kept["lookup_key"]), (&json!("B"), &json!("")));
    // Deleting a sheet frees its name and key; another tenant has names of its own.
    tenant.api.delete(&format!("/v1/costs/{first}")).expect(200);
    sheet(&tenant, &json!({ "name": "A", "lookup_key": "a" }));
    sheet(&self::tenant(place), &json!({ "name": "A", "lookup_key": "a" }));
}

fn a_cost_sheet_is_updated_member_by_member(place: &Place) {
    let tenant = tenant(place);
    let id = sheet(
        &tenant,
        &json!({ "name": "A", "lookup_key": "a", "metadata": { "a": "1" } }),
    );
    let path = format!("/v1/costs/{id}");
    let updated = tenant.api.put(&path, &json!({ "description": "d" })).expect(200)["costsheet"].clone();
    assert_eq!(
        (&updated["name"], &updated["description"], &updated["metadata"]),
        (&json!("A"), &json!("d"), &json!({ "a": "1" }))
    );
    let updated = tenant
        .api
        .put(&path, &json!({ "name": "B", "metadata": {}, "description": "" }))
        .expect(200);
    assert_eq!(updated["costsheet"], tenant.api.get(&path).expect(200));
    assert_eq!(
        (&updated["costsheet"]["name"], &updated["costsheet"]["metadata"]),
        (&json!("B"), &json!({}))
    );
    tenant
        .api
        .put("/v1/costs/cost_none", &json!({}))
        .expect_error(404, "not_found");
}

fn a_search_reads_its_names_in_any_letter_case(place: &Place) {
    let tenant = tenant(place);
    let ids: Vec<String> = ["A", "B", "C"]
        .map(|name| sheet(&tenant, &json!({ "name": name, "lookup_key": name })))
        .into();
    tenant.api.delete(&format!("/v1/costs/{}", ids[2])).expect(200);
    let search = |body: &Value| tenant.api.post("/v1/costs/search", body).expect(200);
    let found = |body: Value| -> Vec<String> {
        let answer = search(&body);
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|item| text(item, "/name")).collect()
    };
    // Deleted ones are hidden, unless they are asked for (Q18).
    assert_eq!(found(json!({})), ["B", "A"]);
    assert_eq!(found(json!({ "status": "deleted" })), ["C"]);
    assert_eq!(found(json!({ "queryFilter": { "status": "deleted" } })), ["C"]);
    assert_eq!(found(json!({ "status": "gone" })), Vec::<String>::new());
    assert_eq!(found(json!({ "costsheetIDs": [ids[0]] })), ["A"]);
    assert_eq!(found(json!({ "CostSheetIds": [ids[0]] })), ["A"]);
    assert_eq!(found(json!({ "lookupKey": "B" })), ["B"]);
    assert_eq!(found(json!({ "LOOKUPKEY": "B" })), ["B"]);
    assert_eq!(found(json!({ "name": "B" })), ["B"]);
    assert_eq!(found(json!({ "queryfilter": { "order": "asc" } })), ["A", "B"]);
    assert_eq!(
        found(json!({ "sort": [{ "field": "name", "direction": "asc" }] })),
        ["A", "B"]
    );
    let named_b = json!({ "field": "name", "operator": "eq", "value": { "string": "B" } });
    assert_eq!(found(json!({ "filters": [named_b] })), ["B"]);
    let past = json!({ "end_time": "2001-01-01T00:00:00Z" });
    assert_eq!(found(json!({ "timeRangeFilter": past })), Vec::<String>::new());
    assert_eq!(found(json!({ "tenantID": tenant.tenant_id })), ["B", "A"]);
    assert_eq!(found(json!({ "tenantID": "tenant_other" })), Vec::<String>::new());
    // Paging is inside the query filter only, and the page's offset is the request's.
    let page = search(&json!({ "queryFilter": { "limit": 1, "offset": 1 }, "limit": 7 }));
    assert_eq!(page["pagination"], json!({ "total": 2, "limit": 1, "offset": 1 }));
    assert_eq!(found(json!({ "limit": 1, "offset": 1 })), ["B", "A"]);
    for body in [
        json!({ "queryFilter": { "limit": 1001 } }),
        json!({ "queryFilter": { "offset": -1 } }),
        json!({ "QueryFilter": { "Limit": "1" } }),
        json!({ "sort": [{ "field": "tenant_id" }] }),
        json!({ "costsheetIDs": "a" }),
    ] {
        tenant
            .api
            .post("/v1/costs/search", &body)
            .expect_error(400, "validation_error");
    }
}

fn the_newest_sheet_that_is_not_deleted_is_active(place: &Place) {
    let tenant = tenant(place);
    tenant.api.get("/v1/costs/active").expect_error(404, "not_found");
    let first = sheet(&tenant, &json!({ "name": "A" }));
    let second = sheet(&tenant, &json!({ "name": "B" }));
    assert_eq!(tenant.api.get("/v1/costs/active").expect(200)["id"], second.as_str());
    tenant.api.delete(&format!("/v1/costs/{second}")).expect(200);
    assert_eq!(tenant.api.get("/v1/costs/active").expect(200)["id"], first.as_str());
    tenant.api.delete(&format!("/v1/costs/{first}")).expect(200);
    tenant.api.get("/v1/costs/active").expect_error(404, "not_found");
}

fn rates_belong_to_a_sheet_that_exists(place: &Place) {
    let tenant = tenant(place);
    let id = sheet(&tenant, &json!({ "name": "A" }));
    let rate = |owner: &str| {
        json!({
            "entity_type": "COSTSHEET", "entity_id": owner, "currency": "usd", "type": "FIXED", "amount": "3",
            "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        })
    };
    tenant
        .api
        .post("/v1/prices", &rate("cost_none"))
        .expect_error(404, "not_found");
    let created = tenant.api.post("/v1/prices", &rate(&id)).expect(201);
    assert_eq!(created["display_name"], "A");
    let read = tenant.api.get(&format!("/v1/costs/{id}")).expect(200);
    assert_eq!(read["prices"][0]["id"], created["id"]);
    let active = tenant.api.get("/v1/costs/active").expect(200);
    assert_eq!(active, read);
    let search = |body: Value| tenant.api.post("/v1/costs/search", &body).expect(200)["items"][0].clone();
    assert!(search(json!({})).get("prices").is_none());
    assert_eq!(search(json!({ "queryFilter": { "expand": "prices" } })), read);
    // A rate that has ended is not a rate any more.
    let path = format!("/v1/prices/{}", text(&created, "/id"));
    tenant
        .api
        .raw(reqwest::Method::DELETE, &path, "application/json", b"{}".to_vec())
        .expect(200);
    assert!(
        tenant
            .api
            .get(&format!("/v1/costs/{id}"))
            .expect(200)
            .get("prices")
            .is_none()
    );
    let listed = tenant
        .api
        .post(
            "/v1/prices/search",
            &json!({ "entity_type": "COSTSHEET", "entity_ids": [id], "allow_expired_prices": true }),
        )
        .expect(200);
    assert_eq!(listed["items"][0]["id"], created["id"]);
}

fn a_reader_may_not_write(place: &Place) {
    let tenant = tenant(place);
    let id = sheet(&tenant, &json!({ "name": "A" }));
    let ingestor = tenant.service_account("event_ingestor");
    let path = format!("/v1/costs/{id}");
    for reply in [
        ingestor.post("/v1/costs", &json!({ "name": "B" })),
        ingestor.put(&path, &json!({ "name": "B" })),
        ingestor.delete(&path),
    ] {
        reply.expect_exactly(403, &json!({ "message": "insufficient permissions" }));
    }
    assert_eq!(tenant.api.get(&path).expect(200)["name"], "A");
    ingestor.post("/v1/costs/search", &json!({})).expect(200);
    ingestor.post("/v1/costs/analytics", &json!({})).expect(200);
    // Nor does another tenant find the sheet.
    let other = self::tenant(place);
    other.api.get(&path).expect_error(404, "not_found");
    other
        .api
        .put(&path, &json!({ "name": "X" }))
        .expect_error(404, "not_found");
    other.api.delete(&path).expect_error(404, "not_found");
}
