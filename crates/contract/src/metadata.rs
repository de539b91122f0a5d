//! The free string map of most resources, its decoding rule and its tax keys (spec 01 A1, A9).

use std::collections::BTreeMap;
use std::collections::btree_map;
use std::fmt;
use std::ops::{Deref, DerefMut};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::validate::FieldErrors;

/// A free map from string to string. A JSON `null` value reads as `""`; numbers, booleans, objects and arrays as
/// values are refused (spec 01 A1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(pub BTreeMap<String, String>);

impl Metadata {
    /// Checks the keys `gstin`, `pan` and `hsn_sac` (spec 01 A9); each failure is reported under `metadata.<key>`.
    pub fn check_tax_keys(&self, errors: &mut FieldErrors) {
        let normalized = |key: &str| {
            let value = self.get(key).map(|value| value.trim().to_uppercase());
            value.filter(|value| !value.is_empty())
        };
        let gstin = normalized("gstin");
        if gstin.as_deref().is_some_and(|gstin| !is_gstin(gstin)) {
            errors.add("metadata.gstin", "is not a valid GSTIN");
        }
        if let Some(pan) = normalized("pan") {
            let embedded = gstin
                .as_deref()
                .filter(|gstin| is_gstin(gstin))
                .map(|gstin| &gstin[2..12]);
            if !fits(&pan, PAN_SHAPE) {
                errors.add("metadata.pan", "is not a valid PAN");
            } else if embedded.is_some_and(|embedded| embedded != pan) {
                errors.add("metadata.pan", "must equal characters 3 to 12 of the GSTIN");
            }
        }
        if let Some(code) = normalized("hsn_sac") {
            let digits = code.bytes().all(|byte| byte.is_ascii_digit());
            if !digits || !matches!(code.len(), 4 | 6 | 8) {
                errors.add("metadata.hsn_sac", "must have exactly 4, 6 or 8 digits");
            }
        }
    }
}

/// Shape of a permanent account number: `A` letter, `0` digit.
const PAN_SHAPE: &str = "AAAAA0000A";

/// Shape of a GST identification number: state code, PAN, entity, `Z`, check character; `X` letter or digit.
const GSTIN_SHAPE: &str = "00AAAAA0000AXZX";

fn is_gstin(text: &str) -> bool {
    fits(text, GSTIN_SHAPE)
}

fn fits(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && shape.bytes().zip(text.bytes()).all(|(shape, byte)| match shape {
            b'0' => byte.is_ascii_digit(),
            b'A' => byte.is_ascii_uppercase(),
            b'X' => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            literal => byte == literal,
        })
}

impl Deref for Metadata {
    type Target = BTreeMap<String, String>;
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Metadata {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl From<BTreeMap<String, String>> for Metadata {
    fn from(map: BTreeMap<String, String>) -> Self {
        Self(map)
    }
}

impl From<Metadata> for BTreeMap<String, String> {
    fn from(metadata: Metadata) -> Self {
        metadata.0
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}

impl IntoIterator for Metadata {
    type Item = (String, String);
    type IntoIter = btree_map::IntoIter<String, String>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = Metadata;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object whose values are strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Metadata, A::Error> {
                let mut map = BTreeMap::new();
                while let Some((key, value)) = pairs.next_entry::<String, Option<String>>()? {
                    map.insert(key, value.unwrap_or_default());
                }
                Ok(Metadata(map))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

impl utoipa::PartialSchema for Metadata {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .additional_properties(Some(ObjectBuilder::new().schema_type(Type::String)))
            .into()
    }
}

impl utoipa::ToSchema for Metadata {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_values_read_as_empty_and_other_types_are_refused() {
        let metadata: Metadata = serde_json::from_str(r#"{"a":"1","b":null}"#).unwrap();
        assert_eq!(metadata, Metadata::from_iter([("a", "1"), ("b", "")]));
        for text in [
            r#"{"a":1}"#,
            r#"{"a":true}"#,
            r#"{"a":{}}"#,
            r#"{"a":[]}"#,
            "[]",
            "\"a\"",
        ] {
            assert!(serde_json::from_str::<Metadata>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tax_keys_follow_their_shapes() {
        /// The pairs of a map, and the fields that fail.
        type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);
        let table: [Case; 14] = [
            (&[("gstin", "27AAMCM4148E1ZD")], &[]),
            (&[("gstin", " 27aamcm4148e1zd ")], &[]),
            (&[("gstin", "")], &[]),
            (&[("gstin", "27AAMCM4148E1XD")], &["metadata.gstin"]),
            (&[("gstin", "27AAMCM4148E1Z")], &["metadata.gstin"]),
            (&[("gstin", "A7AAMCM4148E1ZD")], &["metadata.gstin"]),
            (&[("pan", "AAMCM4148E")], &[]),
            (&[("pan", "AAMC14148E")], &["metadata.pan"]),
            (&[("gstin", "27AAMCM4148E1ZD"), ("pan", "aamcm4148e")], &[]),
            (
                &[("gstin", "27AAMCM4148E1ZD"), ("pan", "AAMCM4148F")],
                &["metadata.pan"],
            ),
            (&[("gstin", "bad"), ("pan", "AAMCM4148F")], &["metadata.gstin"]),
            (&[("hsn_sac", " 998313 ")], &[]),
            (&[("hsn_sac", "99831")], &["metadata.hsn_sac"]),
            (&[("hsn_sac", "99831A")], &["metadata.hsn_sac"]),
        ];
        for (pairs, failed) in table {
            let mut errors = FieldErrors::new();
            Metadata::from_iter(pairs.iter().copied()).check_tax_keys(&mut errors);
            assert_eq!(errors.fields().collect::<Vec<_>>(), failed, "{pairs:?}");
        }
    }
}
