//! The reading side of an invoice run: the month's usage of every customer on every meter.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use super::Bench;
use crate::Result;
use crate::catalog::{Route, question_of_all_meters};
use crate::latency::{Latencies, Percentiles};
use crate::report::{Goal, Report, Unit};

/// Asks meter by meter, and then again with one request a customer for all meters.
pub async fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let customers = bench.options.customers;
    let watch = bench.watch();
    let (first, first_times) = by_meter(bench).await?;
    let (again, again_times) = by_meter(bench).await?;
    let whole = (0..customers).map(|customer| question_of_all_meters(&bench.head, customer));
    let (at_once, at_once_times) = asked(bench, whole.collect()).await?;
    bench.note("invoice run", watch.end());

    let what = format!(
        "Usage of {customers} customers x {} meters over {} events",
        bench.features().len(),
        bench.stored()
    );
    let (must, hope) = (20.0, 6.0);
    report.goal(
        &format!("{what}, a request for each"),
        first.as_secs_f64(),
        Unit::Seconds,
        Goal::AtMost { must, hope },
    );
    report.figure("the same again", again.as_secs_f64(), Unit::Seconds);
    report.figure(
        "the same by `/v1/events/analytics`, a request a customer",
        at_once.as_secs_f64(),
        Unit::Seconds,
    );
    report.detail(
        "invoice_run",
        json!({
            "first": {"seconds": first.as_secs_f64(), "latency": first_times},
            "again": {"seconds": again.as_secs_f64(), "latency": again_times},
            "by_customer": {"seconds": at_once.as_secs_f64(), "latency": at_once_times},
        }),
    )
}

/// A request for each customer and meter.
pub async fn by_meter(bench: &Bench) -> Result<(Duration, Percentiles)> {
    let mut requests = Vec::new();
    for customer in 0..bench.options.customers {
        for feature in bench.features() {
            requests.push(Route::Meter.question(&bench.head, feature, customer));
        }
    }
    asked(bench, requests).await
}

async fn asked(bench: &Bench, requests: Vec<Vec<u8>>) -> Result<(Duration, Percentiles)> {
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let mut askers = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..bench.options.asking_connections.max(1) {
        let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
        let mut connection = bench.connect().await?;
        askers.spawn(async move {
            let mut latencies = Latencies::default();
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                connection.expect(request, 200).await?;
                latencies.add(sent.elapsed());
            }
            Ok::<_, crate::AnyError>(latencies)
        });
    }
    let mut latencies = Latencies::default();
    while let Some(asker) = askers.join_next().await {
        latencies.extend(asker??);
    }
    Ok((begun.elapsed(), latencies.percentiles()))
}
