//! Updating a customer, in the normative order of spec 01 B1 "Update".

use std::collections::BTreeMap;

use tariff_contract::customers::{CustomerResponse, UpdateCustomerRequest};
use tariff_contract::error::ApiError;
use tariff_store::column::{Json, Time};
use tariff_store::entity::customers;
use tariff_store::set;

use super::{LINKED, external_id_taken, lock, lock_by_external_id, unknown_id, with_links};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::{Result, on_duplicate};
use crate::integrations;
use crate::records::filled;

/// Metadata entry in which the server keeps the former external ids, oldest first, separated by commas.
const OLD_EXTERNAL_IDS: &str = "old_external_ids";

/// Which customer a request addresses. Empty texts count as absent.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// By id.
    pub id: Option<String>,
    /// By external id; published customers only.
    pub external_id: Option<String>,
}

impl Engine {
    /// Updates the fields that the request carries. All or nothing.
    ///
    /// # Errors
    /// `validation_error` without an identifier, for contradicting identifiers and for field rules; `not_found`;
    /// `already_exists` when another published customer has the new external id.
    pub async fn update_customer(
        &self,
        context: &Context,
        target: Target,
        request: UpdateCustomerRequest,
    ) -> Result<CustomerResponse> {
        let work = self.begin(context).await?;
        let addressed = resolve(&work, target).await?;
        request.validate()?;
        // Locked, so that of two concurrent updates each builds on the other's former external ids.
        let current = match addressed {
            Addressed::ById(id) => lock(&work.rows(), &id).await?,
            Addressed::Held(customer) => *customer,
        };
        let mappings = request.integration_entity_mapping.clone().unwrap_or_default();
        let updated = write(&work, current, request).await?;
        integrations::upsert_links(&work, LINKED, &updated.id, &mappings).await?;
        work.publish("customer.updated", "customer", &updated.id).await?;
        let response = with_links(&work.rows(), updated).await?;
        work.commit().await?;
        Ok(response)
    }
}

/// Whom a request addresses.
enum Addressed {
    /// Somebody of this id, if there is such a customer.
    ById(String),
    /// This customer, which has the external id for as long as the transaction lasts.
    Held(Box<customers::Model>),
}

/// Steps 2 and 3: an unknown external id and contradicting identifiers are told before field rules.
async fn resolve(work: &Work<'_>, target: Target) -> Result<Addressed> {
    let id = filled(target.id);
    let Some(external_id) = filled(target.external_id) else {
        let id = id.ok_or_else(|| ApiError::validation("Either id or external_customer_id is required"))?;
        return Ok(Addressed::ById(id));
    };
    let found = lock_by_external_id(&work.rows(), &external_id).await?;
    if id.is_some_and(|id| id != found.id) {
        return Err(ApiError::validation("id and external_customer_id name different customers").into());
    }
    Ok(Addressed::Held(Box::new(found)))
}

/// Writes only the columns that were sent (steps 6 and 7), so that concurrent updates of different fields both stay.
async fn write(work: &Work<'_>, current: customers::Model, request: UpdateCustomerRequest) -> Result<customers::Model> {
    let wanted_external_id = request
        .external_id
        .clone()
        .unwrap_or_else(|| current.external_id.clone());
    let mut changes = customers::ActiveModel {
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    if let Some(external_id) = request.external_id.filter(|wanted| *wanted != current.external_id) {
        let metadata = current.metadata.map(|metadata| metadata.0);
        changes.metadata = set(Some(Json(remember_external_id(metadata, current.external_id))));
        changes.external_id = set(external_id);
    }
    macro_rules! apply {
        ($($field:ident),*) => {
            $(if let Some(value) = request.$field {
                changes.$field = set(value.into());
            })*
        };
    }
    apply!(
        name,
        email,
        contact,
        address_line1,
        address_line2,
        address_city,
        address_state,
        address_postal_code,
        address_country,
        timezone
    );
    // The whole map is replaced, with the entry written a moment ago.
    if let Some(metadata) = request.metadata {
        changes.metadata = set(Some(Json(metadata.0)));
    }
    let written = work.rows().update::<customers::Entity>(&current.id, changes).await;
    let written = written.map_err(on_duplicate(external_id_taken(&wanted_external_id)))?;
    written.ok_or_else(|| unknown_id(&current.id))
}

fn remember_external_id(metadata: Option<BTreeMap<String, String>>, former: String) -> BTreeMap<String, String> {
    let mut metadata = metadata.unwrap_or_default();
    let entry = metadata.entry(OLD_EXTERNAL_IDS.to_owned()).or_default();
    if !entry.is_empty() {
        entry.push(',');
    }
    entry.push_str(&former);
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn former_external_ids_are_kept_in_order() {
        let once = remember_external_id(None, "A".to_owned());
        assert_eq!(once[OLD_EXTERNAL_IDS], "A");
        assert_eq!(
            remember_external_id(Some(once), "B".to_owned())[OLD_EXTERNAL_IDS],
            "A,B"
        );
    }
}
