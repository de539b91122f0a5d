//! Creating a price unit.

use tariff_contract::error::ApiError;
use tariff_contract::price_units::{CreatePriceUnitRequest, PriceUnitResponse};
use tariff_core::{IdPrefix, Status};
use tariff_store::column::{Number, Time, Word};
use tariff_store::entity::price_units;

use super::response;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Result, on_duplicate};
use crate::ids::mint;
use crate::records::metadata_in;

/// Fractional digits of a conversion rate that are kept (spec 03 Q19).
const RATE_DIGITS: u32 = 15;

impl Engine {
    /// Creates a price unit.
    ///
    /// # Errors
    /// `validation_error` for field rules, `already_exists` when a published unit has the code.
    pub async fn create_price_unit(
        &self,
        context: &Context,
        request: CreatePriceUnitRequest,
    ) -> Result<PriceUnitResponse> {
        request.validate()?;
        let rate = request.conversion_rate.unwrap_or_default().round(RATE_DIGITS);
        if !rate.is_positive() {
            let reason = "must have a digit other than zero among its first 15 decimals";
            return Err(ApiError::validation("The conversion rate is too small")
                .detail("conversion_rate", reason)
                .into());
        }
        let code = request.code.unwrap_or_default();
        let work = self.begin(context).await?;
        let unit = price_units::Model {
            id: mint(IdPrefix::PriceUnit),
            tenant_id: String::new(),
            environment_id: String::new(),
            name: request.name.unwrap_or_default(),
            code: code.clone(),
            symbol: request.symbol.unwrap_or_default(),
            base_currency: request.base_currency.unwrap_or_default().to_lowercase(),
            conversion_rate: Number(rate),
            metadata: metadata_in(request.metadata),
            status: Word(Status::Published),
            created_at: Time(work.now),
            updated_at: Time(work.now),
            created_by: context.user_id.clone(),
            updated_by: context.user_id.clone(),
        };
        let inserted = work.rows().insert::<price_units::Entity>(unit).await;
        let unit = inserted.map_err(on_duplicate(|| {
            ApiError::already_exists("A price unit with this code already exists").detail("code", code)
        }))?;
        work.commit().await?;
        Ok(response(unit))
    }
}
