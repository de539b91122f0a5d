//! The signals by which an operating system asks a program to stop.

use std::io;

/// Returns when Ctrl-C is pressed or, on Unix, SIGTERM arrives.
///
/// # Errors
/// When signals cannot be listened for.
#[cfg(unix)]
pub async fn asked_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

/// Returns when Ctrl-C is pressed.
///
/// # Errors
/// When signals cannot be listened for.
#[cfg(not(unix))]
pub async fn asked_to_stop() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
