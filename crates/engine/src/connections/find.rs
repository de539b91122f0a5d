//! Reading connections. Only published ones are found by id (spec 01 A8).

use tariff_contract::connections::{ConnectionFilter, ConnectionResponse, ListConnectionsResponse};
use tariff_core::Status;
use tariff_store::entity::connections;

use super::{response, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;

impl Engine {
    /// The published connection of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_connection(&self, context: &Context, id: &str) -> Result<ConnectionResponse> {
        let session = self.read();
        let found = session.scoped(&context.scope).get::<connections::Entity>(id).await?;
        response(found.filter(is_published).ok_or_else(|| unknown_id(id))?)
    }

    /// The connections that match.
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_connections(
        &self,
        context: &Context,
        filter: ConnectionFilter,
    ) -> Result<ListConnectionsResponse> {
        let options = filter.list_options()?;
        let provider = filter.provider_type.map(|provider| provider.as_str().to_owned());
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .within_if("id", filter.connection_ids)
            .equal_if("provider_type", provider);
        let session = self.read();
        let rows = session.scoped(&context.scope);
        let (found, total) = rows.page::<connections::Entity>(&listing).await?;
        Ok(ListConnectionsResponse {
            connections: found.into_iter().map(response).collect::<Result<_>>()?,
            total,
            limit: options.limit,
            offset: options.offset,
        })
    }
}

pub(super) fn is_published(connection: &connections::Model) -> bool {
    connection.status.0 == Status::Published
}
