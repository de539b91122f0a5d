//! Reading property values: `num` and `text` (spec 02 §4.3).
//!
//! Values are read from the JSON text itself, so that a number keeps every digit it was sent with and an event's
//! untouched properties cost nothing.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::scan;
use crate::Decimal;

/// The properties of an event are not a JSON object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("properties are not a JSON object")]
pub struct InvalidProperties;

/// The top-level properties of one event. A key such as `a.b` is literal; nested values cannot be addressed.
#[derive(Debug, Default)]
pub struct Properties<'a>(Source<'a>);

#[derive(Debug)]
enum Source<'a> {
    /// All entries, in order.
    Entries(Vec<(Cow<'a, str>, &'a RawValue)>),
    /// The text of an object that was checked before, searched anew for each key.
    Text(&'a str),
}

impl Default for Source<'_> {
    fn default() -> Self {
        Self::Entries(Vec::new())
    }
}

impl<'a> Properties<'a> {
    /// Reads a JSON object (or `null`, which has no properties).
    ///
    /// # Errors
    /// [`InvalidProperties`] for any other JSON value and for text that is no JSON.
    pub fn parse(json: &'a str) -> Result<Self, InvalidProperties> {
        let parsed: Option<Self> = serde_json::from_str(json).map_err(|_| InvalidProperties)?;
        Ok(parsed.unwrap_or_default())
    }

    /// The properties of a stored event: text that [`Properties::parse`] accepted when the event was taken in. A question
    /// asks each of many events for a key or two, so nothing but those is looked at.
    ///
    /// # Errors
    /// [`InvalidProperties`] when the text is obviously not what `parse` accepts; it is not checked whole.
    pub fn stored(json: &'a str) -> Result<Self, InvalidProperties> {
        match json.trim_start().as_bytes().first() {
            Some(b'{') => Ok(Self(Source::Text(json))),
            Some(_) | None => Self::parse(json),
        }
    }

    /// The value under `key`; the last one if the object repeats the key.
    #[must_use]
    pub fn get(&self, key: &str) -> PropertyValue<'a> {
        let json = match &self.0 {
            Source::Entries(entries) => last_entry(entries, key),
            Source::Text(json) => match scan::find(json, key) {
                Ok(found) => found,
                // Texts that the quick search does not know how to read are read by the book.
                Err(scan::Unusual) => match Self::parse(json) {
                    Ok(Self(Source::Entries(entries))) => last_entry(&entries, key),
                    Ok(Self(Source::Text(_))) | Err(InvalidProperties) => None,
                },
            },
        };
        PropertyValue { json }
    }
}

fn last_entry<'a>(entries: &[(Cow<'a, str>, &'a RawValue)], key: &str) -> Option<&'a str> {
    let found = entries.iter().rev().find(|(name, _)| name == key);
    found.map(|(_, value)| value.get())
}

/// The first top-level key whose value is a JSON number beyond the range that decimals accept from outside
/// ([`crate::decimal::INPUT_SCALE_MAX`], [`crate::decimal::INPUT_CHARS_MAX`]). Ingestion refuses it: it could not be
/// counted exactly, and counting it as zero would lose it silently.
#[must_use]
pub fn number_out_of_range(json: &str) -> Option<String> {
    if !may_exceed_range(json.as_bytes()) {
        return None;
    }
    let properties = Properties::parse(json).ok()?;
    let exceeds = |value: &RawValue| {
        let text = value.get();
        text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) && text.parse::<Decimal>().is_err()
    };
    let Properties(Source::Entries(entries)) = properties else {
        return None;
    };
    let found = entries.iter().find(|(_, value)| exceeds(value));
    found.map(|(key, _)| key.clone().into_owned())
}

/// Whether some digits stand before an exponent, or too many in a row; almost no event needs the closer look.
fn may_exceed_range(json: &[u8]) -> bool {
    const DIGITS_IN_A_ROW_MAX: usize = 60;
    let mut digits = 0;
    json.iter().any(|byte| {
        let before = digits;
        digits = if byte.is_ascii_digit() { before + 1 } else { 0 };
        before >= DIGITS_IN_A_ROW_MAX || (before > 0 && matches!(byte, b'e' | b'E'))
    })
}

impl<'de> Deserialize<'de> for Properties<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PropertiesVisitor)
    }
}

struct PropertiesVisitor;

impl<'de> Visitor<'de> for PropertiesVisitor {
    type Value = Properties<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::with_capacity(map.size_hint().unwrap_or(8));
        while let Some((BorrowedKey(key), value)) = map.next_entry::<BorrowedKey<'de>, &'de RawValue>()? {
            entries.push((key, value));
        }
        Ok(Properties(Source::Entries(entries)))
    }
}

