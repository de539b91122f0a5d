//! Lists raw events (spec 02 §3.4).
//!
//! The number of matching rows is part of the answer, so every chunk that can hold one is visited. Most are counted by
//! what their keys tell; only those that a filter or a bound cuts, and those that the page may come from, are read. The
//! page is what a bounded heap keeps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use tariff_core::aggregation::{Properties, WindowGrid, query_filters_match};
use tokio::sync::mpsc::Sender;

use super::entry::{RowView, instant};
use super::files::FoundChunk;
use super::keys::{self, ScopeId};
use super::state::View;
use crate::event::{ceil_ms, floor_ms};
use crate::log::EXPORT_BATCH_EVENTS_MAX;
use crate::query::OFFSET_MAX;
use crate::{
    ActivityAnswer, ActivityQuery, ActivityWindow, EventCursor, EventPage, EventQuery, EventSort, ExportQuery,
    PageStart, SortOrder, StoredEvent, UsageError,
};

/// Counts events by time.
pub(super) fn activity(view: &View, scope: ScopeId, query: &ActivityQuery) -> Result<ActivityAnswer, UsageError> {
    let mut count = Activity {
        from_ms: ceil_ms(query.period.start),
        to_ms: ceil_ms(query.period.end),
        grid: query.windows.as_ref(),
        total_count: 0,
        windows: BTreeMap::new(),
    };
    if count.from_ms < count.to_ms {
        count.collect(view, scope)?;
    }
    let window = |(start, event_count)| ActivityWindow { start, event_count };
    Ok(ActivityAnswer {
        total_count: count.total_count,
        windows: count.windows.into_iter().map(window).collect(),
    })
}

struct Activity<'q> {
    from_ms: i64,
    to_ms: i64,
    grid: Option<&'q WindowGrid>,
    total_count: u64,
    windows: BTreeMap<jiff::Timestamp, u64>,
}

impl Activity<'_> {
    fn collect(&mut self, view: &View, scope: ScopeId) -> Result<(), UsageError> {
        for (_, slice) in view.series(|series| series.starts_with(&scope.to_be_bytes())) {
            let rows = slice.sealed.iter().flat_map(|block| &block.rows).chain(&slice.open);
            for row in rows.filter(|row| row.is_live(view.visible)) {
                self.add(row.time_ms, 1)?;
            }
        }
        let bounds = keys::day_bounds(scope, keys::day_of(self.from_ms), keys::day_of(self.to_ms - 1));
        for chunk in view.packed.chunks_by_day(bounds) {
            let chunk = chunk?;
            let head = chunk.head;
            if head.last_ms < self.from_ms || head.first_ms >= self.to_ms {
                continue;
            }
            let dead = dead_of(view, &chunk)?;
            let whole = head.first_ms >= self.from_ms && head.last_ms < self.to_ms;
            if whole && self.is_one_window(head.first_ms, head.last_ms)? {
                self.add(head.first_ms, live_rows(&chunk, &dead))?;
            } else {
                view.each_row(&chunk, &dead, |row| self.add(row.time_ms, 1))?;
            }
        }
        Ok(())
    }

    fn is_one_window(&self, first_ms: i64, last_ms: i64) -> Result<bool, UsageError> {
        let Some(grid) = self.grid else { return Ok(true) };
        Ok(grid.start_of(instant(first_ms)?) == grid.start_of(instant(last_ms)?))
    }

    fn add(&mut self, ms: i64, count: u64) -> Result<(), UsageError> {
        if ms < self.from_ms || ms >= self.to_ms || count == 0 {
            return Ok(());
        }
        self.total_count += count;
        if let Some(grid) = self.grid {
            *self.windows.entry(grid.start_of(instant(ms)?)).or_default() += count;
        }
        Ok(())
    }
}

/// Sends every wanted event of the scope and an empty batch at the end, until the receiver is gone.
pub(super) fn export(
    view: &View,
    scope: Option<ScopeId>,
    query: &ExportQuery,
    receiver: &Sender<Result<Vec<StoredEvent>, UsageError>>,
) {
    let mut batch = Vec::new();
    let send = |batch: Vec<StoredEvent>| receiver.blocking_send(Ok(batch)).map_err(|_| UsageError::Closed);
    let mut offer = |row: RowView<'_>, series: &[u8]| {
        let stored = row.stored(series)?;
        if query.matches(&stored.event) {
            batch.push(stored);
        }
        if batch.len() >= EXPORT_BATCH_EVENTS_MAX {
            send(std::mem::take(&mut batch))?;
        }
        Ok(())
    };
    let outcome = scope.map_or(Ok(()), |scope| each_event(view, scope, &mut offer));
    let outcome = outcome.and_then(|()| if batch.is_empty() { Ok(()) } else { send(batch) });
    match outcome.and_then(|()| send(Vec::new())) {
        // Nobody listens any more.
        Ok(()) | Err(UsageError::Closed) => {}
        Err(error) => drop(receiver.blocking_send(Err(error))),
    }
}

