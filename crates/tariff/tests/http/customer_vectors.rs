//! The shared cases of `PUT /v1/customers`; `vectors/customer_update.json`, its form is in spec 01 §7.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::client::{Client, Reply, encoded, text};
use crate::support::databases::Place;
use crate::support::tenant::{Tenant, new_key};

crate::tests!(every_shared_case_of_customer_update);

const CASES: &str = include_str!("../../../../vectors/customer_update.json");

#[derive(Deserialize)]
struct Case {
    name: String,
    given: Given,
    expect: Expected,
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    existing: Vec<Existing>,
    #[serde(default)]
    setup: Vec<Request>,
    #[serde(flatten)]
    request: Request,
}

#[derive(Deserialize)]
struct Existing {
    #[serde(rename = "ref")]
    reference: String,
    customer: Value,
    #[serde(default)]
    tenant: Option<String>,
    #[serde(default)]
    environment: Option<String>,
    #[serde(default)]
    archived: bool,
}

#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    query: Map<String, Value>,
    #[serde(default)]
    headers: Map<String, Value>,
    #[serde(default)]
    body: Value,
    #[serde(default)]
    raw_body: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    auth: Option<String>,
}

#[derive(Deserialize)]
struct Expected {
    status: u16,
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    body: Option<Value>,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    integrations: Option<Vec<Value>>,
    #[serde(default)]
    after: Vec<After>,
}

#[derive(Deserialize)]
struct After {
    customer: String,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    integrations: Option<Vec<Value>>,
}