/// A key that stays borrowed unless it contains escapes.
#[derive(serde::Deserialize)]
struct BorrowedKey<'a>(#[serde(borrow)] Cow<'a, str>);

/// One property of one event, possibly absent.
#[derive(Debug, Clone, Copy)]
pub struct PropertyValue<'a> {
    json: Option<&'a str>,
}

impl<'a> PropertyValue<'a> {
    /// `num(v)`: the exact number, or zero when the value is no number (spec 02 §4.3).
    ///
    /// A text that spells a number beyond [`crate::decimal::INPUT_SCALE_MAX`] is no usable quantity and also reads as
    /// zero; JSON numbers of that size are refused at ingestion, see [`number_out_of_range`].
    #[must_use]
    pub fn num(self) -> Decimal {
        self.number().unwrap_or_default()
    }

    /// The number this value holds by the grammar of spec 02 §4.3, if it holds one.
    fn number(self) -> Option<Decimal> {
        let json = self.json?;
        match json.as_bytes().first()? {
            b'"' => decimal(&unquote(json)?),
            b'-' | b'0'..=b'9' => decimal(json),
            _ => None,
        }
    }

    /// The value as an expression sees it: absent is zero, blanks around a numeric string are allowed, anything that is
    /// no number is `None` (spec 02 §4.5). The text is a valid number but may lie beyond the range of a double.
    pub(super) fn expression_number(self) -> Option<Cow<'a, str>> {
        let Some(json) = self.json else {
            return Some(Cow::Borrowed("0"));
        };
        match json.as_bytes().first()? {
            b'"' => {
                let text = unquote(json)?;
                let trimmed = text.trim();
                is_number(trimmed).then(|| Cow::Owned(trimmed.to_owned()))
            }
            b'-' | b'0'..=b'9' => Some(Cow::Borrowed(json)),
            _ => None,
        }
    }

    /// `text(v)`: the value as filters, distinct counts and groups compare it; absent and null are `None`
    /// (spec 02 §4.3).
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        let json = self.json?;
        match json.as_bytes().first()? {
            b'"' => unquote(json),
            b'n' => None,
            b't' | b'f' => Some(Cow::Borrowed(json)),
            b'{' | b'[' => Some(Cow::Owned(compact(json))),
            // A number too large to write out plainly is compared as it was sent.
            _ => Some(
                json.parse::<Decimal>()
                    .map_or(Cow::Borrowed(json), |number| Cow::Owned(number.to_string())),
            ),
        }
    }
}

/// The number a text spells, with a short cut for the small numbers that most events carry.
fn decimal(text: &str) -> Option<Decimal> {
    small_decimal(text).or_else(|| text.parse().ok())
}

/// Numbers of at most eighteen digits, without sign and exponent.
fn small_decimal(text: &str) -> Option<Decimal> {
    const CHARS_MAX: usize = 18;
    if text.len() > CHARS_MAX {
        return None;
    }
    let (mut mantissa, mut point) = (0_i64, None);
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(position),
            _ => return None,
        }
    }
    let Some(point) = point else {
        return (!text.is_empty()).then(|| Decimal::from(mantissa));
    };
    let fraction_digits = u32::try_from(text.len() - point - 1).ok()?;
    // A point needs a digit on one of its sides.
    (text.len() > 1).then(|| Decimal::new(mantissa.into(), fraction_digits))
}

/// Whether `text` follows `[+-]?(digits[.digits?] | .digits)([eE][+-]?digits)?`.
fn is_number(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    digits(whole)
        && digits(fraction)
        && digits(exponent)
        && !exponent.is_empty()
        && !(whole.is_empty() && fraction.is_empty())
}

/// The content of a JSON string literal, borrowed when it has no escapes.
fn unquote(json: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<BorrowedKey<'_>>(json)
        .ok()
        .map(|BorrowedKey(text)| text)
}

