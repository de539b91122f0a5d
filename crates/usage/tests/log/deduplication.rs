//! The last delivery of an id replaces the earlier ones everywhere (spec 02 §4.2).

use tariff_usage::{Event, EventQuery, UsageLog};

use crate::support::{TestLog, event, ids, listing, run_both, scope, valued};

const FIRST: &str = "2026-01-05T10:00:00Z";

fn renamed(mut event: Event, name: &str) -> Event {
    event.event_name = name.to_owned();
    event
}

fn moved(mut event: Event, customer: &str) -> Event {
    event.external_customer_id = customer.to_owned();
    event
}

/// Every way a second delivery can differ, and what SUM and COUNT of `cust_1` are afterwards.
fn redeliveries() -> Vec<(&'static str, Event, (&'static str, u64))> {
    vec![
        ("identical", valued("e1", FIRST, 10), ("11", 2)),
        ("other value", valued("e1", FIRST, 25), ("26", 2)),
        ("later timestamp", valued("e1", "2026-02-05T10:00:00Z", 10), ("11", 2)),
        ("earlier timestamp", valued("e1", "2020-01-05T10:00:00Z", 10), ("11", 2)),
        ("other name", renamed(valued("e1", FIRST, 10), "api_calls"), ("1", 1)),
        ("other customer", moved(valued("e1", FIRST, 10), "cust_2"), ("1", 1)),
    ]
}

#[test]
fn within_a_batch() {
    run_both(|| async {
        for (case, second, (sum, count)) in redeliveries() {
            let log = TestLog::new();
            log.append(&[valued("e1", FIRST, 10), valued("e2", FIRST, 1), second])
                .await;
            assert_eq!(log.sum("cust_1").await, (sum.to_owned(), count), "{case}");
            assert_eq!(log.log.stats().event_count, 2, "{case}");
            assert_eq!(log.list(&listing(10)).await.unwrap().total_count, 2, "{case}");
        }
    });
}

#[test]
fn across_batches() {
    run_both(|| async {
        for (case, second, (sum, count)) in redeliveries() {
            let log = TestLog::new();
            log.append(&[valued("e1", FIRST, 10), valued("e2", FIRST, 1)]).await;
            log.append(&[second]).await;
            assert_eq!(log.sum("cust_1").await, (sum.to_owned(), count), "{case}");
            assert_eq!(log.log.stats().event_count, 2, "{case}");
            assert_eq!(log.list(&listing(10)).await.unwrap().total_count, 2, "{case}");
        }
    });
}

#[test]
fn across_restarts() {
    run_both(|| async {
        for (case, second, (sum, count)) in redeliveries() {
            let log = TestLog::new();
            log.append(&[valued("e1", FIRST, 10), valued("e2", FIRST, 1)]).await;
            let log = log.reopen().await;
            log.append(&[second]).await;
            let log = log.reopen().await;
            assert_eq!(log.sum("cust_1").await, (sum.to_owned(), count), "{case}");
            assert_eq!(log.log.stats().event_count, 2, "{case}");
            assert_eq!(log.list(&listing(10)).await.unwrap().total_count, 2, "{case}");
        }
    });
}

#[test]
fn a_replaced_event_is_found_only_where_it_is_now() {
    run_both(|| async {
        let log = TestLog::new();
        log.append(&[valued("e1", FIRST, 10)]).await;
        log.append(&[moved(
            renamed(valued("e1", "2026-02-01T00:00:00Z", 7), "other"),
            "cust_2",
        )])
        .await;

        let stored = log.log.event(&scope(), "e1").await.unwrap().unwrap();
        assert_eq!(stored.event.event_name, "other");
        assert_eq!(stored.event.external_customer_id, "cust_2");
        assert_eq!(stored.event.properties.as_deref(), Some("{\"v\":7}"));
        for (customer, name, found) in [
            ("cust_1", "api_call", 0),
            ("cust_2", "other", 1),
            ("cust_1", "other", 0),
        ] {
            let query = EventQuery {
                external_customer_id: Some(customer.to_owned()),
                event_name: Some(name.to_owned()),
                ..listing(10)
            };
            assert_eq!(log.list(&query).await.unwrap().events.len(), found, "{customer} {name}");
        }
        assert_eq!(ids(&log.list(&listing(10)).await.unwrap()), ["e1"]);
    });
}

#[test]
fn the_same_id_in_another_scope_is_another_event() {
    run_both(|| async {
        let log = TestLog::new();
        let other = tariff_core::Scope::new("tenant_1", "env_2");
        log.append(&[valued("e1", FIRST, 10)]).await;
        log.log.append(&other, vec![valued("e1", FIRST, 5)]).await.unwrap();
        assert_eq!(log.sum("cust_1").await, ("10".to_owned(), 1));
        let elsewhere = log.log.event(&other, "e1").await.unwrap().unwrap();
        assert_eq!(elsewhere.event.properties.as_deref(), Some("{\"v\":5}"));
        let unknown = tariff_core::Scope::new("tenant_2", "env_1");
        assert_eq!(log.log.event(&unknown, "e1").await.unwrap(), None);
        assert_eq!(log.log.events(&unknown, &listing(10)).await.unwrap().total_count, 0);
    });
}

#[test]
fn odd_texts_are_kept_apart() {
    run_both(|| async {
        let log = TestLog::new();
        let odd = ["", "a", "a\0", "a\0\u{1}", "a/b", "é", "a::b"];
        let events: Vec<Event> = odd
            .iter()
            .map(|text| moved(event(&format!("id{text}"), FIRST, "{\"v\":1}"), text))
            .collect();
        log.append(&events).await;
        let log = log.reopen().await;
        for text in odd {
            assert_eq!(log.sum(text).await, ("1".to_owned(), 1), "{text:?}");
            let stored = log.log.event(&scope(), &format!("id{text}")).await.unwrap().unwrap();
            assert_eq!(stored.event.external_customer_id, text);
        }
    });
}

#[test]
fn a_removed_event_is_gone_until_it_is_sent_again() {
    run_both(|| async {
        let log = TestLog::new();
        log.append(&[valued("e1", FIRST, 10), valued("e2", FIRST, 1)]).await;
        assert_eq!(log.remove("e1").await, Some(valued("e1", FIRST, 10)));
        assert_eq!(log.remove("e1").await, None);
        assert_eq!(log.remove("unknown").await, None);
        assert_eq!(log.sum("cust_1").await, ("1".to_owned(), 1));
        assert_eq!(log.log.event(&scope(), "e1").await.unwrap(), None);
        assert_eq!(ids(&log.list(&listing(10)).await.unwrap()), ["e2"]);

        let log = log.reopen().await;
        assert_eq!(log.sum("cust_1").await, ("1".to_owned(), 1));
        log.append(&[valued("e1", FIRST, 5)]).await;
        assert_eq!(log.sum("cust_1").await, ("6".to_owned(), 2));
        assert_eq!(log.log.stats().event_count, 2);
    });
}