fn each_event(
    view: &View,
    scope: ScopeId,
    visit: &mut impl FnMut(RowView<'_>, &[u8]) -> Result<(), UsageError>,
) -> Result<(), UsageError> {
    for (series, slice) in view.series(|series| series.starts_with(&scope.to_be_bytes())) {
        let rows = slice.sealed.iter().flat_map(|block| &block.rows).chain(&slice.open);
        for row in rows.filter(|row| row.is_live(view.visible)) {
            visit(row.view(), &series)?;
        }
    }
    for chunk in view.packed.chunks_by_day(keys::day_bounds(scope, i32::MIN, i32::MAX)) {
        let chunk = chunk?;
        let dead = dead_of(view, &chunk)?;
        view.each_row(&chunk, &dead, |row| visit(row, chunk.series()))?;
    }
    Ok(())
}

fn dead_of(view: &View, chunk: &FoundChunk) -> Result<Vec<u64>, UsageError> {
    Ok(view.dead_rows(&chunk.key, view.packed.dead_of(&chunk.key)?))
}

fn live_rows(chunk: &FoundChunk, dead: &[u64]) -> u64 {
    u64::from(chunk.head.rows).saturating_sub(u64::try_from(dead.len()).unwrap_or(u64::MAX))
}

/// One page.
pub(super) fn events(
    view: &View,
    scope: ScopeId,
    hash: impl Fn(&str) -> u64,
    query: &EventQuery,
) -> Result<EventPage, UsageError> {
    let offset = match query.from {
        PageStart::Offset(offset) => offset,
        PageStart::OlderThan(_) | PageStart::NewerThan(_) => 0,
    };
    let keep = offset.checked_add(u64::try_from(query.page_size).unwrap_or(u64::MAX));
    let keep = keep
        .filter(|_| offset <= OFFSET_MAX)
        .ok_or(UsageError::OffsetTooLarge { offset_max: OFFSET_MAX })?;
    let mut page = PageBuilder::new(view, query, keep);
    match &query.event_id {
        Some(event_id) => page.one_event(scope, hash(event_id), event_id)?,
        None => page.collect(scope)?,
    }
    Ok(page.finish(offset))
}

/// Rows compare in the order of the listing, first to last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Ascending(SortKey, Reverse<Box<str>>),
    Descending(Reverse<SortKey>, Reverse<Box<str>>),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Time(i64),
    /// The name as in keys, which order as names do.
    Name(Box<[u8]>),
}

struct PageBuilder<'q> {
    view: &'q View,
    query: &'q EventQuery,
    keep: usize,
    /// Times that matter: `from_ms ≤ t < to_ms`. The cursor's own time is among them.
    from_ms: i64,
    to_ms: i64,
    /// Whether rows must be read to know if they match.
    filters_rows: bool,
    /// The first rows of the listing; the last of them on top, to be thrown out by a better one.
    best: BinaryHeap<Entry>,
    total_count: u64,
}

