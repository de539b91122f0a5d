//! Price units: custom units that prices can be expressed in (spec 03 §3.3).
//!
//! A unit's rate never changes, and every price keeps a copy of it; so nothing that is billed asks here.

mod create;
mod find;
mod update;

use tariff_contract::DateTime;
use tariff_contract::error::ApiError;
use tariff_contract::price_units::PriceUnitResponse;
use tariff_store::entity::price_units;
use tariff_store::{Listing, Scoped};

use crate::error::{Error, Result};
use crate::records::{Narrow, metadata_out};

/// The published unit of this code, in exactly these letter cases.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get_by_code(rows: &Scoped<'_>, code: &str) -> Result<price_units::Model> {
    let listing = Listing::all().equal("code", code).published();
    let unit = rows.first::<price_units::Entity>(listing).await?;
    unit.ok_or_else(|| {
        Error(ApiError::not_found(format!("Price unit with code {code} was not found")).detail("code", code))
    })
}

fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Price unit with ID {id} was not found")).detail("price_unit_id", id))
}

/// The wire form of a price unit.
pub(crate) fn response(unit: price_units::Model) -> PriceUnitResponse {
    PriceUnitResponse {
        id: unit.id,
        name: unit.name,
        code: unit.code,
        symbol: unit.symbol,
        base_currency: unit.base_currency,
        conversion_rate: Some(unit.conversion_rate.0),
        metadata: metadata_out(unit.metadata),
        tenant_id: unit.tenant_id,
        environment_id: unit.environment_id,
        status: unit.status.0,
        created_at: DateTime(unit.created_at.0),
        updated_at: DateTime(unit.updated_at.0),
        created_by: unit.created_by,
        updated_by: unit.updated_by,
    }
}
