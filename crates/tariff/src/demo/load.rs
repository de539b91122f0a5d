//! Sending the traces, in batches, with a progress bar.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::api::Api;
use super::trace::Trace;
use crate::AnyError;

/// Most events the API takes at once (spec 02 §3.3).
const BATCH_EVENTS_MAX: usize = 1_000;

/// Sends every event of `traces`.
///
/// # Errors
/// When the server refuses a batch.
pub async fn send_all(api: &Api, traces: &[Trace]) -> Result<(), AnyError> {
    let total: usize = traces.iter().map(|trace| trace.events.len()).sum();
    // On anything but a terminal the bar draws nothing.
    let bar = ProgressBar::new(total.try_into()?).with_style(ProgressStyle::with_template(
        "{msg} [{bar:40}] {human_pos}/{human_len} events ({per_sec})",
    )?);
    bar.set_message("Loading");
    bar.enable_steady_tick(Duration::from_millis(100));
    for batch in traces.iter().flat_map(|trace| trace.events.chunks(BATCH_EVENTS_MAX)) {
        api.post("/v1/events/bulk", &json!({ "events": batch })).await?;
        bar.inc(batch.len().try_into()?);
    }
    bar.finish_and_clear();
    println!("Loaded {total} events.");
    Ok(())
}
