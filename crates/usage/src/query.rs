//! What can be asked of the log, and the shape of its answers.

use jiff::Timestamp;
use tariff_core::aggregation::{Period, QueryFilters, UsageQuestion, WindowGrid};

use crate::{Event, EventCursor, StoredEvent};

/// Whose events a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Customers {
    /// Every customer of the scope.
    All,
    /// These, by external id; naming one twice counts it once.
    These(Vec<String>),
}

/// A question about usage (spec 02 §3.6, §3.7, §4.11).
#[derive(Debug, Clone)]
pub struct UsageQuery {
    /// The meter, period, filters, windows and grouping.
    pub question: UsageQuestion,
    /// Whose usage.
    pub customers: Customers,
    /// Only events whose `customer_id` is literally this.
    pub customer_id: Option<String>,
}

impl UsageQuery {
    /// The question about one customer.
    #[must_use]
    pub fn of_customer(question: UsageQuestion, external_customer_id: impl Into<String>) -> Self {
        Self {
            question,
            customers: Customers::These(vec![external_customer_id.into()]),
            customer_id: None,
        }
    }
}

/// What a listing is sorted by; ties are always by id, descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventSort {
    /// By timestamp.
    Timestamp,
    /// By event name.
    EventName,
}

/// Direction of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first.
    Ascending,
    /// Greatest first.
    Descending,
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PageStart {
    /// After this many rows; at most [`crate::query::OFFSET_MAX`].
    Offset(u64),
    /// Only rows whose (timestamp, id) is below the cursor.
    OlderThan(EventCursor),
    /// Only rows whose (timestamp, id) is above the cursor; the page still starts with the newest.
    NewerThan(EventCursor),
}

/// Most rows a listing may skip.
pub const OFFSET_MAX: u64 = 100_000;

/// A listing of raw events (spec 02 §3.4). Unlike usage, both bounds are inclusive.
#[derive(Debug, Clone)]
pub struct EventQuery {
    /// Earliest timestamp, inclusive.
    pub start: Timestamp,
    /// Latest timestamp, inclusive.
    pub end: Timestamp,
    /// Only this customer's.
    pub external_customer_id: Option<String>,
    /// Only of this name.
    pub event_name: Option<String>,
    /// Only this event.
    pub event_id: Option<String>,
    /// Only from this source.
    pub source: Option<String>,
    /// Only with these properties.
    pub property_filters: QueryFilters,
    /// What to sort by.
    pub sort: EventSort,
    /// In which direction.
    pub order: SortOrder,
    /// Rows per page.
    pub page_size: usize,
    /// Where the page starts.
    pub from: PageStart,
}

impl EventQuery {
    /// All events between two instants, newest first, one page from the start.
    #[must_use]
    pub fn new(start: Timestamp, end: Timestamp, page_size: usize) -> Self {
        Self {
            start,
            end,
            external_customer_id: None,
            event_name: None,
            event_id: None,
            source: None,
            property_filters: QueryFilters::new(),
            sort: EventSort::Timestamp,
            order: SortOrder::Descending,
            page_size,
            from: PageStart::Offset(0),
        }
    }
}

/// Which events to export; empty fields leave nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportQuery {
    /// Earliest timestamp, inclusive.
    pub start: Option<Timestamp>,
    /// First timestamp not to export.
    pub end: Option<Timestamp>,
    /// Only this customer's.
    pub external_customer_id: Option<String>,
    /// Only of this name.
    pub event_name: Option<String>,
}

impl ExportQuery {
    /// Whether the event is wanted.
    #[must_use]
    pub fn matches(&self, event: &Event) -> bool {
        self.start.is_none_or(|start| event.timestamp >= start)
            && self.end.is_none_or(|end| event.timestamp < end)
            && self
                .external_customer_id
                .as_ref()
                .is_none_or(|customer| *customer == event.external_customer_id)
            && self.event_name.as_ref().is_none_or(|name| *name == event.event_name)
    }
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// The rows, in the query's order.
    pub events: Vec<StoredEvent>,
    /// Rows that match the filters and the cursor.
    pub total_count: u64,
    /// Whether rows follow this page.
    pub has_more: bool,
}

/// A count of all events of the scope by time, whatever their name (spec 02 §3.9, monitoring).
#[derive(Debug, Clone)]
pub struct ActivityQuery {
    /// The period.
    pub period: Period,
    /// Also count per window.
    pub windows: Option<WindowGrid>,
}

/// How many events there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityAnswer {
    /// Distinct events in the period.
    pub total_count: u64,
    /// Non-empty windows, ascending.
    pub windows: Vec<ActivityWindow>,
}

/// How many events there are in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityWindow {
    /// First instant of the window.
    pub start: Timestamp,
    /// Distinct events.
    pub event_count: u64,
}
