//! A server in this process over a fresh SQLite file, with a clock that tests set.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use serde_json::{Value, json};
use tariff_core::vocabulary::AuditActor;
use tariff_core::{Clock, Timestamp};
use tariff_engine::{Engine, EngineConfig};
use tariff_store::{Author, Session, Store, StoreLocation};
use tariff_usage::{EmbeddedLog, EmbeddedOptions};
use tempfile::TempDir;
use tokio::sync::watch;
use tower::ServiceExt;

/// Signs every token of the tests.
pub const AUTH_SECRET: &str = "a secret of the tests";
const ENCRYPTION_KEY: &str = "a key of the tests";
/// Password of everybody who signs up.
pub const PASSWORD: &str = "correct horse battery";

struct SettableClock(Mutex<Timestamp>);

impl Clock for SettableClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub struct Server {
    pub store: Store,
    pub engine: Arc<Engine>,
    router: Router,
    usage: Arc<EmbeddedLog>,
    clock: Arc<SettableClock>,
    _folder: Arc<TempDir>,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(configure: impl FnOnce(&mut EngineConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = StoreLocation::Sqlite(folder.path().join("tariff.db"));
        let store = Store::open(&location).await.unwrap();
        let usage = EmbeddedLog::open(&folder.path().join("events"), EmbeddedOptions::default()).unwrap();
        let clock = SettableClock(Mutex::new("2024-03-01T12:00:00.5Z".parse().unwrap()));
        Self::over(store, Arc::new(usage), Arc::new(clock), Arc::new(folder), configure)
    }

    /// The same data behind another configuration.
    pub fn restarted_with(&self, configure: impl FnOnce(&mut EngineConfig)) -> Self {
        let (usage, clock) = (self.usage.clone(), self.clock.clone());
        Self::over(self.store.clone(), usage, clock, self._folder.clone(), configure)
    }

    fn over(
        store: Store,
        usage: Arc<EmbeddedLog>,
        clock: Arc<SettableClock>,
        folder: Arc<TempDir>,
        configure: impl FnOnce(&mut EngineConfig),
    ) -> Self {
        let mut config = EngineConfig::new(AUTH_SECRET, ENCRYPTION_KEY);
        configure(&mut config);
        let engine = Arc::new(Engine::new(store.clone(), usage.clone(), clock.clone(), config));
        Self {
            store,
            router: tariff_http::router(Arc::clone(&engine)),
            engine,
            usage,
            clock,
            _folder: folder,
        }
    }

    /// The same database as another process opens it.
    pub async fn store_elsewhere(&self) -> Store {
        let location = StoreLocation::Sqlite(self._folder.path().join("tariff.db"));
        Store::open(&location).await.unwrap()
    }

    /// A client with the same credentials at this server.
    pub fn takes_over(&self, client: &Client) -> Client {
        Client {
            router: self.router.clone(),
            headers: client.headers.clone(),
        }
    }

    /// The session of a person invited into a tenant.
    pub async fn invited(&self, tenant: &Tenant, email: &str, role: &str) -> Client {
        let invitation = json!({"type": "user", "email": email, "roles": [role]});
        let created = tenant.session.post("/v1/users", &invitation).await.expect(201);
        let login = json!({"email": email, "password": created["password"]});
        let answer = self.visitor().post("/v1/auth/login", &login).await.expect(200);
        self.visitor().with_token(&text(&answer, "token"))
    }

    /// Starts the worker, as a server does that is more than an API.
    pub fn start_worker(&self) {
        let engine = Arc::clone(&self.engine);
        tokio::spawn(async move {
            let (_never, stop) = watch::channel(false);
            tariff_engine::worker::run(engine, stop).await;
        });
    }

    /// A transaction past the API, for what it offers no way to.
    pub async fn begin(&self) -> Session {
        self.store.begin(self.operator()).await.unwrap()
    }

    /// Somebody who works past the API.
    pub fn operator(&self) -> Author {
        Author {
            user_id: "operator".to_owned(),
            actor: AuditActor::Worker,
            api_key_id: None,
            request_id: None,
            effective_at: self.clock.now(),
            written_at: self.clock.now(),
            new_id: tariff_engine::ids::ulid,
        }
    }

    pub fn set_time(&self, instant: &str) {
        *self.clock.0.lock().unwrap() = instant.parse().unwrap();
    }

    /// A client without credentials.
    pub fn visitor(&self) -> Client {
        Client {
            router: self.router.clone(),
            headers: Vec::new(),
        }
    }

    /// Signs somebody up.
    pub async fn sign_up(&self, email: &str) -> Tenant {
        let body = json!({"email": email, "password": PASSWORD, "tenant_name": "Acme"});
        let answer = self.visitor().post("/v1/auth/signup", &body).await.expect(200);
        let session = self.visitor().with_token(&text(&answer, "token"));
        let environments = session.get("/v1/environments").await.expect(200);
        Tenant {
            user_id: text(&answer, "user_id"),
            tenant_id: text(&answer, "tenant_id"),
            environment_id: text(&environments["environments"][0], "id"),
            session,
        }
    }
}

/// Somebody who signed up.
pub struct Tenant {
    pub user_id: String,
    pub tenant_id: String,
    /// The environment that sign-up creates.
    pub environment_id: String,
    /// A session without an environment.
    pub session: Client,
}

impl Tenant {
    /// The session in the first environment.
    pub fn here(&self) -> Client {
        self.session.with("x-environment-id", &self.environment_id)
    }

