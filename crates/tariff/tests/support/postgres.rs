//! PostgreSQL for the tests: the one that `TARIFF_TEST_POSTGRES_URL` names, else a private one in a temporary folder.

use std::env;
use std::sync::atomic::{AtomicU32, Ordering};

use tariff_private_postgres::{PrivatePostgres, Programs, Setup};

/// Names an existing, empty database to use instead of a private server.
pub const URL_VARIABLE: &str = "TARIFF_TEST_POSTGRES_URL";
/// Set to `1`, a missing PostgreSQL fails the tests instead of skipping them.
pub const REQUIRE_VARIABLE: &str = "TARIFF_TEST_REQUIRE_POSTGRES";

/// Where databases for the tests come from.
pub enum Postgres {
    /// A database that the person who runs the tests provides.
    Provided(String),
    /// A server of our own.
    Private(Databases),
}

impl Postgres {
    /// A PostgreSQL server, or `None` if this machine has none.
    pub fn find() -> Option<Self> {
        match env::var(URL_VARIABLE) {
            Ok(url) if !url.is_empty() => Some(Self::Provided(url)),
            _ => Databases::start().map(Self::Private),
        }
    }

    /// Whether the tests must fail without PostgreSQL.
    pub fn is_required() -> bool {
        env::var(REQUIRE_VARIABLE).is_ok_and(|value| value == "1")
    }

    /// The URL of a database: an empty one of our own, or the provided one.
    pub fn database(&self) -> String {
        match self {
            Self::Provided(url) => url.clone(),
            Self::Private(databases) => databases.next(),
        }
    }
}

/// A private server and the databases made on it.
pub struct Databases {
    server: PrivatePostgres,
    made: AtomicU32,
}

impl Databases {
    fn start() -> Option<Self> {
        let programs = Programs::find(&["createdb"])?;
        let setup = Setup {
            settings: &["max_connections=200"],
            throwaway: true,
        };
        let server = PrivatePostgres::start(&programs, setup)
            .inspect_err(|error| eprintln!("PostgreSQL cannot be started: {error}"))
            .ok()?;
        let made = AtomicU32::new(0);
        Some(Self { server, made })
    }

    fn next(&self) -> String {
        let name = format!("tariff_{}", self.made.fetch_add(1, Ordering::Relaxed));
        let made = self.server.client("createdb").arg(&name).status();
        assert!(
            made.is_ok_and(|status| status.success()),
            "cannot create database {name}"
        );
        self.server.url(&name)
    }
}
