//! Folds events into the answer to a [`UsageQuestion`].
//!
//! A fold is a monoid like the aggregates in it: folds over disjoint sets of events merge into the fold over their union.

use std::borrow::Cow;
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
        if event.timestamp >= question.period.end || (before_start && !self.needs_history) {
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
        if let Some(quantity) = question.meter.quantity(question.basis, &properties) {
            self.record(event, &properties, quantity, before_start);
        }
        Ok(())
    }

    fn record(
        &mut self,
        event: EventView<'_>,
        properties: &Properties<'_>,
        quantity: Quantity<'_>,
        before_start: bool,
    ) {
        let aggregation = self.question.meter.aggregation();
        let kind = aggregation.kind();
        let key = group_key(&self.question.group_by, &event, properties);
        let group = self.groups.entry(key).or_default();
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
            add(
                buckets.entry((grid.start_of(event.timestamp), own_text)).or_default(),
                quantity.clone(),
            );
        } else if let Some(grid) = self.question.windows.as_ref().filter(|_| !before_start) {
            add(
                group.windows.entry(grid.start_of(event.timestamp)).or_default(),
                quantity.clone(),
            );
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
    }

    /// Adds a fold of the same question over other events.
    pub fn merge(&mut self, other: Self) {
        self.merge_partial(&other.into_partial(), Place::InPeriod);
    }

    /// What has been folded so far, detached from the question.
    #[must_use]
    pub fn into_partial(self) -> UsagePartial {
        UsagePartial { groups: self.groups }
    }

    /// Adds what a fold of the same question, but for its period, made of other events. All of them must lie where
    /// `place` says; a partial taken over all time fits either place.
    pub fn merge_partial(&mut self, partial: &UsagePartial, place: Place) {
        for (key, group) in &partial.groups {
            // Cloning the key of a row that exists would be most of the work of a merge.
            if !self.groups.contains_key(key) {
                self.groups.insert(key.clone(), GroupFold::default());
            }
            let Some(mine) = self.groups.get_mut(key) else { continue };
            match place {
                Place::InPeriod => {
                    mine.total.merge(&group.total);
                    mine.history.merge(&group.history);
                    merge_maps(&mut mine.windows, &group.windows);
                    merge_maps(&mut mine.buckets, &group.buckets);
                    merge_maps(&mut mine.history_buckets, &group.history_buckets);
                    mine.sources.extend(group.sources.iter().cloned());
                }
                Place::BeforePeriod => {
                    mine.history.merge(&group.total);
                    merge_maps(&mut mine.history_buckets, &group.buckets);
                }
            }
        }
    }
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
