//! One environment with a record of every kind, for others to try their hands on.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::foreign::Ids;
use crate::support::client::{Client, text};
use crate::support::tenant::Tenant;

/// Longest wait for a job of an environment that has next to nothing.
const WORKFLOW_TIMEOUT: Duration = Duration::from_secs(60);

/// A furnished environment.
pub struct World {
    /// A super admin's key of the environment.
    pub api: Client,
    /// A session of the portal of its customer.
    pub portal: Client,
    /// Ids, keys and codes of its records, by placeholder.
    pub ids: Ids,
    name: &'static str,
}

/// Where each record is read, so that a change would be seen: placeholder, path, and a body if it takes one.
const READ_AT: &[(&str, &str, &str)] = &[
    ("customer", "/v1/customers/<>?expand=integrations", ""),
    (
        "customer",
        "/v1/integrations/mappings?entity_type=customer&entity_id=<>",
        "",
    ),
    ("connection", "/v1/connections/<>", ""),
    ("group", "/v1/groups/<>", ""),
    ("price_group", "/v1/groups/<>", ""),
    ("feature", "/v1/features/<>", ""),
    ("meter", "/v1/meters/<>", ""),
    ("plan", "/v1/plans/<>", ""),
    ("price", "/v1/prices/<>", ""),
    ("unit", "/v1/prices/units/<>", ""),
    ("entitlement", "/v1/entitlements/<>", ""),
    ("tax_rate", "/v1/taxes/rates/<>", ""),
    ("tax_association", "/v1/taxes/associations/<>", ""),
    ("coupon", "/v1/coupons/<>", ""),
    ("coupon_association", "/v1/coupons/associations/<>", ""),
    ("subscription", "/v1/subscriptions/<>", ""),
    (
        "line_item",
        "/v1/subscriptions/lineitems/search",
        r#"{"subscription_line_item_ids":["<>"]}"#,
    ),
    ("addon", "/v1/addons/<>", ""),
    ("cost_sheet", "/v1/costs/<>", ""),
    ("invoice", "/v1/invoices/<>", ""),
    ("event", "/v1/events/<>", ""),
    ("event_name", "/v1/events/query", r#"{"event_name":"<>"}"#),
    ("user", "/v1/users/search", r#"{"type":"user","user_ids":["<>"]}"#),
    ("service_account", "/v1/users/search", r#"{"user_ids":["<>"]}"#),
    ("api_key", "/v1/secrets/api/keys", ""),
    ("environment", "/v1/environments/<>", ""),
    ("tenant", "/v1/tenants/<>", ""),
];

impl World {
    /// Furnishes an environment. `name` is part of every key, so that worlds share none.
    pub fn furnish(tenant: &Tenant, environment_id: &str, api: &Client, name: &'static str) -> Self {
        let mut world = Self {
            api: api.clone(),
            portal: api.without_credentials(),
            ids: Ids::new(),
            name,
        };
        world.customers();
        world.features();
        world.plans();
        world.taxes_and_coupons();
        world.subscriptions();
        world.addons();
        world.costs();
        world.workflow();
        world.key(tenant, environment_id);
        world
    }

    /// What belongs to the tenant as a whole.
    pub fn with_tenant(mut self, tenant: &Tenant) -> Self {
        let email = format!("invited-{}", tenant.email);
        let person = json!({ "type": "user", "email": email, "roles": ["all_reader"] });
        let account = json!({ "type": "service_account", "name": "robot", "roles": ["event_reader"] });
        let create = |body: &Value| text(&tenant.session().post("/v1/users", body).expect(201), "/id");
        self.ids.insert("user", create(&person));
        self.ids.insert("service_account", create(&account));
        self.ids.insert("environment", tenant.environment_id.clone());
        self.ids.insert("tenant", tenant.tenant_id.clone());
        self
    }

    /// What its owner sees of the records that these placeholders name.
    pub fn records(&self, placeholders: &[&str]) -> Vec<(String, Value)> {
        let read = READ_AT.iter().filter(|(name, ..)| placeholders.contains(name));
        read.filter_map(|(name, path, body)| {
            let id = self.ids.get(name)?;
            let path = path.replace("<>", id);
            let reply = if body.is_empty() {
                self.api.get(&path)
            } else {
                let body = body.replace("<>", id).into_bytes();
                self.api.raw(reqwest::Method::POST, &path, "application/json", body)
            };
            Some((path, reply.expect(200)))
        })
        .collect()
    }

    /// Everything that its owner sees.
    pub fn everything(&self) -> Vec<(String, Value)> {
        let all: Vec<&str> = READ_AT.iter().map(|(name, ..)| *name).collect();
        self.records(&all)
    }

    /// Entries of the audit log, of the environment and of the tenant.
    pub fn audit_entries(&self) -> Vec<u64> {
        let count = |level: &str| {
            let page = self
                .api
                .get(&format!("/v1/audit-logs?limit=1&level={level}"))
                .expect(200);
            page["pagination"]["total"].as_u64().unwrap()
        };
        ["environment", "tenant"].map(count).to_vec()
    }

    fn create(&mut self, placeholder: &'static str, path: &str, body: &Value) -> Value {
        let reply = self.api.post(path, body);
        // Tax associations and attached addons are answered with 200.
        let record = reply.expect(if reply.status == 200 { 200 } else { 201 });
        self.ids.insert(placeholder, text(&record, "/id"));
        record
    }

    fn keyed(&mut self, placeholder: &'static str, kind: &str) -> String {
        let key = format!("{kind}-{}", self.name);
        self.ids.insert(placeholder, key.clone());
        key
    }

    fn customers(&mut self) {
        let key = self.keyed("customer_key", "customer");
        let link = json!({
            "entity_id": "-", "entity_type": "customer", "provider_type": "stripe",
            "provider_entity_id": format!("cus-{}", self.name),
        });
        let customer = json!({ "external_id": key, "name": "Theirs", "integration_entity_mapping": [link] });
        self.create("customer", "/v1/customers", &customer);
        let connection = json!({
            "name": "Stripe", "provider_type": "stripe",
            "encrypted_secret_data": { "publishable_key": "p", "secret_key": "s", "webhook_secret": "w" },
        });
        self.create("connection", "/v1/connections", &connection);
        let opened = self.api.get(&format!("/v1/customers/portal/{key}")).expect(200);
        self.portal = self
            .api
            .without_credentials()
            .with("x-session-token", &text(&opened, "/token"));
    }

    fn features(&mut self) {
        let group_key = self.keyed("group_key", "group");
        let group = json!({ "name": "G", "entity_type": "feature", "lookup_key": group_key });
        self.create("group", "/v1/groups", &group);
        let price_group = json!({ "name": "P", "entity_type": "price", "lookup_key": format!("prices-{}", self.name) });
        self.create("price_group", "/v1/groups", &price_group);
        let event_name = self.keyed("event_name", "called");
        let meter = json!({
            "name": "Calls", "event_name": event_name, "aggregation": { "type": "COUNT" },
            "reset_usage": "BILLING_PERIOD",
        });
        let feature_key = self.keyed("feature_key", "feature");
        let feature = json!({
            "name": "Calls", "type": "metered", "meter": meter, "group_id": self.ids["group"],
            "lookup_key": feature_key,
        });
        let feature = self.create("feature", "/v1/features", &feature);
        self.ids.insert("meter", text(&feature, "/meter_id"));
        self.create("switch", "/v1/features", &json!({ "name": "SSO", "type": "boolean" }));
        let event_id = self.keyed("event", "event");
        let event = json!({
            "event_id": event_id, "event_name": event_name, "external_customer_id": self.ids["customer_key"],
        });
        self.api.post("/v1/events", &event).expect(202);
    }

    fn plans(&mut self) {
        let plan_key = self.keyed("plan_key", "plan");
        self.create("plan", "/v1/plans", &json!({ "name": "Pro", "lookup_key": plan_key }));
        let price_key = self.keyed("price_key", "price");
        let price = json!({
            "entity_type": "PLAN", "entity_id": self.ids["plan"], "currency": "usd", "type": "FIXED", "amount": "10",
            "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1, "lookup_key": price_key,
        });
        self.create("price", "/v1/prices", &price);
        // Codes have three characters; these letters are in no id.
        let unit_code = format!("zq{}", &self.name[..1]);
        self.ids.insert("unit_code", unit_code.clone());
        let unit = json!({
            "name": "Credit", "code": unit_code, "symbol": "c", "base_currency": "usd", "conversion_rate": "0.01",
        });
        self.create("unit", "/v1/prices/units", &unit);
        let entitlement = json!({
            "entity_type": "PLAN", "entity_id": self.ids["plan"], "feature_id": self.ids["feature"],
            "feature_type": "metered", "is_enabled": true, "usage_limit": 5, "usage_reset_period": "MONTHLY",
        });
        self.create("entitlement", "/v1/entitlements", &entitlement);
    }

    fn taxes_and_coupons(&mut self) {
        let tax_code = self.keyed("tax_code", "tax");
        let rate = json!({ "name": "VAT", "code": tax_code, "tax_rate_type": "percentage", "percentage_value": "19" });
        self.create("tax_rate", "/v1/taxes/rates", &rate);
        let association =
            json!({ "tax_rate_code": tax_code, "entity_type": "customer", "entity_id": self.ids["customer"] });
        self.create("tax_association", "/v1/taxes/associations", &association);
        let coupon_code = self.keyed("coupon_code", "coupon");
        let coupon = json!({
            "name": "Spring", "coupon_code": coupon_code, "type": "percentage", "cadence": "forever",
            "percentage_off": "10",
        });
        self.create("coupon", "/v1/coupons", &coupon);
    }

    fn subscriptions(&mut self) {
        let subscription = json!({
            "customer_id": self.ids["customer"], "plan_id": self.ids["plan"], "currency": "usd",
            "billing_period": "MONTHLY", "billing_period_count": 1, "collection_method": "send_invoice",
            "payment_behavior": "default_active",
            "subscription_coupons": [{ "coupon_code": self.ids["coupon_code"] }],
        });
        self.create("subscription", "/v1/subscriptions", &subscription);
        let id = self.ids["subscription"].clone();
        let line = json!({ "subscription_ids": [id] });
        self.found("line_item", "/v1/subscriptions/lineitems/search", &line);
        self.found("invoice", "/v1/invoices/search", &json!({ "subscription_id": id }));
        let associations = self.api.get(&format!("/v1/coupons/associations?subscription_ids={id}"));
        let association = text(&associations.expect(200), "/items/0/id");
        self.ids.insert("coupon_association", association);
    }

    fn addons(&mut self) {
        let addon_key = self.keyed("addon_key", "addon");
        self.create(
            "addon",
            "/v1/addons",
            &json!({ "name": "Support", "lookup_key": addon_key }),
        );
        let price = json!({
            "entity_type": "ADDON", "entity_id": self.ids["addon"], "currency": "usd", "type": "FIXED", "amount": "5",
            "billing_model": "FLAT_FEE", "invoice_cadence": "ADVANCE", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1,
        });
        self.api.post("/v1/prices", &price).expect(201);
        let attachment = json!({ "subscription_id": self.ids["subscription"], "addon_id": self.ids["addon"] });
        self.create("addon_association", "/v1/subscriptions/addon", &attachment);
    }

    fn costs(&mut self) {
        let key = self.keyed("cost_key", "costs");
        let made = self
            .api
            .post("/v1/costs", &json!({ "name": key, "lookup_key": key }))
            .expect(201);
        self.ids.insert("cost_sheet", text(&made, "/costsheet/id"));
    }

    /// A job that is over, so that nothing of the environment changes by itself later.
    fn workflow(&mut self) {
        let path = format!("/v1/plans/{}/sync/subscriptions", self.ids["plan"]);
        let started = self.api.post(&path, &json!({})).expect(200);
        let (workflow, run) = (text(&started, "/workflow_id"), text(&started, "/run_id"));
        let deadline = Instant::now() + WORKFLOW_TIMEOUT;
        while self.api.get(&format!("/v1/workflows/{workflow}/{run}")).expect(200)["status"] != "Completed" {
            assert!(Instant::now() < deadline, "the workflow does not end");
            thread::sleep(Duration::from_millis(50));
        }
        self.ids.insert("workflow", workflow);
        self.ids.insert("run", run);
    }

    fn found(&mut self, placeholder: &'static str, path: &str, filter: &Value) {
        let page = self.api.post(path, filter).expect(200);
        self.ids.insert(placeholder, text(&page, "/items/0/id"));
    }

    fn key(&mut self, tenant: &Tenant, environment_id: &str) {
        let body = json!({ "name": "spare", "type": "private_key" });
        let key = crate::support::tenant::new_key(&tenant.bare_session(), environment_id, &body);
        self.ids.insert("api_key", text(&key, "/secret/id"));
    }
}
