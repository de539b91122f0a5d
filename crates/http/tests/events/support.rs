//! A server in this process over fresh storage, with the key of its first tenant.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response};
use serde_json::{Value, json};
use tariff_core::{Clock, Scope, Timestamp};
use tariff_engine::{Engine, EngineConfig};
use tariff_http::HttpOptions;
use tariff_store::entity::outbox;
use tariff_store::{Listing, Store, StoreLocation};
use tariff_usage::{EmbeddedLog, EmbeddedOptions, UsageLog};
use tempfile::TempDir;
use tower::ServiceExt;

/// The time at which every test server starts.
pub const NOW: &str = "2026-01-20T12:00:00Z";

struct SettableClock(Mutex<Timestamp>);

impl Clock for SettableClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub struct Server {
    clock: Arc<SettableClock>,
    router: Router,
    api_key: String,
    scope: Scope,
    /// What the server answers by.
    pub engine: Arc<Engine>,
    /// The event log behind the server.
    pub log: Arc<EmbeddedLog>,
    folder: TempDir,
}

/// Status and body of an answer.
pub struct Reply(pub u16, pub Value);

impl Server {
    pub async fn start() -> Self {
        Self::start_with(EmbeddedOptions::default(), HttpOptions::default(), |_| ()).await
    }

    /// A server with limits of its own, and a changed configuration.
    pub async fn start_with(log: EmbeddedOptions, http: HttpOptions, change: impl FnOnce(&mut EngineConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreLocation::Sqlite(folder.path().join("tariff.db")))
            .await
            .unwrap();
        let log = Arc::new(EmbeddedLog::open(&folder.path().join("events"), log).unwrap());
        let clock = Arc::new(SettableClock(Mutex::new(NOW.parse().unwrap())));
        let usage: Arc<dyn UsageLog> = log.clone();
        let mut config = EngineConfig::new("a secret of the tests", "a key of the tests");
        change(&mut config);
        let engine = Arc::new(Engine::new(store, usage, clock.clone(), config));
        let access = engine.bootstrap().await.unwrap().unwrap();
        Self {
            clock,
            router: tariff_http::router_with(Arc::clone(&engine), http),
            engine,
            api_key: access.api_key,
            scope: Scope::new(access.tenant_id, access.environment_id),
            log,
            folder,
        }
    }

    pub fn set_time(&self, instant: &str) {
        *self.clock.0.lock().unwrap() = instant.parse().unwrap();
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send("PUT", path, Body::from(body.to_string())).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, Body::from(body.to_string())).await
    }

    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Reply {
        self.send("POST", path, Body::from(body)).await
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, Body::empty()).await
    }

    async fn send(&self, method: &str, path: &str, body: Body) -> Reply {
        let response = self.respond(method, path, body).await;
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Reply(status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// The whole answer.
    pub async fn respond(&self, method: &str, path: &str, body: Body) -> Response<Body> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("x-api-key", &self.api_key);
        self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }

    /// The outbound events of this name, oldest first.
    pub async fn outbox(&self, event_name: &str) -> Vec<outbox::Model> {
        let store = Store::open(&StoreLocation::Sqlite(self.folder.path().join("tariff.db")))
            .await
            .unwrap();
        let session = store.read();
        let listing = Listing::all().equal("event_name", event_name).oldest_first();
        session
            .scoped(&self.scope)
            .list::<outbox::Entity>(&listing)
            .await
            .unwrap()
    }

    /// Sends events of customer `cust_1` named `api_call`, each an id and a number under `v`.
    pub async fn ingest(&self, events: &[(&str, &str, Value)]) {
        let event = |(id, timestamp, properties): &(&str, &str, Value)| {
            json!({
                "event_id": id, "event_name": "api_call", "external_customer_id": "cust_1",
                "timestamp": timestamp, "properties": properties,
            })
        };
        let events: Vec<Value> = events.iter().map(event).collect();
        self.post("/v1/events/bulk", &json!({"events": events}))
            .await
            .expect(202);
    }

    /// A metered feature over events `api_call`; answers the feature.
    pub async fn feature(&self, name: &str, aggregation: Value) -> Value {
        let meter = json!({
            "name": name, "event_name": "api_call", "aggregation": aggregation, "reset_usage": "BILLING_PERIOD",
        });
        self.post(
            "/v1/features",
            &json!({"name": name, "type": "metered", "meter": meter}),
        )
        .await
        .expect(201)
    }

    /// Subscribes customer `cust_1` from 1 January 2026 to a plan with one monthly usage price on the feature's meter.
    pub async fn subscribe(&self, feature: &Value, price: Value) -> Value {
        let customer = json!({"external_id": "cust_1", "name": "First"});
        self.post("/v1/customers", &customer).await.expect(201);
        let plan = self.post("/v1/plans", &json!({"name": "Pro"})).await.expect(201);
        let mut body = json!({
            "entity_type": "PLAN", "entity_id": plan["id"], "currency": "usd", "price_unit_type": "FIAT",
            "billing_period": "MONTHLY", "billing_period_count": 1, "type": "USAGE", "invoice_cadence": "ARREAR",
            "meter_id": feature["meter_id"], "start_date": "2025-12-01T00:00:00Z",
        });
        for (name, value) in price.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.post("/v1/prices", &body).await.expect(201);
        let subscription = json!({
            "external_customer_id": "cust_1", "plan_id": plan["id"], "currency": "usd",
            "start_date": "2026-01-01T00:00:00Z", "billing_period": "MONTHLY", "billing_period_count": 1,
            "billing_cycle": "anniversary", "collection_method": "send_invoice", "payment_behavior": "default_active",
        });
        self.post("/v1/subscriptions", &subscription).await.expect(201)
    }

    /// Ids of the listed events that match.
    pub async fn listed(&self, query: &Value) -> Vec<String> {
        let page = self.post("/v1/events/query", query).await.expect(200);
        let ids = page["events"].as_array().unwrap().iter();
        ids.map(|event| event["id"].as_str().unwrap().to_owned()).collect()
    }
}

impl Reply {
    /// The body, after checking the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.0, status, "{}", self.1);
        self.1
    }

    /// The details of a refusal with `code`.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{body}");
        body["details"].clone()
    }
}
