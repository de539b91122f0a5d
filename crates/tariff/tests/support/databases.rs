//! The databases that every black-box test runs on, and the run itself.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use libtest_mimic::{Arguments, Trial};
use tempfile::TempDir;

use super::postgres::{Postgres, REQUIRE_VARIABLE, URL_VARIABLE};
use super::server::Server;

/// A database that a server can keep its state in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    /// The embedded one.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

impl Database {
    /// Every database; what touches stored state must be tested on each.
    pub const ALL: &[Self] = &[Self::Sqlite, Self::Postgres];
    /// The embedded database alone, for what does not depend on storage.
    pub const EMBEDDED: &[Self] = &[Self::Sqlite];

    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A test by its name, without the database.
pub type Test = (&'static str, fn(&Place));

/// Where a test runs: one database, and what was started for it.
pub struct Place {
    database: Database,
    postgres: Arc<OnceLock<Option<Postgres>>>,
    shared: OnceLock<(Server, TempDir)>,
    /// Kept apart from `shared` so that a failed start is reported by every test, not only by the first.
    starting: Mutex<()>,
}

impl Place {
    /// The server that all tests of this database share; each test signs up a tenant of its own.
    pub fn server(&self) -> &Server {
        let _one_at_a_time = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        let (server, _) = self.shared.get_or_init(|| {
            let folder = self.new_folder();
            (Server::start(folder.path(), self.database_url().as_deref()), folder)
        });
        server
    }

    /// An empty folder for a server of the test's own.
    pub fn new_folder(&self) -> TempDir {
        tempfile::Builder::new().prefix("tariff-test-").tempdir().unwrap()
    }

    /// The URL of a database for a server of the test's own; `None` means the one inside its folder.
    pub fn database_url(&self) -> Option<String> {
        match self.database {
            Database::Sqlite => None,
            Database::Postgres => {
                let postgres = self.postgres.get_or_init(Postgres::find).as_ref();
                let missing = format!("no PostgreSQL found: install it or set {URL_VARIABLE}");
                Some(postgres.expect(&missing).database())
            }
        }
    }
}

/// Runs every test on each of `databases`, stops what was started, and says how many ran on PostgreSQL.
pub fn run(databases: &[Database], tests: &[Test]) -> ExitCode {
    run_each(&[(databases, tests)])
}

/// As [`run`], for several groups of tests with databases of their own.
pub fn run_each(groups: &[(&[Database], &[Test])]) -> ExitCode {
    let arguments = Arguments::from_args();
    let postgres = Arc::new(OnceLock::new());
    let databases = Database::ALL
        .iter()
        .filter(|database| groups.iter().any(|(on, _)| on.contains(database)));
    let places: Vec<_> = databases
        .map(|database| {
            Arc::new(Place {
                database: *database,
                postgres: Arc::clone(&postgres),
                shared: OnceLock::new(),
                starting: Mutex::new(()),
            })
        })
        .collect();
    let on_postgres = !arguments.list && places.iter().any(|place| place.database == Database::Postgres);
    let skip_postgres = on_postgres && !Postgres::is_required() && postgres.get_or_init(Postgres::find).is_none();
    if skip_postgres {
        println!("No PostgreSQL found: its half of the tests is skipped. {REQUIRE_VARIABLE}=1 makes that a failure.");
    }
    let ran_on_postgres = Arc::new(AtomicU32::new(0));
    let trials = places.iter().flat_map(|place| {
        let skipped = skip_postgres && place.database == Database::Postgres;
        let ran_on_postgres = Arc::clone(&ran_on_postgres);
        groups
            .iter()
            .filter(|(on, _)| on.contains(&place.database))
            .flat_map(|(_, tests)| *tests)
            .map(move |(name, test)| trial(place, name, *test, &ran_on_postgres).with_ignored_flag(skipped))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    if on_postgres {
        println!(
            "Tests that ran on PostgreSQL: {}",
            ran_on_postgres.load(Ordering::Relaxed)
        );
    }
    // Dropping the last owners stops the servers first and PostgreSQL after them.
    drop(places);
    drop(postgres);
    conclusion.exit_code()
}

fn trial(place: &Arc<Place>, name: &str, test: fn(&Place), ran_on_postgres: &Arc<AtomicU32>) -> Trial {
    let place = Arc::clone(place);
    let ran_on_postgres = Arc::clone(ran_on_postgres);
    Trial::test(format!("{}::{name}", place.database.name()), move || {
        if place.database == Database::Postgres {
            ran_on_postgres.fetch_add(1, Ordering::Relaxed);
        }
        test(&place);
        Ok(())
    })
}
