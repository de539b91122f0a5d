//! How many events a second the router takes in over the embedded log, in this process and without a network.
//!
//! `cargo run --release -p tariff-http --example ingest_load -- [seconds] [senders] [events per request]`

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use tariff_engine::clock::SystemClock;
use tariff_engine::{Engine, EngineConfig};
use tariff_store::{Store, StoreLocation};
use tariff_usage::{EmbeddedLog, EmbeddedOptions};
use tower::ServiceExt;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let mut argument = |default| arguments.next().transpose().map(|given| given.unwrap_or(default));
    let (seconds, senders, batch_events) = (argument(5)?, argument(8)?, argument(1_000)?);
    let folder = tempfile::tempdir()?;
    let store = Store::open(&StoreLocation::Sqlite(folder.path().join("tariff.db"))).await?;
    let log = EmbeddedLog::open(&folder.path().join("events"), EmbeddedOptions::default())?;
    let engine = Engine::new(
        store,
        Arc::new(log),
        Arc::new(SystemClock),
        EngineConfig::new("load", "load"),
    );
    let engine = Arc::new(engine);
    let access = engine.bootstrap().await?.ok_or("the store is not empty")?;
    let router = tariff_http::router(engine);
    let sent = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let until = begun + Duration::from_secs(seconds);
    let senders = (0..senders).map(|sender| {
        let (router, key, sent) = (router.clone(), access.api_key.clone(), Arc::clone(&sent));
        tokio::spawn(async move {
            while Instant::now() < until {
                let first = sent.fetch_add(batch_events, Ordering::Relaxed);
                send(&router, &key, body(sender, first, batch_events)).await?;
            }
            Ok::<_, AnyError>(())
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await??;
    }
    let (events, elapsed) = (sent.load(Ordering::Relaxed), begun.elapsed());
    let per_second = u128::from(events) * 1_000_000 / elapsed.as_micros().max(1);
    #[allow(clippy::print_stdout, reason = "the result of the measurement")]
    {
        println!("{events} events in {elapsed:?}: {per_second} events/s");
    }
    Ok(())
}

/// About 220 bytes an event, as clients send them.
fn body(sender: u64, first: u64, events: u64) -> Bytes {
    let event = |n: u64| {
        format!(
            r#"{{"event_id":"evt-{sender}-{n:012}","event_name":"api_call","external_customer_id":"customer-{}","timestamp":"2026-01-05T10:{:02}:{:02}.{:03}Z","source":"load","properties":{{"model":"large","region":"eu-west-1","tokens":{}}}}}"#,
            n % 100,
            n / 60 % 60,
            n % 60,
            n % 1_000,
            n % 4_096,
        )
    };
    if events == 1 {
        return event(first).into();
    }
    let events: Vec<String> = (first..first + events).map(event).collect();
    format!(r#"{{"events":[{}]}}"#, events.join(",")).into()
}

async fn send(router: &Router, key: &str, body: Bytes) -> Result<(), AnyError> {
    let path = if body.starts_with(br#"{"events""#) {
        "/v1/events/bulk"
    } else {
        "/v1/events"
    };
    let request = Request::post(path).header("x-api-key", key).body(Body::from(body))?;
    let response = router.clone().oneshot(request).await?;
    if response.status().as_u16() == 202 {
        Ok(())
    } else {
        Err(format!("answered {}", response.status()).into())
    }
}
