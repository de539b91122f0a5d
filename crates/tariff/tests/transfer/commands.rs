//! The commands as a user runs them.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::server::{PROGRAM, Server};
use crate::support::tenant::Tenant;

/// A server, and the key of one of its environments.
pub struct Access<'a> {
    pub url: &'a str,
    pub key: &'a str,
}

impl<'a> Access<'a> {
    pub fn of(server: &'a Server, tenant: &'a Tenant) -> Self {
        Self {
            url: server.url(),
            key: tenant.key(),
        }
    }

    /// `tariff` with these arguments, and the server in the environment.
    pub fn command(&self, arguments: &[&str], file: &Path) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .arg(file)
            .env("TARIFF_URL", self.url)
            .env("TARIFF_API_KEY", self.key)
            .env("NO_PROXY", "127.0.0.1")
            .env_remove("TARIFF_ENVIRONMENT_ID")
            .stdin(Stdio::null());
        command
    }

    /// Runs an import to its end.
    pub fn import(&self, file: &Path, options: &[&str]) -> Output {
        self.command(&["import", "events"], file)
            .args(options)
            .output()
            .unwrap()
    }

    /// Starts an import.
    pub fn start_import(&self, file: &Path) -> Child {
        let mut command = self.command(&["import", "events"], file);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Exports everything to `file`.
    #[track_caller]
    pub fn export(&self, file: &Path) {
        expect_success(&self.command(&["export", "events"], file).output().unwrap());
    }

    /// Everything that the environment holds, a line an event, sorted.
    #[track_caller]
    pub fn lines(&self) -> Vec<String> {
        let mut command = self.command(&["export", "events", "--format", "jsonl"], Path::new("-"));
        let output = command.output().unwrap();
        expect_success(&output);
        let mut lines: Vec<_> = text(&output.stdout).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

#[track_caller]
pub fn expect_success(output: &Output) {
    assert!(
        output.status.success(),
        "{}: {}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
}

#[track_caller]
pub fn expect_failure(output: &Output, reason: &str) {
    let told = text(&output.stderr);
    assert!(
        output.status.code() == Some(1) && told.contains(reason),
        "{}: {told}",
        output.status
    );
}

pub fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// The numbers of the summary: rows, imported (or valid), rejected.
#[track_caller]
pub fn summary(output: &Output) -> [u64; 3] {
    let told = text(&output.stdout);
    ["Rows", "Imported", "Rejected"].map(|word| {
        let line = told
            .lines()
            .find(|line| line.starts_with(&format!("{word} ")) || (word == "Imported" && line.starts_with("Valid ")));
        let number = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        number.unwrap_or_else(|| panic!("no number of {word} in {told}{}", text(&output.stderr)))
    })
}

/// The rows of a CSV file, without its header.
pub fn table(file: &Path) -> Vec<Vec<String>> {
    let mut rows = csv::Reader::from_path(file).unwrap();
    rows.records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect()
}

/// Names of the files beside `file`, itself included.
pub fn neighbours(file: &Path) -> Vec<String> {
    let name = |name: &OsStr| name.to_string_lossy().into_owned();
    let mut names: Vec<_> = fs::read_dir(file.parent().unwrap())
        .unwrap()
        .map(|entry| name(&entry.unwrap().file_name()))
        .collect();
    names.sort();
    names
}

/// How many events the environment holds.
pub fn count(api: &Client) -> u64 {
    let question = json!({ "start_time": "0001-01-02T00:00:00Z", "end_time": "9999-12-30T00:00:00Z", "page_size": 1 });
    let page = api.post("/v1/events/query", &question).expect(200);
    page.get("total_count").and_then(Value::as_u64).unwrap_or_default()
}
