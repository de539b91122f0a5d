//! How much of the contract is served: `GET /openapi.json` against `contract/openapi.json`.
//!
//! Prints the figures and fails when one sinks below `contract/coverage.json`, which is raised by hand when they grow.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failed expectation is how a test reports"
)]

#[path = "contract/document.rs"]
mod document;
mod support;

use std::collections::BTreeSet;
use std::process::ExitCode;

use document::{Document, Part, agreeing_schemas, reached_schemas};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use support::client::Client;
use support::databases::{Database, Place, Test, run};

const CONTRACT: &str = include_str!("../../../contract/openapi.json");
const COVERAGE: &str = include_str!("../../../contract/coverage.json");

/// Operations and schemas of the contract that the server has; also the floor under them.
#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Coverage {
    operations: usize,
    request_schemas: usize,
    response_schemas: usize,
}

fn main() -> ExitCode {
    let tests: [Test; 2] = [
        ("coverage_does_not_sink", coverage_does_not_sink),
        ("routes_and_document_agree", routes_and_document_agree),
    ];
    run(Database::EMBEDDED, &tests)
}

fn served(place: &Place) -> Document {
    Document::new(place.server().client().get("/openapi.json").expect(200))
}

fn coverage_does_not_sink(place: &Place) {
    let contract = Document::new(serde_json::from_str(CONTRACT).unwrap());
    let served = served(place);
    let floor: Coverage = serde_json::from_str(COVERAGE).unwrap();
    let common: Vec<_> = contract.operations().into_iter().filter(|it| served.has(it)).collect();
    let requests = agreeing_schemas(&contract, &served, &common, Part::Request);
    let responses = agreeing_schemas(&contract, &served, &common, Part::Response);
    let coverage = Coverage {
        operations: common.len(),
        request_schemas: requests.agreeing,
        response_schemas: responses.agreeing,
    };
    println!(
        "Contract: {} of {} operations are served; {} of {} request schemas and {} of {} response schemas agree.",
        coverage.operations,
        contract.operations().len(),
        coverage.request_schemas,
        reached_schemas(&contract, Part::Request),
        coverage.response_schemas,
        reached_schemas(&contract, Part::Response),
    );
    for difference in requests.differences.iter().chain(&responses.differences) {
        println!("  differs: {difference}");
    }
    assert!(
        coverage.operations >= floor.operations
            && coverage.request_schemas >= floor.request_schemas
            && coverage.response_schemas >= floor.response_schemas,
        "the server covers {coverage:?} of the contract, less than contract/coverage.json says: {floor:?}"
    );
    if coverage != floor {
        println!("Coverage has grown; raise contract/coverage.json from {floor:?} to {coverage:?}.");
    }
}

/// Every documented operation has a route, and no operation of the contract has a route without being documented.
fn routes_and_document_agree(place: &Place) {
    let served = served(place);
    let client = place.server().client();
    let contract = Document::new(serde_json::from_str(CONTRACT).unwrap());
    let documented: BTreeSet<_> = served.operations().into_iter().collect();
    assert!(!documented.is_empty(), "the served document has no operations");
    let mut faults = Vec::new();
    for operation in documented.iter().cloned().chain(contract.operations()) {
        // Another template may catch the path, as `/v1/customers/{id}` catches `/v1/customers/usage`.
        if !served.has(&operation) && served.catches(&operation) {
            continue;
        }
        let has_route = has_route(&client, &operation);
        if has_route != served.has(&operation) {
            let (method, path) = &operation;
            let fault = if has_route {
                "is served but not documented"
            } else {
                "is documented but not served"
            };
            faults.push(format!("{method} {path} {fault}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Without credentials, so that nothing happens: a route refuses, and a path without a route is not found.
fn has_route(client: &Client, (method, path): &(String, String)) -> bool {
    let path: Vec<&str> = path
        .split('/')
        .map(|segment| if segment.starts_with('{') { "x" } else { segment })
        .collect();
    let method: Method = method.to_ascii_uppercase().parse().unwrap();
    let reply = client.raw(method, &path.join("/"), "application/json", json_bytes(&json!({})));
    !reply.is_no_route()
}

fn json_bytes(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}
