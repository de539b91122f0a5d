//! Reading price units.

use tariff_contract::Pagination;
use tariff_contract::price_units::{ListPriceUnitsResponse, PriceUnitFilter, PriceUnitResponse};
use tariff_store::entity::price_units;

use super::{get_by_code, response, unknown_id};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::Result;
use crate::listing::{self, DefaultStatus, TimeRange};
use crate::records::Narrow;

impl Engine {
    /// The price unit of this id, whatever its status.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_price_unit(&self, context: &Context, id: &str) -> Result<PriceUnitResponse> {
        let unit = self
            .read()
            .scoped(&context.scope)
            .get::<price_units::Entity>(id)
            .await?;
        Ok(response(unit.ok_or_else(|| unknown_id(id))?))
    }

    /// The published price unit of this code.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_price_unit_by_code(&self, context: &Context, code: &str) -> Result<PriceUnitResponse> {
        Ok(response(get_by_code(&self.read().scoped(&context.scope), code).await?))
    }

    /// The price units that match. The total is that of the page, and the offset the request's (spec 01 A10).
    ///
    /// # Errors
    /// `validation_error` for bad paging, filters or sort keys.
    pub async fn list_price_units(&self, context: &Context, filter: PriceUnitFilter) -> Result<ListPriceUnitsResponse> {
        let options = filter.list_options()?;
        let listing = listing::of(&options, DefaultStatus::Published, TimeRange::On("created_at"))
            .within_if("id", filter.price_unit_ids);
        let units = self
            .read()
            .scoped(&context.scope)
            .list::<price_units::Entity>(&listing)
            .await?;
        let items: Vec<PriceUnitResponse> = units.into_iter().map(response).collect();
        let total = u64::try_from(items.len()).unwrap_or(u64::MAX);
        Ok(ListPriceUnitsResponse {
            items,
            pagination: Pagination::at(total, options.limit, options.offset),
        })
    }
}
