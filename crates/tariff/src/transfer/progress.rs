//! Progress bars on standard error. On anything but a terminal they draw nothing.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::AnyError;

/// A count of events whose total nobody knows.
///
/// # Errors
/// Never, unless its template is malformed.
pub fn counter(what: &'static str) -> Result<ProgressBar, AnyError> {
    let style = ProgressStyle::with_template("{spinner} {msg} {human_pos} events ({per_sec})")?;
    Ok(ticking(ProgressBar::no_length().with_style(style).with_message(what)))
}

/// A part of `total` units; the message tells the rest.
///
/// # Errors
/// Never, unless its template is malformed.
pub fn part_of(total: u64) -> Result<ProgressBar, AnyError> {
    let style = ProgressStyle::with_template("Importing [{bar:40}] {percent}% {msg} (about {eta} left)")?;
    Ok(ticking(ProgressBar::new(total).with_style(style)))
}

fn ticking(bar: ProgressBar) -> ProgressBar {
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
