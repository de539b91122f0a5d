//! Waking this process's worker, so that a run starts at once rather than at its next look.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::engine::Engine;
use crate::idempotency;

/// Rung when a run was committed. Other processes find the run when they next look.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bell(Arc<Notify>);

impl Bell {
    /// Wakes whoever waits, or lets the next one pass who does.
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until it is rung.
    pub(crate) async fn rung(&self) {
        self.0.notified().await;
    }
}

impl Engine {
    /// Wakes the worker for a run whose transaction is committed. Within a request under an idempotency key nothing is
    /// committed before its end, so that end rings.
    pub(crate) fn wake_worker(&self) {
        if !idempotency::ring_at_the_end() {
            self.bell().ring();
        }
    }
}