/// JSON without the blanks between its tokens.
fn compact(json: &str) -> String {
    let (mut in_string, mut escaped) = (false, false);
    json.chars()
        .filter(|&character| {
            let keep = in_string || !character.is_ascii_whitespace();
            if in_string {
                in_string = escaped || character != '"';
                escaped = !escaped && character == '\\';
            } else {
                in_string = character == '"';
            }
            keep
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_beyond_the_range_are_found() {
        let digits = "9".repeat(129);
        for (json, key) in [
            (r#"{"a":1,"b":1e101}"#.to_owned(), Some("b")),
            (r#"{"a":-1E-101}"#.to_owned(), Some("a")),
            (format!(r#"{{"a":{digits}}}"#), Some("a")),
            (
                r#"{"a":1e100,"b":123.456,"c":"1e999","d":"deadbeef1e5"}"#.to_owned(),
                None,
            ),
            (format!(r#"{{"a":"{digits}"}}"#), None),
        ] {
            assert_eq!(number_out_of_range(&json).as_deref(), key, "{json}");
        }
    }

    fn num(json: &str) -> String {
        let object = format!("{{\"v\":{json}}}");
        Properties::parse(&object).unwrap().get("v").num().to_string()
    }

    fn text(json: &str) -> Option<String> {
        let object = format!("{{\"v\": {json} }}");
        let properties = Properties::parse(&object).unwrap();
        properties.get("v").text().map(Cow::into_owned)
    }

    #[test]
    fn stored_properties_read_as_parsed_ones() {
        for json in [
            "{}",
            " { } ",
            "null",
            r#"{"v":1}"#,
            r#"{ "a" : "x" , "v" : -1.5e3 , "b":null}"#,
            r#"{"v":1,"v":{"v":[1,"]}"]}, "w":true}"#,
            r#"{"a":{"v":2},"b":[{"v":3}]}"#,
            r#"{"\u0076":"escaped key"}"#,
            r#"{"a":"\"v\":1","v":"quo\"te\\"}"#,
            "{\n\t\"v\"\r:\n\"\u{1F600}\"}",
            r#"{"v":[]}"#,
            r#"{"":5,"v":""}"#,
        ] {
            let (stored, parsed) = (Properties::stored(json).unwrap(), Properties::parse(json).unwrap());
            for key in ["v", "w", "a", "b", "", "absent", "escaped key"] {
                assert_eq!(stored.get(key).json, parsed.get(key).json, "{key:?} of {json}");
            }
        }
        for json in ["", "[]", "1", "\"v\"", "{"] {
            assert_eq!(
                Properties::stored(json)
                    .ok()
                    .and_then(|properties| properties.get("v").json),
                None
            );
        }
    }

    #[test]
    fn the_short_cut_reads_as_the_long_way() {
        for text in [
            "",
            ".",
            "0",
            "5.",
            ".5",
            "1.50",
            "00012",
            "1..2",
            "1.2.3",
            "-1",
            "+1",
            "1e2",
            "123456789012345678",
            "12345678901234567.",
            "1234567890123456789",
            "0.00000000000001",
            "a",
            "١",
        ] {
            assert_eq!(decimal(text), text.parse().ok(), "{text:?}");
        }
    }

    #[test]
    fn numbers_keep_every_digit() {
        for (json, expected) in [
            ("0.1", "0.1"),
            (
                "123456789012345678901234567890.000000000000000001",
                "123456789012345678901234567890.000000000000000001",
            ),
            ("1e2", "100"),
            ("-4", "-4"),
            ("\"1e2\"", "100"),
            ("\"+5\"", "5"),
            ("\".5\"", "0.5"),
            ("\"5.\"", "5"),
            ("\"-0\"", "0"),
        ] {
            assert_eq!(num(json), expected, "{json}");
        }
    }

    #[test]
    fn what_is_no_number_is_zero() {
        for json in [
            "\" 42\"",
            "\"1,000\"",
            "\"0x10\"",
            "\"NaN\"",
            "\"\"",
            "null",
            "true",
            "[1]",
            "{\"a\":1}",
            "1e9999",
        ] {
            assert_eq!(num(json), "0", "{json}");
        }
        assert_eq!(Properties::parse("{}").unwrap().get("v").num(), Decimal::zero());
    }

    #[test]
    fn text_is_the_shortest_plain_form() {
        for (json, expected) in [
            ("1.0", "1"),
            ("1500000", "1500000"),
            ("1.5e+06", "1500000"),
            ("0.50", "0.5"),
            ("7", "7"),
            ("\"7\"", "7"),
            ("\"1.0\"", "1.0"),
            ("true", "true"),
            ("\"a\\\"b\"", "a\"b"),
            ("[1, \"a b\\\" c\", {\"k\": 2}]", "[1,\"a b\\\" c\",{\"k\":2}]"),
            ("\"\"", ""),
        ] {
            assert_eq!(text(json).as_deref(), Some(expected), "{json}");
        }
        assert_eq!(text("null"), None);
    }

    #[test]
    fn keys_are_literal_and_the_last_one_wins() {
        let properties = Properties::parse("{\"a.b\":1,\"a\":{\"b\":2},\"v\":1,\"v\":3}").unwrap();
        assert_eq!(properties.get("a.b").num(), Decimal::one());
        assert_eq!(properties.get("v").num(), Decimal::from(3));
        assert!(Properties::parse("[1]").is_err());
        assert!(Properties::parse("null").unwrap().get("v").text().is_none());
    }
}
