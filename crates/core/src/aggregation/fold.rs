//! Folds events into the answer to a [`UsageQuestion`].
//!
//! A fold is a monoid like the aggregates in it: folds over disjoint sets of events merge into the fold over their union.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{
    Aggregate, Dimension, InvalidProperties, Properties, Quantity, UsageQuestion, WindowGrid, meter_filters_match,
    query_filters_match,
};

/// What a fold sees of an event of the meter's name.
#[derive(Debug, Clone, Copy)]
pub struct EventView<'a> {
    /// When it happened.
    pub timestamp: Timestamp,
    /// When it was taken in; only recording revisions look at it.
    pub ingested_at: Timestamp,
    /// Order of delivery; greater is later.
    pub order: u64,
    /// Its source; may be empty.
    pub source: &'a str,
    /// Its properties as a JSON object, if it has any.
    pub properties: Option<&'a str>,
}

/// Texts of the dimensions that a row stands for; `None` where the property is absent.
pub(super) type GroupKey = Vec<Option<String>>;

/// Start of a bucket and the text of the meter's own grouping inside it.
pub(super) type BucketKey = (Timestamp, Option<String>);

/// The state of one row.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct GroupFold {
    pub(super) total: Aggregate,
    pub(super) history: Aggregate,
    pub(super) windows: BTreeMap<Timestamp, Aggregate>,
    pub(super) buckets: BTreeMap<BucketKey, Aggregate>,
    pub(super) history_buckets: BTreeMap<BucketKey, Aggregate>,
    pub(super) sources: BTreeSet<String>,
}

/// The answer in the making.
#[derive(Debug, Clone)]
pub struct UsageFold<'q> {
    pub(super) question: &'q UsageQuestion,
    pub(super) groups: BTreeMap<GroupKey, GroupFold>,
    /// Rows, windows and buckets that may still be added.
    room: usize,
    /// There was no room for a part of the answer; all of it has been given up.
    pub(super) is_too_large: bool,
    bucket_grid: Option<WindowGrid>,
    reads_properties: bool,
    needs_history: bool,
}

impl<'q> UsageFold<'q> {
    /// The fold over no events.
    #[must_use]
    pub fn new(question: &'q UsageQuestion) -> Self {
        let mut groups = BTreeMap::new();
        if question.group_by.is_empty() {
            groups.insert(GroupKey::new(), GroupFold::default());
        }
        Self {
            question,
            groups,
            room: question.cells_max,
            is_too_large: false,
            bucket_grid: question.bucket_grid(),
            reads_properties: question.reads_properties(),
            needs_history: question.needs_history(),
        }
    }

    /// Takes in one event of the meter's name. Events outside the period or refused by a filter change nothing.
    /// The caller must not offer an event twice.
    ///
    /// # Errors
    /// [`InvalidProperties`] when the event's properties are no JSON object.
    pub fn add(&mut self, event: EventView<'_>) -> Result<(), InvalidProperties> {
        let question = self.question;
        let before_start = event.timestamp < question.period.start;
        if event.timestamp >= question.period.end || (before_start && !self.needs_history) || self.is_too_large {
            return Ok(());
        }
        if !question.sources.is_empty() && !question.sources.iter().any(|source| source == event.source) {
            return Ok(());
        }
        let properties = match event.properties {
            Some(json) if self.reads_properties => Properties::stored(json)?,
            Some(_) | None => Properties::default(),
        };
        let Some(filters) = question.filters_at(event.ingested_at) else {
            return Ok(());
        };
        if !meter_filters_match(filters, &properties) || !query_filters_match(&question.filters, &properties) {
            return Ok(());
        }
        if let Some(quantity) = question.meter.quantity(question.basis, &properties)
            && self.record(event, &properties, quantity, before_start).is_none()
        {
            self.give_up();
        }
        Ok(())
    }

    fn give_up(&mut self) {
        self.is_too_large = true;
        self.groups.clear();
    }

