//! Line commitments among the pricing vectors.

use serde_json::Value;

pub fn plain(_given: &Value) -> Result<Value, String> {
    Err("line commitments are not calculated yet".to_owned())
}

pub fn windowed(_given: &Value) -> Result<Value, String> {
    Err("line commitments are not calculated yet".to_owned())
}

pub fn time_of_day(_given: &Value) -> Result<Value, String> {
    Err("line commitments are not calculated yet".to_owned())
}
