//! Test clocks: an environment of type `development` whose time the API sets. Advancing it does all work due up to the
//! new time, in the order in which it falls due, before it answers.

use std::sync::Arc;

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_core::clock::{FixedClock, to_microseconds};
use tariff_core::vocabulary::{EnvironmentType, InvoiceStatus, SubscriptionStatus, SubscriptionType};
use tariff_core::{Scope, Status, Timestamp};
use tariff_store::column::Time;
use tariff_store::entity::{entitlement_grants as grant_rows, environments, invoices, subscriptions};
use tariff_store::{Direction, Listing, Scoped, Test, set};

use super::grants;
use crate::context::Context;
use crate::engine::Engine;
use crate::entitlement_grants;
use crate::error::{Error, Result};

/// Most pieces of work done by one advance; beyond it the caller advances in smaller steps.
const STEPS_MAX: usize = 100_000;

/// A piece of work in the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// The grant of this subscription that ends first is over.
    CloseGrants(String),
    Renew(String),
    Process(String),
}

impl Engine {
    /// Sets an environment's test clock and does the work that falls due on the way. The clock never goes back once set.
    ///
    /// # Errors
    /// `not_found`; `permission_denied` outside the caller's allow-list; `validation_error` outside development environments or for a time before the clock's.
    pub async fn set_test_clock(&self, context: &Context, environment_id: &str, now: Timestamp) -> Result<DateTime> {
        let target = to_microseconds(now);
        let environment = self.development_environment(context, environment_id).await?;
        self.refuse_outside_allow_list(context, environment_id)?;
        let mut reached = match environment.test_clock_at {
            Some(current) if target < current.0 => {
                let error = ApiError::validation("A test clock does not go back");
                return Err(error.detail("now", DateTime(current.0).to_string()).into());
            }
            Some(current) => current.0,
            // The first setting may lie anywhere: an environment's life may be played through from its start.
            None => target,
        };
        let scope = Scope::new(context.tenant_id(), environment_id);
        for _ in 0..STEPS_MAX {
            let Some((due_at, step)) = self.next_step(&scope, target).await? else {
                self.write_clock(context, environment_id, target).await?;
                let arrived = super::context(scope.clone(), Arc::new(FixedClock(target)));
                grants::evaluate_all(self, &arrived, &scope).await?;
                return Ok(DateTime(target));
            };
            reached = reached.max(due_at);
            self.write_clock(context, environment_id, reached).await?;
            let clock = Arc::new(FixedClock(reached));
            self.take_step(&super::context(scope.clone(), clock), &step).await?;
        }
        Err(ApiError::validation("Too much work falls due on the way; advance in smaller steps").into())
    }

    async fn development_environment(&self, context: &Context, id: &str) -> Result<environments::Model> {
        let session = self.read();
        let environment = session
            .tenant(context.tenant_id())
            .get::<environments::Entity>(id)
            .await?;
        let environment = environment.filter(|environment| environment.status.0 == Status::Published);
        let not_found = || Error(ApiError::not_found("Environment not found").detail("environment_id", id));
        let environment = environment.ok_or_else(not_found)?;
        if environment.kind.0 != EnvironmentType::Development {
            return Err(ApiError::validation("Only development environments carry a test clock").into());
        }
        Ok(environment)
    }

    /// Moves the clock on, unless somebody else has moved it further meanwhile.
    async fn write_clock(&self, context: &Context, id: &str, now: Timestamp) -> Result<()> {
        let work = self.begin(context).await?;
        let current = work.tenant_rows().lock::<environments::Entity>(id).await?;
        let current = current.and_then(|environment| environment.test_clock_at);
        if current.is_some_and(|current| now < current.0) {
            return Ok(());
        }
        let changes = environments::ActiveModel {
            test_clock_at: set(Some(Time(now))),
            ..Default::default()
        };
        work.tenant_rows().update::<environments::Entity>(id, changes).await?;
        work.commit().await
    }

    /// The work that falls due first, not after `until`; at the same instant grants before renewals, and these before
    /// drafts.
    async fn next_step(&self, scope: &Scope, until: Timestamp) -> Result<Option<(Timestamp, Step)>> {
        let session = self.read();
        let rows = session.scoped(scope);
        let due = [
            next_closing(&rows, until).await?,
            next_renewal(&rows, until).await?,
            next_draft(&rows, until).await?,
        ];
        // Of equals the first.
        Ok(due.into_iter().flatten().min_by_key(|(due_at, _)| *due_at))
    }

    async fn take_step(&self, context: &Context, step: &Step) -> Result<()> {
        match step {
            Step::CloseGrants(id) => entitlement_grants::evaluate(self, context, id, None).await,
            Step::Renew(id) => {
                // The last usage of the period opens its grants before the period is over.
                entitlement_grants::evaluate(self, context, id, None).await?;
                self.renew_subscription(context, id).await
            }
            Step::Process(id) => self.process_draft(context, id).await,
        }
    }
}

async fn next_closing(rows: &Scoped<'_>, until: Timestamp) -> Result<Option<(Timestamp, Step)>> {
    let listing = earliest("valid_to", until).with("closed_at", Test::IsNull);
    let due = rows.first::<grant_rows::Entity>(listing).await?;
    Ok(due.map(|grant| (grant.valid_to.0, Step::CloseGrants(grant.subscription_id))))
}

async fn next_renewal(rows: &Scoped<'_>, until: Timestamp) -> Result<Option<(Timestamp, Step)>> {
    let listing = earliest("current_period_end", until)
        .equal("status", Status::Published.as_str())
        .equal("subscription_status", SubscriptionStatus::Active.as_str())
        .within(
            "subscription_type",
            [SubscriptionType::Standalone.as_str(), SubscriptionType::Parent.as_str()],
        );
    let due = rows.first::<subscriptions::Entity>(listing).await?;
    Ok(due.map(|subscription| (subscription.current_period_end.0, Step::Renew(subscription.id))))
}

async fn next_draft(rows: &Scoped<'_>, until: Timestamp) -> Result<Option<(Timestamp, Step)>> {
    let listing = earliest("process_at", until).equal("invoice_status", InvoiceStatus::Draft.as_str());
    let due = rows.first::<invoices::Entity>(listing).await?;
    Ok(due.and_then(|invoice| Some((invoice.process_at?.0, Step::Process(invoice.id)))))
}

fn earliest(field: &str, until: Timestamp) -> Listing {
    Listing {
        sort: vec![(field.to_owned(), Direction::Ascending)],
        ..Listing::all()
    }
    .oldest_first()
    .with(field, Test::LessOrEqual(until.into()))
}