/// A row on the page; compares by rank.
struct Entry {
    rank: Rank,
    stored: StoredEvent,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl<'q> PageBuilder<'q> {
    fn new(view: &'q View, query: &'q EventQuery, keep: u64) -> Self {
        let cursor_ms = |cursor: &EventCursor| {
            let ms = cursor.timestamp_ns.div_euclid(1_000_000);
            i64::try_from(ms).unwrap_or(if ms < 0 { i64::MIN } else { i64::MAX })
        };
        let (mut from_ms, mut to_ms) = (ceil_ms(query.start), floor_ms(query.end).saturating_add(1));
        match &query.from {
            PageStart::Offset(_) => {}
            PageStart::OlderThan(cursor) => to_ms = to_ms.min(cursor_ms(cursor).saturating_add(1)),
            PageStart::NewerThan(cursor) => from_ms = from_ms.max(cursor_ms(cursor)),
        }
        Self {
            view,
            query,
            keep: usize::try_from(keep).unwrap_or(usize::MAX),
            from_ms,
            to_ms,
            filters_rows: query.source.is_some() || query.property_filters.values().any(|values| !values.is_empty()),
            best: BinaryHeap::new(),
            total_count: 0,
        }
    }

    fn one_event(&mut self, scope: ScopeId, hash: u64, event_id: &str) -> Result<(), UsageError> {
        let Some(stored) = self.view.event(scope, hash, event_id)? else {
            return Ok(());
        };
        let event = &stored.event;
        let series = keys::series(scope, &event.event_name, &event.external_customer_id);
        if !self.wants_series(scope, &series) {
            return Ok(());
        }
        let row = RowView {
            sequence: stored.sequence,
            time_ms: floor_ms(event.timestamp),
            ingested_us: event.ingested_at.as_microsecond(),
            fields: super::entry::Fields {
                event_id: &event.event_id,
                customer_id: &event.customer_id,
                source: &event.source,
                properties: event.properties.as_deref(),
            },
        };
        self.offer(row, &series)
    }

    fn collect(&mut self, scope: ScopeId) -> Result<(), UsageError> {
        if self.from_ms >= self.to_ms {
            return Ok(());
        }
        for (series, slice) in self.view.series(|series| self.wants_series(scope, series)) {
            let rows = slice.sealed.iter().flat_map(|block| &block.rows).chain(&slice.open);
            for row in rows.filter(|row| row.is_live(self.view.visible)) {
                self.offer(row.view(), &series)?;
            }
        }
        self.chunks(scope)
    }

    /// Chunks, a day at a time, the days in the order of their keys.
    fn chunks(&mut self, scope: ScopeId) -> Result<(), UsageError> {
        let (first_day, last_day) = (keys::day_of(self.from_ms), keys::day_of(self.to_ms - 1));
        let (view, query) = (self.view, self.query);
        let chunks: Box<dyn DoubleEndedIterator<Item = Result<FoundChunk, UsageError>>> =
            match (&query.event_name, &query.external_customer_id) {
                (Some(name), Some(customer)) => {
                    let series = keys::series(scope, name, customer);
                    Box::new(view.packed.chunks(keys::chunk_bounds(&series, first_day, last_day)))
                }
                (_, _) => Box::new(view.packed.chunks_by_day(keys::day_bounds(scope, first_day, last_day))),
            };
        let chunks: Box<dyn Iterator<Item = _>> = match query.order {
            SortOrder::Ascending => Box::new(chunks),
            SortOrder::Descending => Box::new(chunks.rev()),
        };
        let mut day: Vec<FoundChunk> = Vec::new();
        for chunk in chunks {
            let chunk = chunk?;
            let head = chunk.head;
            if head.last_ms < self.from_ms || head.first_ms >= self.to_ms || !self.wants_series(scope, chunk.series()) {
                continue;
            }
            if day.last().is_some_and(|last| last.head.locator.day != head.locator.day) {
                self.one_day(std::mem::take(&mut day))?;
            }
            day.push(chunk);
        }
        self.one_day(day)
    }

    /// The chunks of a day. Visiting them in about the order of the listing lets most be counted by their keys.
    fn one_day(&mut self, mut chunks: Vec<FoundChunk>) -> Result<(), UsageError> {
        chunks.sort_by_key(|chunk| match self.query.order {
            SortOrder::Ascending => chunk.head.first_ms,
            SortOrder::Descending => chunk.head.last_ms.saturating_neg(),
        });
        chunks.iter().try_for_each(|chunk| self.chunk(chunk))
    }

    fn chunk(&mut self, chunk: &FoundChunk) -> Result<(), UsageError> {
        let dead = dead_of(self.view, chunk)?;
        let view = self.view;
        if self.counts_whole(chunk) && !self.may_enter_page(chunk) {
            self.total_count += live_rows(chunk, &dead);
            return Ok(());
        }
        view.each_row(chunk, &dead, |row| self.offer(row, chunk.series()))
    }

    /// Whether every row of the chunk matches.
    fn counts_whole(&self, chunk: &FoundChunk) -> bool {
        let (mut from_ms, mut to_ms) = (self.from_ms, self.to_ms);
        match &self.query.from {
            PageStart::Offset(_) => {}
            // At the cursor's own time the ids decide.
            PageStart::OlderThan(_) => to_ms = to_ms.saturating_sub(1),
            PageStart::NewerThan(_) => from_ms = from_ms.saturating_add(1),
        }
        !self.filters_rows && chunk.head.first_ms >= from_ms && chunk.head.last_ms < to_ms
    }

    /// Whether a row of the chunk could come before the last one kept.
    fn may_enter_page(&self, chunk: &FoundChunk) -> bool {
        if self.best.len() < self.keep {
            return self.keep > 0;
        }
        let Some(last) = self.best.peek() else { return false };
        match (&last.rank, self.query.sort) {
            (Rank::Ascending(SortKey::Time(ms), _), EventSort::Timestamp) => chunk.head.first_ms <= *ms,
            (Rank::Descending(Reverse(SortKey::Time(ms)), _), EventSort::Timestamp) => chunk.head.last_ms >= *ms,
            (Rank::Ascending(key, _), _) => name_key(chunk.series()) <= *key,
            (Rank::Descending(Reverse(key), _), _) => name_key(chunk.series()) >= *key,
        }
    }

    /// Whether name and customer are asked for.
    fn wants_series(&self, scope: ScopeId, series: &[u8]) -> bool {
        let Some(rest) = series.strip_prefix(&scope.to_be_bytes()[..]) else {
            return false;
        };
        let name_matches = self.query.event_name.as_ref().is_none_or(|name| {
            let mut key = Vec::with_capacity(name.len() + 2);
            keys::push_text(&mut key, name);
            rest.starts_with(&key)
        });
        let customer = self.query.external_customer_id.as_ref();
        name_matches && customer.is_none_or(|customer| keys::is_of_customer(series, customer))
    }

    /// Counts a row and keeps it if it belongs among the first.
    fn offer(&mut self, row: RowView<'_>, series: &[u8]) -> Result<(), UsageError> {
        let in_time = self.from_ms <= row.time_ms && row.time_ms < self.to_ms;
        if !in_time || !self.passes_cursor(&row) || !self.passes_filters(&row)? {
            return Ok(());
        }
        self.total_count += 1;
        if self.keep == 0 {
            return Ok(());
        }
        let rank = self.rank(&row, series);
        if self.best.len() >= self.keep {
            if self.best.peek().is_none_or(|last| last.rank <= rank) {
                return Ok(());
            }
            self.best.pop();
        }
        let stored = row.stored(series)?;
        self.best.push(Entry { rank, stored });
        Ok(())
    }

    fn rank(&self, row: &RowView<'_>, series: &[u8]) -> Rank {
        let key = match self.query.sort {
            EventSort::Timestamp => SortKey::Time(row.time_ms),
            EventSort::EventName => name_key(series),
        };
        let id = Reverse(Box::from(row.fields.event_id));
        match self.query.order {
            SortOrder::Ascending => Rank::Ascending(key, id),
            SortOrder::Descending => Rank::Descending(Reverse(key), id),
        }
    }

    fn passes_cursor(&self, row: &RowView<'_>) -> bool {
        let compare = |cursor: &EventCursor| {
            let place = (i128::from(row.time_ms) * 1_000_000, row.fields.event_id);
            place.cmp(&(cursor.timestamp_ns, cursor.event_id.as_str()))
        };
        match &self.query.from {
            PageStart::Offset(_) => true,
            PageStart::OlderThan(cursor) => compare(cursor).is_lt(),
            PageStart::NewerThan(cursor) => compare(cursor).is_gt(),
        }
    }

    fn passes_filters(&self, row: &RowView<'_>) -> Result<bool, UsageError> {
        if !self.filters_rows {
            return Ok(true);
        }
        if self
            .query
            .source
            .as_ref()
            .is_some_and(|source| source != row.fields.source)
        {
            return Ok(false);
        }
        let properties = Properties::parse(row.fields.properties.unwrap_or("null"));
        let properties = properties.map_err(|_| UsageError::Corrupt("event properties"))?;
        Ok(query_filters_match(&self.query.property_filters, &properties))
    }

    fn finish(self, offset: u64) -> EventPage {
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let keep = u64::try_from(self.keep).unwrap_or(u64::MAX);
        let rows = self.best.into_sorted_vec().into_iter().skip(skip);
        EventPage {
            events: rows.map(|entry| entry.stored).collect(),
            total_count: self.total_count,
            has_more: keep < self.total_count,
        }
    }
}

/// The name of a series, end mark included.
fn name_key(series: &[u8]) -> SortKey {
    let rest = series.get(keys::SCOPE_BYTES..).unwrap_or_default();
    SortKey::Name(rest.get(..keys::text_length(rest)).unwrap_or_default().into())
}
