//! Reading customers: one, or a list (spec 01 B1).

use std::collections::HashMap;

use tariff_contract::customers::{CUSTOMER_EXPAND, CustomerFilter, CustomerResponse, ListCustomersResponse};
use tariff_contract::{Expand, Pagination};
use tariff_store::entity::customers;
use tariff_store::{Listing, Scoped, Test};

use super::{LINKED, get, get_by_external_id, response, with_links};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::integrations;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;

impl Engine {
    /// The customer of this id, whatever its status.
    ///
    /// # Errors
    /// `not_found`; `validation_error` for an unknown name in `expand`.
    pub async fn get_customer(&self, context: &Context, id: &str, expand: &str) -> Result<CustomerResponse> {
        let expand = Expand::parse(expand, CUSTOMER_EXPAND)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        expanded(&rows, get(&rows, id).await?, &expand).await
    }

    /// The published customer of this external id.
    ///
    /// # Errors
    /// As [`Engine::get_customer`].
    pub async fn get_customer_by_external_id(
        &self,
        context: &Context,
        external_id: &str,
        expand: &str,
    ) -> Result<CustomerResponse> {
        let expand = Expand::parse(expand, CUSTOMER_EXPAND)?;
        let session = self.read();
        let rows = session.scoped(&context.scope);
        expanded(&rows, get_by_external_id(&rows, external_id).await?, &expand).await
    }

    /// The customers that match.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters, sort keys or `expand`.
    pub async fn list_customers(&self, context: &Context, filter: CustomerFilter) -> Result<ListCustomersResponse> {
        filter.validate()?;
        let options = filter.list_options()?;
        let expand = Expand::parse(&options.expand, CUSTOMER_EXPAND)?;
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"));
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (customers, total) = rows.page::<customers::Entity>(&narrowed(listing, filter)).await?;
        let mut links = if expand.has("integrations") {
            integrations::published_links_of(&rows, LINKED, customers.iter().map(|customer| customer.id.clone()))
                .await?
        } else {
            HashMap::new()
        };
        let items = customers.into_iter().map(|customer| {
            let links = links.remove(&customer.id).unwrap_or_default();
            response(customer, links)
        });
        Ok(ListCustomersResponse {
            items: items.collect(),
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}

fn narrowed(mut listing: Listing, filter: CustomerFilter) -> Listing {
    listing = listing
        .within_if("id", filter.customer_ids)
        .within_if("external_id", filter.external_ids)
        .equal_if("external_id", filter.external_id)
        .equal_if("email", filter.email);
    for (key, value) in filter.metadata.unwrap_or_default().0 {
        listing = listing.with("metadata", Test::HasPair(key, value));
    }
    listing
}

async fn expanded(rows: &Scoped<'_>, customer: customers::Model, expand: &Expand) -> Result<CustomerResponse> {
    if expand.has("integrations") {
        with_links(rows, customer).await
    } else {
        Ok(response(customer, Vec::new()))
    }
}
