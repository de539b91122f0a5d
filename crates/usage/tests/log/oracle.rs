//! The log against an oracle: whatever is delivered in whatever batches, its answers equal a direct fold over the last
//! delivery of each id.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use tariff_core::aggregation::{Basis, EventView, Meter, Period, UsageAnswer, UsageFold, UsageQuestion, WindowGrid};
use tariff_core::vocabulary::WindowSize;
use tariff_core::{Scope, Timestamp};
use tariff_usage::{Customers, EmbeddedLog, EmbeddedOptions, Event, EventQuery, ExportQuery, UsageLog, UsageQuery};
use tempfile::TempDir;

const BASE_MS: i64 = 1_767_225_600_000;
const NAMES: [&str; 2] = ["api_call", "api_call2"];
const CUSTOMERS: [&str; 3] = ["c", "c\0", "c1"];
const AGGREGATIONS: &[&str] = &[
    r#"{"type":"COUNT"}"#,
    r#"{"type":"SUM","field":"v"}"#,
    r#"{"type":"AVG","field":"v"}"#,
    r#"{"type":"MAX","field":"v"}"#,
    r#"{"type":"LATEST","field":"v"}"#,
    r#"{"type":"COUNT_UNIQUE","field":"v"}"#,
    r#"{"type":"SUM_WITH_MULTIPLIER","field":"v","multiplier":"0.5"}"#,
    r#"{"type":"WEIGHTED_SUM","field":"v"}"#,
    r#"{"type":"MAX","field":"v","bucket_size":"HOUR"}"#,
];

fn at(hour: i64) -> Timestamp {
    Timestamp::from_millisecond(BASE_MS + hour * 3_600_000).unwrap()
}

fn event() -> impl Strategy<Value = Event> {
    (
        0..12_u32,
        0..NAMES.len(),
        0..CUSTOMERS.len(),
        0..48_i64,
        -20..20_i32,
        any::<bool>(),
    )
        .prop_map(|(id, name, customer, hour, value, web)| Event {
            event_id: format!("e{id}"),
            event_name: NAMES[name].to_owned(),
            external_customer_id: CUSTOMERS[customer].to_owned(),
            customer_id: String::new(),
            timestamp: at(hour),
            ingested_at: at(hour),
            source: if web { "web".to_owned() } else { String::new() },
            properties: Some(format!("{{\"v\":{value}}}")),
        })
}

#[derive(Debug, Clone)]
struct Asked {
    aggregation: &'static str,
    never: bool,
    raw: bool,
    hours: (i64, i64),
    customer: Option<usize>,
    windows: bool,
    web_only: bool,
}

fn asked() -> impl Strategy<Value = Asked> {
    let hours = (0..48_i64, 0..48_i64).prop_map(|(a, b)| (a.min(b), a.max(b) + 1));
    let customer = proptest::option::of(0..CUSTOMERS.len());
    let flags = any::<(bool, bool, bool, bool)>();
    (proptest::sample::select(AGGREGATIONS), hours, customer, flags).prop_map(
        |(aggregation, hours, customer, (never, raw, windows, web_only))| Asked {
            aggregation,
            never,
            raw,
            hours,
            customer,
            windows,
            web_only,
        },
    )
}

fn query(asked: &Asked) -> UsageQuery {
    let reset = if asked.never { "NEVER" } else { "BILLING_PERIOD" };
    let json = format!(
        r#"{{"event_name":"{}","aggregation":{},"reset_usage":"{reset}"}}"#,
        NAMES[0], asked.aggregation
    );
    let meter = Meter::new(&serde_json::from_str(&json).unwrap()).unwrap();
    let period = Period {
        start: at(asked.hours.0),
        end: at(asked.hours.1),
    };
    let basis = if asked.raw { Basis::Raw } else { Basis::Recorded };
    let mut question = UsageQuestion::new(Arc::new(meter), basis, period);
    question.windows = asked.windows.then(|| WindowGrid::utc(WindowSize::Day));
    question.sources = if asked.web_only {
        vec!["web".to_owned()]
    } else {
        Vec::new()
    };
    let customers = match asked.customer {
        Some(customer) => Customers::These(vec![CUSTOMERS[customer].to_owned()]),
        None => Customers::All,
    };
    UsageQuery {
        question,
        customers,
        customer_id: None,
    }
}

