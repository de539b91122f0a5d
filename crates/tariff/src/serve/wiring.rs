//! Which parts a server is made of: store, event log, engine, router, worker.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tariff_engine::clock::SystemClock;
use tariff_engine::{Engine, EngineConfig, worker};
use tariff_http::HttpOptions;
use tariff_store::{Store, StoreLocation};
use tariff_usage::{EmbeddedLog, EmbeddedOptions};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::access::FirstAccess;
use super::{probes, secret};
use crate::AnyError;
use crate::config::Config;

/// Longest wait for a lock that can be configured, in seconds.
const LOCK_WAIT_SECONDS_MAX: u64 = 3_600;

/// A day of the audit log's retention.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Most events that the event log can be told to keep in memory.
const EVENT_LOG_TAIL_EVENTS_MAX: usize = 16 * 1024 * 1024;

/// The parts, ready to run.
pub struct Wired {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Answers requests.
    pub router: Router,
    /// The first credentials, if the store was empty.
    pub first_access: Option<FirstAccess>,
    /// Runs due billing work until told to stop.
    pub worker: Option<JoinHandle<()>>,
}

/// Opens what `config` names and puts the parts together.
///
/// # Errors
/// When the data folder cannot be made or one of the stores cannot be opened.
pub async fn wire(config: &Config, stopped: watch::Receiver<bool>) -> Result<Wired, AnyError> {
    let engine = Arc::new(engine(config).await?);
    let first_access = engine.bootstrap().await?.map(FirstAccess::from);
    let options = HttpOptions {
        ingestion_memory_bytes: usize::try_from(config.ingestion_memory_mib)
            .unwrap_or(usize::MAX)
            .saturating_mul(1024 * 1024),
    };
    let router = tariff_http::router_with(Arc::clone(&engine), options);
    Ok(Wired {
        router: if config.role.serves() {
            router
        } else {
            probes::only(router)
        },
        worker: config
            .role
            .works()
            .then(|| tokio::spawn(worker::run(Arc::clone(&engine), stopped))),
        engine,
        first_access,
    })
}

/// Opens the stores and builds the engine over them.
///
/// # Errors
/// As [`wire`].
pub async fn engine(config: &Config) -> Result<Engine, AnyError> {
    fs::create_dir_all(&config.data_dir)
        .map_err(|error| format!("cannot make the data folder {}: {error}", config.data_dir.display()))?;
    let lock_wait = Duration::from_secs(config.lock_wait_seconds.clamp(1, LOCK_WAIT_SECONDS_MAX));
    let store = Store::open_with(&store_location(config)?, lock_wait).await?;
    let usage = open_log(config).await?;
    let auth_secret = match &config.auth_secret {
        Some(secret) => secret.clone(),
        None => secret::of_folder(&config.data_dir, "auth-secret")?,
    };
    let encryption_key = match &config.encryption_key {
        Some(key) => key.clone(),
        None => secret::of_folder(&config.data_dir, "encryption-key")?,
    };
    let settings = EngineConfig {
        default_tenant_name: config.default_tenant_name.clone(),
        portal_url: config.portal_url.clone(),
        portal_session_hours: config.portal_session_hours,
        strict_read_permissions: config.strict_read_permissions,
        static_keys: config.static_keys.clone(),
        allowed_environments: config.allowed_environments.clone(),
        plan_sync_all_prices: config.plan_sync_all_prices,
        chat_secret: config.chat_secret.clone(),
        audit_log_retention: (config.audit_log_retention_days > 0).then(|| DAY * config.audit_log_retention_days),
        rejected_event_window: config
            .rejected_event_webhooks
            .then(|| Duration::from_secs(config.rejected_event_window_seconds.max(1).into())),
        ..EngineConfig::new(auth_secret, encryption_key)
    };
    Ok(Engine::new(store, Arc::new(usage), Arc::new(SystemClock), settings))
}

/// The folder of the event log.
#[must_use]
pub fn event_log_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("events")
}

/// Opens the event log, which reads its files at once.
async fn open_log(config: &Config) -> Result<EmbeddedLog, AnyError> {
    let directory = event_log_folder(&config.data_dir);
    let options = EmbeddedOptions {
        cache_bytes: u64::from(config.event_log_cache_mib.max(1)) * 1024 * 1024,
        tail_events_max: config.event_log_tail_events_max.clamp(1, EVENT_LOG_TAIL_EVENTS_MAX),
        ..EmbeddedOptions::default()
    };
    let open = move || EmbeddedLog::open(&directory, options);
    Ok(tokio::task::spawn_blocking(open).await??)
}

/// The OpenAPI document of the API, without touching any data.
///
/// # Errors
/// When no temporary folder can be made.
pub async fn openapi() -> Result<String, AnyError> {
    let folder = tempfile::tempdir()?;
    let config = Config {
        data_dir: folder.path().to_path_buf(),
        ..Config::default()
    };
    let engine = Arc::new(engine(&config).await?);
    Ok(tariff_http::openapi_document(Arc::clone(&engine)).to_pretty_json()?)
}

/// The configured database; by default a SQLite file in the data folder.
///
/// # Errors
/// When the URL is of no database that can be used.
pub fn store_location(config: &Config) -> Result<StoreLocation, AnyError> {
    let Some(url) = &config.database_url else {
        return Ok(StoreLocation::Sqlite(config.data_dir.join("tariff.db")));
    };
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(StoreLocation::Postgres(url.clone()));
    }
    match url.strip_prefix("sqlite:") {
        Some(path) => Ok(StoreLocation::Sqlite(
            Path::new(path.strip_prefix("//").unwrap_or(path)).to_path_buf(),
        )),
        // The URL may hold a password, so it is not repeated.
        None => Err("the database URL begins with neither postgres:// nor sqlite://".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(url: Option<&str>) -> Result<StoreLocation, AnyError> {
        store_location(&Config {
            database_url: url.map(str::to_owned),
            data_dir: "data".into(),
            ..Config::default()
        })
    }

    #[test]
    fn the_database_url_tells_the_database() {
        let path = |url| match location(url).unwrap() {
            StoreLocation::Sqlite(path) => path.display().to_string(),
            StoreLocation::Postgres(url) => url,
        };
        assert_eq!(path(None), "data/tariff.db");
        assert_eq!(path(Some("sqlite:///var/lib/tariff.db")), "/var/lib/tariff.db");
        assert_eq!(path(Some("sqlite:here.db")), "here.db");
        assert_eq!(path(Some("postgresql://a/b")), "postgresql://a/b");
    }

    #[test]
    fn an_unknown_database_is_refused_without_repeating_its_password() {
        let error = location(Some("mysql://root:hunter2@localhost"))
            .unwrap_err()
            .to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
