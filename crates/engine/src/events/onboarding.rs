//! Creating the customers of events that nobody has yet (spec 02 §3.3, setting `customer_onboarding`).
//!
//! Off unless the setting's first action creates customers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tariff_contract::Metadata;
use tariff_contract::customers::CreateCustomerRequest;
use tariff_contract::error::ErrorCode;
use tariff_core::Timestamp;
use tariff_store::Listing;
use tariff_store::entity::customers;
use tariff_usage::Event;

use super::measuring::Measuring;
use crate::context::{Context, Credential, Origin, UserKind};
use crate::engine::Engine;
use crate::error::Result;
use crate::records::Narrow;
use crate::settings::{self, CreateCustomerAction, CustomerOnboarding, WorkflowAction};

/// The user that customers are created by unless the action names one.
const SYSTEM_USER_ID: &str = "system";

/// How customers of events come into being.
pub(super) struct Onboarding {
    creation: CreateCustomerAction,
    /// What is done for each of them afterwards.
    later: Vec<WorkflowAction>,
}

impl Engine {
    /// The workflow for customers of this environment's events, if there is one.
    pub(super) async fn onboarding_of(&self, context: &Context) -> Option<Onboarding> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let read = async { settings::of::<CustomerOnboarding>(&rows).await.map(Some) };
        let onboarding = &self.recent().onboarding;
        match onboarding.get_or(self.store(), &context.scope, read).await {
            Ok(onboarding) => match onboarding?.actions.split_first() {
                Some((WorkflowAction::CreateCustomer(creation), later)) => Some(Onboarding {
                    creation: creation.clone(),
                    later: later.to_vec(),
                }),
                Some(_) | None => None,
            },
            Err(error) => {
                tracing::warn!(%error, "the onboarding setting could not be read; no customers are created");
                None
            }
        }
    }

    /// The events among `stored` whose external id no published customer has.
    pub(super) async fn unknown_customers<'a>(&self, context: &Context, stored: &'a [Event]) -> Result<Vec<&'a Event>> {
        let mut unknown: BTreeSet<&str> = stored.iter().map(|event| event.external_customer_id.as_str()).collect();
        let listing = Listing::all()
            .within("external_id", unknown.iter().copied())
            .published();
        let session = self.read();
        for customer in session
            .scoped(&context.scope)
            .list::<customers::Entity>(&listing)
            .await?
        {
            unknown.remove(customer.external_id.as_str());
        }
        let is_unknown = |event: &&Event| unknown.contains(event.external_customer_id.as_str());
        Ok(stored.iter().filter(is_unknown).collect())
    }

    /// Creates a customer for each external id of `unknown` that left a usage record, and runs the later actions for it.
    pub(super) async fn create_customers_of(
        &self,
        context: &Context,
        onboarding: Onboarding,
        measuring: &Measuring,
        unknown: &[&Event],
    ) -> Result<()> {
        // With the time of the first event, from which a subscription bills.
        let mut newcomers: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for event in unknown {
            if measuring.records(event)? {
                let first = newcomers
                    .entry(event.external_customer_id.as_str())
                    .or_insert(event.timestamp);
                *first = event.timestamp.min(*first);
            }
        }
        let user_id = onboarding.creation.default_user_id;
        let acting = Context {
            scope: context.scope.clone(),
            user_id: user_id.unwrap_or_else(|| SYSTEM_USER_ID.to_owned()),
            user_kind: UserKind::ServiceAccount,
            roles: Vec::new(),
            origin: Origin {
                credential: Credential::Worker,
                request_id: context.origin.request_id.clone(),
            },
            clock: Arc::clone(&context.clock),
        };
        for (external_id, first_event) in newcomers {
            match Box::pin(self.create_customer(&acting, new_customer(external_id))).await {
                Ok(customer) => {
                    self.onboard(&acting, &customer.id, &onboarding.later, Some(first_event))
                        .await;
                }
                // Another request was faster.
                Err(error) if error.0.code == ErrorCode::AlreadyExists => {}
                Err(error) => tracing::warn!(%error, external_id, "the customer of an event was not created"),
            }
        }
        Ok(())
    }
}

fn new_customer(external_id: &str) -> CreateCustomerRequest {
    let metadata = [
        ("created_by_workflow", "true"),
        ("workflow_type", "customer_onboarding"),
    ];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned()));
    CreateCustomerRequest {
        external_id: Some(external_id.to_owned()),
        name: Some(external_id.to_owned()),
        metadata: Some(Metadata(metadata.into())),
        // The workflow goes on at the time of the event, not of the customer.
        skip_onboarding_workflow: Some(true),
        ..CreateCustomerRequest::default()
    }
}