    /// Counts an event where it belongs; `None` when there is no room for that.
    fn record(
        &mut self,
        event: EventView<'_>,
        properties: &Properties<'_>,
        quantity: Quantity<'_>,
        before_start: bool,
    ) -> Option<()> {
        let aggregation = self.question.meter.aggregation();
        let kind = aggregation.kind();
        let key = group_key(&self.question.group_by, &event, properties);
        let group = cell(&mut self.groups, key, &mut self.room)?;
        let add = |aggregate: &mut Aggregate, quantity| aggregate.add(kind, event.timestamp, event.order, quantity);

        if let Some(grid) = &self.bucket_grid {
            let own_group = aggregation.group_by().filter(|_| self.question.group_by.is_empty());
            let own_text = own_group
                .and_then(|key| properties.get(key).text())
                .map(Cow::into_owned);
            let buckets = if before_start {
                &mut group.history_buckets
            } else {
                &mut group.buckets
            };
            let bucket = (grid.start_of(event.timestamp), own_text);
            add(cell(buckets, bucket, &mut self.room)?, quantity.clone());
        } else if let Some(window) = window_of(self.question, event.timestamp).filter(|_| !before_start) {
            add(cell(&mut group.windows, window, &mut self.room)?, quantity.clone());
        }
        if self.question.collect_sources && !before_start && !group.sources.contains(event.source) {
            group.sources.insert(event.source.to_owned());
        }
        add(
            if before_start {
                &mut group.history
            } else {
                &mut group.total
            },
            quantity,
        );
        Some(())
    }

    /// Adds a fold of the same question over other events.
    pub fn merge(&mut self, other: Self) {
        self.merge_partial(&other.into_partial(), Place::InPeriod);
    }

    /// What has been folded so far, detached from the question.
    #[must_use]
    pub fn into_partial(self) -> UsagePartial {
        UsagePartial {
            groups: self.groups,
            is_too_large: self.is_too_large,
        }
    }

    /// Adds what a fold of the same question, but for its period, made of other events. All of them must lie where
    /// `place` says; a partial taken over all time fits either place.
    pub fn merge_partial(&mut self, partial: &UsagePartial, place: Place) {
        if self.is_too_large {
            return;
        }
        if partial.is_too_large || self.merge_groups(partial, place).is_none() {
            self.give_up();
        }
    }

    /// `None` when there is no room for the union.
    fn merge_groups(&mut self, partial: &UsagePartial, place: Place) -> Option<()> {
        let room = &mut self.room;
        for (key, group) in &partial.groups {
            let mine = known_cell(&mut self.groups, key, room)?;
            match place {
                Place::InPeriod => {
                    mine.total.merge(&group.total);
                    mine.history.merge(&group.history);
                    merge_cells(&mut mine.windows, &group.windows, room)?;
                    merge_cells(&mut mine.buckets, &group.buckets, room)?;
                    merge_cells(&mut mine.history_buckets, &group.history_buckets, room)?;
                    mine.sources.extend(group.sources.iter().cloned());
                }
                Place::BeforePeriod => {
                    mine.history.merge(&group.total);
                    merge_cells(&mut mine.history_buckets, &group.buckets, room)?;
                }
            }
        }
        Some(())
    }
}

/// The window that an instant is counted in, if there are any.
fn window_of(question: &UsageQuestion, instant: Timestamp) -> Option<Timestamp> {
    if question.by_instant {
        return Some(instant);
    }
    Some(question.windows.as_ref()?.start_of(instant))
}

/// The part of the answer under this key, made if there is room for one more.
fn cell<'m, K: Ord, V: Default>(cells: &'m mut BTreeMap<K, V>, key: K, room: &mut usize) -> Option<&'m mut V> {
    match cells.entry(key) {
        Entry::Occupied(entry) => Some(entry.into_mut()),
        Entry::Vacant(entry) => {
            *room = room.checked_sub(1)?;
            Some(entry.insert(V::default()))
        }
    }
}

/// As [`cell`]. Cloning the key of a part that exists would be most of the work of a merge.
fn known_cell<'m, K: Ord + Clone, V: Default>(
    cells: &'m mut BTreeMap<K, V>,
    key: &K,
    room: &mut usize,
) -> Option<&'m mut V> {
    if !cells.contains_key(key) {
        *room = room.checked_sub(1)?;
        cells.insert(key.clone(), V::default());
    }
    cells.get_mut(key)
}

/// As [`merge_maps`]; `None` when there is no room for the union.
fn merge_cells<K: Ord + Clone>(
    into: &mut BTreeMap<K, Aggregate>,
    from: &BTreeMap<K, Aggregate>,
    room: &mut usize,
) -> Option<()> {
    for (key, aggregate) in from {
        known_cell(into, key, room)?.merge(aggregate);
    }
    Some(())
}

/// Where the events of a partial lie in relation to the period of the question it is merged into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Inside the period.
    InPeriod,
    /// Before its start: the history of a never-reset meter (spec 02 §4.9).
    BeforePeriod,
}

