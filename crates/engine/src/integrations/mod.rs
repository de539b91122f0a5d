//! Integration links: the ids of our records at providers (spec 01 B2).
//!
//! Owns creating, updating, reading and removing links, and what each provider can synchronize. Talking to providers is not
//! its business.

mod capabilities;
mod links;
mod sync;

use std::collections::HashMap;

use serde_json::{Map, Value};
use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::integrations::{
    CreateEntityIntegrationMappingRequest, EntityIntegrationMappingResponse, IntegrationEntityType,
};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::integration_links;
use tariff_store::{Listing, Scoped, set};

use crate::engine::Work;
use crate::error::{Result, on_duplicate};
use crate::ids::mint;

/// The published links of one record, newest first.
pub(crate) async fn published_links(
    rows: &Scoped<'_>,
    entity_type: IntegrationEntityType,
    entity_id: &str,
) -> Result<Vec<EntityIntegrationMappingResponse>> {
    let links = rows
        .list::<integration_links::Entity>(&published(entity_type, entity_id))
        .await?;
    Ok(links.into_iter().map(|link| response(entity_type, link)).collect())
}

/// As [`published_links`] for many records of a type, by their id, in one query.
pub(crate) async fn published_links_of(
    rows: &Scoped<'_>,
    entity_type: IntegrationEntityType,
    entity_ids: impl IntoIterator<Item = String>,
) -> Result<HashMap<String, Vec<EntityIntegrationMappingResponse>>> {
    let listing = Listing::all()
        .equal("entity_type", entity_type.as_str())
        .within("entity_id", entity_ids)
        .equal("status", Status::Published.as_str());
    let mut links: HashMap<String, Vec<_>> = HashMap::new();
    for link in rows.list::<integration_links::Entity>(&listing).await? {
        let of_record = links.entry(link.entity_id.clone()).or_default();
        of_record.push(response(entity_type, link));
    }
    Ok(links)
}

/// Creates or updates one link per mapping; links of providers that are not named stay (spec 01 B1).
pub(crate) async fn upsert_links(
    work: &Work<'_>,
    entity_type: IntegrationEntityType,
    entity_id: &str,
    mappings: &[CreateEntityIntegrationMappingRequest],
) -> Result<()> {
    for mapping in mappings {
        let link = Link {
            entity_type,
            entity_id: entity_id.to_owned(),
            provider_type: mapping.provider_type.clone().unwrap_or_default(),
            provider_entity_id: mapping.provider_entity_id.clone().unwrap_or_default(),
            metadata: mapping.metadata.clone(),
        };
        upsert_link(work, link).await?;
    }
    Ok(())
}

/// What a link says.
struct Link {
    entity_type: IntegrationEntityType,
    entity_id: String,
    provider_type: String,
    provider_entity_id: String,
    /// `None` keeps what an existing link has.
    metadata: Option<Map<String, Value>>,
}

/// Replaces what the published link of this entity and provider says, or creates one.
async fn upsert_link(work: &Work<'_>, link: Link) -> Result<integration_links::Model> {
    let rows = work.rows();
    let metadata = link.metadata.map(|metadata| Json(Value::Object(metadata)));
    let existing = published(link.entity_type, &link.entity_id).equal("provider_type", link.provider_type.as_str());
    let existing = rows.first::<integration_links::Entity>(existing).await?;
    let user_id = work.context.user_id.clone();
    if let Some(existing) = existing {
        let mut changes = integration_links::ActiveModel {
            provider_entity_id: set(link.provider_entity_id),
            updated_at: set(Time(work.now)),
            updated_by: set(user_id),
            ..Default::default()
        };
        if metadata.is_some() {
            changes.metadata = set(metadata);
        }
        let updated = rows.update::<integration_links::Entity>(&existing.id, changes).await?;
        return Ok(updated.unwrap_or(existing));
    }
    let link = integration_links::Model {
        id: mint(IdPrefix::IntegrationLink),
        tenant_id: String::new(),
        environment_id: String::new(),
        entity_type: link.entity_type.as_str().to_owned(),
        entity_id: link.entity_id,
        provider_type: link.provider_type,
        provider_entity_id: link.provider_entity_id,
        metadata,
        status: Word(Status::Published),
        created_at: Time(work.now),
        updated_at: Time(work.now),
        created_by: user_id.clone(),
        updated_by: user_id,
    };
    let inserted = rows.insert::<integration_links::Entity>(link).await;
    inserted.map_err(on_duplicate(|| {
        ApiError::version_conflict("Somebody else linked this entity to the provider; try again")
    }))
}

fn published(entity_type: IntegrationEntityType, entity_id: &str) -> Listing {
    Listing::all()
        .equal("entity_type", entity_type.as_str())
        .equal("entity_id", entity_id)
        .equal("status", Status::Published.as_str())
}

fn response(entity_type: IntegrationEntityType, link: integration_links::Model) -> EntityIntegrationMappingResponse {
    EntityIntegrationMappingResponse {
        id: link.id,
        entity_id: link.entity_id,
        entity_type,
        provider_type: link.provider_type,
        provider_entity_id: link.provider_entity_id,
        metadata: link.metadata.and_then(|metadata| match metadata.0 {
            Value::Object(members) => Some(members),
            _ => None,
        }),
        tenant_id: link.tenant_id,
        environment_id: link.environment_id,
        status: link.status.0,
        created_at: DateTime(link.created_at.0),
        updated_at: DateTime(link.updated_at.0),
        created_by: link.created_by,
        updated_by: link.updated_by,
    }
}
