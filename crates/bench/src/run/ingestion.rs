//! Taking events in: batches over a few connections, single events over many, and a stream in the background.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use super::Bench;
use crate::Result;
use crate::cli::Options;
use crate::http::Connection;
use crate::latency::Latencies;
use crate::process::cpu_seconds;
use crate::report::{Goal, Report, Unit};
use crate::request::{Head, IngestRequest, event_bytes};
use crate::workload::Workload;

/// Events of a batch in the background.
const BACKGROUND_BATCH: usize = 500;
/// Single events are not counted until this long after the start.
const WARM_UP: Duration = Duration::from_secs(2);

/// What loads of the server while it took batches are called.
pub const BATCHES: &str = "batches";

/// What was sent and how it went.
#[derive(Debug, Default)]
pub struct Sent {
    /// Events.
    pub events: u64,
    /// From the first request to the last answer.
    pub took: Duration,
    /// Of each request.
    pub latencies: Latencies,
    /// Processor time of this client, in seconds.
    pub client_cpu_seconds: f64,
}

impl Sent {
    /// Adds a later sending.
    pub fn extend(&mut self, later: Self) {
        self.events += later.events;
        self.took += later.took;
        self.latencies.extend(later.latencies);
        self.client_cpu_seconds += later.client_cpu_seconds;
    }

    /// Events a second.
    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    pub fn rate(&self) -> f64 {
        self.events as f64 / self.took.as_secs_f64().max(1e-9)
    }
}

/// Sends the events of these numbers in batches.
pub async fn send_batches(
    address: &str,
    head: &Head,
    workload: Workload,
    numbers: Range<u64>,
    options: &Options,
) -> Result<Sent> {
    let batch = u64::try_from(options.batch.clamp(1, 1_000))?;
    let next = Arc::new(AtomicU64::new(numbers.start));
    let cpu_before = cpu_seconds(std::process::id());
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for _ in 0..options.connections.max(1) {
        let (address, head, next, end) = (address.to_owned(), head.clone(), Arc::clone(&next), numbers.end);
        senders.spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let mut latencies = Latencies::default();
            let mut request = IngestRequest::batch(&head, usize::try_from(batch)?);
            loop {
                let from = next.fetch_add(batch, Ordering::Relaxed);
                if from >= end {
                    return Ok::<_, crate::AnyError>(latencies);
                }
                if end - from < batch {
                    request = IngestRequest::batch(&head, usize::try_from(end - from)?);
                }
                let bytes = request.filled(&workload, from);
                let sent = Instant::now();
                connection.expect(bytes, 202).await?;
                latencies.add(sent.elapsed());
            }
        });
    }
    let mut latencies = Latencies::default();
    while let Some(sender) = senders.join_next().await {
        latencies.extend(sender??);
    }
    Ok(Sent {
        events: numbers.end - numbers.start,
        took: begun.elapsed(),
        latencies,
        client_cpu_seconds: cpu_seconds(std::process::id()) - cpu_before,
    })
}

/// The rows about batches.
pub fn report_batches(bench: &Bench, report: &mut Report, sent: &Sent) -> Result<()> {
    let options = &bench.options;
    let what = format!(
        "Batches of {} events, {} connections",
        options.batch, options.connections
    );
    let (must, hope) = (100_000.0, 250_000.0);
    report.goal(&what, sent.rate(), Unit::PerSecond, Goal::AtLeast { must, hope });
    let times = sent.latencies.clone().percentiles();
    report.figure("of it, p99 of a batch", times.p99_ms, Unit::Milliseconds);
    let stored = bench.loads().into_iter().filter(|(what, _)| what == BATCHES);
    let server_cpu_seconds = stored.map(|(_, load)| load.cpu_seconds).sum();
    processor_time(report, sent.events, server_cpu_seconds, sent.client_cpu_seconds);
    report.detail(
        "batches",
        json!({
            "events": sent.events, "seconds": sent.took.as_secs_f64(), "latency": times,
            "event_bytes": event_bytes(), "disk_bytes": bench.disk_bytes(),
            "client_cpu_seconds": sent.client_cpu_seconds, "server": bench.loads(),
        }),
    )
}

