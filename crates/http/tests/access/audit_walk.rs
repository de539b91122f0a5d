//! Every route that changes a record leaves an entry in the audit log. A route that is registered and neither walked
//! here nor named among those that change no record fails this test.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Client, Server, Tenant, text};

/// Routes that only read, although they are no `GET`.
const READING: &[&str] = &[
    "POST /v1/addons/search",
    "POST /v1/audit-logs/search",
    "POST /v1/auth/login",
    "POST /v1/connections/search",
    "POST /v1/costs/analytics",
    "POST /v1/costs/search",
    "POST /v1/coupons/search",
    "POST /v1/customer/portal/analytics/cost",
    "POST /v1/customer/portal/analytics/revenue",
    "POST /v1/customers/search",
    "POST /v1/entitlements/search",
    "POST /v1/events/analytics",
    "POST /v1/events/huggingface-billing",
    "POST /v1/events/huggingface-inference",
    "POST /v1/events/query",
    "POST /v1/events/usage",
    "POST /v1/events/usage/meter",
    "POST /v1/features/search",
    "POST /v1/groups/search",
    "POST /v1/integrations/sync",
    "POST /v1/invoices/preview",
    "POST /v1/invoices/search",
    "POST /v1/meter-usage/analytics",
    "POST /v1/meter-usage/detailed-analytics",
    "POST /v1/meter-usage/query",
    "POST /v1/plans/search",
    "POST /v1/prices/search",
    "POST /v1/prices/units/search",
    "POST /v1/subscriptions/lineitems/search",
    "POST /v1/subscriptions/search",
    "POST /v1/subscriptions/usage",
    "POST /v1/users/chat/verify",
    "POST /v1/users/search",
    "POST /v1/workflows/batch",
    "POST /v1/workflows/search",
];
/// Taking events in changes no record: the event log is the truth about them.
const INGESTING: [&str; 5] = [
    "POST /v1/events",
    "POST /v1/events/bulk",
    "POST /v1/events/raw/bulk",
    "POST /v1/events/raw/reprocess/all",
    "POST /v1/events/raw/reprocess/pending",
];

/// A client that calls one route after the other.
struct Walk {
    client: Client,
    portal: Option<Client>,
    documented: Vec<(String, String)>,
    walked: BTreeSet<String>,
}

impl Walk {
    async fn begin(server: &Server, tenant: &Tenant) -> Self {
        let document = server.visitor().get("/openapi.json").await.expect(200);
        let documented = document["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, operations)| {
                let methods = operations.as_object().unwrap().keys();
                methods
                    .map(|method| (method.to_uppercase(), path.clone()))
                    .collect::<Vec<_>>()
            });
        Self {
            client: tenant.with_own_key().await,
            portal: None,
            documented: documented.collect(),
            walked: BTreeSet::new(),
        }
    }

    /// Entries of the environment and of the whole tenant.
    async fn entries(&self) -> u64 {
        let mut total = 0;
        for level in ["environment", "tenant"] {
            let page = self
                .client
                .get(&format!("/v1/audit-logs?limit=1&level={level}"))
                .await
                .expect(200);
            total += page["pagination"]["total"].as_u64().unwrap();
        }
        total
    }

    /// Calls a route and checks that it left an entry.
    async fn step(&mut self, method: &str, path: &str, body: Value) -> Value {
        let before = self.entries().await;
        let client = match &self.portal {
            Some(portal) if path.starts_with("/v1/customer/portal/") => portal,
            _ => &self.client,
        };
        let reply = client.request(method, path, &body).await;
        assert!(
            reply.status < 300,
            "{method} {path} answered {}: {}",
            reply.status,
            reply.body
        );
        let after = self.entries().await;
        assert!(after > before, "{method} {path} left no entry in the audit log");
        self.walked.insert(self.template(method, path));
        reply.body
    }

    /// The documented route that takes the request: of several, the one with the fewest parameters.
    fn template(&self, method: &str, path: &str) -> String {
        let path = path.split('?').next().unwrap_or_default();
        let fits = |template: &str| {
            let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
            let same = |(expected, segment): (&&str, &&str)| expected.starts_with('{') || expected == segment;
            template.len() == path.len() && template.iter().zip(path.iter()).all(same)
        };
        let candidates = self.documented.iter();
        let candidates = candidates.filter(|(known, template)| known == method && fits(template));
        let found = candidates.min_by_key(|(_, template)| template.matches('{').count());
        let (_, template) = found.unwrap_or_else(|| panic!("{method} {path} is not documented"));
        format!("{method} {template}")
    }

    fn is_complete(&self) {
        let mut missing = BTreeSet::new();
        for (method, template) in &self.documented {
            let operation = format!("{method} {template}");
            let known = READING.iter().chain(&INGESTING);
            if method != "GET" && !self.walked.contains(&operation) && !known.clone().any(|known| *known == operation) {
                missing.insert(operation);
            }
        }
        assert!(
            missing.is_empty(),
            "nobody has looked whether these routes leave an entry in the audit log; call each in this test, or name \
             it among those that change no record: {missing:#?}"
        );
    }
}

