//! Pages of raw events (spec 02 §3.4).

use tariff_core::aggregation::QueryFilters;
use tariff_usage::{Event, EventCursor, EventQuery, EventSort, PageStart, SortOrder, UsageError};

use crate::support::{TestLog, event, ids, instant, listing, run_both, valued};

/// Five events; `c` and `d` share a timestamp.
async fn five() -> TestLog {
    let log = TestLog::new();
    let mut other = valued("e", "2026-01-05T13:00:00Z", 5);
    other.event_name = "other".to_owned();
    other.external_customer_id = "cust_2".to_owned();
    let mut web = event("d", "2026-01-05T12:00:00Z", r#"{"region":"eu"}"#);
    web.source = "web".to_owned();
    log.append(&[
        valued("a", "2026-01-05T10:00:00Z", 1),
        valued("b", "2026-01-05T11:00:00Z", 2),
        valued("c", "2026-01-05T12:00:00Z", 3),
        web,
        other,
    ])
    .await;
    log
}

fn cursor(event: &Event) -> EventCursor {
    EventCursor::of(event).to_string().parse().unwrap()
}

#[test]
fn pages_by_cursor_towards_older_events() {
    run_both(|| async {
        let log = five().await;
        let mut query = listing(2);
        let mut pages = Vec::new();
        loop {
            let page = log.list(&query).await.unwrap();
            pages.push((ids(&page).join(""), page.has_more, page.total_count));
            if !page.has_more {
                break;
            }
            query.from = PageStart::OlderThan(cursor(&page.events.last().unwrap().event));
        }
        let expected = [("ed", true, 5), ("cb", true, 3), ("a", false, 1)];
        assert_eq!(pages, expected.map(|(ids, more, count)| (ids.to_owned(), more, count)));
    });
}

#[test]
fn newer_events_come_newest_first_and_one_page() {
    run_both(|| async {
        let log = five().await;
        let first = log.list(&listing(10)).await.unwrap();
        let oldest = cursor(&first.events.last().unwrap().event);
        let query = EventQuery {
            from: PageStart::NewerThan(oldest),
            ..listing(2)
        };
        let page = log.list(&query).await.unwrap();
        assert_eq!(ids(&page), ["e", "d"]);
        assert_eq!((page.has_more, page.total_count), (true, 4));
    });
}

#[test]
fn pages_by_offset() {
    run_both(|| async {
        let log = five().await;
        let page_at = |offset| EventQuery {
            from: PageStart::Offset(offset),
            ..listing(2)
        };
        for (offset, expected, has_more) in [
            (0, vec!["e", "d"], true),
            (3, vec!["b", "a"], false),
            (9, vec![], false),
        ] {
            let page = log.list(&page_at(offset)).await.unwrap();
            assert_eq!((ids(&page), page.has_more, page.total_count), (expected, has_more, 5));
        }
        let too_far = log.list(&page_at(u64::MAX)).await;
        assert!(matches!(too_far, Err(UsageError::OffsetTooLarge { .. })));
    });
}

#[test]
fn both_bounds_are_inclusive() {
    run_both(|| async {
        let log = five().await;
        let bounds = |start, end| EventQuery::new(instant(start), instant(end), 10);
        let page = log
            .list(&bounds("2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z"))
            .await
            .unwrap();
        assert_eq!(ids(&page), ["b", "a"]);
        let page = log
            .list(&bounds("2026-01-05T11:00:00Z", "2026-01-05T11:00:00Z"))
            .await
            .unwrap();
        assert_eq!(ids(&page), ["b"]);
        let page = log
            .list(&bounds("2026-01-05T11:00:00Z", "2026-01-05T10:00:00Z"))
            .await
            .unwrap();
        assert_eq!(page.total_count, 0);
    });
}

#[test]
fn ties_are_by_id_descending_in_either_direction() {
    run_both(|| async {
        let log = five().await;
        let sorted = |sort, order| EventQuery {
            sort,
            order,
            ..listing(10)
        };
        for (sort, order, expected) in [
            (EventSort::Timestamp, SortOrder::Descending, "edcba"),
            (EventSort::Timestamp, SortOrder::Ascending, "abdce"),
            (EventSort::EventName, SortOrder::Ascending, "dcbae"),
            (EventSort::EventName, SortOrder::Descending, "edcba"),
        ] {
            let page = log.list(&sorted(sort, order)).await.unwrap();
            assert_eq!(ids(&page).join(""), expected, "{sort:?} {order:?}");
        }
    });
}

#[test]
fn filters_narrow_and_are_counted() {
    run_both(|| async {
        let log = five().await;
        let text = |text: &str| Some(text.to_owned());
        let region = |values: &[&str]| {
            QueryFilters::from([("region".to_owned(), values.iter().map(ToString::to_string).collect())])
        };
        let cases: Vec<(EventQuery, &str)> = vec![
            (
                EventQuery {
                    external_customer_id: text("cust_1"),
                    ..listing(10)
                },
                "dcba",
            ),
            (
                EventQuery {
                    external_customer_id: text("cust_2"),
                    ..listing(10)
                },
                "e",
            ),
            (
                EventQuery {
                    external_customer_id: text("cust_3"),
                    ..listing(10)
                },
                "",
            ),
            (
                EventQuery {
                    event_name: text("other"),
                    ..listing(10)
                },
                "e",
            ),
            (
                EventQuery {
                    event_name: text("api"),
                    ..listing(10)
                },
                "",
            ),
            (
                EventQuery {
                    event_name: text("api_call"),
                    external_customer_id: text("cust_1"),
                    ..listing(10)
                },
                "dcba",
            ),
            (
                EventQuery {
                    event_id: text("b"),
                    ..listing(10)
                },
                "b",
            ),
            (
                EventQuery {
                    event_id: text("b"),
                    event_name: text("other"),
                    ..listing(10)
                },
                "",
            ),
            (
                EventQuery {
                    event_id: text("z"),
                    ..listing(10)
                },
                "",
            ),
            (
                EventQuery {
                    source: text("web"),
                    ..listing(10)
                },
                "d",
            ),
            (
                EventQuery {
                    source: text("web"),
                    external_customer_id: text("cust_1"),
                    ..listing(10)
                },
                "d",
            ),
            (
                EventQuery {
                    property_filters: region(&["eu", "us"]),
                    ..listing(10)
                },
                "d",
            ),
            (
                EventQuery {
                    property_filters: region(&[""]),
                    ..listing(10)
                },
                "ecba",
            ),
            (
                EventQuery {
                    property_filters: region(&[]),
                    ..listing(10)
                },
                "edcba",
            ),
        ];
        for (query, expected) in cases {
            let page = log.list(&query).await.unwrap();
            assert_eq!(ids(&page).join(""), expected, "{query:?}");
            assert_eq!(page.total_count, u64::try_from(expected.len()).unwrap(), "{query:?}");
        }
    });
}
