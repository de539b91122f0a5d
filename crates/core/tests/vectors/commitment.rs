//! `commitment.json`.

use serde_json::Value;

use crate::support::{Case, Failure, run_each, unknown};

pub fn run(cases: &[Case]) -> Vec<Failure> {
    run_each(cases, "operation", calculate)
}

fn calculate(kind: &str, _given: &Value) -> Result<Value, String> {
    unknown(kind)
}
