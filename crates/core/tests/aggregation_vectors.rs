//! Every aggregation vector through the pure functions.

#![allow(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

#[path = "vectors/aggregation.rs"]
mod aggregation;

#[test]
fn every_vector_holds() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../vectors/aggregation.json");
    let cases: Vec<serde_json::Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let outcomes = aggregation::run(&cases);
    let failures: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome.is_err()).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!(outcomes.len(), 71);
}
