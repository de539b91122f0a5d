//! Linking one entity by hand (spec 01 B2).

use std::collections::BTreeMap;

use serde_json::Value;
use tariff_contract::error::ApiError;
use tariff_contract::integrations::{
    DelinkIntegrationMappingRequest, IntegrationEntityType, LINK_PROVIDERS, LinkIntegrationMappingRequest,
    LinkIntegrationMappingResponse, ListEntityIntegrationMappingsResponse,
};
use tariff_contract::secrets::SecretProvider;
use tariff_contract::{DateTime, FieldErrors, Pagination};
use tariff_core::Status;
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::{connections, customers, integration_links};
use tariff_store::{Listing, Scoped, set};

use super::{Link, published, published_links, response, upsert_link};
use crate::context::Context;
use crate::engine::{Engine, Work};
use crate::error::Result;

/// What every link made through the API says about its origin.
const LINKED_VIA: &str = "integrations_mapping_link_api";
/// Where a customer's metadata holds its id at Razorpay.
const RAZORPAY_CUSTOMER_ID: &str = "razorpay_customer_id";

impl Engine {
    /// Links an entity to a connected provider's record, or replaces what such a link says.
    ///
    /// # Errors
    /// `validation_error` for field rules, an unknown provider and one without a published connection; `not_found` for
    /// an unknown customer that is linked to Razorpay.
    pub async fn link_integration(
        &self,
        context: &Context,
        request: LinkIntegrationMappingRequest,
    ) -> Result<LinkIntegrationMappingResponse> {
        request.validate()?;
        let entity_type = request.entity_type.unwrap_or(IntegrationEntityType::Customer);
        let link = Link {
            entity_type,
            entity_id: request.entity_id.unwrap_or_default(),
            provider_type: request.provider_type.unwrap_or_default(),
            provider_entity_id: request.provider_entity_id.unwrap_or_default(),
            metadata: None,
        };
        let known = link.provider_type.parse::<SecretProvider>().is_ok();
        if !known || !LINK_PROVIDERS.contains(&link.provider_type.as_str()) {
            return Err(ApiError::validation("Unknown provider")
                .detail("provider_type", link.provider_type)
                .into());
        }
        let work = self.begin(context).await?;
        refuse_without_connection(&work.rows(), &link.provider_type).await?;
        if entity_type == IntegrationEntityType::Customer {
            // Held as by an update that brings links, so that of two requests at once the second finds the link of the first.
            let customer = work.rows().lock::<customers::Entity>(&link.entity_id).await?;
            if link.provider_type == "razorpay" {
                let customer = customer.ok_or_else(|| crate::customers::unknown_id(&link.entity_id))?;
                note_razorpay_id(&work, customer, &link.provider_entity_id).await?;
            }
        }
        let mut metadata = request.metadata.unwrap_or_default();
        metadata.insert("linked_via".to_owned(), Value::from(LINKED_VIA));
        metadata.insert("linked_at".to_owned(), Value::from(DateTime(work.now).to_string()));
        let stored = upsert_link(
            &work,
            Link {
                metadata: Some(metadata),
                ..link
            },
        )
        .await?;
        work.commit().await?;
        Ok(LinkIntegrationMappingResponse {
            mapping: response(entity_type, stored),
        })
    }

    /// Archives the published link of an entity and a provider; linking again creates a new one.
    ///
    /// # Errors
    /// `validation_error`; `not_found` without such a link.
    pub async fn delink_integration(&self, context: &Context, request: DelinkIntegrationMappingRequest) -> Result<()> {
        request.validate()?;
        let entity_type = request.entity_type.unwrap_or(IntegrationEntityType::Customer);
        let entity_id = request.entity_id.unwrap_or_default();
        let provider = request.provider_type.unwrap_or_default();
        let work = self.begin(context).await?;
        let changes = integration_links::ActiveModel {
            status: set(Word(Status::Archived)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        let listing = published(entity_type, &entity_id).equal("provider_type", provider);
        let archived = work
            .rows()
            .update_where::<integration_links::Entity>(&listing, changes)
            .await?;
        if archived.is_empty() {
            let error = ApiError::not_found("The entity has no link to this provider");
            return Err(error.detail("entity_id", entity_id).into());
        }
        work.commit().await
    }

    /// The published links of an entity, newest first.
    ///
    /// # Errors
    /// `validation_error` without type or id of the entity.
    pub async fn list_integration_links(
        &self,
        context: &Context,
        entity_type: Option<IntegrationEntityType>,
        entity_id: &str,
    ) -> Result<ListEntityIntegrationMappingsResponse> {
        let (Some(entity_type), false) = (entity_type, entity_id.is_empty()) else {
            let mut errors = FieldErrors::new();
            errors.present("entity_type", entity_type.as_ref());
            errors.check(!entity_id.is_empty(), "entity_id", "is required");
            return Err(errors
                .finish()
                .err()
                .unwrap_or_else(|| ApiError::validation("An entity is required"))
                .into());
        };
        let session = self.read();
        let items = published_links(&session.scoped(&context.scope), entity_type, entity_id).await?;
        let pagination = Pagination::unlimited(items.len() as u64);
        Ok(ListEntityIntegrationMappingsResponse { items, pagination })
    }
}

async fn refuse_without_connection(rows: &Scoped<'_>, provider: &str) -> Result<()> {
    let listing = Listing::all()
        .equal("provider_type", provider)
        .equal("status", Status::Published.as_str());
    if rows.count::<connections::Entity>(&listing).await? == 0 {
        let error = ApiError::validation("No connection to this provider exists in this environment");
        return Err(error.detail("provider_type", provider).into());
    }
    Ok(())
}

async fn note_razorpay_id(work: &Work<'_>, customer: customers::Model, provider_entity_id: &str) -> Result<()> {
    let mut metadata: BTreeMap<String, String> = customer.metadata.map(|metadata| metadata.0).unwrap_or_default();
    metadata.insert(RAZORPAY_CUSTOMER_ID.to_owned(), provider_entity_id.to_owned());
    let changes = customers::ActiveModel {
        metadata: set(Some(Json(metadata))),
        updated_at: set(Time(work.now)),
        updated_by: set(work.context.user_id.clone()),
        ..Default::default()
    };
    work.rows().update::<customers::Entity>(&customer.id, changes).await?;
    work.publish("customer.updated", "customer", &customer.id).await
}
