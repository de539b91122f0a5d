//! Starts and stops the program that is measured.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;
use crate::http::Connection;
use crate::request::Head;

/// Longest wait for a start, which may have to read a long journal.
const START_WAIT_MAX: Duration = Duration::from_secs(600);
/// Longest wait for an orderly stop.
const STOP_WAIT_MAX: Duration = Duration::from_secs(300);
/// Time between two looks whether a process has ended.
const POLL: Duration = Duration::from_millis(2);

/// A running server. Dropping it kills it.
pub struct Server {
    process: Child,
    /// `HOST:PORT`.
    pub address: String,
    /// The key that a first start prints.
    pub printed_key: Option<String>,
    /// From the start of the process until it was ready.
    pub started_in: Duration,
}

impl Server {
    /// Starts the program on a data folder and any free port, and waits until it is ready.
    pub async fn start(program: &Path, data_dir: &Path, log: Option<&str>) -> Result<Self> {
        let begun = Instant::now();
        let log_path = log_path(data_dir);
        let mut command = Command::new(program);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(data_dir);
        for variable in ["DATABASE_URL", "TARIFF_DATABASE_URL", "TARIFF_CONFIG", "TARIFF_LOG"] {
            command.env_remove(variable);
        }
        if let Some(log) = log {
            command.env("TARIFF_LOG", log);
        }
        let process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::options().append(true).create(true).open(&log_path)?)
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let mut server = Self {
            process,
            address: String::new(),
            printed_key: None,
            started_in: Duration::ZERO,
        };
        server
            .wait_until_it_listens()
            .map_err(|reason| format!("{reason}; see {}", log_path.display()))?;
        server.wait_until_ready().await?;
        server.started_in = begun.elapsed();
        Ok(server)
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks the process to stop, and tells how long it took.
    pub fn stop(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        Command::new("kill").arg(self.process.id().to_string()).status()?;
        while self.process.try_wait()?.is_none() {
            if begun.elapsed() > STOP_WAIT_MAX {
                return Err("the server did not stop in time".into());
            }
            thread::sleep(POLL);
        }
        Ok(begun.elapsed())
    }

    /// Ends the process as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    fn wait_until_it_listens(&mut self) -> Result<()> {
        let output = self.process.stdout.take().ok_or("no output of the server")?;
        let lines = lines_of(output);
        let deadline = Instant::now() + START_WAIT_MAX;
        loop {
            match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    if let Some(key) = line.trim_start().strip_prefix("API key") {
                        self.printed_key = Some(key.trim().to_owned());
                    }
                    if let Some(url) = line.strip_prefix("Tariff is listening on http://") {
                        self.address = url.trim().to_owned();
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Err("the server did not start in time".into()),
                Err(RecvTimeoutError::Disconnected) => return Err("the server ended instead of listening".into()),
            }
        }
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let request = Head::new(&self.address, "").get("/ready");
        let deadline = Instant::now() + START_WAIT_MAX;
        let mut connection = Connection::open(&self.address).await?;
        while connection.send(&request).await?.status != 200 {
            if Instant::now() > deadline {
                return Err("the server did not become ready in time".into());
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where the server's log lines go: beside the data, so that they do not count as data.
pub fn log_path(data_dir: &Path) -> PathBuf {
    data_dir.with_extension("log")
}

/// Reads lines in the background for as long as the process lives, so that its output never blocks it.
fn lines_of(output: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(std::result::Result::ok) {
            // Nobody listens any more once the server is up.
            let _ = sender.send(line);
        }
    });
    receiver
}
