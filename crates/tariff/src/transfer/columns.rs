//! The columns of event tables, the same in CSV and Parquet (spec 02 §3.3), and how the cells of a row become an event.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;
use tariff_contract::DateTime;
use tariff_contract::events::IngestEventRequest;

use crate::AnyError;

/// The columns that an export writes, in their order.
pub const COLUMNS: [&str; 7] = [
    "event_id",
    "event_name",
    "external_customer_id",
    "customer_id",
    "timestamp",
    "source",
    "properties",
];
/// Most columns of a table that is imported.
pub const COLUMNS_MAX: usize = 1_000;

const PROPERTY_PREFIX: &str = "properties.";

/// What a column holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// The idempotency key.
    EventId,
    /// The name.
    EventName,
    /// Whose usage it is.
    ExternalCustomerId,
    /// Literal text.
    CustomerId,
    /// When it happened; empty means now.
    Timestamp,
    /// Where it comes from.
    Source,
    /// All properties, as a JSON object.
    Properties,
    /// The property of that name, as a text.
    Property(String),
    /// Nothing of an event.
    Unknown,
}

impl Column {
    fn named(name: &str) -> Self {
        match name {
            "event_id" => Self::EventId,
            "event_name" => Self::EventName,
            "external_customer_id" => Self::ExternalCustomerId,
            "customer_id" => Self::CustomerId,
            "timestamp" => Self::Timestamp,
            "source" => Self::Source,
            "properties" => Self::Properties,
            other => other
                .strip_prefix(PROPERTY_PREFIX)
                .map_or(Self::Unknown, |key| Self::Property(key.to_owned())),
        }
    }
}

/// What each column of a header holds.
///
/// # Errors
/// When a needed column is missing, a name stands twice, or there are more than [`COLUMNS_MAX`].
pub fn columns_of(names: &[&str]) -> Result<Vec<Column>, AnyError> {
    if names.len() > COLUMNS_MAX {
        return Err(format!("the file has more than {COLUMNS_MAX} columns").into());
    }
    let mut seen = BTreeSet::new();
    let mut unknown = Vec::new();
    let mut columns = Vec::with_capacity(names.len());
    for name in names.iter().map(|name| name.trim()) {
        let column = Column::named(name);
        if column == Column::Unknown {
            unknown.push(name);
        } else if !seen.insert(name) {
            return Err(format!("the file has two columns {name}").into());
        }
        columns.push(column);
    }
    for needed in ["event_name", "external_customer_id"] {
        if !seen.contains(needed) {
            return Err(format!("the file has no column {needed}").into());
        }
    }
    if !unknown.is_empty() {
        eprintln!(
            "Not imported, because events have no such member: {}",
            unknown.join(", ")
        );
    }
    Ok(columns)
}

/// The event of a row. A cell that is absent or empty says nothing, so that tables may be sparse.
///
/// # Errors
/// The reason why the cells are no event, for people.
pub fn event_of<'a>(
    cells: impl Iterator<Item = (&'a Column, Option<Cow<'a, str>>)>,
) -> Result<IngestEventRequest, String> {
    let mut event = IngestEventRequest::default();
    let mut single = BTreeMap::new();
    for (column, cell) in cells {
        let Some(cell) = cell.filter(|cell| !cell.is_empty()) else {
            continue;
        };
        match column {
            Column::EventId => event.event_id = Some(cell.into_owned()),
            Column::EventName => event.event_name = Some(cell.into_owned()),
            Column::ExternalCustomerId => event.external_customer_id = Some(cell.into_owned()),
            Column::CustomerId => event.customer_id = Some(cell.into_owned()),
            Column::Source => event.source = Some(cell.into_owned()),
            Column::Timestamp => event.timestamp = timestamp(&cell)?,
            Column::Properties => event.properties = object(cell.into_owned())?,
            Column::Property(key) => {
                single.insert(key.as_str(), cell);
            }
            Column::Unknown => {}
        }
    }
    if !single.is_empty() {
        event.properties = Some(merged(event.properties.as_deref(), &single)?);
    }
    Ok(event)
}

