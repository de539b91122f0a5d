//! Cases, failures, and the comparison of what was expected with what came out.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tariff_core::{Decimal, Timestamp};

/// Digits to which decimals are compared, unless their field must match exactly.
const COMPARED_DIGITS: u32 = 18;

/// One vector.
#[derive(Debug, serde::Deserialize)]
pub struct Case {
    pub name: String,
    pub given: Value,
    pub expect: Value,
}

/// One case that did not come out as expected.
#[derive(Debug)]
pub struct Failure {
    case: String,
    expected: String,
    got: String,
}

impl Failure {
    pub fn new(case: &str, expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        Self {
            case: case.to_owned(),
            expected: expected.to_string(),
            got: got.to_string(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: expected {}, got {}", self.case, self.expected, self.got)
    }
}

/// Calculates each case with `calculate(kind, given)`, where `kind` is the text of `given[selector]`, and compares every
/// field of the expectation with the answer.
pub fn run_each(cases: &[Case], selector: &str, calculate: fn(&str, &Value) -> Result<Value, String>) -> Vec<Failure> {
    let mut failures = Vec::new();
    for case in cases {
        let kind = case.given[selector].as_str().unwrap_or_default();
        match calculate(kind, &case.given) {
            Ok(answer) => {
                if let Some((expected, got)) = difference("", &case.expect, &answer) {
                    failures.push(Failure::new(&case.name, expected, got));
                }
            }
            Err(error) => failures.push(Failure::new(&case.name, &case.expect, error)),
        }
    }
    failures
}

/// The answer to a kind or operation that no calculation covers.
pub fn unknown(kind: &str) -> Result<Value, String> {
    Err(format!("unknown kind or operation \"{kind}\""))
}

/// Reads `given` as the input of a calculation; fields the calculation does not know are an error.
pub fn input<T: DeserializeOwned>(given: &Value) -> Result<T, String> {
    serde_json::from_value(given.clone()).map_err(|error| format!("cannot read given: {error}"))
}

/// Any error as text.
pub fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

/// The first field that differs: its path with the expected value, and what was found.
fn difference(path: &str, expected: &Value, got: &Value) -> Option<(String, String)> {
    let here = || Some((format!("{path} = {expected}"), got.to_string()));
    match (expected, got) {
        // A map from ids to amounts has no further entries; an answer may have further fields.
        (Value::Object(fields), Value::Object(found)) if is_map(path) && fields.len() != found.len() => here(),
        (Value::Object(fields), Value::Object(_)) => fields
            .iter()
            .find_map(|(name, value)| difference(&format!("{path}.{name}"), value, &got[name])),
        (Value::Array(values), Value::Array(found)) => {
            if values.len() != found.len() {
                return here();
            }
            let mut pairs = values.iter().zip(found).enumerate();
            pairs.find_map(|(index, (value, found))| difference(&format!("{path}[{index}]"), value, found))
        }
        _ if expected == got || same_number(path, expected, got) || same_instant(expected, got) => None,
        _ => here(),
    }
}

/// Whether the keys under this path are ids.
fn is_map(path: &str) -> bool {
    [".wallet_debits", ".per_wallet", ".credits", ".failed"].contains(&path)
}

fn same_number(path: &str, expected: &Value, got: &Value) -> bool {
    let (Some(expected), Some(got)) = (number(expected), number(got)) else {
        return false;
    };
    let must_match_exactly = ["rounded", "discount", "tax", "total"]
        .iter()
        .any(|word| path.contains(word));
    if must_match_exactly {
        expected == got
    } else {
        expected.round(COMPARED_DIGITS) == got.round(COMPARED_DIGITS)
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

fn same_instant(expected: &Value, got: &Value) -> bool {
    let instant = |value: &Value| value.as_str().and_then(|text| text.parse::<Timestamp>().ok());
    instant(expected).is_some() && instant(expected) == instant(got)
}
