//! Listing raw events (spec 02 §3.4).

use tariff_contract::error::ApiError;
use tariff_contract::events::{GetEventsRequest, GetEventsResponse};
use tariff_usage::query::OFFSET_MAX;
use tariff_usage::{EventCursor, EventPage, EventQuery, EventSort, PageStart, SortOrder};

use super::response;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::usage::time_range;

/// Events of a page unless the request says otherwise.
const PAGE_EVENTS_DEFAULT: i64 = 50;

/// How large a page may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListPage {
    /// Up to 1,000 events; a larger wish is cut to that.
    Long,
    /// Up to 50 events; a larger wish falls back to the default, as clients of the query form know it.
    Short,
}

impl ListPage {
    fn size(self, wish: Option<i64>) -> i64 {
        match (self, wish) {
            (_, None | Some(..=0)) => PAGE_EVENTS_DEFAULT,
            (Self::Long, Some(wish)) => wish.min(1_000),
            (Self::Short, Some(wish)) if wish <= 50 => wish,
            (Self::Short, Some(_)) => PAGE_EVENTS_DEFAULT,
        }
    }
}

impl Engine {
    /// One page of raw events. Both bounds of the time range are inclusive.
    ///
    /// # Errors
    /// `validation_error` for a reversed range, an unknown sort or order, a malformed key, or too large an offset.
    pub async fn list_events(
        &self,
        context: &Context,
        request: GetEventsRequest,
        page: ListPage,
    ) -> Result<GetEventsResponse> {
        request.validate()?;
        let page_size = page.size(request.page_size);
        let offset = request.offset.unwrap_or_default().max(0);
        let query = query(context, request, page_size, offset)?;
        let by_key = !matches!(query.from, PageStart::Offset(_));
        let found = self.usage_log().events(&context.scope, &query).await?;
        let keys = (found.events.first().map(key), found.events.last().map(key));
        let total_count = i64::try_from(found.total_count).unwrap_or(i64::MAX);
        let next_offset = offset.saturating_add(page_size);
        let (has_more, offset) = if by_key {
            (found.has_more, None)
        } else {
            (next_offset < total_count, Some(next_offset))
        };
        Ok(GetEventsResponse {
            has_more,
            offset,
            iter_first_key: keys.0,
            iter_last_key: keys.1.filter(|_| has_more || !by_key),
            total_count: (total_count > 0).then_some(total_count),
            events: wire_events(context, found)?,
        })
    }
}

fn wire_events(context: &Context, page: EventPage) -> Result<Vec<tariff_contract::events::Event>> {
    page.events
        .into_iter()
        .map(|event| response(&context.scope, event))
        .collect()
}

fn key(stored: &tariff_usage::StoredEvent) -> String {
    EventCursor::of(&stored.event).to_string()
}

fn query(context: &Context, request: GetEventsRequest, page_size: i64, offset: i64) -> Result<EventQuery> {
    let range = time_range(context, request.start_time, request.end_time)?;
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let from = match (filled(request.iter_first_key), filled(request.iter_last_key)) {
        (Some(key), _) => PageStart::NewerThan(cursor("iter_first_key", &key)?),
        (None, Some(key)) => PageStart::OlderThan(cursor("iter_last_key", &key)?),
        (None, None) => PageStart::Offset(skipped(offset)?),
    };
    Ok(EventQuery {
        external_customer_id: filled(request.external_customer_id),
        event_name: filled(request.event_name),
        event_id: filled(request.event_id),
        source: filled(request.source),
        property_filters: request.property_filters.unwrap_or_default(),
        sort: sort(request.sort.as_deref()),
        order: order(request.order.as_deref()),
        from,
        ..EventQuery::new(range.start, range.end, usize::try_from(page_size).unwrap_or_default())
    })
}

/// The rows to skip. The log counts them one by one, so that there is a limit also where it holds nothing yet.
fn skipped(offset: i64) -> Result<u64> {
    let offset = u64::try_from(offset).unwrap_or_default();
    if offset > OFFSET_MAX {
        let message = format!("offset must be at most {OFFSET_MAX}; page by iter_last_key instead");
        return Err(ApiError::validation(message).detail("offset", "is too large").into());
    }
    Ok(offset)
}

fn sort(word: Option<&str>) -> EventSort {
    if word == Some("event_name") {
        EventSort::EventName
    } else {
        EventSort::Timestamp
    }
}

fn order(word: Option<&str>) -> SortOrder {
    if word == Some("asc") {
        SortOrder::Ascending
    } else {
        SortOrder::Descending
    }
}

fn cursor(field: &str, key: &str) -> Result<EventCursor> {
    key.parse().map_err(|error: tariff_usage::cursor::InvalidCursor| {
        ApiError::validation(format!("{field} {error}"))
            .detail(field, "is not valid")
            .into()
    })
}