fn timestamp(cell: &str) -> Result<Option<DateTime>, String> {
    let cell = cell.trim();
    if cell.is_empty() {
        return Ok(None);
    }
    cell.parse().map(Some).map_err(|error| format!("timestamp: {error}"))
}

fn object(cell: String) -> Result<Option<Box<RawValue>>, String> {
    if cell.trim().is_empty() {
        return Ok(None);
    }
    let json = RawValue::from_string(cell).map_err(|error| format!("properties: is not JSON: {error}"))?;
    Ok((json.get() != "null").then_some(json))
}

/// The object with the single properties that it does not hold itself. Its own members stay as they are written.
fn merged(object: Option<&RawValue>, single: &BTreeMap<&str, Cow<'_, str>>) -> Result<Box<RawValue>, String> {
    let object = object.map_or("{}", RawValue::get);
    let own: BTreeMap<String, &RawValue> =
        serde_json::from_str(object).map_err(|_| "properties: must be a JSON object".to_owned())?;
    let mut json = String::from("{");
    for (key, text) in single.iter().filter(|(key, _)| !own.contains_key(**key)) {
        if json.len() > 1 {
            json.push(',');
        }
        let quoted = |text: &str| serde_json::to_string(text).map_err(|error| format!("properties: {error}"));
        json.push_str(&quoted(key)?);
        json.push(':');
        json.push_str(&quoted(text)?);
    }
    if json.len() > 1 && !own.is_empty() {
        json.push(',');
    }
    // What stands after the opening brace.
    json.push_str(object.get(1..).unwrap_or("}"));
    RawValue::from_string(json).map_err(|error| format!("properties: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(cells: &[(&str, &str)]) -> Result<IngestEventRequest, String> {
        let columns: Vec<_> = cells.iter().map(|(name, _)| Column::named(name)).collect();
        event_of(
            columns
                .iter()
                .zip(cells.iter().map(|(_, cell)| Some(Cow::Borrowed(*cell)))),
        )
    }

    fn properties(cells: &[(&str, &str)]) -> Option<String> {
        event(cells).unwrap().properties.map(|json| json.get().to_owned())
    }

    #[test]
    fn the_json_column_wins_over_single_ones_and_stays_as_it_is_written() {
        let cells = [
            ("properties.b", "x\"y"),
            ("properties", r#" { "a" : 1.50, "n": 12345678901234567890123 } "#),
            ("properties.a", "lost"),
            ("properties.c", ""),
        ];
        let json = properties(&cells).unwrap();
        assert_eq!(json, r#"{"b":"x\"y", "a" : 1.50, "n": 12345678901234567890123 }"#);
        assert_eq!(
            properties(&[("properties", "{}"), ("properties.b", "1")]).unwrap(),
            r#"{"b":"1"}"#
        );
        assert_eq!(
            properties(&[("properties.b", "1"), ("properties.a", "2")]).unwrap(),
            r#"{"a":"2","b":"1"}"#
        );
        assert_eq!(properties(&[("properties", " null ")]), None);
        assert_eq!(properties(&[("properties", "")]), None);
    }

    #[test]
    fn cells_that_are_no_event_are_told() {
        for (name, cell, reason) in [
            (
                "timestamp",
                "yesterday",
                "timestamp: must be an RFC 3339 date-time with a zone",
            ),
            ("properties", "{", "properties: is not JSON"),
        ] {
            let refused = event(&[(name, cell)]).unwrap_err();
            assert!(refused.starts_with(reason), "{refused}");
        }
        assert!(event(&[("properties", "[1]"), ("properties.a", "1")]).is_err());
        assert!(event(&[("timestamp", " ")]).unwrap().timestamp.is_none());
    }

    #[test]
    fn a_header_must_be_complete_and_without_repetition() {
        assert!(columns_of(&["event_name", " external_customer_id", "note", "note"]).is_ok());
        for names in [
            &["event_name"][..],
            &["event_name", "external_customer_id", "event_name"],
        ] {
            assert!(columns_of(names).is_err(), "{names:?}");
        }
        let wide: Vec<_> = (0..=COLUMNS_MAX).map(|number| format!("properties.{number}")).collect();
        let wide: Vec<_> = wide.iter().map(String::as_str).collect();
        assert!(columns_of(&wide).unwrap_err().to_string().contains("more than"));
    }
}
