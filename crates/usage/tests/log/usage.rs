//! Questions about usage: whose, when, and by which definition.

use tariff_core::aggregation::{Basis, Dimension, Meter, RecordingRevision, UsageQuestion, WindowGrid};
use tariff_core::vocabulary::WindowSize;
use tariff_core::{Decimal, Timestamp};
use tariff_usage::{ActivityQuery, Customers, Event, UsageLog, UsageQuery};

use crate::support::{TestLog, always, event, instant, meter, of_all, period, run_both, scope, sum_meter, valued};

fn of(customer: &str, mut event: Event) -> Event {
    event.external_customer_id = customer.to_owned();
    event
}

#[test]
fn an_append_is_seen_by_the_very_next_question() {
    run_both(|| async {
        let log = TestLog::new();
        for number in 1..=50_u32 {
            log.append(&[valued(&format!("e{number}"), "2026-01-05T10:00:00Z", 1)])
                .await;
            assert_eq!(log.sum("cust_1").await, (number.to_string(), u64::from(number)));
        }
    });
}

#[test]
fn the_period_starts_inclusive_and_ends_exclusive_to_the_millisecond() {
    run_both(|| async {
        let log = TestLog::new();
        log.append(&[
            valued("before", "2026-01-01T00:00:00.0009Z", 1),
            valued("first", "2026-01-01T00:00:00.001999Z", 2),
            valued("last", "2026-01-31T23:59:59.999Z", 4),
            valued("after", "2026-02-01T00:00:00Z", 8),
        ])
        .await;
        let january = period("2026-01-01T00:00:00.001Z", "2026-02-01T00:00:00Z");
        let question = UsageQuestion::new(sum_meter(), Basis::Raw, january);
        let usage = log.ask(&UsageQuery::of_customer(question, "cust_1")).await;
        assert_eq!(usage.value, Decimal::from(6));
        let stored = log.log.event(&scope(), "first").await.unwrap().unwrap();
        assert_eq!(stored.event.timestamp, instant("2026-01-01T00:00:00.001Z"));
    });
}

#[test]
fn one_several_or_all_customers() {
    run_both(|| async {
        let log = TestLog::new();
        let mut events = Vec::new();
        for customer in 0..40 {
            for number in 0..40 {
                let day = 1 + number % 28;
                let id = format!("{customer}-{number}");
                events.push(of(
                    &format!("cust_{customer}"),
                    valued(&id, &format!("2026-01-{day:02}T00:00:00Z"), 1),
                ));
                events.push(of(
                    &format!("cust_{customer}"),
                    valued(&format!("old{id}"), "2020-01-01T00:00:00Z", 1),
                ));
                events.push(of(
                    &format!("cust_{customer}"),
                    valued(&format!("new{id}"), "2030-01-01T00:00:00Z", 1),
                ));
            }
        }
        log.append(&events).await;
        let question = UsageQuestion::new(
            sum_meter(),
            Basis::Raw,
            period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        );
        let these = |customers: &[&str]| UsageQuery {
            customers: Customers::These(customers.iter().map(ToString::to_string).collect()),
            ..of_all(question.clone())
        };
        assert_eq!(log.ask(&of_all(question.clone())).await.value, Decimal::from(1_600));
        assert_eq!(log.ask(&these(&["cust_3"])).await.value, Decimal::from(40));
        assert_eq!(
            log.ask(&these(&["cust_3", "cust_4", "cust_3"])).await.value,
            Decimal::from(80)
        );
        assert_eq!(log.ask(&these(&["nobody"])).await.value, Decimal::zero());
        assert_eq!(log.ask(&these(&[])).await.event_count, 0);
    });
}

#[test]
fn the_literal_customer_id_narrows_a_raw_query() {
    run_both(|| async {
        let log = TestLog::new();
        let mut with_id = valued("e1", "2026-01-05T10:00:00Z", 1);
        with_id.customer_id = "cust_01ABC".to_owned();
        log.append(&[with_id, valued("e2", "2026-01-05T10:00:00Z", 2)]).await;
        let question = UsageQuestion::new(
            sum_meter(),
            Basis::Raw,
            period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        );
        let query = UsageQuery {
            customer_id: Some("cust_01ABC".to_owned()),
            ..of_all(question)
        };
        assert_eq!(log.ask(&query).await.value, Decimal::one());
    });
}