    /// Mints a key in the first environment and returns the whole answer.
    pub async fn new_key(&self, body: &Value) -> Value {
        self.here().post("/v1/secrets/api/keys", body).await.expect(201)
    }

    /// A client with a new private key of the user.
    pub async fn with_own_key(&self) -> Client {
        let key = self.new_key(&json!({"name": "own", "type": "private_key"})).await;
        self.keyed(&key)
    }

    /// A client with a key that was minted.
    pub fn keyed(&self, key: &Value) -> Client {
        self.session
            .without_credentials()
            .with("x-api-key", &text(key, "api_key"))
    }

    /// Id of a new service account.
    pub async fn new_service_account(&self, role: &str) -> String {
        let body = json!({"type": "service_account", "name": role, "roles": [role]});
        text(&self.session.post("/v1/users", &body).await.expect(201), "id")
    }

    /// A client with a key of a new service account.
    pub async fn service_account(&self, role: &str) -> Client {
        let id = self.new_service_account(role).await;
        let key = json!({"name": role, "type": "private_key", "service_account_id": id});
        self.keyed(&self.new_key(&key).await)
    }
}

#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: Vec<(&'static str, String)>,
}

impl Client {
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.to_owned()));
        client
    }

    pub fn with_token(&self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    pub fn without_credentials(&self) -> Self {
        Self {
            router: self.router.clone(),
            headers: Vec::new(),
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, Body::empty()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, Body::empty()).await
    }

    pub async fn delete_with(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::DELETE, path, Body::from(body.to_string())).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, Body::from(body.to_string())).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, Body::from(body.to_string())).await
    }

    /// Waits until a background workflow has completed.
    pub async fn completed(&self, started: &Value) -> Value {
        let path = format!(
            "/v1/workflows/{}/{}",
            text(started, "workflow_id"),
            text(started, "run_id")
        );
        for _ in 0..1_000 {
            let details = self.get(&path).await.expect(200);
            if details["status"] != "Running" {
                assert_eq!(details["status"], "Completed", "{details}");
                return details["result"].clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{path} is not done in time");
    }

    pub async fn request(&self, method: &str, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        self.send(method.parse().unwrap(), path, body).await
    }

    async fn send(&self, method: Method, path: &str, body: Body) -> Reply {
        let what = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        Reply {
            what,
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }
}

pub struct Reply {
    what: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    /// The body of an answer with this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.body);
        self.body
    }

    #[track_caller]
    pub fn expect_exactly(self, status: u16, body: Value) {
        assert_eq!((self.status, &self.body), (status, &body), "{}", self.what);
    }

    /// The standard error body with this code.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Value {
        let what = self.what.clone();
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{what}: {body}");
        assert_eq!(body["http_status_code"], status, "{what}: {body}");
        body
    }
}

#[track_caller]
pub fn text(value: &Value, member: &str) -> String {
    value[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member} is no text in {value}"))
        .to_owned()
}
