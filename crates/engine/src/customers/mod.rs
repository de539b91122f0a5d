//! Customers: whoever is billed (spec 01 B1).
//!
//! Owns their record, their links at creation and update, and portal sessions. What they use, owe or may do is
//! answered by the modules of those resources.

mod create;
mod delete;
mod find;
mod onboarding;
mod portal;
mod update;
mod usage;

use std::collections::{BTreeMap, BTreeSet};

use tariff_contract::customers::CustomerResponse;
use tariff_contract::error::ApiError;
use tariff_contract::integrations::{EntityIntegrationMappingResponse, IntegrationEntityType};
use tariff_contract::{DateTime, Metadata};
use tariff_store::entity::customers;
use tariff_store::{Listing, Scoped};

use crate::error::{Error, Result};
use crate::integrations;
use crate::records::Narrow;

pub use update::Target;
pub use usage::UsageOf;

const LINKED: IntegrationEntityType = IntegrationEntityType::Customer;

/// The customer of this id, whatever its status.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<customers::Model> {
    rows.get::<customers::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

/// As [`get`], holding the customer until the transaction ends.
pub(crate) async fn lock(rows: &Scoped<'_>, id: &str) -> Result<customers::Model> {
    rows.lock::<customers::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

/// As [`get_by_external_id`], holding the customer until the transaction ends: nobody renames or archives it meanwhile.
pub(crate) async fn lock_by_external_id(rows: &Scoped<'_>, external_id: &str) -> Result<customers::Model> {
    let found = rows.lock_first::<customers::Entity>(published(external_id)).await?;
    found.ok_or_else(|| unknown_external_id(external_id))
}

/// The published customer of this external id.
pub(crate) async fn get_by_external_id(rows: &Scoped<'_>, external_id: &str) -> Result<customers::Model> {
    find_by_external_id(rows, external_id)
        .await?
        .ok_or_else(|| unknown_external_id(external_id))
}

/// The published customer of this external id, if there is one.
pub(crate) async fn find_by_external_id(rows: &Scoped<'_>, external_id: &str) -> Result<Option<customers::Model>> {
    Ok(rows.first::<customers::Entity>(published(external_id)).await?)
}

fn published(external_id: &str) -> Listing {
    Listing::all().equal("external_id", external_id).published()
}

/// The published customers of these external ids, by external id.
pub(crate) async fn published_by_external_id(
    rows: &Scoped<'_>,
    external_ids: impl IntoIterator<Item = String>,
) -> Result<BTreeMap<String, customers::Model>> {
    let external_ids: BTreeSet<String> = external_ids.into_iter().collect();
    let listing = Listing::all().within("external_id", external_ids).published();
    let found = rows.list::<customers::Entity>(&listing).await?;
    Ok(found
        .into_iter()
        .map(|customer| (customer.external_id.clone(), customer))
        .collect())
}

pub(crate) fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Customer with ID {id} was not found")).detail("customer_id", id))
}

fn unknown_external_id(external_id: &str) -> Error {
    let message = format!("Customer with external ID {external_id} was not found");
    Error(ApiError::not_found(message).detail("lookup_key", external_id))
}

fn external_id_taken(external_id: &str) -> impl FnOnce() -> ApiError + use<> {
    let external_id = external_id.to_owned();
    move || {
        ApiError::already_exists("A customer with this external ID already exists").detail("external_id", external_id)
    }
}

/// The customer with its published links, newest first.
async fn with_links(rows: &Scoped<'_>, customer: customers::Model) -> Result<CustomerResponse> {
    let links = integrations::published_links(rows, LINKED, &customer.id).await?;
    Ok(response(customer, links))
}

/// The wire form of a customer.
pub(crate) fn response(
    customer: customers::Model,
    integrations: Vec<EntityIntegrationMappingResponse>,
) -> CustomerResponse {
    CustomerResponse {
        id: customer.id,
        external_id: customer.external_id,
        name: customer.name,
        email: customer.email,
        contact: customer.contact,
        address_line1: customer.address_line1,
        address_line2: customer.address_line2,
        address_city: customer.address_city,
        address_state: customer.address_state,
        address_postal_code: customer.address_postal_code,
        address_country: customer.address_country,
        timezone: customer.timezone,
        metadata: customer.metadata.map(|metadata| Metadata(metadata.0)),
        integrations,
        tenant_id: customer.tenant_id,
        environment_id: customer.environment_id,
        status: customer.status.0,
        created_at: DateTime(customer.created_at.0),
        updated_at: DateTime(customer.updated_at.0),
        created_by: customer.created_by,
        updated_by: customer.updated_by,
    }
}
