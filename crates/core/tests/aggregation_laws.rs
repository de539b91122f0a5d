//! The laws that let usage be computed from any partition of its events: aggregates and folds are commutative monoids,
//! and equal what a direct reading of spec 02 §4.6 gives.

#![allow(clippy::unwrap_used, reason = "a failed expectation is a failed test")]

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;
use tariff_core::aggregation::{
    Aggregate, Basis, Dimension, EventView, Meter, Period, Properties, Quantity, UsageFold, UsageQuestion, WindowGrid,
};
use tariff_core::vocabulary::{AggregationType, WindowSize};
use tariff_core::{Decimal, Timestamp};

/// Enough for the laws to be believed; `PROPTEST_CASES` overrides it.
fn cases() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: cases.unwrap_or(10_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// A period of a hundred days; observations fall inside it.
const START_S: i64 = 1_767_225_600;
const END_S: i64 = START_S + 100 * 86_400;

fn period() -> Period {
    let instant = |seconds| Timestamp::from_second(seconds).unwrap();
    Period {
        start: instant(START_S),
        end: instant(END_S),
    }
}

#[derive(Debug, Clone)]
struct Observation {
    at: Timestamp,
    order: u64,
    value: Decimal,
}

impl Observation {
    fn quantity(&self, kind: AggregationType) -> Quantity<'_> {
        match kind {
            AggregationType::CountUnique if self.value.is_zero() => Quantity::Distinct(None),
            AggregationType::CountUnique => Quantity::Distinct(Some(Cow::Owned(self.value.to_string()))),
            _ => Quantity::Number(self.value.clone()),
        }
    }
}

fn kind() -> impl Strategy<Value = AggregationType> {
    proptest::sample::select(AggregationType::ALL)
}

fn observations() -> impl Strategy<Value = Vec<Observation>> {
    // Few distinct instants and values, so that ties and repetitions are common.
    let observation = (0..20_i64, -50..50_i64, 0..4_u32);
    proptest::collection::vec(observation, 0..24).prop_map(|drawn| {
        let observation = |(order, (step, mantissa, scale)): (u64, (i64, i64, u32))| Observation {
            at: Timestamp::from_millisecond((START_S + step * 400_000) * 1_000 + step * 37).unwrap(),
            order,
            value: Decimal::new(i128::from(mantissa), scale),
        };
        (0..).zip(drawn).map(observation).collect()
    })
}

fn fold(kind: AggregationType, observations: &[Observation]) -> Aggregate {
    let mut aggregate = Aggregate::default();
    for observation in observations {
        aggregate.add(kind, observation.at, observation.order, observation.quantity(kind));
    }
    aggregate
}

fn merged(parts: impl IntoIterator<Item = Aggregate>) -> Aggregate {
    parts.into_iter().fold(Aggregate::default(), |mut whole, part| {
        whole.merge(&part);
        whole
    })
}

