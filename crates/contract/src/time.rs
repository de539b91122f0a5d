//! Instants on the wire: RFC 3339, UTC, at most microseconds (spec 01 A7).

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::str::FromStr;

use jiff::tz::Offset;
use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, Serializer};
use tariff_core::Timestamp;
use tariff_core::clock::to_microseconds;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

/// An instant on the wire. Out: UTC with `Z`, at most six fractional digits without trailing zeros.
/// In: RFC 3339 with a zone; a date alone is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DateTime(pub Timestamp);

/// The text is not an RFC 3339 date-time with a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidDateTime;

impl fmt::Display for InvalidDateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("must be an RFC 3339 date-time with a zone")
    }
}

impl std::error::Error for InvalidDateTime {}

impl DateTime {
    /// The instant without its fraction of a second. Some resources answer whole seconds (spec 01 A7).
    #[must_use]
    pub fn whole_seconds(self) -> Self {
        // Every second of a valid instant is itself a valid instant.
        Self(Timestamp::from_second(self.0.as_second()).unwrap_or(self.0))
    }
}

impl From<Timestamp> for DateTime {
    fn from(instant: Timestamp) -> Self {
        Self(instant)
    }
}

impl From<DateTime> for Timestamp {
    fn from(instant: DateTime) -> Self {
        instant.0
    }
}

impl Deref for DateTime {
    type Target = Timestamp;
    fn deref(&self) -> &Timestamp {
        &self.0
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = to_microseconds(self.0);
        if instant.as_second() < YEAR_ZERO_SECOND {
            // RFC 3339 knows no negative years, yet an offset can put an instant a little before year zero.
            let offset = Offset::from_seconds(LARGEST_OFFSET_SECONDS).unwrap_or(Offset::UTC);
            return formatter.pad(&instant.display_with_offset(offset).to_string());
        }
        formatter.pad(&instant.to_string())
    }
}

impl FromStr for DateTime {
    type Err = InvalidDateTime;

    fn from_str(text: &str) -> Result<Self, InvalidDateTime> {
        let zone = rfc3339_zone_start(text.as_bytes()).ok_or(InvalidDateTime)?;
        let instant = match text.get(FRACTION_DIGITS_START + 9..zone) {
            // Digits beyond nanoseconds carry nothing that is kept.
            Some(_) => format!("{}{}", &text[..FRACTION_DIGITS_START + 9], &text[zone..]).parse(),
            None => text.parse(),
        };
        instant.map(Self).map_err(|_| InvalidDateTime)
    }
}

/// Unix second of `0000-01-01T00:00:00Z`.
const YEAR_ZERO_SECOND: i64 = -62_167_219_200;
/// The largest offset that is read, `+25:59`.
const LARGEST_OFFSET_SECONDS: i32 = (25 * 60 + 59) * 60;

/// Byte index at which the digits of a fraction start in `2024-01-31T12:00:00.5Z`.
const FRACTION_DIGITS_START: usize = 20;

/// Where the zone starts, if `text` has the strict shape `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`.
/// The date library alone would accept more: blanks, missing minutes, leap seconds, zone annotations.
fn rfc3339_zone_start(text: &[u8]) -> Option<usize> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let fits = |shape: &[u8], text: &[u8]| {
        shape.iter().zip(text).all(|(shape, byte)| {
            if *shape == b'0' {
                byte.is_ascii_digit()
            } else {
                shape == byte
            }
        })
    };
    let rest = text.get(SHAPE.len()..)?;
    if !fits(SHAPE, text) || &text[17..19] == b"60" {
        return None;
    }
    let fraction = match rest.strip_prefix(b".") {
        Some(digits) => {
            1 + digits
                .iter()
                .position(|byte| !byte.is_ascii_digit())
                .filter(|count| *count > 0)?
        }
        None => 0,
    };
    let zone = &rest[fraction..];
    let valid = zone == b"Z" || (zone.len() == 6 && (fits(b"+00:00", zone) || fits(b"-00:00", zone)));
    valid.then_some(SHAPE.len() + fraction)
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

/// Parses a text where it lies, without copying it first: batches of events hold a thousand instants.
struct TextVisitor<T>(PhantomData<T>);

impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&InvalidDateTime, formatter)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// The calendar day on which billing months start, taken from an instant as it was written: the day of its own offset,
/// not of UTC (spec 02 §4.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnchorDay {
    /// The instant.
    pub instant: DateTime,
    /// Day of the month, 1 to 31, as written.
    pub day: i8,
}

impl FromStr for AnchorDay {
    type Err = InvalidDateTime;

    fn from_str(text: &str) -> Result<Self, InvalidDateTime> {
        let instant = text.parse()?;
        let day = text
            .get(8..10)
            .and_then(|day| day.parse().ok())
            .ok_or(InvalidDateTime)?;
        Ok(Self { instant, day })
    }
}

impl Serialize for AnchorDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.instant.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AnchorDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor(PhantomData))
    }
}

impl utoipa::PartialSchema for DateTime {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for DateTime {}

/// Serde form of instants that are cut to whole seconds on the way out: environments, tenants, connections,
/// integration links (spec 01 A7). Use as `#[serde(with = "crate::time::seconds")]`.
pub mod seconds {
    use super::{DateTime, Deserialize, Deserializer, Serialize, Serializer};

    /// Writes the instant without its fraction of a second.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(instant: &DateTime, serializer: S) -> Result<S::Ok, S::Error> {
        instant.whole_seconds().serialize(serializer)
    }

    /// Reads any RFC 3339 instant with a zone.
    ///
    /// # Errors
    /// When the text is not one.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime, D::Error> {
        DateTime::deserialize(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_utc_with_the_shortest_fraction() {
        for (input, output) in [
            ("2024-01-31T12:00:00Z", "2024-01-31T12:00:00Z"),
            ("2024-01-31T12:00:00.500Z", "2024-01-31T12:00:00.5Z"),
            ("2024-01-31T12:00:00.123456789Z", "2024-01-31T12:00:00.123457Z"),
            ("2024-01-31T12:00:00.12345678901234Z", "2024-01-31T12:00:00.123457Z"),
            ("2024-01-31T12:00:00+05:30", "2024-01-31T06:30:00Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(input.parse::<DateTime>().unwrap().to_string(), output, "{input}");
        }
    }

    #[test]
    fn what_was_read_can_be_read_again() {
        for input in [
            "0000-01-01T00:00:00.5+25:59",
            "0000-01-01T00:00:00Z",
            "9999-12-30T22:00:00Z",
        ] {
            let instant: DateTime = input.parse().unwrap();
            assert_eq!(instant.to_string().parse(), Ok(instant), "{input}");
        }
    }

    #[test]
    fn refuses_what_is_not_rfc3339_with_zone() {
        for input in [
            "",
            "2024-01-31",
            "2024-01-31T12:00:00",
            "2024-01-31T12:00Z",
            "2024-01-31 12:00:00Z",
            "2024-01-31t12:00:00z",
            "2024-02-30T12:00:00Z",
            "2024-01-31T12:00:60Z",
            "2024-01-31T12:00:00.Z",
            "2024-01-31T12:00:00Z[UTC]",
            "2024-01-31T12:00:00+0530",
            "2024-01-31T12:00:00é1:00",
        ] {
            assert_eq!(input.parse::<DateTime>(), Err(InvalidDateTime), "{input}");
        }
    }

    #[test]
    fn whole_seconds_drop_the_fraction() {
        let instant: DateTime = "2024-01-31T12:00:00.999999Z".parse().unwrap();
        assert_eq!(instant.whole_seconds().to_string(), "2024-01-31T12:00:00Z");
    }
}
