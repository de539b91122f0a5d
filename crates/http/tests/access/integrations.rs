//! Links to providers (spec 01 B2, acceptance 18).

use serde_json::{Value, json};

use crate::support::{Server, Tenant, text};

pub async fn connect(tenant: &Tenant, connection: &Value) {
    tenant.here().post("/v1/connections", connection).await.expect(201);
}

pub fn chargebee() -> Value {
    json!({
        "name": "Chargebee", "provider_type": "chargebee",
        "encrypted_secret_data": {"site": "acme", "api_key": "k", "webhook_username": "u", "webhook_password": "p"},
    })
}

#[tokio::test]
async fn a_link_needs_a_connection_and_is_replaced_and_removed() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    let path = "/v1/integrations/link";
    let link = |provider_entity_id: &str| {
        json!({
            "entity_type": "customer", "entity_id": "cust_1", "provider_type": "chargebee",
            "provider_entity_id": provider_entity_id, "metadata": {"by": "hand", "n": 1},
        })
    };
    here.post(path, &link("a")).await.expect_error(400, "validation_error");
    connect(&tenant, &chargebee()).await;
    let first = here.post(path, &link("a")).await.expect(200);
    assert_eq!(
        first["mapping"]["metadata"],
        json!({
            "by": "hand", "n": 1, "linked_via": "integrations_mapping_link_api", "linked_at": "2024-03-01T12:00:00.5Z",
        })
    );
    let mut again = link("b");
    again["metadata"] = Value::Null;
    let second = here.post(path, &again).await.expect(200);
    assert_eq!(second["mapping"]["id"], first["mapping"]["id"]);
    assert_eq!(second["mapping"]["provider_entity_id"], "b");
    assert!(second["mapping"]["metadata"].get("by").is_none());

    let mappings = "/v1/integrations/mappings?entity_type=customer&entity_id=cust_1";
    let list = here.get(mappings).await.expect(200);
    assert_eq!(
        list,
        json!({"items": [second["mapping"]], "pagination": {"total": 1, "limit": 0, "offset": 0}})
    );

    let target = json!({"entity_type": "customer", "entity_id": "cust_1", "provider_type": "chargebee"});
    let gone = json!({"message": "Integration mapping delinked successfully"});
    here.delete_with(path, &target).await.expect_exactly(200, gone);
    here.delete_with(path, &target).await.expect_error(404, "not_found");
    assert_eq!(here.get(mappings).await.expect(200)["items"], json!([]));
    let anew = here.post(path, &link("c")).await.expect(200);
    assert_ne!(anew["mapping"]["id"], first["mapping"]["id"]);
}

#[tokio::test]
async fn bad_requests_are_told() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let here = tenant.here();
    for provider in ["s3", "flexprice", "paypal", "nobody"] {
        let link = json!({
            "entity_type": "plan", "entity_id": "x", "provider_type": provider, "provider_entity_id": "y",
        });
        here.post("/v1/integrations/link", &link)
            .await
            .expect_error(400, "validation_error");
    }
    for body in [
        json!({}),
        json!({"entity_type": "boat", "entity_id": "x", "provider_type": "stripe"}),
    ] {
        here.post("/v1/integrations/link", &body)
            .await
            .expect_error(400, "validation_error");
        here.delete_with("/v1/integrations/link", &body)
            .await
            .expect_error(400, "validation_error");
    }
    for query in [
        "",
        "?entity_type=customer",
        "?entity_id=x",
        "?entity_type=boat&entity_id=x",
    ] {
        let path = format!("/v1/integrations/mappings{query}");
        here.get(&path).await.expect_error(400, "validation_error");
    }
}

#[tokio::test]
async fn a_customer_linked_to_razorpay_remembers_its_id() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let razorpay = json!({
        "name": "Razorpay", "provider_type": "razorpay", "encrypted_secret_data": {"key_id": "k", "secret_key": "s"},
    });
    connect(&tenant, &razorpay).await;
    let link = |id: &str| json!({"entity_type": "customer", "entity_id": id, "provider_type": "razorpay", "provider_entity_id": "rzp"});
    let here = tenant.here();
    here.post("/v1/integrations/link", &link("cust_unknown"))
        .await
        .expect_error(404, "not_found");
    let customer = json!({"external_id": "x", "name": "n"});
    let id = text(&here.post("/v1/customers", &customer).await.expect(201), "id");
    here.post("/v1/integrations/link", &link(&id)).await.expect(200);
    let customer = here.get(&format!("/v1/customers/{id}")).await.expect(200);
    assert_eq!(customer["metadata"], json!({"razorpay_customer_id": "rzp"}));
}

#[tokio::test]
async fn configuration_lists_providers_that_synchronize() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let path = "/v1/integrations/config";
    tenant
        .here()
        .get(path)
        .await
        .expect_exactly(200, json!({"integrations": []}));
    let storage = json!({
        "name": "Exports", "provider_type": "s3",
        "encrypted_secret_data": {"aws_access_key_id": "k", "aws_secret_access_key": "s"},
    });
    connect(&tenant, &storage).await;
    let on = json!({"inbound": false, "outbound": true});
    let stripe = json!({
        "name": "Stripe", "provider_type": "stripe",
        "encrypted_secret_data": {"publishable_key": "p", "secret_key": "s", "webhook_secret": "w"},
        "sync_config": {"invoice": on, "price": on},
    });
    connect(&tenant, &stripe).await;
    let config = tenant.here().get(path).await.expect(200);
    let [stripe] = config["integrations"].as_array().unwrap().as_slice() else {
        panic!("{config}")
    };
    assert_eq!(stripe["provider"], "stripe");
    assert_eq!(
        stripe["base_config"]["customer"],
        json!({"inbound": true, "outbound": true})
    );
    assert_eq!(
        stripe["base_config"]["price"],
        json!({"inbound": false, "outbound": false})
    );
    assert_eq!(stripe["current_config"], json!({"invoice": on}));
}