#[tokio::test]
async fn every_route_that_changes_a_record_leaves_an_entry() {
    let server = Server::start().await;
    let tenant = server.sign_up("a@example.com").await;
    let mut walk = Walk::begin(&server, &tenant).await;
    sign_up_leaves_entries(&server, &mut walk).await;
    let customer = customers(&server, &tenant, &mut walk).await;
    let (feature, meter) = features(&mut walk).await;
    let (plan, price) = plans(&mut walk, &feature).await;
    cost_sheets(&mut walk).await;
    taxes_and_coupons(&mut walk, &customer).await;
    subscriptions(&tenant, &mut walk, &customer, &plan).await;
    events(&mut walk).await;
    access(&tenant, &mut walk).await;
    withdrawals(&mut walk, &plan, &price, &feature, &meter).await;
    walk.is_complete();
}

/// Nobody can read the log before the tenant exists, so its entries are looked for afterwards.
async fn sign_up_leaves_entries(server: &Server, walk: &mut Walk) {
    let other = server.sign_up("b@example.com").await;
    let log = other
        .here()
        .get("/v1/audit-logs?level=tenant&order=asc")
        .await
        .expect(200);
    let kinds: Vec<_> = log["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(entry, "entity_type"))
        .collect();
    assert_eq!(kinds, ["environment", "tenant", "user"]);
    for entry in log["items"].as_array().unwrap() {
        assert_eq!(text(entry, "user_id"), other.user_id);
        assert_eq!(text(entry, "action"), "created");
        assert!(entry.get("environment_id").is_none());
    }
    walk.walked.insert("POST /v1/auth/signup".to_owned());
}

async fn customers(server: &Server, tenant: &Tenant, walk: &mut Walk) -> String {
    let customer = json!({"external_id": "acme", "name": "Acme"});
    let customer = text(&walk.step("POST", "/v1/customers", customer).await, "id");
    walk.step(
        "PUT",
        &format!("/v1/customers?id={customer}"),
        json!({"name": "Acme Inc"}),
    )
    .await;
    walk.step("PUT", &format!("/v1/customers/{customer}"), json!({"name": "Acme"}))
        .await;
    let opened = tenant.here().get("/v1/customers/portal/acme").await.expect(200);
    walk.portal = Some(server.visitor().with("x-session-token", &text(&opened, "token")));
    walk.step("PUT", "/v1/customer/portal/info", json!({"address_city": "Berlin"}))
        .await;
    let passing = json!({"external_id": "passing", "name": "Passing"});
    let passing = text(&walk.step("POST", "/v1/customers", passing).await, "id");
    walk.step("DELETE", &format!("/v1/customers/{passing}"), Value::Null)
        .await;
    let connection = walk
        .step("POST", "/v1/connections", crate::integrations::chargebee())
        .await;
    let connection = format!("/v1/connections/{}", text(&connection, "id"));
    walk.step("PUT", &connection, json!({"name": "Billing"})).await;
    let link = json!({
        "entity_type": "customer", "entity_id": customer, "provider_type": "chargebee", "provider_entity_id": "c1",
    });
    walk.step("POST", "/v1/integrations/link", link.clone()).await;
    walk.step("DELETE", "/v1/integrations/link", link).await;
    walk.step("DELETE", &connection, Value::Null).await;
    customer
}

/// A metered feature and its meter.
async fn features(walk: &mut Walk) -> (String, String) {
    let group = json!({"name": "G", "entity_type": "feature", "lookup_key": "g"});
    let group = text(&walk.step("POST", "/v1/groups", group).await, "id");
    let counter = json!({"name": "Calls", "event_name": "call", "aggregation": {"type": "COUNT"}, "reset_usage": "BILLING_PERIOD"});
    let feature = json!({"name": "Calls", "type": "metered", "meter": counter, "group_id": group});
    let feature = walk.step("POST", "/v1/features", feature).await;
    let (id, meter) = (text(&feature, "id"), text(&feature, "meter_id"));
    walk.step(
        "PUT",
        &format!("/v1/features/{id}"),
        json!({"description": "Calls of the API"}),
    )
    .await;
    let copy = json!({"name": "More calls", "lookup_key": "more"});
    walk.step("POST", &format!("/v1/features/{id}/clone"), copy).await;
    walk.step("DELETE", &format!("/v1/groups/{group}"), Value::Null).await;
    let mut spare = counter.clone();
    spare["name"] = json!("Spare");
    spare["event_name"] = json!("spare");
    let first = text(&walk.step("POST", "/v1/meters", spare.clone()).await, "id");
    let change = json!({"filters": [{"key": "region", "values": ["eu"]}]});
    walk.step("PUT", &format!("/v1/meters/{first}"), change).await;
    walk.step("POST", &format!("/v1/meters/{first}/disable"), json!({}))
        .await;
    let second = text(&walk.step("POST", "/v1/meters", spare).await, "id");
    walk.step("DELETE", &format!("/v1/meters/{second}"), Value::Null).await;
    (id, meter)
}

fn fee(plan: &str, amount: &str) -> Value {
    json!({
        "entity_type": "PLAN", "entity_id": plan, "currency": "usd", "type": "FIXED", "amount": amount,
        "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
        "billing_period": "MONTHLY", "billing_period_count": 1,
    })
}

/// A plan and one of its prices.
async fn plans(walk: &mut Walk, feature: &str) -> (String, String) {
    let plan = text(
        &walk
            .step("POST", "/v1/plans", json!({"name": "Pro", "lookup_key": "pro"}))
            .await,
        "id",
    );
    walk.step(
        "PUT",
        &format!("/v1/plans/{plan}"),
        json!({"description": "For professionals"}),
    )
    .await;
    let price = text(&walk.step("POST", "/v1/prices", fee(&plan, "10")).await, "id");
    walk.step("PUT", &format!("/v1/prices/{price}"), json!({"display_name": "Base"}))
        .await;
    let bulk = json!({"items": [fee(&plan, "1"), fee(&plan, "2")]});
    walk.step("POST", "/v1/prices/bulk", bulk).await;
    let unit =
        json!({"name": "Credit", "code": "CRD", "symbol": "c", "base_currency": "usd", "conversion_rate": "0.01"});
    let unit = text(&walk.step("POST", "/v1/prices/units", unit).await, "id");
    walk.step("PUT", &format!("/v1/prices/units/{unit}"), json!({"name": "Credits"}))
        .await;
    walk.step("DELETE", &format!("/v1/prices/units/{unit}"), Value::Null)
        .await;
    let entitlement = json!({
        "entity_type": "PLAN", "entity_id": plan, "feature_id": feature, "feature_type": "metered",
        "is_enabled": true, "usage_limit": 5, "usage_reset_period": "MONTHLY",
    });
    let granted = text(&walk.step("POST", "/v1/entitlements", entitlement.clone()).await, "id");
    walk.step(
        "PUT",
        &format!("/v1/entitlements/{granted}"),
        json!({"usage_limit": 10}),
    )
    .await;
    walk.step("DELETE", &format!("/v1/entitlements/{granted}"), Value::Null)
        .await;
    walk.step("POST", "/v1/entitlements/bulk", json!({"items": [entitlement]}))
        .await;
    let copy = json!({"name": "Pro 2", "lookup_key": "pro2"});
    let second = text(&walk.step("POST", &format!("/v1/plans/{plan}/clone"), copy).await, "id");
    walk.step("POST", &format!("/v1/plans/{plan}/sync/subscriptions"), Value::Null)
        .await;
    walk.step(
        "POST",
        &format!("/v1/plans/{second}/sync/subscriptions/v2"),
        Value::Null,
    )
    .await;
    (plan, price)
}

async fn cost_sheets(walk: &mut Walk) {
    let created = walk.step("POST", "/v1/costs", json!({"name": "2024"})).await;
    let path = format!("/v1/costs/{}", text(&created["costsheet"], "id"));
    walk.step("PUT", &path, json!({"description": "What we pay"})).await;
    walk.step("DELETE", &path, Value::Null).await;
}

async fn taxes_and_coupons(walk: &mut Walk, customer: &str) {
    let rate = json!({"name": "VAT", "code": "vat", "tax_rate_type": "percentage", "percentage_value": "19"});
    let rate = text(&walk.step("POST", "/v1/taxes/rates", rate).await, "id");
    walk.step("PUT", &format!("/v1/taxes/rates/{rate}"), json!({"name": "USt"}))
        .await;
    let association =
        json!({"tax_rate_code": "vat", "entity_type": "customer", "entity_id": customer, "auto_apply": true});
    let association = text(&walk.step("POST", "/v1/taxes/associations", association).await, "id");
    walk.step(
        "PUT",
        &format!("/v1/taxes/associations/{association}"),
        json!({"priority": 5}),
    )
    .await;
    walk.step("DELETE", &format!("/v1/taxes/associations/{association}"), Value::Null)
        .await;
    walk.step("DELETE", &format!("/v1/taxes/rates/{rate}"), Value::Null)
        .await;
    let coupon = json!({"name": "Spring", "coupon_code": "spring", "type": "percentage", "cadence": "forever", "percentage_off": "10"});
    let coupon = text(&walk.step("POST", "/v1/coupons", coupon).await, "id");
    walk.step("PUT", &format!("/v1/coupons/{coupon}"), json!({"name": "Summer"}))
        .await;
    walk.step("DELETE", &format!("/v1/coupons/{coupon}"), Value::Null).await;
}

async fn subscriptions(tenant: &Tenant, walk: &mut Walk, customer: &str, plan: &str) {
    let subscription = json!({
        "customer_id": customer, "plan_id": plan, "currency": "usd", "start_date": "2024-02-15T00:00:00Z",
        "billing_period": "MONTHLY", "billing_period_count": 1, "billing_cycle": "anniversary",
        "collection_method": "send_invoice", "payment_behavior": "default_active",
    });
    let subscription = text(&walk.step("POST", "/v1/subscriptions", subscription).await, "id");
    // Its period is over, and its invoice a draft that waits for late events.
    let clock = format!("/v1/environments/{}/clock", tenant.environment_id);
    walk.step("POST", &clock, json!({"now": "2024-03-15T00:05:00Z"})).await;
    let found = walk.client.post("/v1/invoices/search", &json!({})).await.expect(200);
    let draft = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|invoice| invoice["invoice_status"] == "DRAFT");
    let draft = draft.unwrap_or_else(|| panic!("no draft in {found}"));
    let path = format!("/v1/invoices/{}/finalize", text(draft, "id"));
    walk.step("POST", &path, json!({})).await;
    addons(walk, &subscription).await;
    let how = json!({"cancellation_type": "immediate"});
    walk.step("POST", &format!("/v1/subscriptions/{subscription}/cancel"), how)
        .await;
}

