//! Many callers at once, a full queue, and an orderly end.

use std::sync::Arc;

use tariff_usage::{EmbeddedLog, EmbeddedOptions, UsageError, UsageLog};
use tempfile::TempDir;

use crate::support::{TestLog, listing, run, scope, valued};

const AT: &str = "2026-01-05T10:00:00Z";

#[test]
fn concurrent_appends_are_all_stored_once() {
    run(async {
        let TestLog { log, directory } = TestLog::new();
        let log = Arc::new(log);
        let tasks = (0..16_u32).map(|caller| {
            let log = Arc::clone(&log);
            tokio::spawn(async move {
                for number in 0..20_u32 {
                    // Every id is sent by two callers.
                    let id = format!("{}-{number}", caller / 2);
                    log.append(&scope(), vec![valued(&id, AT, 1), valued(&format!("{id}-x"), AT, 1)])
                        .await
                        .unwrap();
                }
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            task.await.unwrap();
        }
        assert_eq!(log.stats().event_count, 320);
        let log = TestLog {
            log: Arc::into_inner(log).unwrap(),
            directory,
        };
        assert_eq!(log.sum("cust_1").await, ("320".to_owned(), 320));
        let log = log.reopen().await;
        assert_eq!(log.sum("cust_1").await, ("320".to_owned(), 320));
        assert_eq!(log.log.stats().event_count, 320);
    });
}

#[test]
fn a_full_queue_refuses_the_whole_batch() {
    run(async {
        let directory = TempDir::new().unwrap();
        let options = EmbeddedOptions {
            queue_bytes_max: 2_000,
            ..EmbeddedOptions::default()
        };
        let log = EmbeddedLog::open(directory.path(), options).unwrap();
        let batch: Vec<_> = (0..100).map(|number| valued(&format!("e{number}"), AT, 1)).collect();
        let refused = log.append(&scope(), batch).await.unwrap_err();
        assert!(matches!(refused, UsageError::QueueFull), "{refused}");
        assert!(refused.is_unavailable());
        assert_eq!(log.events(&scope(), &listing(10)).await.unwrap().total_count, 0);
        log.append(&scope(), vec![valued("e1", AT, 1)]).await.unwrap();
        assert_eq!(log.stats().event_count, 1);
        assert_eq!(log.stats().queue_free_bytes, 2_000);
    });
}

#[test]
fn one_event_too_long_refuses_the_whole_batch() {
    run(async {
        let log = TestLog::new();
        let mut long = valued("e2", AT, 1);
        long.external_customer_id = "x".repeat(5_000);
        let refused = log
            .log
            .append(&scope(), vec![valued("e1", AT, 1), long])
            .await
            .unwrap_err();
        assert!(
            matches!(
                refused,
                UsageError::TooLong {
                    field: "external_customer_id",
                    ..
                }
            ),
            "{refused}"
        );
        assert_eq!(log.log.stats().event_count, 0);
        assert_eq!(log.log.stats().queued_events, 0);
    });
}

#[test]
fn a_closed_log_accepts_nothing_and_loses_nothing() {
    run(async {
        let log = TestLog::new();
        log.append(&[valued("e1", AT, 1)]).await;
        log.log.flush().await.unwrap();
        log.log.close().await.unwrap();
        log.log.close().await.unwrap();
        assert!(!log.log.stats().writable);
        let refused = log.log.append(&scope(), vec![valued("e2", AT, 1)]).await.unwrap_err();
        assert!(refused.is_unavailable(), "{refused}");
        assert_eq!(log.sum("cust_1").await, ("1".to_owned(), 1));
    });
}

#[test]
fn a_log_is_open_only_once() {
    let log = TestLog::new();
    let second = EmbeddedLog::open(log.directory.path(), EmbeddedOptions::default());
    assert!(matches!(second.err(), Some(UsageError::OpenFailed(_))));
}
