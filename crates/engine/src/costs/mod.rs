//! Cost sheets: the seller's own rates (spec 03 §3.9, §4.7, §5.14).
//!
//! Owns their records, and the comparison of what usage costs with what it brings in. The rates themselves are prices
//! whose owner is the cost sheet; billing never looks at them.

mod analytics;
mod create;
mod delete;
mod find;
mod update;

use tariff_contract::DateTime;
use tariff_contract::costs::CostsheetResponse;
use tariff_contract::error::ApiError;
use tariff_core::Timestamp;
use tariff_core::vocabulary::PriceEntityType;
use tariff_store::entity::{costsheets, prices as price_rows};
use tariff_store::{Listing, Scoped};

use crate::error::{Error, Result};
use crate::prices;
use crate::records::{Narrow, metadata_out};

/// The cost sheet of this id, whatever its status.
///
/// # Errors
/// `not_found`.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<costsheets::Model> {
    rows.get::<costsheets::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Cost sheet with ID {id} was not found")).detail("costsheet_id", id))
}

/// The newest published cost sheet. Deleted ones are none (spec 03 Q18).
async fn active(rows: &Scoped<'_>) -> Result<Option<costsheets::Model>> {
    Ok(rows.first::<costsheets::Entity>(Listing::all().published()).await?)
}

/// The published rates of some cost sheets that have not ended by `now`, newest first.
async fn rates_of(
    rows: &Scoped<'_>,
    ids: impl IntoIterator<Item = String>,
    now: Timestamp,
) -> Result<Vec<price_rows::Model>> {
    prices::of_owners(rows, PriceEntityType::Costsheet, ids, Some(now)).await
}

/// The refusal of a name or lookup key that another published cost sheet has.
fn taken(name: Option<&str>, lookup_key: Option<&str>) -> impl FnOnce() -> ApiError + use<> {
    let error = ApiError::already_exists("A cost sheet with this name or lookup key already exists");
    let members = [("name", name), ("lookup_key", lookup_key)];
    let error = members.into_iter().fold(error, |error, (member, text)| {
        match text.filter(|text| !text.is_empty()) {
            Some(text) => error.detail(member, text),
            None => error,
        }
    });
    move || error
}

/// The wire form of a cost sheet, without its prices.
fn response(sheet: costsheets::Model) -> CostsheetResponse {
    CostsheetResponse {
        id: sheet.id,
        name: sheet.name,
        description: sheet.description,
        lookup_key: sheet.lookup_key,
        metadata: metadata_out(sheet.metadata),
        prices: Vec::new(),
        tenant_id: sheet.tenant_id,
        environment_id: sheet.environment_id,
        status: sheet.status.0,
        created_at: DateTime(sheet.created_at.0),
        updated_at: DateTime(sheet.updated_at.0),
        created_by: sheet.created_by,
        updated_by: sheet.updated_by,
    }
}
