//! What is done for a new customer by the setting `customer_onboarding` (spec 01 B1 step 5, spec 02 §3.3).
//!
//! The actions run in order, each in a transaction of its own, until one fails: a later one may rest on it, as a
//! subscription on the credits of a wallet. A failure is logged and touches neither the customer nor the event.

use std::collections::BTreeSet;

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::subscriptions::CreateSubscriptionRequest;
use tariff_core::Timestamp;
use tariff_core::vocabulary::{BillingCycle, BillingPeriod, PriceEntityType};
use tariff_store::Listing;
use tariff_store::entity::prices;

use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::records::Narrow;
use crate::settings::{self, CreateSubscriptionAction, CustomerOnboarding, WorkflowAction};

impl Engine {
    /// Runs the workflow for a customer that a caller created: the one of this name, else the default one.
    pub(super) async fn onboard_created(&self, context: &Context, customer_id: &str, workflow: Option<&str>) {
        let session = self.read();
        let onboarding = settings::of::<CustomerOnboarding>(&session.scoped(&context.scope)).await;
        drop(session);
        let onboarding = match onboarding {
            Ok(onboarding) => onboarding,
            Err(error) => {
                tracing::warn!(%error, customer_id, "the onboarding setting could not be read");
                return;
            }
        };
        let named = workflow.filter(|name| !name.is_empty()).and_then(|name| {
            let found = onboarding.custom_workflows.as_ref().and_then(|all| all.get(name));
            if found.is_none() {
                tracing::warn!(
                    name,
                    customer_id,
                    "no onboarding workflow has this name; the default one runs"
                );
            }
            found
        });
        self.onboard(context, customer_id, named.unwrap_or(&onboarding.actions), None)
            .await;
    }

    /// Runs these actions for a customer that exists. `event_at` is when the event happened that brought it.
    pub(crate) async fn onboard(
        &self,
        context: &Context,
        customer_id: &str,
        actions: &[WorkflowAction],
        event_at: Option<Timestamp>,
    ) {
        for action in actions {
            if let Err(error) = self.onboarding_step(context, customer_id, action, event_at).await {
                tracing::warn!(%error, customer_id, "a step of onboarding failed; the steps after it are left out");
                return;
            }
        }
    }

    async fn onboarding_step(
        &self,
        context: &Context,
        customer_id: &str,
        action: &WorkflowAction,
        event_at: Option<Timestamp>,
    ) -> Result<()> {
        match action {
            // Done by then.
            WorkflowAction::CreateCustomer(_) => Ok(()),
            WorkflowAction::CreateSubscription(action) => {
                let currency = self.only_currency_of(context, &action.plan_id).await?;
                let request = subscription(customer_id, action, currency, event_at);
                // On the heap: a whole use case inside another one is too much for a thread's stack.
                Box::pin(self.create_subscription(context, request)).await.map(drop)
            }
            WorkflowAction::CreateWallet(_) => Err(unavailable("create_wallet")),
            WorkflowAction::CreateFeatureAndPrice(_) => Err(unavailable("create_feature_and_price")),
            WorkflowAction::RolloutToSubscriptions(_) => Err(unavailable("rollout_to_subscriptions")),
        }
    }

    /// The currency in which a plan is priced, if it is one.
    async fn only_currency_of(&self, context: &Context, plan_id: &str) -> Result<String> {
        let listing = Listing::all()
            .equal("entity_type", PriceEntityType::Plan.as_str())
            .equal("entity_id", plan_id)
            .published();
        let session = self.read();
        let prices = session.scoped(&context.scope).list::<prices::Entity>(&listing).await?;
        let currencies: BTreeSet<String> = prices.into_iter().map(|price| price.currency).collect();
        let mut currencies = currencies.into_iter();
        match (currencies.next(), currencies.next()) {
            (Some(currency), None) => Ok(currency),
            _ => Err(
                ApiError::invalid_operation("The plan is not priced in exactly one currency")
                    .detail("plan_id", plan_id)
                    .into(),
            ),
        }
    }
}

fn subscription(
    customer_id: &str,
    action: &CreateSubscriptionAction,
    currency: String,
    event_at: Option<Timestamp>,
) -> CreateSubscriptionRequest {
    CreateSubscriptionRequest {
        customer_id: Some(customer_id.to_owned()),
        plan_id: Some(action.plan_id.clone()),
        currency: Some(currency),
        billing_period: Some(BillingPeriod::Monthly),
        billing_period_count: Some(1),
        billing_cycle: Some(action.billing_cycle.unwrap_or(BillingCycle::Anniversary)),
        start_date: action.start_date.or_else(|| event_at.map(DateTime)),
        ..CreateSubscriptionRequest::default()
    }
}

fn unavailable(action: &str) -> Error {
    Error(ApiError::not_implemented(format!(
        "{action} is not available in onboarding"
    )))
}
