//! What one event contributes to one meter (spec 02 §4.1 step 4).

use std::borrow::Cow;

use jiff::Timestamp;

use super::{Basis, InvalidProperties, Measure, Meter, Properties, RecordingRevision, meter_filters_match};
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

    /// What this meter records for one event of its name: nothing (`None`) if its filters refuse the event, it was not
    /// recording when the event was taken in, or its expression has no value.
    ///
    /// `recording` is the meter's history as in [`super::UsageQuestion::recording`].
    ///
    /// # Errors
    /// [`InvalidProperties`] when `properties` is no JSON object.
    pub fn record<'a>(
        &self,
        recording: &[RecordingRevision],
        ingested_at: Timestamp,
        properties: Option<&'a str>,
    ) -> Result<Option<Quantity<'a>>, InvalidProperties> {
        let properties = properties.map(Properties::parse).transpose()?.unwrap_or_default();
        let filters = RecordingRevision::filters_at(recording, ingested_at, self);
        if !filters.is_some_and(|filters| meter_filters_match(filters, &properties)) {
            return Ok(None);
        }
        Ok(self.quantity(Basis::Recorded, &properties))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(aggregation: &str, filters: &str) -> Meter {
        let json = format!(
            r#"{{"event_name":"e","aggregation":{aggregation},"filters":{filters},"reset_usage":"BILLING_PERIOD"}}"#
        );
        Meter::new(&serde_json::from_str(&json).unwrap()).unwrap()
    }

    fn recorded(meter: &Meter, properties: &str) -> Option<String> {
        let quantity = meter.record(&[], Timestamp::UNIX_EPOCH, Some(properties)).unwrap();
        quantity.map(|quantity| quantity.amount().to_string())
    }

    #[test]
    fn a_record_carries_the_quantity_of_its_event() {
        for (aggregation, properties, expected) in [
            (r#"{"type":"COUNT"}"#, "{}", Some("1")),
            (r#"{"type":"SUM","field":"v"}"#, r#"{"v":"2.50"}"#, Some("2.5")),
            (r#"{"type":"SUM","field":"v"}"#, r#"{"v":-3}"#, Some("0")),
            (r#"{"type":"SUM","field":"v"}"#, "{}", Some("0")),
            (r#"{"type":"WEIGHTED_SUM","field":"v"}"#, r#"{"v":-3}"#, Some("-3")),
            (r#"{"type":"COUNT_UNIQUE","field":"v"}"#, r#"{"v":"x"}"#, Some("1")),
            (r#"{"type":"COUNT_UNIQUE","field":"v"}"#, r#"{"v":null}"#, Some("0")),
            (
                r#"{"type":"SUM_WITH_MULTIPLIER","field":"v","multiplier":"0.001"}"#,
                r#"{"v":250}"#,
                Some("0.25"),
            ),
            (
                r#"{"type":"SUM","expression":"v * 2","multiplier":"0.1"}"#,
                r#"{"v":4}"#,
                Some("0.8"),
            ),
            (r#"{"type":"SUM","expression":"v * 2"}"#, r#"{"v":true}"#, None),
        ] {
            assert_eq!(
                recorded(&meter(aggregation, "[]"), properties).as_deref(),
                expected,
                "{aggregation} {properties}"
            );
        }
    }

    #[test]
    fn no_record_without_a_match_or_outside_recording() {
        let filtered = meter(r#"{"type":"COUNT"}"#, r#"[{"key":"m","values":["a"]}]"#);
        assert_eq!(recorded(&filtered, r#"{"m":"a"}"#).as_deref(), Some("1"));
        assert_eq!(recorded(&filtered, "{}"), None);
        let created = Timestamp::from_second(100).unwrap();
        let revision = RecordingRevision {
            from: created,
            filters: Some(filtered.filters().to_vec()),
        };
        let at = |second| {
            let ingested_at = Timestamp::from_second(second).unwrap();
            filtered
                .record(std::slice::from_ref(&revision), ingested_at, Some(r#"{"m":"a"}"#))
                .unwrap()
        };
        assert_eq!(at(99), None);
        assert!(at(100).is_some());
        assert_eq!(filtered.record(&[], created, Some("[]")), Err(InvalidProperties));
    }
}