fn oracle(last: &BTreeMap<String, (u64, Event)>, query: &UsageQuery) -> UsageAnswer {
    let mut fold = UsageFold::new(&query.question);
    for (order, event) in last.values() {
        let asked_for = match &query.customers {
            Customers::All => true,
            Customers::These(customers) => customers.contains(&event.external_customer_id),
        };
        if asked_for && event.event_name == query.question.meter.event_name() {
            let view = EventView {
                timestamp: event.timestamp,
                ingested_at: event.ingested_at,
                order: *order,
                source: &event.source,
                properties: event.properties.as_deref(),
            };
            fold.add(view).unwrap();
        }
    }
    fold.finish()
}

#[test]
fn answers_from_memory_equal_a_direct_fold() {
    compare(EmbeddedOptions::default(), 500);
}

#[test]
fn answers_while_packing_equal_a_direct_fold() {
    let packing = EmbeddedOptions {
        tail_events_max: 4,
        ..EmbeddedOptions::default()
    };
    compare(packing, 100);
}

/// Delivers in batches, some with a removal after them, and asks after each.
fn compare(options: EmbeddedOptions, cases: u32) {
    let directory = TempDir::new().unwrap();
    let log = EmbeddedLog::open(directory.path(), options).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let round = Cell::new(0_u32);
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let batch = (
        proptest::collection::vec(event(), 1..8),
        proptest::option::of(0..12_u32),
    );
    let deliveries = proptest::collection::vec(batch, 0..6);
    let questions = proptest::collection::vec(asked(), 6);
    let outcome = TestRunner::new(config).run(&(deliveries, questions), |(batches, questions)| {
        // Each case has a scope to itself, which also shows that scopes do not touch.
        round.set(round.get() + 1);
        let scope = Scope::new("tenant", format!("env_{}", round.get()));
        runtime.block_on(async {
            let mut last = BTreeMap::new();
            let mut order = 0;
            for (batch, removed) in &batches {
                log.append(&scope, batch.clone()).await.unwrap();
                for event in batch {
                    last.insert(event.event_id.clone(), (order, event.clone()));
                    order += 1;
                }
                if let Some(removed) = removed.map(|number| format!("e{number}")) {
                    let stored = log.remove(&scope, &removed).await.unwrap();
                    let expected = last.remove(&removed).map(|(_, event)| event);
                    prop_assert_eq!(stored.map(|stored| stored.event), expected);
                    order += 1;
                }
                for asked in &questions {
                    let query = query(asked);
                    prop_assert_eq!(
                        log.usage(&scope, &query).await.unwrap(),
                        oracle(&last, &query),
                        "{:?}",
                        asked
                    );
                }
                for id in (0..12).map(|number| format!("e{number}")) {
                    let stored = log.event(&scope, &id).await.unwrap().map(|stored| stored.event);
                    prop_assert_eq!(stored.as_ref(), last.get(&id).map(|(_, event)| event));
                }
            }
            let mut exported = Vec::new();
            let mut export = log.export(&scope, ExportQuery::default());
            while let Some(batch) = export.recv().await {
                exported.extend(batch.unwrap().into_iter().map(|stored| stored.event));
            }
            exported.sort_by(|a, b| a.event_id.cmp(&b.event_id));
            prop_assert_eq!(
                exported.iter().collect::<Vec<_>>(),
                last.values().map(|(_, event)| event).collect::<Vec<_>>()
            );
            let page = log
                .events(&scope, &EventQuery::new(at(0), at(48), 1_000))
                .await
                .unwrap();
            let mut expected: Vec<&Event> = last.values().map(|(_, event)| event).collect();
            expected.sort_by(|a, b| (b.timestamp, &b.event_id).cmp(&(a.timestamp, &a.event_id)));
            let listed: Vec<&Event> = page.events.iter().map(|stored| &stored.event).collect();
            prop_assert_eq!(listed, expected);
            Ok(())
        })
    });
    outcome.unwrap();
}
