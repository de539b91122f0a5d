//! Lists raw events (spec 02 §3.4).
//!
//! The number of matching rows is part of the answer, so every matching key is visited anyway; the page is what a bounded
//! heap keeps of them. Records are read only where a filter needs them, and for the page itself.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use tokio::sync::mpsc::Sender;

use tariff_core::aggregation::{Properties, query_filters_match};

use super::database::View;
use super::keys::{self, ScopeId};
use super::record::{Record, event_key, stored_event, timestamp};
use crate::event::{ceil_ms, floor_ms};
use crate::log::EXPORT_BATCH_EVENTS_MAX;
use crate::query::OFFSET_MAX;
use crate::{
    ActivityAnswer, ActivityQuery, ActivityWindow, EventCursor, EventPage, EventQuery, EventSort, ExportQuery,
    PageStart, SortOrder, StoredEvent, UsageError,
};

/// The event of that id.
pub(super) fn event(view: &View<'_>, scope: ScopeId, event_id: &str) -> Result<Option<StoredEvent>, UsageError> {
    let id_key = keys::join(&[&scope.to_be_bytes(), event_id.as_bytes()]);
    let Some(position) = view.position(&id_key)? else {
        return Ok(None);
    };
    let key = event_key(&id_key, &position);
    let value = view.event(&key)?.ok_or(UsageError::Corrupt("event without record"))?;
    stored_event(&key, &value).map(Some)
}

/// Counts events by time.
pub(super) fn activity(view: &View<'_>, scope: ScopeId, query: &ActivityQuery) -> Result<ActivityAnswer, UsageError> {
    let bound = |instant| keys::join(&[&scope.to_be_bytes(), &keys::time_bytes(ceil_ms(instant))]);
    let (start, end) = (bound(query.period.start), bound(query.period.end));
    let mut answer = ActivityAnswer::default();
    let mut windows = BTreeMap::new();
    if start >= end {
        return Ok(answer);
    }
    for entry in view.times(&start, &end) {
        let key = entry.key().map_err(UsageError::read)?;
        answer.total_count += 1;
        if let Some(grid) = &query.windows {
            let row = Row::of_time_key(&key)?;
            *windows.entry(grid.start_of(timestamp(row.ms)?)).or_default() += 1;
        }
    }
    let window = |(start, event_count)| ActivityWindow { start, event_count };
    answer.windows = windows.into_iter().map(window).collect();
    Ok(answer)
}

/// One page.
pub(super) fn events(view: &View<'_>, scope: ScopeId, query: &EventQuery) -> Result<EventPage, UsageError> {
    let offset = match query.from {
        PageStart::Offset(offset) => offset,
        PageStart::OlderThan(_) | PageStart::NewerThan(_) => 0,
    };
    let keep = offset.checked_add(u64::try_from(query.page_size).unwrap_or(u64::MAX));
    let keep = keep
        .filter(|_| offset <= OFFSET_MAX)
        .ok_or(UsageError::OffsetTooLarge { offset_max: OFFSET_MAX })?;
    let mut page = PageBuilder {
        view,
        query,
        keep,
        best: BinaryHeap::new(),
        total_count: 0,
    };
    page.collect(scope)?;
    page.finish(offset)
}

/// Sends every wanted event of the scope, until the receiver is gone.
pub(super) fn export(
    view: &View<'_>,
    scope: ScopeId,
    query: &ExportQuery,
    receiver: &Sender<Result<Vec<StoredEvent>, UsageError>>,
) {
    let start = scope.to_be_bytes().to_vec();
    let Some(end) = keys::after_prefix(&start) else { return };
    let mut batch = Vec::new();
    for entry in view.events(&start, &end) {
        let read = entry.into_inner().map_err(UsageError::read);
        match read.and_then(|(key, value)| stored_event(&key, &value)) {
            Ok(stored) if query.matches(&stored.event) => batch.push(stored),
            Ok(_) => continue,
            Err(error) => {
                drop(receiver.blocking_send(Err(error)));
                return;
            }
        }
        if batch.len() >= EXPORT_BATCH_EVENTS_MAX && receiver.blocking_send(Ok(std::mem::take(&mut batch))).is_err() {
            return;
        }
    }
    if !batch.is_empty() {
        drop(receiver.blocking_send(Ok(batch)));
    }
}

/// Where an event lies: what is known without its record.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    ms: i64,
    id: Vec<u8>,
    /// Scope and id.
    id_key: Vec<u8>,
    /// Name, customer, time.
    position: Vec<u8>,
}

