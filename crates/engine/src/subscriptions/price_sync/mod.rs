//! Plan price sync: bringing what has become of a plan's prices to the subscriptions of the plan (spec 03 §5.9).
//!
//! A background job in pages of subscriptions, each page one transaction. A page stamps its subscriptions, so whoever
//! goes on after a crash begins with those that are not stamped.

mod decide;
mod page;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tariff_contract::common::WorkflowStarted;
use tariff_contract::error::ApiError;
use tariff_core::vocabulary::{PriceEntityType, WorkflowType};

use self::decide::{PlanPrice, Rule};
use self::page::Page;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::{self, Halt, Hold, NewRun};
use crate::{plans, prices};

/// What a sync works on.
#[derive(Debug, Serialize, Deserialize)]
struct Input {
    plan_id: String,
}

/// What a sync has done, under the names of spec 03 §5.9.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Counts {
    subscriptions_synced: u64,
    line_items_found_for_creation: u64,
    line_items_created: u64,
    line_items_terminated: u64,
}

impl Engine {
    /// Starts bringing the plan's prices to its subscriptions.
    ///
    /// # Errors
    /// `not_found`; `already_exists` while a sync of the plan runs.
    pub async fn sync_plan_prices(&self, context: &Context, plan_id: &str) -> Result<WorkflowStarted> {
        let work = self.begin(context).await?;
        let plan = plans::get(&work.rows(), plan_id).await?;
        let run = NewRun {
            workflow_type: WorkflowType::PriceSync,
            scope: &context.scope,
            entity: ("plan", &plan.id),
            lock_key: &plan.id,
            input: json!(Input {
                plan_id: plan.id.clone()
            }),
            message: "plan price sync started",
        };
        let started = jobs::start(&work, run).await?;
        work.commit().await?;
        self.wake_worker();
        Ok(started)
    }
}

/// Does a sync.
pub(crate) async fn sync_prices(hold: &Hold) -> Result<Value, Halt> {
    let Input { plan_id } = hold.input()?;
    let mut counts: Counts = hold.progress()?;
    let rule = if hold.engine.config().plan_sync_all_prices {
        Rule::AsCreated
    } else {
        Rule::UsageOnly
    };
    let session = hold.engine.read();
    let rows = session.scoped(&hold.context.scope);
    let plan = plans::get(&rows, &plan_id).await?;
    let stored = prices::of_owners(&rows, PriceEntityType::Plan, [plan_id], None).await?;
    let rows_of_prices = stored.iter().map(|price| (price.id.as_str(), price)).collect();
    // Oldest first: the order that lines are made in.
    let mut plan_prices: Vec<PlanPrice> = stored.iter().map(page::plan_price).collect();
    plan_prices.sort_by_key(|price| price.sequence);
    let target = rule.target(&plan_prices);
    let page = Page {
        plan: &plan,
        rule,
        target,
        prices: &plan_prices,
        rows_of_prices: &rows_of_prices,
    };
    // A plan without such prices has nothing to bring.
    if target > 0 {
        bring(hold, &page, &mut counts).await?;
    }
    Ok(serde_json::to_value(counts).map_err(ApiError::internal)?)
}

/// Page after page until no subscription lies behind.
async fn bring(hold: &Hold, page: &Page<'_>, counts: &mut Counts) -> Result<(), Halt> {
    loop {
        let work = hold.step(&hold.context).await?;
        let Some(done) = page.apply(&work).await? else {
            return Ok(());
        };
        counts.subscriptions_synced += done.subscriptions_synced;
        counts.line_items_found_for_creation += done.line_items_found_for_creation;
        counts.line_items_created += done.line_items_created;
        counts.line_items_terminated += done.line_items_terminated;
        hold.advance(work, counts).await?;
    }
}
