//! The worker of background jobs: looks for open runs that nobody has, and does them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tariff_core::vocabulary::WorkflowType;
use tariff_store::due;
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};

use super::take::{put_down, take};
use super::{Halt, Hold};
use crate::engine::Engine;
use crate::error::Result;
use crate::{environments, subscriptions};

/// Pause between two looks for runs that other processes have started, or left behind.
const LOOK: Duration = Duration::from_secs(1);
/// Most runs that one process does side by side, so that a long one does not hold up the others.
const RUNS_AT_ONCE_MAX: usize = 4;

/// Does open runs until `stop` turns true; then those at hand finish their step and are handed back.
pub(crate) async fn run(engine: Arc<Engine>, mut stop: watch::Receiver<bool>) {
    let mut tasks = JoinSet::new();
    let mut at_hand = BTreeMap::new();
    while !*stop.borrow() {
        if let Err(error) = take_up(&engine, &stop, &mut tasks, &mut at_hand).await {
            tracing::error!(%error, "looking for background workflows failed");
        }
        tokio::select! {
            changed = stop.changed() => if changed.is_err() { break },
            Some(ended) = tasks.join_next_with_id() => forget(&mut at_hand, ended),
            () = engine.bell().rung() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
    while let Some(ended) = tasks.join_next_with_id().await {
        forget(&mut at_hand, ended);
    }
}

/// Takes up as many runs as there is room for.
async fn take_up(
    engine: &Arc<Engine>,
    stop: &watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
    at_hand: &mut BTreeMap<Id, String>,
) -> Result<()> {
    if at_hand.len() >= RUNS_AT_ONCE_MAX {
        return Ok(());
    }
    // A run in the middle of a long step may look abandoned, also one of this process.
    let most = u64::try_from(RUNS_AT_ONCE_MAX * 2).unwrap_or(u64::MAX);
    for open in due::job_runs(&engine.read(), engine.server_now(), most).await? {
        if at_hand.len() >= RUNS_AT_ONCE_MAX || *stop.borrow() {
            break;
        }
        if at_hand.values().any(|id| *id == open.id) {
            continue;
        }
        match take(engine, &open, stop).await {
            Ok(Some(hold)) => {
                let task = tasks.spawn(async move { carry_out(hold).await });
                at_hand.insert(task.id(), open.id);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, run_id = open.id, "taking up a background workflow failed"),
        }
    }
    Ok(())
}

fn forget(at_hand: &mut BTreeMap<Id, String>, ended: std::result::Result<(Id, ()), tokio::task::JoinError>) {
    let id = match &ended {
        Ok((id, ())) => *id,
        Err(error) => error.id(),
    };
    let run_id = at_hand.remove(&id);
    if let Err(error) = ended {
        // Its lease runs out, and it is taken up again.
        tracing::error!(%error, run_id, "a background workflow broke off");
    }
}

async fn carry_out(hold: Hold) {
    let outcome = Box::pin(job(&hold)).await;
    let run_id = &hold.run.id;
    match &outcome {
        Ok(result) => tracing::info!(run_id, %result, "a background workflow is done"),
        Err(Halt::Failed(error)) => tracing::error!(run_id, %error, "a background workflow failed"),
        Err(halt) => tracing::info!(run_id, ?halt, "a background workflow does not go on here"),
    }
    if let Err(error) = put_down(&hold, outcome).await {
        // Its lease runs out, and it is taken up again.
        tracing::error!(run_id, %error, "putting down a background workflow failed");
    }
}

/// What the runs of each type do, and what comes of them.
async fn job(hold: &Hold) -> Result<Value, Halt> {
    match hold.run.workflow_type.0 {
        WorkflowType::PriceSync => subscriptions::sync_prices(hold).await,
        WorkflowType::EnvironmentClone => environments::copy_catalog(hold).await,
    }
}
