//! The settings of a server and where they come from: flags, else environment, else file, else default.
//!
//! Every setting is described for users in `docs/configuration.md`.

use std::collections::HashMap;
use std::env;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::ValueEnum;
use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use serde::{Deserialize, Serialize};
use tariff_engine::StaticKey;
use tariff_store::LOCK_WAIT_DEFAULT;
use tariff_usage::EmbeddedOptions;

/// Port that is used when none is given (spec 01 A1).
const PORT_DEFAULT: u16 = 8080;

/// Settings that are text, by their environment variable without `TARIFF_`. Every other variable of that beginning is
/// somebody else's.
const TEXT_VARIABLES: [&str; 11] = [
    "auth_secret",
    "chat_secret",
    "data_dir",
    "database_url",
    "default_tenant_name",
    "encryption_key",
    "listen",
    "log",
    "log_format",
    "portal_url",
    "role",
];

/// Settings that are numbers or truth values.
const OTHER_VARIABLES: [&str; 10] = [
    "audit_log_retention_days",
    "event_log_cache_mib",
    "event_log_tail_events_max",
    "ingestion_memory_mib",
    "lock_wait_seconds",
    "plan_sync_all_prices",
    "portal_session_hours",
    "rejected_event_webhooks",
    "rejected_event_window_seconds",
    "strict_read_permissions",
];

/// All settings of a server, each with a value.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address that the server listens on.
    pub listen: ListenAddress,
    /// Folder of the event log and of the SQLite database.
    pub data_dir: PathBuf,
    /// Database other than the SQLite file in the data folder. It may hold a password, so it is never printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// How long a request waits for somebody else who writes to the database before it fails, in seconds.
    pub lock_wait_seconds: u64,
    /// Memory in which the event log keeps what it has read from disk, in MiB.
    pub event_log_cache_mib: u32,
    /// How many events the event log keeps in memory and journal until it packs them.
    pub event_log_tail_events_max: usize,
    /// Most memory that bodies of events may take, all requests together, in mebibytes.
    pub ingestion_memory_mib: u32,
    /// For how many days entries of the audit log are kept; 0 keeps them for ever.
    pub audit_log_retention_days: u32,
    /// Whether events that no meter records are reported by the webhook event `event.rejected` (spec 02 §3.3).
    pub rejected_event_webhooks: bool,
    /// Window in which an event name of an environment is reported at most once, in seconds.
    pub rejected_event_window_seconds: u32,
    /// Whether a plan sync brings prices of every type to subscriptions (spec 03 Q14).
    pub plan_sync_all_prices: bool,
    /// Which log lines are written, in the notation of `tracing` filters, e.g. `info,tariff_engine=debug`.
    pub log: String,
    /// Form of the log lines.
    pub log_format: LogFormat,
    /// What this process does.
    pub role: Role,
    /// Whether reads need the `<entity>:read` permission too (spec 01 A4).
    pub strict_read_permissions: bool,
    /// Signs session and portal tokens; without one the data folder keeps a secret of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_secret: Option<String>,
    /// Encrypts the credentials of connections; without one the data folder keeps a key of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encryption_key: Option<String>,
    /// Hex secret with which a support chat verifies who is writing (spec 01 B6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chat_secret: Option<String>,
    /// Name of a tenant that is created without one.
    pub default_tenant_name: String,
    /// Where the customer portal lives.
    pub portal_url: String,
    /// How long a portal session lasts.
    pub portal_session_hours: u32,
    /// Keys that the configuration holds, by the lower-case hex SHA-256 of their text (spec 01 A2).
    #[serde(default, skip_serializing)]
    pub static_keys: HashMap<String, StaticKey>,
    /// Environments that users are restricted to: tenant → user → environments (spec 01 A3).
    #[serde(default, skip_serializing)]
    pub allowed_environments: HashMap<String, HashMap<String, Vec<String>>>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: ListenAddress(SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT_DEFAULT))),
            data_dir: PathBuf::from("tariff-data"),
            database_url: None,
            lock_wait_seconds: LOCK_WAIT_DEFAULT.as_secs(),
            event_log_cache_mib: 128,
            event_log_tail_events_max: EmbeddedOptions::default().tail_events_max,
            ingestion_memory_mib: 256,
            audit_log_retention_days: 0,
            rejected_event_webhooks: false,
            rejected_event_window_seconds: 600,
            plan_sync_all_prices: false,
            log: "info,lsm_tree=warn,fjall=warn".to_owned(),
            log_format: LogFormat::Text,
            role: Role::All,
            strict_read_permissions: false,
            auth_secret: None,
            encryption_key: None,
            chat_secret: None,
            default_tenant_name: "Tariff".to_owned(),
            portal_url: format!("http://localhost:{PORT_DEFAULT}/portal"),
            portal_session_hours: 1,
            static_keys: HashMap::new(),
            allowed_environments: HashMap::new(),
        }
    }
}

