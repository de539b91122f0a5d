//! Decoding of JSON bodies, and serde helpers for members that clients write loosely (spec 01 A1).

use std::borrow::Cow;
use std::str::FromStr;

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::ApiError;

/// The message of a body that is not JSON, or whose members have wrong types.
pub const INVALID_FORMAT_MESSAGE: &str = "Invalid request format";

/// Decodes a request body: one JSON object, unknown members ignored, the last of duplicate members wins.
///
/// # Errors
/// `validation_error` on malformed or empty input, another top-level type, wrong member types, a second value after the
/// first, and NUL characters inside strings, which no storage keeps.
pub fn decode_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let invalid = |source: serde_json::Error| ApiError::validation(INVALID_FORMAT_MESSAGE).caused_by(source);
    // Derived decoders would also read an array as the members in order.
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') {
        return Err(ApiError::validation(INVALID_FORMAT_MESSAGE));
    }
    // Skipped members are not looked at by the decoder, yet the whole body must be text.
    let text =
        std::str::from_utf8(body).map_err(|source| ApiError::validation(INVALID_FORMAT_MESSAGE).caused_by(source))?;
    if may_contain_nul(body) {
        let value: Value = serde_json::from_str(text).map_err(invalid)?;
        if contains_nul(&value) {
            return Err(ApiError::validation("The request contains a NUL character"));
        }
    }
    serde_json::from_str(text).or_else(|_| {
        // Derived decoders refuse duplicate members; a map of values keeps the last one.
        let value: Value = serde_json::from_str(text).map_err(invalid)?;
        serde_json::from_value(value).map_err(invalid)
    })
}

/// Whether the escape of NUL stands anywhere; possibly itself escaped, so this only decides whether to look closer.
fn may_contain_nul(body: &[u8]) -> bool {
    memchr::memmem::find(body, b"\\u0000").is_some()
}

fn contains_nul(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(contains_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || contains_nul(value)),
    }
}

/// Reads an optional word whose empty form counts as absent: generated clients send `""` for an enum left unset.
/// Use as `#[serde(deserialize_with = "crate::wire::blank_as_none")]`.
///
/// # Errors
/// When the text is neither empty nor a known word.
pub fn blank_as_none<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: std::fmt::Display,
{
    match <Option<Cow<'de, str>>>::deserialize(deserializer)? {
        None => Ok(None),
        Some(word) if word.is_empty() => Ok(None),
        Some(word) => word.parse().map(Some).map_err(D::Error::custom),
    }
}

/// Like [`blank_as_none`], in any letter case, for words that the contract spells in capitals.
///
/// # Errors
/// When the text is neither empty nor a known word.
pub fn blank_as_none_upper<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: std::fmt::Display,
{
    match <Option<Cow<'de, str>>>::deserialize(deserializer)? {
        None => Ok(None),
        Some(word) if word.is_empty() => Ok(None),
        Some(word) => word.to_uppercase().parse().map(Some).map_err(D::Error::custom),
    }
}

/// Tells a member that is null from one that is absent, for the few where null means something. Use with
/// `#[serde(default, deserialize_with = "crate::wire::present")]`.
///
/// # Errors
/// Those of the member itself.
pub fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Gives the members of an object the names of `names` that they have but for letter case. Others are left alone.
#[must_use]
pub fn with_names(value: Value, names: &[&str]) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let named = |name: String| {
        let known = names.iter().find(|known| known.eq_ignore_ascii_case(&name));
        known.map_or(name, |known| (*known).to_owned())
    };
    Value::Object(members.into_iter().map(|(name, value)| (named(name), value)).collect())
}

/// Implements `Deserialize` and `Serialize` for types that derive them with `#[serde(remote = "Self")]`, so that the names
/// of their members are read in any letter case.
macro_rules! in_any_letter_case {
    ($($type:ty: $($name:literal),+;)+) => {$(
        impl<'de> ::serde::Deserialize<'de> for $type {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = <::serde_json::Value as ::serde::Deserialize>::deserialize(deserializer)?;
                let value = $crate::wire::with_names(value, &[$($name),+]);
                // The derived form, which is no trait's.
                <$type>::deserialize(value).map_err(::serde::de::Error::custom)
            }
        }

        impl ::serde::Serialize for $type {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                <$type>::serialize(self, serializer)
            }
        }
    )+};
}
pub(crate) use in_any_letter_case;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use tariff_core::Status;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sample {
        name: Option<String>,
        #[serde(deserialize_with = "blank_as_none")]
        status: Option<Status>,
    }

    fn sample(name: Option<&str>, status: Option<Status>) -> Sample {
        Sample {
            name: name.map(str::to_owned),
            status,
        }
    }

    #[test]
    fn reads_lenient_bodies() {
        for (body, expected) in [
            ("{}", sample(None, None)),
            (r#"{"name":null,"other":[1]}"#, sample(None, None)),
            (r#"{"name":"a","name":"b"}"#, sample(Some("b"), None)),
            (r#"{"status":""}"#, sample(None, None)),
            (r#"{"status":"archived"}"#, sample(None, Some(Status::Archived))),
            (r#"{"name":"\\u0000"}"#, sample(Some("\\u0000"), None)),
        ] {
            assert_eq!(decode_body::<Sample>(body.as_bytes()).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn refuses_what_is_no_request() {
        for body in [
            "",
            "null",
            "[\"a\"]",
            "\"a\"",
            "1",
            "{",
            r#"{"name":1}"#,
            r#"{"status":"gone"}"#,
            r#"{"name":"a\u0000b"}"#,
            r#"{"other":{"a\u0000":1}}"#,
            "{} {}",
        ] {
            let error = decode_body::<Sample>(body.as_bytes()).unwrap_err();
            assert_eq!(error.code, ErrorCode::ValidationError, "{body}");
        }
    }
}
