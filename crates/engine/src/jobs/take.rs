//! Who has a run: taking it up, handing it back, closing it. Each is one transaction that locks the run first.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use serde_json::Value;
use tariff_core::vocabulary::WorkflowStatus;
use tariff_core::{Scope, Timestamp};
use tariff_store::column::{Json, Time, Word};
use tariff_store::due::Due;
use tariff_store::entity::{environments, job_runs};
use tariff_store::{Scoped, set};
use tokio::sync::watch;

use super::{ATTEMPTS_MAX, Halt, Hold, LEASE, deadline, later, pause_after};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::ids::ulid;
use crate::{clock, worker};

/// Takes a run up, unless another worker was faster. One whose time or attempts are used up is closed instead.
pub(super) async fn take(engine: &Arc<Engine>, due: &Due, stop: &watch::Receiver<bool>) -> Result<Option<Hold>> {
    let desk = desk(engine, &due.scope);
    let work = engine.begin(&desk).await?;
    let run = work.rows().lock::<job_runs::Entity>(&due.id).await?;
    let free =
        |run: &job_runs::Model| run.run_status.0 == WorkflowStatus::Running && run.lease_until.0 <= work.server_now;
    let Some(run) = run.filter(free) else { return Ok(None) };
    let used_up = if deadline(&run) <= work.server_now {
        Some(WorkflowStatus::TimedOut)
    } else if run.attempts >= ATTEMPTS_MAX {
        Some(WorkflowStatus::Failed)
    } else {
        None
    };
    if let Some(status) = used_up {
        close(&work.rows(), &run, status, work.server_now).await?;
        work.commit().await?;
        tracing::warn!(run_id = run.id, %status, "a background workflow was given up");
        return Ok(None);
    }
    let holder = ulid();
    let changes = job_runs::ActiveModel {
        attempts: set(run.attempts.saturating_add(1)),
        lease_holder: set(Some(holder.clone())),
        lease_until: set(Time(later(work.server_now, LEASE))),
        started_at: set(run.started_at.or(Some(Time(work.server_now)))),
        ..Default::default()
    };
    let taken_at = work.server_now;
    let taken = work.rows().update::<job_runs::Entity>(&run.id, changes).await?;
    let environment = work
        .tenant_rows()
        .get::<environments::Entity>(&run.environment_id)
        .await?;
    work.commit().await?;
    let test_clock_at = environment.and_then(|environment| environment.test_clock_at);
    let clock = clock::of_environment(engine.server_clock(), test_clock_at.map(Timestamp::from));
    Ok(taken.map(|run| Hold {
        engine: Arc::clone(engine),
        context: Context {
            user_id: run.created_by.clone(),
            ..worker::context(due.scope.clone(), clock)
        },
        renewed_ms: AtomicI64::new(taken_at.as_millisecond()),
        run,
        holder,
        stop: stop.clone(),
    }))
}

/// Puts down what came of a run that is still held.
pub(super) async fn put_down(hold: &Hold, outcome: Result<Value, Halt>) -> Result<()> {
    let engine = &hold.engine;
    let desk = desk(engine, &hold.context.scope);
    let work = engine.begin(&desk).await?;
    let run = work.rows().lock::<job_runs::Entity>(&hold.run.id).await?;
    let Some(run) = run.filter(|run| hold.holds(run)) else {
        return Ok(());
    };
    let now = work.server_now;
    match outcome {
        Ok(result) => close_with(&work.rows(), &run, WorkflowStatus::Completed, now, Some(result)).await?,
        Err(Halt::Lost) => return Ok(()),
        Err(Halt::OutOfTime) => close(&work.rows(), &run, WorkflowStatus::TimedOut, now).await?,
        // Not its own fault, so it does not count; whoever starts next goes on at once.
        Err(Halt::Stopping) => hand_back(&work.rows(), &run, run.attempts.saturating_sub(1), now, None).await?,
        Err(Halt::Failed(Error(error))) if run.attempts >= ATTEMPTS_MAX => {
            let failed = job_runs::Model {
                error: Some(error.message),
                ..run
            };
            close(&work.rows(), &failed, WorkflowStatus::Failed, now).await?;
        }
        Err(Halt::Failed(Error(error))) => {
            let again_at = later(now, pause_after(run.attempts));
            hand_back(&work.rows(), &run, run.attempts, again_at, Some(error.message)).await?;
        }
    }
    work.commit().await
}

async fn hand_back(
    rows: &Scoped<'_>,
    run: &job_runs::Model,
    attempts: i64,
    free_at: Timestamp,
    error: Option<String>,
) -> Result<()> {
    let changes = job_runs::ActiveModel {
        attempts: set(attempts.max(0)),
        lease_holder: set(None::<String>),
        lease_until: set(Time(free_at)),
        error: set(error.or_else(|| run.error.clone())),
        ..Default::default()
    };
    rows.update::<job_runs::Entity>(&run.id, changes).await?;
    Ok(())
}

/// Closes a run that did not complete, with what it has done so far.
pub(super) async fn close(
    rows: &Scoped<'_>,
    run: &job_runs::Model,
    status: WorkflowStatus,
    now: Timestamp,
) -> Result<()> {
    let result = run.progress.clone().map(|progress| progress.0);
    close_with(rows, run, status, now, result).await
}

async fn close_with(
    rows: &Scoped<'_>,
    run: &job_runs::Model,
    status: WorkflowStatus,
    now: Timestamp,
    result: Option<Value>,
) -> Result<()> {
    let error = match status {
        WorkflowStatus::Completed => None,
        WorkflowStatus::TimedOut => Some("The work was not done in time".to_owned()),
        _ => run
            .error
            .clone()
            .or_else(|| Some("The work was interrupted too often".to_owned())),
    };
    let changes = job_runs::ActiveModel {
        run_status: set(Word(status)),
        result: set(result.map(Json)),
        error: set(error),
        lease_holder: set(None::<String>),
        closed_at: set(Some(Time(now))),
        ..Default::default()
    };
    rows.update::<job_runs::Entity>(&run.id, changes).await?;
    Ok(())
}

/// The worker's context for the runs themselves: they live by the server's clock.
fn desk(engine: &Engine, scope: &Scope) -> Context {
    worker::context(scope.clone(), Arc::clone(engine.server_clock()))
}
