//! Creating the customers of events that nobody has yet (spec 02 §3.3, setting `customer_onboarding`).
//!
//! Off unless the setting's first action creates customers. Whatever goes wrong here is logged and does not touch the
//! event, which is stored by then.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tariff_contract::Metadata;
use tariff_contract::customers::CreateCustomerRequest;
use tariff_contract::error::ErrorCode;
use tariff_store::entity::customers;
use tariff_store::{Listing, Scoped};
use tariff_usage::Event;

use super::attribution::{meters_of, records};
use crate::context::{Context, UserKind};
use crate::engine::Engine;
use crate::error::Result;
use crate::records::Narrow;
use crate::settings::{self, CreateCustomerAction, CustomerOnboarding, WorkflowAction};

/// The user that customers are created by unless the action names one.
const SYSTEM_USER_ID: &str = "system";

impl Engine {
    /// The action that creates customers of this environment's events, if there is one.
    pub(super) async fn customer_creation(&self, context: &Context) -> Option<CreateCustomerAction> {
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let read = async { settings::of::<CustomerOnboarding>(&rows).await.map(Some) };
        let onboarding = &self.recent().onboarding;
        match onboarding.get_or(self.store(), &context.scope, read).await {
            Ok(onboarding) => match onboarding?.actions.first() {
                Some(WorkflowAction::CreateCustomer(action)) => Some(action.clone()),
                Some(_) | None => None,
            },
            Err(error) => {
                tracing::warn!(%error, "the onboarding setting could not be read; no customers are created");
                None
            }
        }
    }

    /// Creates a customer for each external id of `stored` that nobody has and that left a usage record.
    pub(super) async fn create_customers_of(&self, context: &Context, action: CreateCustomerAction, stored: &[Event]) {
        let session = self.read();
        let newcomers = match newcomers(&session.scoped(&context.scope), stored).await {
            Ok(newcomers) => newcomers,
            Err(error) => {
                tracing::warn!(%error, "new customers of events could not be told");
                return;
            }
        };
        let acting = Context {
            scope: context.scope.clone(),
            user_id: action.default_user_id.unwrap_or_else(|| SYSTEM_USER_ID.to_owned()),
            user_kind: UserKind::ServiceAccount,
            roles: Vec::new(),
            clock: Arc::clone(&context.clock),
        };
        for external_id in newcomers {
            match self.create_customer(&acting, new_customer(external_id)).await {
                Ok(_) => {}
                // Another request was faster.
                Err(error) if error.0.code == ErrorCode::AlreadyExists => {}
                Err(error) => tracing::warn!(%error, external_id, "the customer of an event was not created"),
            }
        }
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
        ..CreateCustomerRequest::default()
    }
}

async fn newcomers<'a>(rows: &Scoped<'_>, stored: &'a [Event]) -> Result<BTreeSet<&'a str>> {
    let mut unknown: BTreeSet<&str> = stored.iter().map(|event| event.external_customer_id.as_str()).collect();
    let listing = Listing::all()
        .within("external_id", unknown.iter().copied())
        .published();
    for customer in rows.list::<customers::Entity>(&listing).await? {
        unknown.remove(customer.external_id.as_str());
    }
    let mut measuring = BTreeMap::new();
    let mut newcomers = BTreeSet::new();
    for event in stored
        .iter()
        .filter(|event| unknown.contains(event.external_customer_id.as_str()))
    {
        let meters = match measuring.entry(event.event_name.as_str()) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(meters_of(rows, event).await?),
        };
        if !records(meters, event, event.ingested_at)?.is_empty() {
            newcomers.insert(event.external_customer_id.as_str());
        }
    }
    Ok(newcomers)
}
