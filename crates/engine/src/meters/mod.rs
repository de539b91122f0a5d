//! Meters: how events become one quantity (spec 02 §2.3).

mod definition;

use tariff_contract::error::ApiError;
use tariff_store::Scoped;
use tariff_store::entity::meters;

pub(crate) use definition::{definition, recording};

use crate::error::{Error, Result};

/// The meter of this id, whatever its status.
pub(crate) async fn get(rows: &Scoped<'_>, id: &str) -> Result<meters::Model> {
    rows.get::<meters::Entity>(id).await?.ok_or_else(|| unknown_id(id))
}

pub(crate) fn unknown_id(id: &str) -> Error {
    Error(ApiError::not_found(format!("Meter with ID {id} was not found")).detail("meter_id", id))
}
