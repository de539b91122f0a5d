//! PostgreSQL for the tests: the one that `TARIFF_TEST_POSTGRES_URL` names, else a private one in a temporary folder.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Names an existing, empty database to use instead of a private server.
pub const URL_VARIABLE: &str = "TARIFF_TEST_POSTGRES_URL";
/// Set to `1`, a missing PostgreSQL fails the tests instead of skipping them.
pub const REQUIRE_VARIABLE: &str = "TARIFF_TEST_REQUIRE_POSTGRES";

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Where databases for the tests come from.
pub enum Postgres {
    /// A database that the person who runs the tests provides.
    Provided(String),
    /// A server of our own.
    Private(Cluster),
}

impl Postgres {
    /// A PostgreSQL server, or `None` if this machine has none.
    pub fn find() -> Option<Self> {
        match env::var(URL_VARIABLE) {
            Ok(url) if !url.is_empty() => Some(Self::Provided(url)),
            _ => Cluster::start(&programs()?).map(Self::Private),
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
            Self::Private(cluster) => cluster.new_database(),
        }
    }
}

/// A private server; dropping it ends it and removes its data.
pub struct Cluster {
    process: Child,
    programs: PathBuf,
    port: u16,
    databases: AtomicU32,
    _folder: TempDir,
}

impl Cluster {
    fn start(programs: &Path) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("tariff-postgres-").tempdir().ok()?;
        let owner = Owner::of(folder.path());
        owner.take(folder.path())?;
        let data = folder.path().join("data");
        let made = owner
            .command(&programs.join("initdb"))
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return None;
        }
        let port = free_port()?;
        let process = owner
            .command(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args([
                "-p",
                &port.to_string(),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "max_connections=200",
            ])
            // The data is thrown away, so it need not survive a power cut.
            .args([
                "-c",
                "fsync=off",
                "-c",
                "synchronous_commit=off",
                "-c",
                "full_page_writes=off",
                "-k",
            ])
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.path().join("postgres.log")).ok()?)
            .spawn()
            .ok()?;
        let cluster = Self {
            process,
            programs: programs.to_path_buf(),
            port,
            databases: AtomicU32::new(0),
            _folder: folder,
        };
        cluster.is_ready().then_some(cluster)
    }

    fn is_ready(&self) -> bool {
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            let answer = self.client_program("pg_isready").stdout(Stdio::null()).status();
            if answer.is_ok_and(|status| status.success()) {
                return true;
            }
            thread::sleep(Duration::from_millis(100));
        }
        false
    }

    fn new_database(&self) -> String {
        let name = format!("tariff_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = self.client_program("createdb").arg(&name).status();
        assert!(
            made.is_ok_and(|status| status.success()),
            "cannot create database {name}"
        );
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn client_program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"]);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // SIGQUIT is PostgreSQL's immediate shutdown; it takes its helper processes along.
        let _ = Command::new("kill")
            .args(["-QUIT", &self.process.id().to_string()])
            .status();
        let _ = self.process.wait();
    }
}

/// Whom the private server runs as: PostgreSQL refuses to run as root.
enum Owner {
    /// The user who runs the tests.
    Oneself,
    /// An unprivileged user of the machine.
    Other(&'static str),
}

impl Owner {
    fn of(folder: &Path) -> Self {
        let is_root = fs::metadata(folder).is_ok_and(|metadata| metadata.uid() == 0);
        if !is_root {
            return Self::Oneself;
        }
        let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let known = users.lines().any(|line| line.starts_with("postgres:"));
        Self::Other(if known { "postgres" } else { "nobody" })
    }

    /// Hands `folder` over to the owner.
    fn take(&self, folder: &Path) -> Option<()> {
        let Self::Other(user) = self else { return Some(()) };
        let handed = Command::new("chown").arg(user).arg(folder).status().ok()?;
        handed.success().then_some(())
    }

    fn command(&self, program: &Path) -> Command {
        match self {
            Self::Oneself => Command::new(program),
            Self::Other(user) => {
                let mut command = Command::new("setpriv");
                command
                    .args([&format!("--reuid={user}"), "--clear-groups", "--"])
                    .arg(program);
                // The folder of whoever runs the tests may be closed to that user.
                command.current_dir("/");
                command
            }
        }
    }
}

/// The folder with PostgreSQL's programs: one on the path, else the newest of Debian's.
fn programs() -> Option<PathBuf> {
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready", "createdb"]
            .iter()
            .all(|program| folder.join(program).is_file())
    };
    let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    debian.sort();
    debian.reverse();
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).chain(debian).find(complete)
}

fn free_port() -> Option<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").ok()?;
    Some(listener.local_addr().ok()?.port())
}