async fn addons(walk: &mut Walk, subscription: &str) {
    let addon = json!({"name": "Seats", "lookup_key": "seats"});
    let addon = text(&walk.step("POST", "/v1/addons", addon).await, "id");
    walk.step("PUT", &format!("/v1/addons/{addon}"), json!({"name": "Chairs"}))
        .await;
    let mut price = fee(&addon, "3");
    price["entity_type"] = json!("ADDON");
    walk.client.post("/v1/prices", &price).await.expect(201);
    let attached = json!({"subscription_id": subscription, "addon_id": addon});
    let attached = walk.step("POST", "/v1/subscriptions/addon", attached).await;
    let detached = json!({"addon_association_id": attached["id"]});
    walk.step("DELETE", "/v1/subscriptions/addon", detached).await;
    let spare = json!({"name": "Spare", "lookup_key": "spare"});
    let spare = text(&walk.step("POST", "/v1/addons", spare).await, "id");
    walk.step("DELETE", &format!("/v1/addons/{spare}"), Value::Null).await;
}

async fn events(walk: &mut Walk) {
    for id in ["e/1", "e2"] {
        let event = json!({"event_id": id, "event_name": "call", "external_customer_id": "acme"});
        walk.client.post("/v1/events", &event).await.expect(202);
    }
    walk.step("DELETE", "/v1/events/e%2F1", Value::Null).await;
    walk.step("DELETE", "/v1/events/lookup?id=e2", Value::Null).await;
}

