//! How long the server is away: after an orderly stop, and after a kill while events come in.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Background, Bench};
use crate::Result;
use crate::catalog::Route;
use crate::latency::ms;
use crate::report::{Goal, Report, Unit};
use crate::workload::HOT_CUSTOMER;

/// How long events come in before the kill.
const BEFORE_KILL: Duration = Duration::from_secs(3);
/// Stream of those events.
const STREAM: u64 = 3;

/// Stops, starts, kills and starts the server.
pub async fn run(mut bench: Bench, report: &mut Report) -> Result<()> {
    let stopped = bench.server.stop()?;
    bench.start_again().await?;
    let orderly = bench.server.started_in;
    let first_after_stop = first_ask(&bench).await?;

    let background = Background::begin(&bench, STREAM, 0);
    tokio::time::sleep(BEFORE_KILL).await;
    let killed = bench.server.kill();
    background.abandon();
    killed?;
    bench.start_again().await?;
    let after_kill = bench.server.started_in;
    let first_after_kill = first_ask(&bench).await?;

    let what = format!("Restart with {} events stored", bench.stored());
    let (must, hope) = (5.0, 1.0);
    let goal = Goal::AtMost { must, hope };
    report.goal(
        &format!("{what}, after an orderly stop"),
        orderly.as_secs_f64(),
        Unit::Seconds,
        goal,
    );
    report.goal(
        &format!("{what}, after a kill"),
        after_kill.as_secs_f64(),
        Unit::Seconds,
        goal,
    );
    report.figure("The orderly stop itself", stopped.as_secs_f64(), Unit::Seconds);
    report.figure(
        "First question about the hot customer after the restart",
        first_after_stop,
        Unit::Milliseconds,
    );
    report.detail(
        "restart",
        json!({
            "stop_seconds": stopped.as_secs_f64(), "start_seconds": orderly.as_secs_f64(),
            "start_after_kill_seconds": after_kill.as_secs_f64(),
            "first_ask_ms": first_after_stop, "first_ask_after_kill_ms": first_after_kill,
        }),
    )
}

async fn first_ask(bench: &Bench) -> Result<f64> {
    let feature = bench.features().first().ok_or("no features")?;
    let question = Route::Meter.question(&bench.head, feature, HOT_CUSTOMER);
    let mut connection = bench.connect().await?;
    let begun = Instant::now();
    connection.expect(&question, 200).await?;
    Ok(ms(begun.elapsed()))
}
