//! An event, as it is taken in and as it is kept (spec 02 §2.4).

use jiff::Timestamp;

use crate::UsageError;

/// Longest `event_id`, in bytes.
pub const EVENT_ID_BYTES_MAX: usize = 4_096;
/// Longest `event_name`, in bytes: 255 characters of four bytes.
pub const EVENT_NAME_BYTES_MAX: usize = 1_020;
/// Longest `external_customer_id`, in bytes.
pub const EXTERNAL_CUSTOMER_ID_BYTES_MAX: usize = 4_096;

/// A usage event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Identity within the scope; the last delivery of an id replaces the earlier ones.
    pub event_id: String,
    /// Name, already trimmed.
    pub event_name: String,
    /// Whose usage it is, by the customer's external id; the customer need not exist.
    pub external_customer_id: String,
    /// Literal text of the request; empty when unset. Never resolved.
    pub customer_id: String,
    /// When it happened. The log keeps milliseconds and cuts the rest.
    pub timestamp: Timestamp,
    /// When the server took it in, kept to the microsecond.
    pub ingested_at: Timestamp,
    /// Free text; empty when unset.
    pub source: String,
    /// The properties as the text of a JSON object; `None` when it has none.
    pub properties: Option<String>,
}

/// An event as the log holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Position in the order of deliveries, ascending; a replacement gets a new one.
    pub sequence: u64,
    /// The event, its timestamp cut to the millisecond.
    pub event: Event,
}

impl Event {
    /// Bytes this event occupies in memory, about: what the bound on waiting events counts.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        const FIXED: usize = 256;
        FIXED
            + 3 * (self.event_id.len() + self.event_name.len() + self.external_customer_id.len())
            + self.customer_id.len()
            + self.source.len()
            + self.properties.as_ref().map_or(0, String::len)
    }

    /// Checks the bounds that keys put on texts.
    ///
    /// # Errors
    /// [`UsageError::TooLong`] names the field.
    pub fn check(&self) -> Result<(), UsageError> {
        for (field, text, bytes_max) in [
            ("event_id", &self.event_id, EVENT_ID_BYTES_MAX),
            ("event_name", &self.event_name, EVENT_NAME_BYTES_MAX),
            (
                "external_customer_id",
                &self.external_customer_id,
                EXTERNAL_CUSTOMER_ID_BYTES_MAX,
            ),
        ] {
            if text.len() > bytes_max {
                return Err(UsageError::TooLong { field, bytes_max });
            }
        }
        Ok(())
    }
}

/// Whole milliseconds since the epoch, cut towards the past.
pub(crate) fn floor_ms(instant: Timestamp) -> i64 {
    i64::try_from(instant.as_nanosecond().div_euclid(1_000_000)).unwrap_or_default()
}

/// The first whole millisecond not before `instant`.
pub(crate) fn ceil_ms(instant: Timestamp) -> i64 {
    let floor = floor_ms(instant);
    floor + i64::from(i128::from(floor) * 1_000_000 < instant.as_nanosecond())
}
