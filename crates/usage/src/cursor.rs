//! Keys of cursor paging: `<unix nanoseconds>::<event id>` (spec 02 §3.4).

use std::fmt;
use std::str::FromStr;

use crate::Event;

/// A place between events ordered by (timestamp, id).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventCursor {
    /// Nanoseconds since the Unix epoch.
    pub timestamp_ns: i128,
    /// The event's id; may itself contain `::`.
    pub event_id: String,
}

/// The text is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not of the form <unix nanoseconds>::<event id>")]
pub struct InvalidCursor;

impl EventCursor {
    /// The place of an event.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        Self {
            timestamp_ns: event.timestamp.as_nanosecond(),
            event_id: event.event_id.clone(),
        }
    }
}

impl fmt::Display for EventCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}::{}", self.timestamp_ns, self.event_id)
    }
}

impl FromStr for EventCursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (timestamp, event_id) = text.split_once("::").ok_or(InvalidCursor)?;
        let timestamp_ns = timestamp.parse().map_err(|_| InvalidCursor)?;
        Ok(Self {
            timestamp_ns,
            event_id: event_id.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_at_the_first_separator() {
        let cursor: EventCursor = "1767600000000000000::a::b".parse().unwrap();
        assert_eq!(cursor.event_id, "a::b");
        assert_eq!(cursor.to_string(), "1767600000000000000::a::b");
        for wrong in ["", "1", "x::a", "::a", "1.5::a", "1:a"] {
            assert_eq!(wrong.parse::<EventCursor>(), Err(InvalidCursor), "{wrong}");
        }
    }
}
