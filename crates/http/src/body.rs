//! Reading and decoding request bodies (spec 01 A1).

use axum::body::{Body, Bytes};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tariff_contract::error::ApiError;

/// Largest body of an ingestion route, in bytes.
pub(crate) const INGESTION_BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Largest body of every other route, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How much of an oversized body is read and thrown away, so that the client gets to read the refusal.
const DISCARD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The whole body.
///
/// # Errors
/// `validation_error` over the limit, or when the client stops sending.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    let mut stream = body.into_data_stream();
    let mut collected = Vec::new();
    let mut received = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| ApiError::validation("The request body was cut off").caused_by(error))?;
        received = received.saturating_add(chunk.len());
        if received <= bytes_max {
            collected.extend_from_slice(&chunk);
        } else if received > DISCARD_BYTES_MAX {
            break;
        }
    }
    if received > bytes_max {
        return Err(too_large(bytes_max));
    }
    Ok(collected.into())
}

fn too_large(bytes_max: usize) -> ApiError {
    let hint = if bytes_max == INGESTION_BODY_BYTES_MAX {
        "; split the batch into smaller requests"
    } else {
        ""
    };
    ApiError::validation(format!("The request body is larger than {bytes_max} bytes{hint}"))
        .detail("bytes_max", bytes_max)
}

/// The body as `T`.
///
/// # Errors
/// `validation_error` without details for malformed JSON and wrong types.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if contains_nul_escape(body) {
        let value: Value = serde_json::from_slice(body).map_err(invalid_format)?;
        if has_nul(&value) {
            return Err(ApiError::validation("Text must not contain the character U+0000"));
        }
    }
    match serde_json::from_slice(body) {
        Ok(decoded) => Ok(decoded),
        // A duplicate member is not an error: the last one wins, as in a map.
        Err(error) => match serde_json::from_slice::<Value>(body).and_then(serde_json::from_value) {
            Ok(decoded) => Ok(decoded),
            Err(_) => Err(invalid_format(error)),
        },
    }
}

fn invalid_format(error: serde_json::Error) -> ApiError {
    ApiError::validation("Invalid request format").caused_by(error)
}

fn contains_nul_escape(body: &[u8]) -> bool {
    body.windows(6).any(|window| window == b"\\u0000")
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| name.contains('\0') || has_nul(member)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Named {
        name: Option<String>,
    }

    #[test]
    fn the_last_duplicate_member_wins() {
        assert_eq!(
            decode::<Named>(br#"{"name":"a","name":"b"}"#).unwrap(),
            Named {
                name: Some("b".to_owned())
            }
        );
    }

    #[test]
    fn refuses_what_is_no_json_object_of_the_type() {
        for body in [
            "",
            "{",
            "[]",
            "\"x\"",
            "1",
            "{\"name\":1}",
            "{} x",
            "{\"name\":\"a\\u0000\"}",
        ] {
            assert!(decode::<Named>(body.as_bytes()).is_err(), "{body}");
        }
    }

    #[test]
    fn an_escaped_backslash_before_u0000_is_text() {
        let decoded = decode::<Named>(br#"{"name":"\\u0000"}"#).unwrap();
        assert_eq!(decoded.name.as_deref(), Some("\\u0000"));
    }
}