/// Spec 02 §4.6 word for word.
fn direct(kind: AggregationType, observations: &[Observation]) -> Decimal {
    let count = Decimal::from(u64::try_from(observations.len()).unwrap());
    let sum: Decimal = observations.iter().map(|observation| &observation.value).sum();
    let value = match kind {
        AggregationType::Count => count,
        AggregationType::Sum | AggregationType::SumWithMultiplier => sum,
        AggregationType::Avg => sum.div(&count).unwrap_or_default(),
        AggregationType::Max => observations
            .iter()
            .map(|seen| seen.value.clone())
            .max()
            .unwrap_or_default(),
        AggregationType::Min => observations
            .iter()
            .map(|seen| seen.value.clone())
            .min()
            .unwrap_or_default(),
        AggregationType::Latest => {
            let latest = observations.iter().max_by_key(|seen| (seen.at, seen.order));
            latest.map(|seen| seen.value.clone()).unwrap_or_default()
        }
        AggregationType::CountUnique => {
            let texts = observations
                .iter()
                .filter(|seen| !seen.value.is_zero())
                .map(|seen| seen.value.to_string());
            Decimal::from(u64::try_from(texts.collect::<BTreeSet<_>>().len()).unwrap())
        }
        AggregationType::WeightedSum => {
            let remaining = |seen: &Observation| Decimal::from(END_S - seen.at.as_second());
            let total: Decimal = observations.iter().map(|seen| &seen.value * &remaining(seen)).sum();
            total.div(&Decimal::from(END_S - START_S)).unwrap()
        }
    };
    value.floor_at_zero()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_empty_aggregate_is_the_identity(kind in kind(), seen in observations()) {
        let aggregate = fold(kind, &seen);
        prop_assert_eq!(&merged([Aggregate::default(), aggregate.clone()]), &aggregate);
        prop_assert_eq!(merged([aggregate.clone(), Aggregate::default()]), aggregate);
    }

    #[test]
    fn merging_is_associative(kind in kind(), seen in observations(), cuts in any::<(Index, Index)>()) {
        let (first, second) = cut_points(seen.len(), cuts);
        let [a, b, c] = [&seen[..first], &seen[first..second], &seen[second..]].map(|part| fold(kind, part));
        let left = merged([merged([a.clone(), b.clone()]), c.clone()]);
        let right = merged([a, merged([b, c])]);
        prop_assert_eq!(&left, &right);
        prop_assert_eq!(left, fold(kind, &seen));
    }

    #[test]
    fn neither_order_nor_batches_matter(
        kind in kind(),
        (seen, shuffled) in observations().prop_flat_map(|seen| (Just(seen.clone()), Just(seen).prop_shuffle())),
        batch in 1..8_usize,
    ) {
        let parts = shuffled.chunks(batch).map(|part| fold(kind, part));
        prop_assert_eq!(merged(parts), fold(kind, &seen));
    }

    #[test]
    fn the_value_is_that_of_a_direct_reading(kind in kind(), seen in observations()) {
        let aggregate = fold(kind, &seen);
        prop_assert_eq!(aggregate.finish(kind, period()), direct(kind, &seen));
        prop_assert_eq!(usize::try_from(aggregate.event_count()).unwrap(), seen.len());
    }

    #[test]
    fn the_minimum_is_the_maximum_of_the_opposites(seen in observations()) {
        // Both are floored at zero, so they are compared where all values are positive.
        let shift = Decimal::from(1_000);
        let shifted = |sign: i64| -> Vec<Observation> {
            let moved = |seen: &Observation| Observation {
                value: &shift + &(&seen.value * &Decimal::from(sign)),
                ..seen.clone()
            };
            seen.iter().map(moved).collect()
        };
        let least = fold(AggregationType::Min, &shifted(1)).finish(AggregationType::Min, period());
        let greatest = fold(AggregationType::Max, &shifted(-1)).finish(AggregationType::Max, period());
        if seen.is_empty() {
            prop_assert!(least.is_zero());
        } else {
            prop_assert_eq!(least, Decimal::from(2_000) - &greatest);
        }
    }

    #[test]
    fn a_minimum_is_taken_and_no_event_is_below_it(seen in observations()) {
        let least = fold(AggregationType::Min, &seen).finish(AggregationType::Min, period());
        let floored = |observation: &Observation| observation.value.clone().floor_at_zero();
        prop_assert!(seen.iter().all(|observation| least <= floored(observation)));
        prop_assert!(seen.is_empty() || seen.iter().any(|observation| floored(observation) == least));
    }

    #[test]
    fn folds_over_disjoint_events_merge(
        meter in proptest::sample::select(METERS),
        (seen, shuffled) in observations().prop_flat_map(|seen| (Just(seen.clone()), Just(seen).prop_shuffle())),
        raw in any::<bool>(),
        grouped in any::<bool>(),
        cut in any::<Index>(),
    ) {
        let question = question(meter, raw, grouped);
        let (cut, _) = cut_points(seen.len(), (cut, cut));
        let mut first = fold_events(&question, &shuffled[..cut]);
        first.merge(fold_events(&question, &shuffled[cut..]));
        prop_assert_eq!(first.finish(), fold_events(&question, &seen).finish());
    }
}

const METERS: &[&str] = &[
    r#"{"type":"COUNT"}"#,
    r#"{"type":"SUM","field":"v"}"#,
    r#"{"type":"AVG","field":"v"}"#,
    r#"{"type":"LATEST","field":"v"}"#,
    r#"{"type":"MIN","field":"v"}"#,
    r#"{"type":"MIN","expression":"v + 10"}"#,
    r#"{"type":"COUNT_UNIQUE","field":"v"}"#,
    r#"{"type":"WEIGHTED_SUM","field":"v"}"#,
    r#"{"type":"SUM","expression":"v / 4"}"#,
    r#"{"type":"SUM","field":"v","bucket_size":"DAY"}"#,
    r#"{"type":"MAX","field":"v","bucket_size":"DAY"}"#,
    r#"{"type":"MAX","field":"v","bucket_size":"WEEK","group_by":"g"}"#,
];

