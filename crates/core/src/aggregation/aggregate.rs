//! The aggregation monoid (spec 02 §4.6).
//!
//! An [`Aggregate`] is a product of small monoids (a count, sums, a maximum, a minimum, a newest value, a set). A product
//! of monoids is one too, so `merge` is associative and commutative with [`Aggregate::default`] as identity, whatever is
//! merged with whatever; a type merely keeps the parts it does not need at their identity. Hence a query may be answered
//! from any partition of its events, in any order.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::{Period, Quantity};
use crate::Decimal;
use crate::vocabulary::AggregationType;

/// What a set of events amounts to, before the last step of its aggregation type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aggregate {
    event_count: u64,
    sum: Decimal,
    /// Σ x·⌊t⌋ in unit-seconds since the Unix epoch; with `sum` it gives the time-weighted sum of any period.
    moment: Decimal,
    maximum: Option<Decimal>,
    minimum: Option<Decimal>,
    latest: Option<Latest>,
    distinct: BTreeSet<String>,
}

/// The newest value: greatest timestamp, then last delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Latest {
    at: Timestamp,
    order: u64,
    value: Decimal,
}

impl Aggregate {
    /// Adds one event. `order` tells deliveries apart: of two events the one delivered later has the greater.
    pub fn add(&mut self, kind: AggregationType, at: Timestamp, order: u64, quantity: Quantity<'_>) {
        self.event_count += 1;
        let value = match quantity {
            Quantity::Number(value) => value,
            Quantity::Distinct(Some(text)) => {
                if !self.distinct.contains(&*text) {
                    self.distinct.insert(text.into_owned());
                }
                return;
            }
            Quantity::Distinct(None) => return,
        };
        match kind {
            AggregationType::Count | AggregationType::CountUnique => {}
            AggregationType::Sum | AggregationType::SumWithMultiplier | AggregationType::Avg => self.sum += &value,
            AggregationType::WeightedSum => {
                self.moment += &(&value * &Decimal::from(whole_seconds(at)));
                self.sum += &value;
            }
            AggregationType::Max => self.raise(Some(value)),
            AggregationType::Min => self.lower(Some(value)),
            AggregationType::Latest => self.renew(Some(Latest { at, order, value })),
        }
    }

    /// Adds what another set of events amounts to. The two sets must not share an event.
    pub fn merge(&mut self, other: &Self) {
        self.event_count += other.event_count;
        self.sum += &other.sum;
        self.moment += &other.moment;
        if other.maximum > self.maximum {
            self.maximum.clone_from(&other.maximum);
        }
        if is_below(other.minimum.as_ref(), self.minimum.as_ref()) {
            self.minimum.clone_from(&other.minimum);
        }
        if Latest::rank(other.latest.as_ref()) > Latest::rank(self.latest.as_ref()) {
            self.latest.clone_from(&other.latest);
        }
        for text in &other.distinct {
            if !self.distinct.contains(text) {
                self.distinct.insert(text.clone());
            }
        }
    }

    /// Bytes this takes in memory, about.
    #[must_use]
    pub fn weight_bytes(&self) -> usize {
        const TEXT: usize = 48;
        size_of::<Self>() + 4 * TEXT + self.distinct.iter().map(|text| TEXT + text.len()).sum::<usize>()
    }

    /// Number of events.
    #[must_use]
    pub const fn event_count(&self) -> u64 {
        self.event_count
    }

    /// The value of the aggregation, never negative; zero for no events (spec 02 §4.6).
    ///
    /// `period` is the query's or line item's whole period, also for the aggregate of one window: the weights of
    /// `WEIGHTED_SUM` refer to it.
    #[must_use]
    pub fn finish(&self, kind: AggregationType, period: Period) -> Decimal {
        self.value(kind, period).floor_at_zero()
    }

    /// The value over all time up to the end of `period`, given what came before its start: the sum of a never-reset
    /// meter (spec 02 §4.9). In a weighted sum, history has weight 1.
    #[must_use]
    pub fn finish_after(&self, history: &Self, kind: AggregationType, period: Period) -> Decimal {
        if kind == AggregationType::WeightedSum {
            return (self.value(kind, period) + &history.sum).floor_at_zero();
        }
        let mut all = history.clone();
        all.merge(self);
        all.finish(kind, period)
    }

    /// The value of history on its own: everything before a period, carried in at full weight.
    #[must_use]
    pub fn finish_history(&self, kind: AggregationType, period: Period) -> Decimal {
        Self::default().finish_after(self, kind, period)
    }

    fn value(&self, kind: AggregationType, period: Period) -> Decimal {
        match kind {
            AggregationType::Count => Decimal::from(self.event_count),
            AggregationType::Sum | AggregationType::SumWithMultiplier => self.sum.clone(),
            AggregationType::Avg => self.sum.div(&Decimal::from(self.event_count)).unwrap_or_default(),
            AggregationType::Max => self.maximum.clone().unwrap_or_default(),
            AggregationType::Min => self.minimum.clone().unwrap_or_default(),
            AggregationType::Latest => self
                .latest
                .as_ref()
                .map(|latest| latest.value.clone())
                .unwrap_or_default(),
            AggregationType::CountUnique => Decimal::from(u64::try_from(self.distinct.len()).unwrap_or(u64::MAX)),
            AggregationType::WeightedSum => self.weighted(period),
        }
    }

    /// Σ x·(⌊E⌋−⌊t⌋)/(⌊E⌋−⌊S⌋), which is (E·Σx − Σx·t)/(E−S); zero for a period of less than a second.
    fn weighted(&self, period: Period) -> Decimal {
        let (start, end) = (whole_seconds(period.start), whole_seconds(period.end));
        let remaining = &self.sum * &Decimal::from(end) - &self.moment;
        remaining.div(&Decimal::from(end - start)).unwrap_or_default()
    }

    fn raise(&mut self, candidate: Option<Decimal>) {
        if candidate > self.maximum {
            self.maximum = candidate;
        }
    }

    fn lower(&mut self, candidate: Option<Decimal>) {
        if is_below(candidate.as_ref(), self.minimum.as_ref()) {
            self.minimum = candidate;
        }
    }

    fn renew(&mut self, candidate: Option<Latest>) {
        if Latest::rank(candidate.as_ref()) > Latest::rank(self.latest.as_ref()) {
            self.latest = candidate;
        }
    }
}

impl AggregationType {
    /// Whether the value of a period is the sum of the values of its parts.
    #[must_use]
    pub const fn adds_up(self) -> bool {
        matches!(self, Self::Count | Self::Sum | Self::SumWithMultiplier)
    }
}

impl Latest {
    /// What decides which of two values is newer.
    fn rank(latest: Option<&Self>) -> Option<(Timestamp, u64)> {
        latest.map(|latest| (latest.at, latest.order))
    }
}

/// Whether a minimum is below another one. Unlike the order of options, where nothing is less than any number, no minimum
/// is above all of them.
fn is_below(candidate: Option<&Decimal>, minimum: Option<&Decimal>) -> bool {
    match (candidate, minimum) {
        (Some(candidate), Some(minimum)) => candidate < minimum,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Whole seconds since the epoch, cut towards the past.
fn whole_seconds(instant: Timestamp) -> i64 {
    i64::try_from(instant.as_nanosecond().div_euclid(1_000_000_000)).unwrap_or_default()
}
