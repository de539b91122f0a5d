//! Searches that a database takes badly: odd texts, and more of anything than its limits (spec 01 A11).

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::client::text;
use crate::support::databases::Place;
use crate::support::tenant::Tenant;

crate::tests!(
    a_text_is_found_in_any_letter_case,
    what_is_not_set_is_sorted_as_the_largest,
    metadata_is_found_by_any_key,
    long_lists_are_searched_whole,
    too_many_conditions_are_refused,
    a_list_embeds_the_links_of_each_customer,
    methods_that_clients_make_up_are_counted_together,
);

fn found(tenant: &Tenant, search: &Value) -> Vec<String> {
    let page = tenant.api.post("/v1/customers/search", search).expect(200);
    let items = page["items"].as_array().unwrap().iter();
    let mut names: Vec<String> = items.map(|item| text(item, "/external_id")).collect();
    names.sort();
    names
}

fn condition(operator: &str, field: &str, needle: &str) -> Value {
    json!({ "filters": [{ "field": field, "operator": operator, "data_type": "string", "value": { "string": needle } }] })
}

fn a_text_is_found_in_any_letter_case(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    tenant.customer("umlaut", "ÄRZTE 100%_");
    tenant.customer("plain", "Doctors");
    for needle in ["ÄRZTE", "Ärzte", "ärzte", "100%_"] {
        assert_eq!(
            found(&tenant, &condition("contains", "name", needle)),
            ["umlaut"],
            "{needle}"
        );
        let others = found(&tenant, &condition("not_contains", "name", needle));
        assert_eq!(others, ["plain"], "{needle}");
    }
    tenant.customer("all", "ŁÓDŹ ΣΊΣΥΦΟΣ Straße ЩУКА İzmir");
    for needle in ["łódź", "Σίσυφοσ", "STRAßE", "щУкА", "İZMIR"] {
        assert_eq!(
            found(&tenant, &condition("contains", "name", needle)),
            ["all"],
            "{needle}"
        );
    }
    let alphabets: String = ('\u{c0}'..='\u{24f}').collect();
    assert!(found(&tenant, &condition("contains", "name", &alphabets)).is_empty());
    let long = "x".repeat(100_000);
    assert!(found(&tenant, &condition("contains", "name", &long)).is_empty());
}

fn what_is_not_set_is_sorted_as_the_largest(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    for (external_id, contact) in [("b", Some("2")), ("none", None), ("a", Some("1"))] {
        let body = json!({ "external_id": external_id, "name": "N", "contact": contact });
        tenant.api.post("/v1/customers", &body).expect(201);
    }
    for (direction, order) in [("asc", ["a", "b", "none"]), ("desc", ["none", "b", "a"])] {
        let search = json!({ "sort": [{ "field": "contact", "direction": direction }] });
        let page = tenant.api.post("/v1/customers/search", &search).expect(200);
        let items = page["items"].as_array().unwrap().iter();
        let found: Vec<String> = items.map(|item| text(item, "/external_id")).collect();
        assert_eq!(found, order, "{direction}");
    }
}

fn metadata_is_found_by_any_key(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    for (number, key) in ["a\"b", "a\\", "a.b", "$", "[0]"].into_iter().enumerate() {
        let external_id = format!("customer-{number}");
        let body = json!({
            "external_id": external_id, "name": "A", "skip_onboarding_workflow": true, "metadata": { key: "yes" },
        });
        tenant.api.post("/v1/customers", &body).expect(201);
        let of_key = |value: &str| found(&tenant, &json!({ "metadata": { key: value } }));
        assert_eq!(of_key("yes"), [external_id], "{key}");
        assert!(of_key("no").is_empty(), "{key}");
    }
}

fn long_lists_are_searched_whole(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    tenant.customer("first", "First");
    tenant.customer("other", "Other");
    let mut wanted: Vec<String> = (0..70_000).map(|number| number.to_string()).collect();
    wanted.push("first".to_owned());
    assert_eq!(found(&tenant, &json!({ "external_ids": wanted })), ["first"]);
    let excluded = json!({ "filters": [{
        "field": "external_id", "operator": "not_in", "data_type": "array", "value": { "array": wanted },
    }] });
    assert_eq!(found(&tenant, &excluded), ["other"]);
    // Columns of other types have no lists of that length.
    for (field, value) in [
        ("created_at", "2024-01-01T00:00:00Z"),
        ("created_at", "x"),
        ("metadata", "x"),
    ] {
        for operator in ["in", "not_in", "eq"] {
            let listed = |length: usize| {
                let condition =
                    json!({ "field": field, "operator": operator, "value": { "array": vec![value; length] } });
                let search = json!({ "filters": [condition] });
                tenant.api.post("/v1/customers/search", &search)
            };
            assert_eq!(listed(501).expect_error(400, "validation_error")["field"], field);
            let fits = value.starts_with('2');
            assert_eq!(
                listed(500).status,
                if fits { 200 } else { 400 },
                "{field} {operator} {value}"
            );
        }
    }
}

fn too_many_conditions_are_refused(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    let one = condition("contains", "name", "a")["filters"][0].clone();
    let search = json!({ "filters": vec![one; 2_000] });
    let refused = tenant.api.post("/v1/customers/search", &search);
    refused.expect_error(400, "validation_error");
}

fn a_list_embeds_the_links_of_each_customer(place: &Place) {
    let tenant = Tenant::sign_up(&place.server().client());
    for name in ["one", "two"] {
        let body = json!({
            "external_id": name, "name": name, "skip_onboarding_workflow": true,
            "integration_entity_mapping": [{
                "entity_id": "-", "entity_type": "customer", "provider_type": "stripe", "provider_entity_id": name,
            }],
        });
        tenant.api.post("/v1/customers", &body).expect(201);
    }
    tenant.customer("none", "none");
    let page = tenant.api.get("/v1/customers?expand=integrations").expect(200);
    let links = |customer: &Value| {
        let links = customer["integrations"].as_array().cloned().unwrap_or_default();
        let ids: Vec<String> = links.iter().map(|link| text(link, "/provider_entity_id")).collect();
        (text(customer, "/external_id"), ids)
    };
    let mut found: Vec<_> = page["items"].as_array().unwrap().iter().map(links).collect();
    found.sort();
    let own = |name: &str| (name.to_owned(), vec![name.to_owned()]);
    assert_eq!(found, [("none".to_owned(), Vec::new()), own("one"), own("two")]);
}

fn methods_that_clients_make_up_are_counted_together(place: &Place) {
    let client = place.server().client();
    client.bare(Method::from_bytes(b"BREW").unwrap(), "/v1/customers");
    let metrics = client.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(!metrics.text.contains("BREW") && metrics.text.contains("method=\"other\""));
}