fn question(aggregation: &str, raw: bool, grouped: bool) -> UsageQuestion {
    let json = format!(r#"{{"event_name":"e","aggregation":{aggregation},"reset_usage":"NEVER"}}"#);
    let meter = Meter::new(&serde_json::from_str(&json).unwrap()).unwrap();
    // The period starts in the middle of the observations, so that a never-reset meter has a history.
    let start = Timestamp::from_second(START_S + 10 * 400_000).unwrap();
    let period = Period {
        start,
        end: period().end,
    };
    let mut question = UsageQuestion::new(Arc::new(meter), if raw { Basis::Raw } else { Basis::Recorded }, period);
    question.windows = Some(WindowGrid::utc(WindowSize::Week));
    question.collect_sources = true;
    if grouped {
        question.group_by = vec![Dimension::Source, Dimension::Property("g".to_owned())];
    }
    question
}

fn fold_events<'q>(question: &'q UsageQuestion, seen: &[Observation]) -> UsageFold<'q> {
    let mut fold = UsageFold::new(question);
    for observation in seen {
        let group = observation.order % 3;
        let properties = format!(r#"{{"v":{},"g":{group}}}"#, observation.value);
        let view = EventView {
            timestamp: observation.at,
            ingested_at: observation.at,
            order: observation.order,
            source: if group == 0 { "web" } else { "" },
            properties: Some(&properties),
        };
        fold.add(view).unwrap();
    }
    fold
}

/// Two places to cut a sequence, in order.
fn cut_points(length: usize, cuts: (Index, Index)) -> (usize, usize) {
    let (first, second) = (cuts.0.index(length + 1), cuts.1.index(length + 1));
    (first.min(second), first.max(second))
}

/// The text of some JSON value, with blanks where blanks may be.
fn json_text() -> impl Strategy<Value = String> {
    let text = "[a-c\"\\\\é\u{1F600}\n,:{}\\[\\] ]{0,6}".prop_map(|text| serde_json::Value::from(text).to_string());
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,4})?([eE][+-]?[0-9]{1,2})?";
    let leaf = prop_oneof![
        text,
        number.prop_map(String::from),
        proptest::sample::select(&["null", "true", "false"][..]).prop_map(String::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let blank = || proptest::sample::select(&["", " ", "\n\t "][..]);
        let items = proptest::collection::vec((blank(), inner.clone()), 0..4);
        let array = items.prop_map(|items| {
            let items: Vec<String> = items
                .iter()
                .map(|(blank, item)| format!("{blank}{item}{blank}"))
                .collect();
            format!("[{}]", items.join(","))
        });
        prop_oneof![array, object_text(inner)]
    })
}

fn object_text(values: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let blank = proptest::sample::select(&["", " ", "\r\n"][..]);
    let key = "[a-c\"\\\\]{0,2}".prop_map(|key| serde_json::Value::from(key).to_string());
    proptest::collection::vec((blank, key, values), 0..6).prop_map(|entries| {
        let entries: Vec<String> = entries
            .iter()
            .map(|(blank, key, value)| format!("{blank}{key}{blank}:{blank}{value}{blank}"))
            .collect();
        format!("{{{}}}", entries.join(","))
    })
}

proptest! {
    #![proptest_config(cases())]

    /// Searching stored text for a key finds what reading all of it finds.
    #[test]
    fn stored_properties_read_as_parsed_ones(json in object_text(json_text()), key in "[a-c\"\\\\]{0,2}") {
        let (stored, parsed) = (Properties::stored(&json).unwrap(), Properties::parse(&json).unwrap());
        let (stored, parsed) = (stored.get(&key), parsed.get(&key));
        prop_assert_eq!(stored.text(), parsed.text(), "{:?} of {}", key, json);
        prop_assert_eq!(stored.num(), parsed.num(), "{:?} of {}", key, json);
    }
}
