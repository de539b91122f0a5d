//! The background loop over all environments that live by the server's clock.

use std::sync::Arc;
use std::time::Duration;

use tariff_store::due::{self, Due};
use tokio::sync::watch;

use super::grants::GrantRound;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs;

/// Pause between two looks for due work.
const TICK: Duration = Duration::from_secs(5);
/// Most expired idempotency keys removed in one tick.
const KEYS_FORGOTTEN_MAX: u64 = 5_000;
/// Most old entries of the audit log removed in one tick.
const CHANGES_FORGOTTEN_MAX: u64 = 5_000;
/// Most records of one kind taken up in one tick (spec 05 §5.22).
const BATCH_MAX: u64 = 500;

/// Does due work and background jobs until `stop` turns true; the record at hand is finished first. What fails is logged
/// and tried again at the next tick; it holds up nothing else.
pub async fn run(engine: Arc<Engine>, stop: watch::Receiver<bool>) {
    let jobs = jobs::run(Arc::clone(&engine), stop.clone());
    tokio::join!(jobs, bill(engine, stop));
}

/// What falls due because time passes.
async fn bill(engine: Arc<Engine>, mut stop: watch::Receiver<bool>) {
    let mut grants = GrantRound::default();
    while !*stop.borrow() {
        if let Err(error) = tick(&engine, &stop).await {
            tracing::error!(%error, "looking for due work failed");
        }
        if let Err(error) = grants.turn(&engine, &stop).await {
            tracing::error!(%error, "looking for entitlement grants failed");
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

async fn tick(engine: &Engine, stop: &watch::Receiver<bool>) -> Result<()> {
    let now = engine.server_now();
    if let Err(error) = engine.forget_expired_keys(KEYS_FORGOTTEN_MAX).await {
        tracing::error!(%error, "removing expired idempotency keys failed");
    }
    match engine.forget_old_changes(CHANGES_FORGOTTEN_MAX).await {
        Ok(0) => {}
        Ok(entries) => tracing::info!(entries, "old entries of the audit log were removed"),
        Err(error) => tracing::error!(%error, "removing old entries of the audit log failed"),
    }
    for renewal in due::renewals(&engine.read(), now, BATCH_MAX).await? {
        let context = context_of(engine, &renewal);
        report(
            "renewal failed",
            &renewal,
            engine.renew_subscription(&context, &renewal.id).await,
        );
        if *stop.borrow() {
            return Ok(());
        }
    }
    for draft in due::drafts(&engine.read(), now, BATCH_MAX).await? {
        let context = context_of(engine, &draft);
        let outcome = engine.process_draft(&context, &draft.id).await;
        if outcome.is_err() {
            report(
                "postponing a draft failed",
                &draft,
                engine.postpone_draft(&context, &draft.id).await,
            );
        }
        report("processing a draft failed", &draft, outcome);
        if *stop.borrow() {
            return Ok(());
        }
    }
    Ok(())
}

fn context_of(engine: &Engine, due: &Due) -> Context {
    super::context(due.scope.clone(), Arc::clone(engine.server_clock()))
}

fn report(what: &'static str, due: &Due, outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::error!(%error, tenant = due.scope.tenant_id, environment = due.scope.environment_id, id = due.id, what);
    }
}
