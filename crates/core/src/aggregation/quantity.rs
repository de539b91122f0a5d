//! What one event contributes to one meter (spec 02 §4.1 step 4).

use std::borrow::Cow;

use super::{Basis, Measure, Meter, Properties};
use crate::Decimal;
use crate::vocabulary::AggregationType;

/// The contribution of one event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quantity<'a> {
    /// A number, already multiplied; for `COUNT` it is 1.
    Number(Decimal),
    /// The text that `COUNT_UNIQUE` counts; `None` when the property is absent or null.
    Distinct(Option<Cow<'a, str>>),
}

impl Quantity<'_> {
    /// The quantity as a record shows it (`qty_total`): a distinct key is 1, its absence 0.
    #[must_use]
    pub fn amount(&self) -> Decimal {
        match self {
            Self::Number(number) => number.clone(),
            Self::Distinct(Some(_)) => Decimal::one(),
            Self::Distinct(None) => Decimal::zero(),
        }
    }
}

impl Meter {
    /// The quantity of an event that has passed the filters; `None` when the meter's expression has no value for it, in
    /// which case the event leaves no record.
    #[must_use]
    pub fn quantity<'a>(&self, basis: Basis, properties: &Properties<'a>) -> Option<Quantity<'a>> {
        let aggregation = self.aggregation();
        let number = match aggregation.measure() {
            Measure::Events => Decimal::one(),
            Measure::Property(key) if aggregation.kind() == AggregationType::CountUnique => {
                return Some(Quantity::Distinct(properties.get(key).text()));
            }
            Measure::Property(key) => properties.get(key).num(),
            Measure::Expression(expression) => expression.evaluate(properties).ok()?,
        };
        let number = match aggregation.multiplier() {
            Some(multiplier) => &number * multiplier,
            None => number,
        };
        // A weighted sum adds deltas, which may be negative; any other recorded quantity may not.
        let keeps_sign = basis == Basis::Raw || aggregation.kind() == AggregationType::WeightedSum;
        Some(Quantity::Number(if keeps_sign {
            number
        } else {
            number.floor_at_zero()
        }))
    }
}
