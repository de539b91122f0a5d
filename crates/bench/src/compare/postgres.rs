//! PostgreSQL: a private server with its default configuration but for `shared_buffers`, driven through `psql`.
//!
//! Each batch is one transaction: `COPY` into a temporary table, then `INSERT … ON CONFLICT DO UPDATE`, the fastest way
//! in that keeps one row an event id.

use std::io::{BufWriter, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tariff_private_postgres::{PrivatePostgres, Programs, Setup};

use super::{ASKED_AGAIN, Outcome, median, of_hot_customer, of_the_month};
use crate::Result;
use crate::cli::Options;
use crate::process::family_bytes;
use crate::request::write_lines;
use crate::workload::Workload;

const SAMPLE_EVERY: Duration = Duration::from_secs(1);

const TABLE: &str = "
    CREATE TABLE events (
        tenant text NOT NULL, event_id text NOT NULL, event_name text NOT NULL, external_customer_id text NOT NULL,
        ts timestamptz NOT NULL, properties jsonb NOT NULL, PRIMARY KEY (tenant, event_id));
    CREATE INDEX events_by_customer ON events (event_name, external_customer_id, ts);";

const STAGING: &str = "
    CREATE TEMP TABLE staging (
        event_id text, event_name text, external_customer_id text, ts timestamptz, properties jsonb)
        ON COMMIT DELETE ROWS;\n";

/// Within a batch the last delivery of an id wins, as it does across batches.
const MERGE: &str = "
    INSERT INTO events SELECT DISTINCT ON (event_id)
        'tenant_1', event_id, event_name, external_customer_id, ts, properties FROM staging ORDER BY event_id
    ON CONFLICT (tenant, event_id) DO UPDATE SET
        event_name = excluded.event_name, external_customer_id = excluded.external_customer_id,
        ts = excluded.ts, properties = excluded.properties;\n";

/// `None` if this machine has no PostgreSQL.
pub fn run(options: &Options, workload: Workload) -> Result<Option<Outcome>> {
    let Some(programs) = Programs::find(&["psql"]) else {
        return Ok(None);
    };
    let buffers = format!("shared_buffers={}", options.postgres_buffers);
    let setup = Setup {
        settings: &[&buffers],
        ..Setup::default()
    };
    let cluster = Cluster(PrivatePostgres::start(&programs, setup)?);
    cluster.query(TABLE)?;
    eprintln!("PostgreSQL: storing {} events", options.events);
    let peak = Peak::of(cluster.0.id());
    let begun = Instant::now();
    feed(&cluster, options, workload)?;
    let took = begun.elapsed();
    // What autovacuum would have done a little later.
    cluster.query("VACUUM ANALYZE events")?;

    let (month, hot) = (of_the_month(), of_hot_customer());
    let tokens = "(properties->>'tokens')::numeric";
    let sum = format!("SELECT sum({tokens}) FROM events WHERE tenant = 'tenant_1' AND {hot} AND {month}");
    let everybody = format!(
        "SELECT count(*) FROM (SELECT external_customer_id, sum({tokens}),
            count(*) FILTER (WHERE properties->>'status' = '200'), count(DISTINCT properties->>'user')
        FROM events WHERE tenant = 'tenant_1' AND {month} GROUP BY 1) usage"
    );
    let mut times = cluster.timed(&sum, 1 + ASKED_AGAIN)?;
    let sum_first_ms = times.remove(0);
    let all_customers_ms = median(cluster.timed(&everybody, 3)?);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
    let events_per_second = options.events as f64 / took.as_secs_f64();
    Ok(Some(Outcome {
        system: format!(
            "PostgreSQL {}, {} connections",
            cluster.query("SHOW server_version")?,
            options.postgres_connections
        ),
        events: options.events,
        events_per_second,
        disk_bytes: cluster.query("SELECT pg_total_relation_size('events')")?.parse()?,
        tokens: cluster.query(&sum)?.parse()?,
        memory_bytes: peak.end(),
        sum_first_ms,
        sum_again_ms: median(times),
        all_customers_ms,
    }))
}

/// Sends all events over several connections.
fn feed(cluster: &Cluster, options: &Options, workload: Workload) -> Result<()> {
    let next = AtomicU64::new(0);
    let batch = u64::try_from(options.batch.max(1))?;
    thread::scope(|scope| {
        let feeders: Vec<_> = (0..options.postgres_connections.max(1))
            .map(|_| scope.spawn(|| feed_one(cluster, &next, options.events, batch, workload)))
            .collect();
        for feeder in feeders {
            feeder.join().map_err(|_| "a connection to PostgreSQL failed")??;
        }
        Ok(())
    })
}

fn feed_one(cluster: &Cluster, next: &AtomicU64, events: u64, batch: u64, workload: Workload) -> Result<()> {
    let mut client = cluster
        .psql(&["-f", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    let mut input = BufWriter::new(client.stdin.take().ok_or("psql takes no input")?);
    input.write_all(STAGING.as_bytes())?;
    let mut lines = Vec::new();
    loop {
        let from = next.fetch_add(batch, Ordering::Relaxed);
        if from >= events {
            break;
        }
        lines.clear();
        write_lines(&workload, from..(from + batch).min(events), &mut lines);
        input.write_all(b"BEGIN;\nCOPY staging FROM STDIN;\n")?;
        input.write_all(&lines)?;
        input.write_all(b"\\.\n")?;
        input.write_all(MERGE.as_bytes())?;
        input.write_all(b"COMMIT;\n")?;
    }
    input.flush()?;
    drop(input);
    let status = client.wait()?;
    if !status.success() {
        return Err(format!("psql ended with {status}").into());
    }
    Ok(())
}

/// A server of our own, asked through `psql`.
struct Cluster(PrivatePostgres);

impl Cluster {
    fn psql(&self, arguments: &[&str]) -> Command {
        let mut command = self.0.client("psql");
        command
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"])
            .args(arguments);
        command
    }

    /// The answer to a query, as text.
    fn query(&self, sql: &str) -> Result<String> {
        let output = self.psql(&["-c", sql]).output()?;
        if !output.status.success() {
            return Err(format!("{sql}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }

    /// How long a query takes, each time, in milliseconds, on one connection.
    fn timed(&self, sql: &str, times: usize) -> Result<Vec<f64>> {
        let mut client = self
            .psql(&["-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut input = client.stdin.take().ok_or("psql takes no input")?;
        writeln!(input, "\\timing on")?;
        for _ in 0..times {
            writeln!(input, "{sql};")?;
        }
        drop(input);
        let output = client.wait_with_output()?;
        let text = String::from_utf8(output.stdout)?;
        let of_line = |line: &str| line.strip_prefix("Time: ")?.split_whitespace().next()?.parse().ok();
        let found: Vec<f64> = text.lines().filter_map(of_line).collect();
        if found.len() != times {
            return Err(format!("psql told {} times instead of {times}", found.len()).into());
        }
        Ok(found)
    }
}

/// Most memory of a server of many processes, sampled.
struct Peak {
    stop: Arc<AtomicBool>,
    sampler: thread::JoinHandle<u64>,
}

impl Peak {
    fn of(process: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let sampler = thread::spawn(move || {
            let mut peak = 0;
            while !stopped.load(Ordering::Relaxed) {
                peak = family_bytes(process).max(peak);
                thread::sleep(SAMPLE_EVERY);
            }
            peak
        });
        Self { stop, sampler }
    }

    fn end(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.sampler.join().unwrap_or_default()
    }
}