impl Config {
    /// Collects the settings: `overrides` win over the environment, which wins over `file`, which wins over defaults.
    ///
    /// # Errors
    /// When the file cannot be read or is no TOML, when it has an unknown key, or when a value is not of its kind.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        for (key, value) in text_of_environment() {
            figment = figment.merge(Serialized::default(key, value));
        }
        figment
            .merge(Env::prefixed("TARIFF_").only(&OTHER_VARIABLES))
            .merge(Serialized::defaults(overrides))
            .extract()
            .map_err(|error| ConfigError(Box::new(error)))
    }
}

/// The textual settings of the environment, taken as they are: a secret of digits stays text.
fn text_of_environment() -> impl Iterator<Item = (&'static str, String)> {
    // Hosting services name the database without the prefix.
    let database = env::var("DATABASE_URL").ok().map(|value| ("database_url", value));
    let prefixed = TEXT_VARIABLES.into_iter().filter_map(|key| {
        let variable = format!("TARIFF_{}", key.to_ascii_uppercase());
        env::var(variable).ok().map(|value| (key, value))
    });
    database.into_iter().chain(prefixed)
}

/// The settings given on the command line; an absent one overrides nothing.
#[derive(Debug, Default, Serialize)]
pub struct Overrides {
    /// See [`Config::listen`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<ListenAddress>,
    /// See [`Config::data_dir`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// See [`Config::database_url`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// See [`Config::log_format`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,
    /// See [`Config::role`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// Why the settings could not be collected.
#[derive(Debug)]
pub struct ConfigError(Box<figment::Error>);

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the configuration is not valid: {}", self.0)
    }
}

impl std::error::Error for ConfigError {}

/// Form of the log lines on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One readable line an event.
    Text,
    /// One JSON object an event.
    Json,
}

/// What a process does. Several `api` processes can share one PostgreSQL database with a `worker`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Answers requests.
    Api,
    /// Runs due billing work and background jobs: renewals, finalization, plan syncs, clones.
    Worker,
    /// Both.
    All,
}

impl Role {
    /// Whether this process runs due billing work.
    #[must_use]
    pub fn works(self) -> bool {
        match self {
            Self::Worker | Self::All => true,
            Self::Api => false,
        }
    }

    /// Whether this process answers API requests.
    #[must_use]
    pub fn serves(self) -> bool {
        match self {
            Self::Api | Self::All => true,
            Self::Worker => false,
        }
    }
}

/// An address to listen on, written `HOST:PORT`, or `:PORT` for every interface of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ListenAddress(pub SocketAddr);

impl ListenAddress {
    /// An address on the loopback interface, reachable from this machine alone.
    #[must_use]
    pub fn loopback(port: u16) -> Self {
        Self(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    }

    /// The address of the demo: not reachable from other machines, and on any free port when nobody will visit it.
    #[must_use]
    pub fn demo(once: bool) -> Self {
        Self::loopback(if once { 0 } else { PORT_DEFAULT })
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let full = if text.starts_with(':') {
            format!("{}{text}", IpAddr::from(Ipv4Addr::UNSPECIFIED))
        } else {
            text.replacen("localhost:", "127.0.0.1:", 1)
        };
        full.parse()
            .map(Self)
            .map_err(|_| format!("`{text}` is not an address such as 127.0.0.1:8080 or :8080"))
    }
}

impl TryFrom<String> for ListenAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ListenAddress> for String {
    fn from(address: ListenAddress) -> Self {
        address.0.to_string()
    }
}

#[cfg(test)]
#[allow(clippy::result_large_err, reason = "the type of error is the test jail's")]
mod tests {
    use figment::Jail;

