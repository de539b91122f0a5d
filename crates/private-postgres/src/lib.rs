//! A PostgreSQL server of one's own, for tests and measurements: on a free port, in a temporary folder, gone when dropped.
//!
//! Owns finding PostgreSQL's programs and running the server. What is asked of it is the business of whoever starts it.

mod owner;

use std::error::Error;
use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use tempfile::TempDir;

use owner::Owner;

/// The user whom every client is.
const USER: &str = "postgres";
/// Longest wait for the server to answer.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Time between two looks whether it answers.
const LOOK: Duration = Duration::from_millis(100);

/// The result of what may fail for any reason of the machine's.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// PostgreSQL's programs.
#[derive(Debug, Clone)]
pub struct Programs(PathBuf);

impl Programs {
    /// The folder on the path that has the server's programs and these clients, else the newest of Debian's. `None` if
    /// this machine has none.
    #[must_use]
    pub fn find(clients: &[&str]) -> Option<Self> {
        let has = |folder: &Path, program: &str| folder.join(program).is_file();
        let complete = |folder: &PathBuf| {
            let of_the_server = ["initdb", "postgres", "pg_isready"];
            of_the_server.iter().chain(clients).all(|program| has(folder, program))
        };
        let mut debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .filter_map(|version| Some(version.ok()?.path().join("bin")))
            .collect();
        debian.sort();
        debian.reverse();
        let path = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&path).chain(debian).find(complete).map(Self)
    }
}

/// How a server is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Setup<'a> {
    /// Settings in the form `name=value`, besides the defaults.
    pub settings: &'a [&'a str],
    /// Whether the data may be lost in a power cut, because it is thrown away: what makes it safe is left out.
    pub throwaway: bool,
}

/// A running server.
#[derive(Debug)]
pub struct PrivatePostgres {
    process: Child,
    programs: Programs,
    port: u16,
    _folder: TempDir,
}

impl PrivatePostgres {
    /// Makes a cluster, starts a server on it, and waits until it answers.
    ///
    /// # Errors
    /// When the machine does not let it.
    pub fn start(programs: &Programs, setup: Setup<'_>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tariff-postgres-").tempdir()?;
        let owner = Owner::of(folder.path())?;
        owner.take(folder.path())?;
        let data = folder.path().join("data");
        let mut made = owner.command(&programs.0.join("initdb"));
        made.args(["--auth=trust", "--encoding=UTF8", "--locale=C"]);
        made.args([&format!("--username={USER}"), "-D"]).arg(&data);
        if setup.throwaway {
            made.arg("--no-sync");
        }
        let made = made.stdout(Stdio::null()).status()?;
        if !made.success() {
            return Err(format!("initdb ended with {made}").into());
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = owner.command(&programs.0.join("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(folder.path());
        server.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        let unsafe_settings = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
        let unsafe_settings = unsafe_settings.iter().filter(|_| setup.throwaway);
        for setting in setup.settings.iter().chain(unsafe_settings) {
            server.args(["-c", setting]);
        }
        let process = server
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("postgres.log"))?)
            .spawn()?;
        let started = Self {
            process,
            programs: programs.clone(),
            port,
            _folder: folder,
        };
        started.wait_until_ready()?;
        Ok(started)
    }

    fn wait_until_ready(&self) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        while Instant::now() < deadline {
            let answer = self.client("pg_isready").stdout(Stdio::null()).status();
            if answer.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            thread::sleep(LOOK);
        }
        Err("PostgreSQL did not start in time".into())
    }

    /// The process id of the server, whose children do the work.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// The URL of a database of this name.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// A client program that speaks to the server.
    #[must_use]
    pub fn client(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.0.join(program));
        command.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", USER]);
        command
    }
}

impl Drop for PrivatePostgres {
    fn drop(&mut self) {
        // SIGQUIT is PostgreSQL's immediate shutdown; it takes its helper processes along.
        let _ = Command::new("kill")
            .args(["-QUIT", &self.process.id().to_string()])
            .status();
        let _ = self.process.wait();
    }
}
