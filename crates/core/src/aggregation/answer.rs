//! The answer to a usage question, and how the raw endpoints present it (spec 02 §3.6, §4.8, §4.9).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::fold::{BucketKey, GroupFold, merge_maps};
use super::{Aggregate, UsageFold, UsageQuestion};
use crate::Decimal;
use crate::vocabulary::AggregationType;

/// The answer: one row per combination of the question's dimensions; without dimensions exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageAnswer {
    /// Rows in the order of their texts, an absent property first.
    pub groups: Vec<UsageGroup>,
    /// The answer would have more parts than [`UsageQuestion::cells_max`]; then it has no rows at all.
    pub is_too_large: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageGroup {
    /// Text per dimension, in the question's order; `None` where the property is absent.
    pub dimensions: Vec<Option<String>>,
    /// Its usage.
    pub usage: Usage,
}

/// Usage over a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// The quantity, never negative. For a never-reset meter in a raw question: over all time up to the period's end.
    pub value: Decimal,
    /// Distinct events inside the period.
    pub event_count: u64,
    /// Non-empty windows, ascending; empty unless asked for.
    pub windows: Vec<WindowUsage>,
    /// Non-empty buckets of a bucketed meter by start, then group; this is what prices apply to.
    pub buckets: Vec<BucketUsage>,
    /// For a never-reset meter in a raw question: the quantity before the period's start.
    pub history: Option<Decimal>,
    /// Distinct sources, if asked for.
    pub sources: BTreeSet<String>,
}

/// Usage in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowUsage {
    /// First instant of the window; may precede the period.
    pub start: Timestamp,
    /// The quantity. For a bucketed maximum: the largest bucket of the window.
    pub value: Decimal,
    /// Distinct events.
    pub event_count: u64,
}

/// Usage in one bucket, and in one group of it where the meter has a grouping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketUsage {
    /// First instant of the bucket.
    pub start: Timestamp,
    /// Text of the meter's own grouping; `None` without one or where the property is absent.
    pub group: Option<String>,
    /// The quantity, never negative.
    pub value: Decimal,
    /// Distinct events.
    pub event_count: u64,
}

/// One entry of `results` in a raw answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawResult {
    /// Start of the window or bucket.
    pub start: Timestamp,
    /// Its quantity.
    pub value: Decimal,
}

impl UsageFold<'_> {
    /// The answer over all events added.
    #[must_use]
    pub fn finish(self) -> UsageAnswer {
        let question = self.question;
        let groups = self.groups.into_iter().map(|(dimensions, group)| UsageGroup {
            dimensions,
            usage: if question.bucket_grid().is_some() {
                bucketed(question, group)
            } else {
                plain(question, group)
            },
        });
        UsageAnswer {
            groups: groups.collect(),
            is_too_large: self.is_too_large,
        }
    }
}

impl UsageAnswer {
    /// The usage of a question without dimensions.
    #[must_use]
    pub fn into_total(self) -> Usage {
        self.groups
            .into_iter()
            .next()
            .map(|group| group.usage)
            .unwrap_or_default()
    }
}

impl Usage {
    /// `value` and `results` as the raw endpoints show them (spec 02 §3.6): with windows the value is only what a
    /// never-reset meter carries in; buckets are listed instead of windows.
    #[must_use]
    pub fn raw_results(&self, question: &UsageQuestion) -> (Decimal, Vec<RawResult>) {
        if question.bucket_grid().is_some() {
            let result = |bucket: &BucketUsage| RawResult {
                start: bucket.start,
                value: bucket.value.clone(),
            };
            return (self.value.clone(), self.buckets.iter().map(result).collect());
        }
        if question.windows.is_some() {
            let result = |window: &WindowUsage| RawResult {
                start: window.start,
                value: window.value.clone(),
            };
            return (
                self.history.clone().unwrap_or_default(),
                self.windows.iter().map(result).collect(),
            );
        }
        (self.value.clone(), Vec::new())
    }
}

fn plain(question: &UsageQuestion, group: GroupFold) -> Usage {
    let kind = question.meter.aggregation().kind();
    let period = question.period;
    let window = |(start, aggregate): (Timestamp, Aggregate)| WindowUsage {
        start,
        value: aggregate.finish(kind, period),
        event_count: aggregate.event_count(),
    };
    let (value, history) = if question.needs_history() {
        let history = group.history.finish_history(kind, period);
        (group.total.finish_after(&group.history, kind, period), Some(history))
    } else {
        (group.total.finish(kind, period), None)
    };
    Usage {
        value,
        event_count: group.total.event_count(),
        windows: group.windows.into_iter().map(window).collect(),
        buckets: Vec::new(),
        history,
        sources: group.sources,
    }
}

fn bucketed(question: &UsageQuestion, group: GroupFold) -> Usage {
    let periodic = bucket_usages(question, &group.buckets);
    let sum = |buckets: &[BucketUsage]| buckets.iter().map(|bucket| &bucket.value).sum::<Decimal>();
    let (value, history) = if question.needs_history() {
        let history = sum(&bucket_usages(question, &group.history_buckets));
        // A bucket that the period's start cuts is one bucket, so its halves merge before they are valued.
        let mut all = group.history_buckets;
        merge_maps(&mut all, &group.buckets);
        (sum(&bucket_usages(question, &all)), Some(history))
    } else {
        (sum(&periodic), None)
    };
    Usage {
        value,
        event_count: group.total.event_count(),
        windows: question
            .windows
            .as_ref()
            .map_or_else(Vec::new, |_| roll_up(question, &periodic)),
        buckets: periodic,
        history,
        sources: group.sources,
    }
}

fn bucket_usages(question: &UsageQuestion, buckets: &BTreeMap<BucketKey, Aggregate>) -> Vec<BucketUsage> {
    let kind = question.meter.aggregation().kind();
    let usage = |((start, group), aggregate): (&BucketKey, &Aggregate)| BucketUsage {
        start: *start,
        group: group.clone(),
        value: aggregate.finish(kind, question.period),
        event_count: aggregate.event_count(),
    };
    buckets.iter().map(usage).collect()
}

/// Display windows of a bucketed meter: the largest bucket of a window for `MAX`, their sum for `SUM` (spec 02 §4.10).
/// Windows no wider than a bucket are the buckets themselves.
fn roll_up(question: &UsageQuestion, buckets: &[BucketUsage]) -> Vec<WindowUsage> {
    let aggregation = question.meter.aggregation();
    // First the value of each bucket over its groups, then of each window over its buckets.
    let mut whole: BTreeMap<Timestamp, (Decimal, u64)> = BTreeMap::new();
    for bucket in buckets {
        let (value, event_count) = whole.entry(bucket.start).or_default();
        *value += &bucket.value;
        *event_count += bucket.event_count;
    }
    let mut windows: BTreeMap<Timestamp, (Decimal, u64)> = BTreeMap::new();
    for (start, (bucket_value, bucket_events)) in whole {
        let (value, event_count) = windows.entry(question.display_window(start)).or_default();
        if aggregation.kind() == AggregationType::Max {
            *value = bucket_value.max(std::mem::take(value));
        } else {
            *value += &bucket_value;
        }
        *event_count += bucket_events;
    }
    let window = |(start, (value, event_count))| WindowUsage {
        start,
        value,
        event_count,
    };
    windows.into_iter().map(window).collect()
}
