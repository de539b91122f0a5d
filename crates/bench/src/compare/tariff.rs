//! Tariff, over HTTP.

use std::time::Instant;

use super::{ASKED_AGAIN, Outcome, median};
use crate::Result;
use crate::catalog::Route;
use crate::cli::Options;
use crate::latency::ms;
use crate::report::Report;
use crate::run::{Bench, all_customers};
use crate::workload::HOT_CUSTOMER;

pub async fn run(options: &Options, report: &mut Report) -> Result<Outcome> {
    let mut bench = Bench::open(options).await?;
    let sent = bench.store(options.events).await?;
    let watch = bench.watch();
    let feature = bench.features().first().ok_or("no features")?;
    let question = Route::Meter.question(&bench.head, feature, HOT_CUSTOMER);
    let mut connection = bench.connect().await?;
    let mut times = Vec::new();
    let mut tokens = 0.0;
    for _ in 0..=ASKED_AGAIN {
        let begun = Instant::now();
        let answer = connection.json(&question, 200).await?;
        times.push(ms(begun.elapsed()));
        tokens = Route::Meter.quantity(&answer);
    }
    let sum_first_ms = times.remove(0);
    let (all_customers, _) = all_customers(&bench).await?;
    bench.note("questions", watch.end());
    bench.check(report).await?;
    let loads = bench.loads();
    Ok(Outcome {
        system: "Tariff, over HTTP".to_owned(),
        events: sent.events,
        events_per_second: sent.rate(),
        disk_bytes: bench.disk_bytes(),
        memory_bytes: loads
            .iter()
            .map(|(_, load)| load.rss_peak_bytes)
            .max()
            .unwrap_or_default(),
        sum_first_ms,
        sum_again_ms: median(times),
        all_customers_ms: ms(all_customers),
        tokens,
    })
}