#[test]
fn a_tie_for_the_latest_goes_to_the_last_delivered() {
    run_both(|| async {
        let log = TestLog::new();
        let at = "2026-01-05T10:00:00Z";
        log.append(&[valued("b", at, 1), valued("a", at, 2)]).await;
        let latest = meter(r#"{"type":"LATEST","field":"v"}"#);
        let question = UsageQuestion::new(
            latest,
            Basis::Raw,
            period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        );
        let query = UsageQuery::of_customer(question, "cust_1");
        assert_eq!(log.ask(&query).await.value, Decimal::from(2));
        let log = log.reopen().await;
        log.append(&[valued("b", at, 3)]).await;
        assert_eq!(log.ask(&query).await.value, Decimal::from(3));
    });
}

#[test]
fn windows_groups_and_sources_come_with_the_total() {
    run_both(|| async {
        let log = TestLog::new();
        let mut web = event("e1", "2026-01-05T10:00:00Z", r#"{"v":1,"region":"eu"}"#);
        web.source = "web".to_owned();
        log.append(&[web, valued("e2", "2026-01-06T10:00:00Z", 2)]).await;
        let mut question = UsageQuestion::new(
            sum_meter(),
            Basis::Recorded,
            period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
        );
        question.windows = Some(WindowGrid::utc(WindowSize::Day));
        question.collect_sources = true;
        let usage = log.ask(&UsageQuery::of_customer(question.clone(), "cust_1")).await;
        let starts: Vec<Timestamp> = usage.windows.iter().map(|window| window.start).collect();
        assert_eq!(
            starts,
            [instant("2026-01-05T00:00:00Z"), instant("2026-01-06T00:00:00Z")]
        );
        assert_eq!(usage.sources.into_iter().collect::<Vec<_>>(), ["", "web"]);

        question.group_by = vec![Dimension::Property("region".to_owned())];
        let answer = log
            .log
            .usage(&scope(), &UsageQuery::of_customer(question, "cust_1"))
            .await
            .unwrap();
        let rows: Vec<_> = answer
            .groups
            .iter()
            .map(|row| (row.dimensions[0].as_deref(), row.usage.value.to_string()))
            .collect();
        assert_eq!(rows, [(None, "2".to_owned()), (Some("eu"), "1".to_owned())]);
    });
}

#[test]
fn recording_is_not_retroactive() {
    run_both(|| async {
        let log = TestLog::new();
        let taken_in = |id: &str, model: &str, at: &str| {
            let mut event = event(id, "2026-01-05T10:00:00Z", &format!(r#"{{"model":"{model}"}}"#));
            event.ingested_at = instant(at);
            event
        };
        log.append(&[
            taken_in("before", "a", "2026-01-09T00:00:00Z"),
            taken_in("unmatched", "b", "2026-01-11T00:00:00Z"),
            taken_in("matched", "a", "2026-01-11T00:00:00Z"),
            taken_in("extended", "b", "2026-01-13T00:00:00Z"),
            taken_in("archived", "a", "2026-01-15T00:00:00Z"),
        ])
        .await;
        let filters =
            |values: &str| serde_json::from_str(&format!(r#"[{{"key":"model","values":{values}}}]"#)).unwrap();
        let json = r#"{"event_name":"api_call","aggregation":{"type":"COUNT"},"reset_usage":"BILLING_PERIOD",
                       "filters":[{"key":"model","values":["a","b"]}]}"#;
        let meter = std::sync::Arc::new(Meter::new(&serde_json::from_str(json).unwrap()).unwrap());
        let january = period("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z");
        let mut question = UsageQuestion::new(meter, Basis::Recorded, january);
        question.recording = vec![
            RecordingRevision {
                from: instant("2026-01-10T00:00:00Z"),
                filters: Some(filters(r#"["a"]"#)),
            },
            RecordingRevision {
                from: instant("2026-01-12T00:00:00Z"),
                filters: Some(filters(r#"["a","b"]"#)),
            },
            RecordingRevision {
                from: instant("2026-01-14T00:00:00Z"),
                filters: None,
            },
        ];
        assert_eq!(
            log.ask(&UsageQuery::of_customer(question.clone(), "cust_1"))
                .await
                .event_count,
            2
        );
        // Raw questions see all events by the meter as it is now.
        question.basis = Basis::Raw;
        assert_eq!(
            log.ask(&UsageQuery::of_customer(question, "cust_1")).await.event_count,
            5
        );
    });
}

#[test]
fn activity_counts_every_event_by_time() {
    run_both(|| async {
        let log = TestLog::new();
        let mut other = valued("e3", "2026-01-06T10:00:00Z", 1);
        other.event_name = "other".to_owned();
        log.append(&[
            valued("e1", "2026-01-05T10:00:00Z", 1),
            of("c", valued("e2", "2026-01-05T11:00:00Z", 1)),
            other,
        ])
        .await;
        let query = ActivityQuery {
            period: period("2026-01-05T10:00:00Z", "2026-01-07T00:00:00Z"),
            windows: Some(WindowGrid::utc(WindowSize::Day)),
        };
        let answer = log.log.activity(&scope(), &query).await.unwrap();
        assert_eq!(answer.total_count, 3);
        assert_eq!(
            answer
                .windows
                .iter()
                .map(|window| window.event_count)
                .collect::<Vec<_>>(),
            [2, 1]
        );
    });
}

#[test]
fn what_is_remembered_follows_every_change() {
    run_both(|| async {
        let log = TestLog::new();
        // Enough rows for whole pieces to be remembered, in one day.
        let many: Vec<Event> = (0..600)
            .map(|number| valued(&format!("e{number}"), "2026-01-05T10:00:00Z", 1))
            .collect();
        log.append(&many).await;
        for _ in 0..2 {
            assert_eq!(log.sum("cust_1").await, ("600".to_owned(), 600));
        }
        log.append(&[valued("e7", "2026-01-05T10:00:00Z", 11)]).await;
        assert_eq!(log.sum("cust_1").await, ("610".to_owned(), 600));
        log.append(&[valued("late", "2026-01-05T09:00:00Z", 100)]).await;
        assert_eq!(log.sum("cust_1").await, ("710".to_owned(), 601));
        log.remove("e8").await;
        assert_eq!(log.sum("cust_1").await, ("709".to_owned(), 600));
        let largest = UsageQuestion::new(meter(r#"{"type":"MAX","field":"v"}"#), Basis::Raw, always());
        let usage = log.ask(&UsageQuery::of_customer(largest, "cust_1")).await;
        assert_eq!(usage.value.to_string(), "100");
        let log = log.reopen().await;
        assert_eq!(log.sum("cust_1").await, ("709".to_owned(), 600));
    });
}
