//! Waiting for background workflows.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::{Client, text};

/// Longest wait; a killed worker's lease is over long before.
const DONE_TIMEOUT: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(20);

/// Waits until a workflow is closed, and returns its details. `started` is the answer that started it.
#[track_caller]
pub fn closed(api: &Client, started: &Value) -> Value {
    let path = path(started);
    let deadline = Instant::now() + DONE_TIMEOUT;
    loop {
        let details = api.get(&path).expect(200);
        if details["status"] != "Running" {
            return details;
        }
        assert!(Instant::now() < deadline, "not closed in time: {details}");
        thread::sleep(LOOK);
    }
}

/// Waits until a workflow has completed, and returns its result.
#[track_caller]
pub fn completed(api: &Client, started: &Value) -> Value {
    let details = closed(api, started);
    assert_eq!(details["status"], "Completed", "{details}");
    details["result"].clone()
}

/// Where a workflow is read.
pub fn path(started: &Value) -> String {
    format!(
        "/v1/workflows/{}/{}",
        text(started, "/workflow_id"),
        text(started, "/run_id")
    )
}
