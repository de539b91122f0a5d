//! The rounds in which entitlement grants are evaluated (spec 03 §5.11).
//!
//! Invoices do not wait for them: billing evaluates by itself. A round keeps the records and their events up to date.

use std::sync::Arc;

use tariff_core::{Scope, SignedDuration, Timestamp};
use tariff_store::due::{self, Due};
use tokio::sync::watch;

use crate::context::Context;
use crate::engine::Engine;
use crate::entitlement_grants;
use crate::error::Result;

/// Pause between the starts of two rounds.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);
/// Most subscriptions evaluated in one tick; the round goes on with the next tick.
const SUBSCRIPTIONS_MAX: u64 = 500;

/// A round over all subscriptions that hold grants or may open some.
#[derive(Debug, Default)]
pub(super) struct GrantRound {
    /// The last subscription looked at, while a round is under way.
    after: Option<String>,
    /// When the next round may start.
    next_at: Option<Timestamp>,
}

impl GrantRound {
    /// Does the next part of the round, if it is time for one.
    pub(super) async fn turn(&mut self, engine: &Engine, stop: &watch::Receiver<bool>) -> Result<()> {
        let now = engine.server_now();
        if self.after.is_none() {
            if self.next_at.is_some_and(|next_at| now < next_at) {
                return Ok(());
            }
            self.next_at = now.checked_add(PAUSE).ok();
        }
        let holders = due::grant_holders(&engine.read(), None, self.after.as_deref(), SUBSCRIPTIONS_MAX).await?;
        let is_last = holders.len() as u64 != SUBSCRIPTIONS_MAX;
        self.after = holders.last().map(|last| last.id.clone()).filter(|_| !is_last);
        for holder in &holders {
            let context = super::context(holder.scope.clone(), Arc::clone(engine.server_clock()));
            if let Err(error) = entitlement_grants::evaluate(engine, &context, &holder.id, None).await {
                let Due { scope, id, .. } = holder;
                let (tenant, environment) = (&scope.tenant_id, &scope.environment_id);
                tracing::error!(%error, tenant, environment, id, "evaluating entitlement grants failed");
            }
            if *stop.borrow() {
                break;
            }
        }
        Ok(())
    }
}

/// Evaluates every subscription of an environment once, in the order of their ids.
pub(super) async fn evaluate_all(engine: &Engine, context: &Context, scope: &Scope) -> Result<()> {
    let mut after: Option<String> = None;
    loop {
        let page = due::grant_holders(&engine.read(), Some(scope), after.as_deref(), SUBSCRIPTIONS_MAX).await?;
        for holder in &page {
            entitlement_grants::evaluate(engine, context, &holder.id, None).await?;
        }
        match page.into_iter().last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}