async fn access(tenant: &Tenant, walk: &mut Walk) {
    let key = json!({"name": "second", "type": "private_key"});
    let key = walk.step("POST", "/v1/secrets/api/keys", key).await;
    walk.step(
        "DELETE",
        &format!("/v1/secrets/api/keys/{}", text(&key["secret"], "id")),
        Value::Null,
    )
    .await;
    walk.step("PUT", "/v1/users/me", json!({"name": "Ann"})).await;
    let account = json!({"type": "service_account", "name": "robot", "roles": ["event_reader"]});
    let account = text(&walk.step("POST", "/v1/users", account).await, "id");
    walk.step("PUT", &format!("/v1/users/{account}"), json!({"name": "Robot"}))
        .await;
    walk.step("DELETE", &format!("/v1/users/{account}"), Value::Null).await;
    let person = json!({"type": "user", "email": "c@example.com", "roles": ["all_reader"]});
    let person = text(&walk.step("POST", "/v1/users", person).await, "id");
    walk.step(
        "PUT",
        &format!("/v1/users/{person}/roles"),
        json!({"roles": ["all_writer"]}),
    )
    .await;
    walk.step("PUT", "/v1/tenants/update", json!({"name": "Acme Inc"}))
        .await;
    walk.step(
        "PUT",
        "/v1/settings/tenant_config",
        json!({"value": {"development": 5}}),
    )
    .await;
    walk.step("PUT", "/v1/settings/invoice_config", json!({"value": {"prefix": "AC"}}))
        .await;
    walk.step("DELETE", "/v1/settings/invoice_config", Value::Null).await;
    let environment = json!({"name": "Second", "type": "development"});
    let environment = text(&walk.step("POST", "/v1/environments", environment).await, "id");
    walk.step(
        "PUT",
        &format!("/v1/environments/{environment}"),
        json!({"name": "Other"}),
    )
    .await;
    let clock = json!({"now": "2024-05-01T00:00:00Z"});
    walk.step("POST", &format!("/v1/environments/{environment}/clock"), clock)
        .await;
    let copy = json!({"name": "Copy", "type": "development"});
    walk.step(
        "POST",
        &format!("/v1/environments/{}/clone", tenant.environment_id),
        copy,
    )
    .await;
}

async fn withdrawals(walk: &mut Walk, plan: &str, price: &str, feature: &str, meter: &str) {
    walk.step("DELETE", &format!("/v1/prices/{price}"), json!({})).await;
    let spare = text(&walk.step("POST", "/v1/plans", json!({"name": "Spare"})).await, "id");
    walk.step("DELETE", &format!("/v1/plans/{spare}"), Value::Null).await;
    let boolean = json!({"name": "SSO", "type": "boolean"});
    let boolean = text(&walk.step("POST", "/v1/features", boolean).await, "id");
    walk.step("DELETE", &format!("/v1/features/{boolean}"), Value::Null)
        .await;
    for (kind, id) in [("plan", plan), ("feature", feature), ("meter", meter)] {
        let path = format!("/v1/audit-logs?entity_type={kind}&entity_id={id}");
        let log = walk.client.get(&path).await.expect(200);
        assert!(log["pagination"]["total"].as_u64().unwrap() > 0, "{path}: {log}");
    }
}