    use super::*;

    #[test]
    fn nothing_given_means_the_documented_defaults() {
        Jail::expect_with(|_| {
            let config = Config::load(None, &Overrides::default()).unwrap();
            assert_eq!(config.listen.0.to_string(), "0.0.0.0:8080");
            assert_eq!(config.data_dir, Path::new("tariff-data"));
            assert_eq!((config.log_format, config.role), (LogFormat::Text, Role::All));
            assert!(config.database_url.is_none());
            Ok(())
        });
    }

    #[test]
    fn flags_win_over_environment_over_file() {
        Jail::expect_with(|jail| {
            jail.create_file(
                "tariff.toml",
                "listen = ':1000'\ndata_dir = '/file'\nrole = 'api'\nstrict_read_permissions = true",
            )?;
            jail.set_env("TARIFF_LISTEN", ":2000");
            jail.set_env("TARIFF_DATA_DIR", "/environment");
            let overrides = Overrides {
                listen: Some(":3000".parse().unwrap()),
                ..Overrides::default()
            };
            let config = Config::load(Some(Path::new("tariff.toml")), &overrides).unwrap();
            assert_eq!(config.listen.0.to_string(), "0.0.0.0:3000");
            assert_eq!(config.data_dir, Path::new("/environment"));
            assert_eq!(config.role, Role::Api);
            assert!(config.strict_read_permissions);
            Ok(())
        });
    }

    #[test]
    fn the_name_that_hosting_services_use_for_the_database_is_understood() {
        Jail::expect_with(|jail| {
            jail.set_env("DATABASE_URL", "postgres://a/b");
            let config = Config::load(None, &Overrides::default()).unwrap();
            assert_eq!(config.database_url.as_deref(), Some("postgres://a/b"));
            jail.set_env("TARIFF_DATABASE_URL", "postgres://c/d");
            let config = Config::load(None, &Overrides::default()).unwrap();
            assert_eq!(config.database_url.as_deref(), Some("postgres://c/d"));
            Ok(())
        });
    }

    #[test]
    fn a_misspelt_key_in_the_file_is_an_error_but_a_foreign_variable_is_not() {
        Jail::expect_with(|jail| {
            jail.set_env("TARIFF_TEST_POSTGRES_URL", "postgres://elsewhere");
            assert!(Config::load(None, &Overrides::default()).is_ok());
            jail.create_file("tariff.toml", "lisen = ':1000'")?;
            let error = Config::load(Some(Path::new("tariff.toml")), &Overrides::default()).err();
            assert!(error.unwrap().to_string().contains("lisen"));
            Ok(())
        });
    }

    #[test]
    fn a_secret_of_digits_stays_text_and_numbers_are_numbers() {
        Jail::expect_with(|jail| {
            jail.set_env("TARIFF_AUTH_SECRET", "0123");
            jail.set_env("TARIFF_PORTAL_SESSION_HOURS", "12");
            jail.set_env("TARIFF_STRICT_READ_PERMISSIONS", "true");
            let config = Config::load(None, &Overrides::default()).unwrap();
            assert_eq!(config.auth_secret.as_deref(), Some("0123"));
            assert_eq!(config.portal_session_hours, 12);
            assert!(config.strict_read_permissions);
            Ok(())
        });
    }

    #[test]
    fn a_missing_file_is_an_error() {
        Jail::expect_with(|_| {
            assert!(Config::load(Some(Path::new("nowhere.toml")), &Overrides::default()).is_err());
            Ok(())
        });
    }
}
