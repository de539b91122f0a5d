//! The real program, started on a free port as a user would start it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::client::Client;

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tariff");
/// Longest wait for a start, which includes the migrations of an empty database.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// A running server; dropping it kills it.
pub struct Server {
    process: Child,
    url: String,
    output: Vec<String>,
}

impl Server {
    /// Starts `tariff serve` on `data_dir`, with SQLite inside it unless `database_url` is given.
    pub fn start(data_dir: &Path, database_url: Option<&str>) -> Self {
        Self::start_as(Command::new(PROGRAM), data_dir, database_url)
    }

    /// As [`Server::start`], by a command that ends up running the program with the arguments that are added to it.
    pub fn start_as(command: Command, data_dir: &Path, database_url: Option<&str>) -> Self {
        let mut server = Self::launch(command, data_dir, database_url);
        if let Err(reason) = server.wait_until_it_listens() {
            let log = std::fs::read_to_string(log_file(data_dir)).unwrap_or_default();
            panic!("{reason}\noutput: {:#?}\nlog:\n{log}", server.output);
        }
        server
    }

    /// As [`Server::start_as`], but without waiting: whatever it is doing by then, it is killed after `delay`.
    pub fn start_and_kill(command: Command, data_dir: &Path, database_url: Option<&str>, delay: Duration) {
        let server = Self::launch(command, data_dir, database_url);
        thread::sleep(delay);
        server.kill();
    }

    fn launch(mut command: Command, data_dir: &Path, database_url: Option<&str>) -> Self {
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir.join("data"));
        if let Some(url) = database_url {
            command.args(["--database-url", url]);
        }
        let process = command
            // Settings of whoever runs the tests must not reach the server under test.
            .env_remove("DATABASE_URL")
            .env_remove("TARIFF_DATABASE_URL")
            .env_remove("TARIFF_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(
                File::options()
                    .append(true)
                    .create(true)
                    .open(log_file(data_dir))
                    .unwrap(),
            )
            .spawn()
            .unwrap();
        Self {
            process,
            url: String::new(),
            output: Vec::new(),
        }
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A client without credentials.
    pub fn client(&self) -> Client {
        Client::anonymous(&self.url)
    }

    /// What the server printed while it started.
    pub fn output(&self) -> &[String] {
        &self.output
    }

    /// The API key that a first start prints.
    pub fn printed_key(&self) -> Option<&str> {
        self.output
            .iter()
            .find_map(|line| line.trim_start().strip_prefix("API key"))
            .map(str::trim)
    }

    /// Ends the process as a power cut would: no signal handler runs, no buffer is flushed.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks the process to stop and waits until it did so in good order.
    pub fn stop(mut self) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        let status = self.process.wait().unwrap();
        assert!(
            status.success(),
            "the server ended with {status} after being asked to stop"
        );
    }

    fn wait_until_it_listens(&mut self) -> Result<(), String> {
        let lines = lines_of(self.process.stdout.take().unwrap());
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let url = line.strip_prefix("Tariff is listening on ").map(str::to_owned);
                    self.output.push(line);
                    if let Some(url) = url {
                        self.url = url;
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Err("the server did not start in time".to_owned()),
                Err(RecvTimeoutError::Disconnected) => {
                    let status = self.process.wait().map_err(|error| error.to_string())?;
                    return Err(format!("the server ended with {status} instead of listening"));
                }
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where the server's own log goes.
fn log_file(data_dir: &Path) -> PathBuf {
    data_dir.join("server.log")
}

/// Reads lines in the background for as long as the process lives, so that its output never blocks it.
fn lines_of(output: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            // Nobody listens any more once the server is up.
            let _ = sender.send(line);
        }
    });
    receiver
}
