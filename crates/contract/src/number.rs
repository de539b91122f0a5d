//! Decimals that the contract writes as JSON numbers instead of strings (spec 01 A7).

use std::fmt;

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};
use tariff_core::Decimal;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

/// A decimal that goes out as a JSON number, digit by digit. In: number or string, like any decimal.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JsonNumber(pub Decimal);

impl JsonNumber {
    /// Whether it is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }
}

impl From<Decimal> for JsonNumber {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl From<JsonNumber> for Decimal {
    fn from(value: JsonNumber) -> Self {
        value.0
    }
}

impl fmt::Debug for JsonNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl Serialize for JsonNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The plain notation of a decimal is a JSON number, so that no digit is lost to a binary double here.
        let number: serde_json::Number = self.0.to_plain_string().parse().map_err(serde::ser::Error::custom)?;
        number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for JsonNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Decimal::deserialize(deserializer).map(Self).map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for JsonNumber {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Number).into()
    }
}

impl utoipa::ToSchema for JsonNumber {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_a_number_on_the_wire() {
        for (input, output) in [("\"1.50\"", "1.5"), ("-0.25", "-0.25"), ("1e3", "1000"), ("0", "0")] {
            let number: JsonNumber = serde_json::from_str(input).unwrap();
            assert_eq!(serde_json::to_string(&number).unwrap(), output, "{input}");
        }
    }
}