/// What some events amount to under a question, whatever its period: the piece of work that can be kept and merged again.
#[derive(Debug, Clone, PartialEq)]
pub struct UsagePartial {
    groups: BTreeMap<GroupKey, GroupFold>,
    is_too_large: bool,
}

impl UsagePartial {
    /// Bytes this takes in memory, about.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        const ENTRY: usize = 64;
        let aggregates = |map: &BTreeMap<BucketKey, Aggregate>| -> usize {
            let weight = |((_, group), aggregate): (&BucketKey, &Aggregate)| {
                ENTRY + group.as_ref().map_or(0, String::len) + aggregate.weight_bytes()
            };
            map.iter().map(weight).sum()
        };
        let group = |(key, group): (&GroupKey, &GroupFold)| {
            ENTRY
                + key.iter().flatten().map(|text| ENTRY + text.len()).sum::<usize>()
                + group.total.weight_bytes()
                + group.history.weight_bytes()
                + group
                    .windows
                    .values()
                    .map(|window| ENTRY + window.weight_bytes())
                    .sum::<usize>()
                + aggregates(&group.buckets)
                + aggregates(&group.history_buckets)
                + group.sources.iter().map(|source| ENTRY + source.len()).sum::<usize>()
        };
        self.groups.iter().map(group).sum()
    }
}

fn group_key(dimensions: &[Dimension], event: &EventView<'_>, properties: &Properties<'_>) -> GroupKey {
    let text = |dimension: &Dimension| match dimension {
        Dimension::Source => Some(event.source.to_owned()),
        Dimension::Property(key) => properties.get(key).text().map(Cow::into_owned),
    };
    dimensions.iter().map(text).collect()
}

/// Merges aggregates key by key.
pub(super) fn merge_maps<K: Ord + Clone>(into: &mut BTreeMap<K, Aggregate>, from: &BTreeMap<K, Aggregate>) {
    for (key, aggregate) in from {
        match into.get_mut(key) {
            Some(mine) => mine.merge(aggregate),
            None => drop(into.insert(key.clone(), aggregate.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::aggregation::{Basis, Meter, Period};
    use crate::vocabulary::WindowSize;

    fn question(cells_max: usize) -> UsageQuestion {
        let json = r#"{"event_name":"e","aggregation":{"type":"COUNT"},"filters":[],"reset_usage":"BILLING_PERIOD"}"#;
        let meter = Meter::new(&serde_json::from_str(json).unwrap()).unwrap();
        let period = Period::new(Timestamp::UNIX_EPOCH, Timestamp::from_second(3_600).unwrap());
        UsageQuestion {
            windows: Some(WindowGrid::utc(WindowSize::Minute)),
            cells_max,
            ..UsageQuestion::new(Arc::new(meter), Basis::Recorded, period)
        }
    }

    fn fold_minutes(question: &UsageQuestion, minutes: std::ops::Range<u64>) -> UsageFold<'_> {
        let mut fold = UsageFold::new(question);
        for minute in minutes {
            let timestamp = Timestamp::from_second(i64::try_from(minute * 60).unwrap()).unwrap();
            fold.add(EventView {
                timestamp,
                ingested_at: timestamp,
                order: minute,
                source: "",
                properties: None,
            })
            .unwrap();
        }
        fold
    }

    #[test]
    fn every_instant_may_be_answered_apart() {
        let question = UsageQuestion {
            by_instant: true,
            ..question(usize::MAX)
        };
        let mut fold = fold_minutes(&question, 0..3);
        fold.merge(fold_minutes(&question, 2..4));
        let windows = fold.finish().into_total().windows;
        let counts = windows
            .iter()
            .map(|window| (window.start.as_second(), window.event_count));
        assert_eq!(counts.collect::<Vec<_>>(), [(0, 1), (60, 1), (120, 2), (180, 1)]);
    }

    #[test]
    fn an_answer_with_too_many_windows_is_given_up() {
        for (cells_max, is_too_large) in [(60, false), (59, true)] {
            let question = question(cells_max);
            let alone = fold_minutes(&question, 0..60).finish();
            assert_eq!(alone.is_too_large, is_too_large);
            let mut merged = fold_minutes(&question, 0..40);
            merged.merge(fold_minutes(&question, 20..60));
            let merged = merged.finish();
            assert_eq!(merged.is_too_large, is_too_large);
            assert_eq!(
                (alone.groups.len(), merged.groups.len()),
                if is_too_large { (0, 0) } else { (1, 1) }
            );
        }
    }
}
