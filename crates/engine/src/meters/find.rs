//! Reading meters.

use tariff_contract::Pagination;
use tariff_contract::meters::{ListMetersResponse, MeterListFilter, MeterResponse};
use tariff_store::entity::meters;

use super::{get, response};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;

impl Engine {
    /// The meter of this id, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_meter(&self, context: &Context, id: &str) -> Result<MeterResponse> {
        Ok(response(get(&self.read().scoped(&context.scope), id).await?))
    }

    /// The meters that match; archived ones too unless a status is asked for (spec 01 A8).
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_meters(&self, context: &Context, filter: MeterListFilter) -> Result<ListMetersResponse> {
        let options = filter.list_options()?;
        let listing = listing::of(&options, DefaultStatus::NotDeleted, TimeRange::On("created_at"))
            .equal_if("event_name", filter.event_name)
            .within_if("id", filter.meter_ids);
        let (meters, total) = self
            .read()
            .scoped(&context.scope)
            .page::<meters::Entity>(&listing)
            .await?;
        Ok(ListMetersResponse {
            items: meters.into_iter().map(response).collect(),
            pagination: Pagination::next(total, options.limit, options.offset),
        })
    }
}