impl Row {
    /// A row without position, from a key of `times`.
    fn of_time_key(key: &[u8]) -> Result<Self, UsageError> {
        let corrupt = UsageError::Corrupt("time key");
        let Some((scope, rest)) = key.split_at_checked(keys::SCOPE_BYTES) else {
            return Err(corrupt);
        };
        let (ms, id) = keys::take_time(rest).ok_or(corrupt)?;
        Ok(Self {
            ms,
            id: id.to_vec(),
            id_key: keys::join(&[scope, id]),
            position: Vec::new(),
        })
    }
}

/// Rows compare in the order of the listing, first to last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Ascending(SortKey, Reverse<Vec<u8>>),
    Descending(Reverse<SortKey>, Reverse<Vec<u8>>),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Time(i64),
    Name(Vec<u8>),
}

struct PageBuilder<'q> {
    view: &'q View<'q>,
    query: &'q EventQuery,
    keep: u64,
    /// The first rows of the listing; the last of them on top, to be thrown out by a better one.
    best: BinaryHeap<(Rank, Vec<u8>)>,
    total_count: u64,
}

impl PageBuilder<'_> {
    fn collect(&mut self, scope: ScopeId) -> Result<(), UsageError> {
        let (from, to) = (ceil_ms(self.query.start), floor_ms(self.query.end).saturating_add(1));
        if from >= to {
            return Ok(());
        }
        if let Some(event_id) = &self.query.event_id {
            return self.collect_id(scope, event_id, from, to);
        }
        match &self.query.external_customer_id {
            Some(customer) => match &self.query.event_name {
                Some(name) => self.collect_series(scope, name, customer, from, to),
                None => self.collect_customer(scope, customer, from, to),
            },
            None => self.collect_times(scope, from, to),
        }
    }

    fn collect_id(&mut self, scope: ScopeId, event_id: &str, from: i64, to: i64) -> Result<(), UsageError> {
        let id = event_id.as_bytes().to_vec();
        let id_key = keys::join(&[&scope.to_be_bytes(), &id]);
        let Some(position) = self.view.position(&id_key)? else {
            return Ok(());
        };
        let time = position
            .get(position.len().saturating_sub(keys::TIME_BYTES)..)
            .and_then(keys::take_time);
        let (ms, _) = time.ok_or(UsageError::Corrupt("event position"))?;
        if ms < from || ms >= to {
            return Ok(());
        }
        let (name, rest) = keys::take_text(&position).ok_or(UsageError::Corrupt("event position"))?;
        let (customer, _) = keys::take_text(rest).ok_or(UsageError::Corrupt("event position"))?;
        let differs = |wanted: &Option<String>, actual: &String| wanted.as_ref().is_some_and(|wanted| wanted != actual);
        if differs(&self.query.event_name, &name) || differs(&self.query.external_customer_id, &customer) {
            return Ok(());
        }
        self.offer(
            Row {
                ms,
                id,
                id_key,
                position: position.to_vec(),
            },
            None,
        )
    }

    /// One customer's events of one name.
    fn collect_series(
        &mut self,
        scope: ScopeId,
        name: &str,
        customer: &str,
        from: i64,
        to: i64,
    ) -> Result<(), UsageError> {
        let scope = scope.to_be_bytes();
        let series = keys::series(name, customer);
        let bound = |ms| keys::join(&[&scope, &series, &keys::time_bytes(ms)]);
        for entry in directed(self.query.order, self.view.events(&bound(from), &bound(to))) {
            let (key, value) = entry.into_inner().map_err(UsageError::read)?;
            let rest = key.get(keys::SCOPE_BYTES + series.len()..).unwrap_or_default();
            let (ms, id) = keys::take_time(rest).ok_or(UsageError::Corrupt("event key"))?;
            let row = Row {
                ms,
                id: id.to_vec(),
                id_key: keys::join(&[&scope, id]),
                position: keys::join(&[&series, &keys::time_bytes(ms)]),
            };
            self.offer(row, Some(&value))?;
        }
        Ok(())
    }

    /// One customer's events of all names: jumps from name to name.
    fn collect_customer(&mut self, scope: ScopeId, customer: &str, from: i64, to: i64) -> Result<(), UsageError> {
        let prefix = scope.to_be_bytes().to_vec();
        let Some(end) = keys::after_prefix(&prefix) else {
            return Ok(());
        };
        let mut next = Some(prefix);
        while let Some(start) = next.take() {
            let Some(entry) = self.view.events(&start, &end).next() else {
                break;
            };
            let key = entry.key().map_err(UsageError::read)?;
            let rest = key.get(keys::SCOPE_BYTES..).unwrap_or_default();
            let name_bytes = keys::text_length(rest).ok_or(UsageError::Corrupt("event key"))?;
            let (name, _) = keys::take_text(rest).ok_or(UsageError::Corrupt("event key"))?;
            self.collect_series(scope, &name, customer, from, to)?;
            next = key.get(..keys::SCOPE_BYTES + name_bytes).and_then(keys::after_prefix);
        }
        Ok(())
    }

    /// All customers' events, in the order of time.
    fn collect_times(&mut self, scope: ScopeId, from: i64, to: i64) -> Result<(), UsageError> {
        let bound = |ms| keys::join(&[&scope.to_be_bytes(), &keys::time_bytes(ms)]);
        let name = self.query.event_name.as_ref().map(|name| {
            let mut bytes = Vec::new();
            keys::push_text(&mut bytes, name);
            bytes
        });
        for entry in directed(self.query.order, self.view.times(&bound(from), &bound(to))) {
            let (key, series) = entry.into_inner().map_err(UsageError::read)?;
            if name.as_ref().is_some_and(|name| !series.starts_with(name)) {
                continue;
            }
            let mut row = Row::of_time_key(&key)?;
            row.position = keys::join(&[&series, &keys::time_bytes(row.ms)]);
            self.offer(row, None)?;
        }
        Ok(())
    }

    /// Counts a row and keeps it if it belongs among the first.
    fn offer(&mut self, row: Row, record: Option<&[u8]>) -> Result<(), UsageError> {
        if !self.passes_cursor(&row)? || !self.passes_record(&row, record)? {
            return Ok(());
        }
        self.total_count += 1;
        if self.keep == 0 {
            return Ok(());
        }
        let rank = self.rank(&row);
        let full = u64::try_from(self.best.len()).unwrap_or(u64::MAX) >= self.keep;
        if full {
            if self.best.peek().is_none_or(|(last, _)| *last <= rank) {
                return Ok(());
            }
            self.best.pop();
        }
        self.best.push((rank, event_key(&row.id_key, &row.position)));
        Ok(())
    }

    fn rank(&self, row: &Row) -> Rank {
        let key = match self.query.sort {
            EventSort::Timestamp => SortKey::Time(row.ms),
            EventSort::EventName => {
                let length = keys::text_length(&row.position).unwrap_or_default();
                SortKey::Name(row.position.get(..length).unwrap_or_default().to_vec())
            }
        };
        match self.query.order {
            SortOrder::Ascending => Rank::Ascending(key, Reverse(row.id.clone())),
            SortOrder::Descending => Rank::Descending(Reverse(key), Reverse(row.id.clone())),
        }
    }

    fn passes_cursor(&self, row: &Row) -> Result<bool, UsageError> {
        let compare = |cursor: &EventCursor| {
            let place = (i128::from(row.ms) * 1_000_000, row.id.as_slice());
            place.cmp(&(cursor.timestamp_ns, cursor.event_id.as_bytes()))
        };
        Ok(match &self.query.from {
            PageStart::Offset(_) => true,
            PageStart::OlderThan(cursor) => compare(cursor).is_lt(),
            PageStart::NewerThan(cursor) => compare(cursor).is_gt(),
        })
    }

    fn passes_record(&self, row: &Row, record: Option<&[u8]>) -> Result<bool, UsageError> {
        let filters = &self.query.property_filters;
        let filtered = filters.values().any(|values| !values.is_empty());
        if self.query.source.is_none() && !filtered {
            return Ok(true);
        }
        let fetched;
        let value = match record {
            Some(value) => value,
            None => {
                fetched = self.view.event(&event_key(&row.id_key, &row.position))?;
                fetched.as_deref().ok_or(UsageError::Corrupt("event without record"))?
            }
        };
        let (_, record) = Record::read(value)?;
        if self.query.source.as_ref().is_some_and(|source| source != record.source) {
            return Ok(false);
        }
        if !filtered {
            return Ok(true);
        }
        let properties = Properties::parse(record.properties.unwrap_or("null"));
        let properties = properties.map_err(|_| UsageError::Corrupt("event properties"))?;
        Ok(query_filters_match(filters, &properties))
    }

    fn finish(self, offset: u64) -> Result<EventPage, UsageError> {
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut events = Vec::new();
        for (_, key) in self.best.into_sorted_vec().into_iter().skip(skip) {
            let value = self
                .view
                .event(&key)?
                .ok_or(UsageError::Corrupt("event without record"))?;
            events.push(stored_event(&key, &value)?);
        }
        Ok(EventPage {
            events,
            total_count: self.total_count,
            has_more: self.keep < self.total_count,
        })
    }
}

/// Visiting rows in about the order of the listing lets most of them be counted without entering the heap.
fn directed(order: SortOrder, rows: fjall::Iter) -> Box<dyn Iterator<Item = fjall::Guard>> {
    match order {
        SortOrder::Ascending => Box::new(rows),
        SortOrder::Descending => Box::new(rows.rev()),
    }
}