/// The rows about processor time, of which this client must leave most to the server.
#[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
fn processor_time(report: &mut Report, events: u64, server_seconds: f64, client_seconds: f64) {
    let each = |seconds: f64| seconds * 1e6 / events.max(1) as f64;
    report.figure(
        "of it, processor time of the server, an event",
        each(server_seconds),
        Unit::Microseconds,
    );
    report.figure(
        "of it, processor time of the client, an event",
        each(client_seconds),
        Unit::Microseconds,
    );
}

/// Sends single events and reports on them.
pub async fn singles(bench: &Bench, report: &mut Report) -> Result<()> {
    let options = &bench.options;
    let workload = bench.workload.live(1);
    let next = Arc::new(AtomicU64::new(0));
    let counted_from = Instant::now() + WARM_UP;
    let end = counted_from + Duration::from_secs(options.seconds.max(1));
    let mut senders = JoinSet::new();
    for _ in 0..options.single_connections.max(1) {
        let (head, next) = (bench.head.clone(), Arc::clone(&next));
        let mut connection = bench.connect().await?;
        senders.spawn(async move {
            let mut latencies = Latencies::default();
            let mut request = IngestRequest::single(&head);
            loop {
                let sent = Instant::now();
                if sent >= end {
                    return Ok::<_, crate::AnyError>(latencies);
                }
                let bytes = request.filled(&workload, next.fetch_add(1, Ordering::Relaxed));
                connection.expect(bytes, 202).await?;
                if sent >= counted_from {
                    latencies.add(sent.elapsed());
                }
            }
        });
    }
    tokio::time::sleep_until(counted_from.into()).await;
    let (watch, cpu_before) = (bench.watch(), cpu_seconds(std::process::id()));
    let mut latencies = Latencies::default();
    while let Some(sender) = senders.join_next().await {
        latencies.extend(sender??);
    }
    let client_cpu_seconds = cpu_seconds(std::process::id()) - cpu_before;
    let load = watch.end();
    let times = latencies.percentiles();
    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    let rate = times.count as f64 / options.seconds.max(1) as f64;
    let what = format!("Single events, {} connections", options.single_connections);
    let (must, hope) = (15_000.0, 30_000.0);
    report.goal(&what, rate, Unit::PerSecond, Goal::AtLeast { must, hope });
    let (must, hope) = (20.0, 10.0);
    report.goal(
        "of it, p99",
        times.p99_ms,
        Unit::Milliseconds,
        Goal::AtMost { must, hope },
    );
    processor_time(
        report,
        u64::try_from(times.count)?,
        load.cpu_seconds,
        client_cpu_seconds,
    );
    bench.note("singles", load);
    report.detail(
        "singles",
        json!({"latency": times, "rate": rate, "server": load, "client_cpu_seconds": client_cpu_seconds}),
    )
}

/// Events that come in while something else is measured.
pub struct Background {
    stop: Arc<AtomicBool>,
    sender: JoinHandle<Result<u64>>,
}

impl Background {
    /// Begins to send `per_second` events, in batches over one connection; as many as the server takes if 0.
    pub fn begin(bench: &Bench, stream: u64, per_second: u64) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, workload) = (Arc::clone(&stop), bench.workload.live(stream));
        let (address, head) = (bench.server.address.clone(), bench.head.clone());
        let sender = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(send_until(&stopped, &address, &head, workload, per_second))
        });
        Self { stop, sender }
    }

    /// Ends the sending and tells how many events were acknowledged.
    pub fn end(self) -> Result<u64> {
        self.stop.store(true, Ordering::Relaxed);
        self.sender.join().map_err(|_| "the background sender failed")?
    }

    /// As [`end`](Self::end), when the server was killed meanwhile.
    pub fn abandon(self) {
        self.stop.store(true, Ordering::Relaxed);
        // Its last request got no answer.
        drop(self.sender.join());
    }
}

async fn send_until(
    stopped: &AtomicBool,
    address: &str,
    head: &Head,
    workload: Workload,
    per_second: u64,
) -> Result<u64> {
    let mut connection = Connection::open(address).await?;
    let mut request = IngestRequest::batch(head, BACKGROUND_BATCH);
    let batch = u64::try_from(BACKGROUND_BATCH)?;
    let between = Duration::from_micros((batch * 1_000_000).checked_div(per_second).unwrap_or(1));
    let mut ticks = tokio::time::interval(between);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut sent = 0;
    while !stopped.load(Ordering::Relaxed) {
        ticks.tick().await;
        connection.expect(request.filled(&workload, sent), 202).await?;
        sent += batch;
    }
    Ok(sent)
}