fn every_shared_case_of_customer_update(place: &Place) {
    let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
    let count = cases.len();
    let failures: Vec<String> = cases
        .into_iter()
        .filter_map(|case| {
            let outcome = catch_unwind(AssertUnwindSafe(|| check(place, &case)));
            let reason = outcome.err()?;
            let reason = reason
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| reason.downcast_ref::<&str>().map(ToString::to_string))
                .unwrap_or_default();
            Some(format!("- {}\n    {}", case.name, reason.replace('\n', "\n    ")))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {count} cases of customer_update.json failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

fn check(place: &Place, case: &Case) {
    let mut world = World::new(&place.server().client());
    for existing in &case.given.existing {
        world.create(existing);
    }
    for step in &case.given.setup {
        let reply = world.send(step);
        assert!(reply.status < 300, "set-up failed: {} {}", reply.status, reply.text);
    }
    let reply = world.send(&case.given.request);
    world.check(&reply, &case.expect);
    for after in &case.expect.after {
        let path = world.filled(&format!("/v1/customers/{}?expand=integrations", after.customer));
        let customer = world.tenant.api.get(&path).expect(200);
        world.check_fields(&customer, &after.fields);
        check_integrations(&customer, after.integrations.as_deref());
    }
}

/// Tenants `A` and `B`, made when a case needs them, and the ids that its placeholders stand for.
struct World {
    server: Client,
    tenant: Tenant,
    other_tenant: Option<Tenant>,
    ids: Vec<(String, String)>,
}

impl World {
    fn new(server: &Client) -> Self {
        Self {
            server: server.clone(),
            tenant: Tenant::sign_up(server),
            other_tenant: None,
            ids: Vec::new(),
        }
    }

    fn create(&mut self, existing: &Existing) {
        let owner = match existing.tenant.as_deref().unwrap_or("A") {
            "A" => self.in_environment(existing.environment.as_deref().unwrap_or("dev")),
            _ => {
                let other = self.other_tenant.get_or_insert_with(|| Tenant::sign_up(&self.server));
                other.api.clone()
            }
        };
        let mut body = existing.customer.clone();
        body["skip_onboarding_workflow"] = json!(true);
        let id = text(&owner.post("/v1/customers", &body).expect(201), "/id");
        if existing.archived {
            owner.delete(&format!("/v1/customers/{id}")).expect(204);
        }
        self.ids.push((format!("{{{{{}.id}}}}", existing.reference), id));
    }

    /// A client in environment `dev` or `staging` of tenant A.
    fn in_environment(&mut self, name: &str) -> Client {
        if name == "dev" {
            return self.tenant.api.clone();
        }
        let placeholder = format!("{{{{env.{name}}}}}");
        let known = self
            .ids
            .iter()
            .find(|(key, _)| *key == placeholder)
            .map(|(_, id)| id.clone());
        let id = known.unwrap_or_else(|| {
            let body = json!({ "name": name, "type": "development" });
            let created = self.tenant.bare_session().post("/v1/environments", &body).expect(201);
            let id = text(&created, "/id");
            self.ids.push((placeholder, id.clone()));
            id
        });
        self.tenant.bare_session().with("x-environment-id", &id)
    }

    fn filled(&self, template: &str) -> String {
        self.ids.iter().fold(template.to_owned(), |text, (placeholder, id)| {
            text.replace(placeholder, id)
        })
    }

    fn send(&self, request: &Request) -> Reply {
        let query: Vec<String> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(&self.filled(value.as_str().unwrap()))))
            .collect();
        let path = self.filled(request.path.as_deref().unwrap_or("/v1/customers"));
        let body = match &request.raw_body {
            Some(raw) => self.filled(raw),
            None => self.filled(&request.body.to_string()),
        };
        let mut client = self.client_with(request.auth.as_deref());
        for (name, value) in &request.headers {
            let name: &'static str = Box::leak(name.clone().into_boxed_str());
            client = client.with(name, &self.filled(value.as_str().unwrap()));
        }
        let content_type = request.content_type.as_deref().unwrap_or("application/json");
        client.raw(
            Method::PUT,
            &format!("{path}?{}", query.join("&")),
            content_type,
            body.into_bytes(),
        )
    }

    fn client_with(&self, auth: Option<&str>) -> Client {
        let key_of = |body: Value| new_key(&self.tenant.bare_session(), &self.tenant.environment_id, &body);
        match auth {
            None => self.tenant.api.clone(),
            Some("none") => self.server.clone(),
            Some("unknown_key") => self.server.with_key("sk_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
            Some("expired_key") => {
                let body = json!({ "name": "old", "type": "private_key", "expires_at": "2020-01-01T00:00:00Z" });
                self.server.with_key(&text(&key_of(body), "/api_key"))
            }
            Some("revoked_key") => {
                let key = key_of(json!({ "name": "revoked", "type": "private_key" }));
                let path = format!("/v1/secrets/api/keys/{}", text(&key, "/secret/id"));
                self.tenant.session().delete(&path).expect(204);
                self.server.with_key(&text(&key, "/api_key"))
            }
            Some("bad_scheme") => self.server.with("authorization", "Token x"),
            Some("bad_bearer") => self.server.with_token("x"),
            Some(role) => self.tenant.service_account(role),
        }
    }

    fn check(&self, reply: &Reply, expected: &Expected) {
        if let Some(code) = &expected.error_code {
            reply.expect_error(expected.status, code);
            return;
        }
        let body = reply.expect(expected.status);
        if let Some(exact) = &expected.body {
            assert_eq!(&body, exact);
        }
        self.check_fields(&body, &expected.fields);
        check_integrations(&body, expected.integrations.as_deref());
    }

    fn check_fields(&self, body: &Value, expected: &Map<String, Value>) {
        for (name, value) in expected {
            let value: Value = serde_json::from_str(&self.filled(&value.to_string())).unwrap();
            assert_eq!(body[name], value, "field {name} of {body}");
        }
    }
}

/// Compares the complete set of links; an empty set is told by the absence of the member.
fn check_integrations(body: &Value, expected: Option<&[Value]>) {
    let Some(expected) = expected else { return };
    let pair = |link: &Value| (text(link, "/provider_type"), text(link, "/provider_entity_id"));
    let member = body.get("integrations");
    assert_eq!(member.is_none(), expected.is_empty(), "member `integrations` of {body}");
    let found: BTreeSet<_> = member
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(pair)
        .collect();
    assert_eq!(found, expected.iter().map(pair).collect(), "links of {body}");
}
