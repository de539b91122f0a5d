//! Custom pricing units on the wire (spec 03 §3.3).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::Status;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// A new price unit.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreatePriceUnitRequest {
    /// Key of the record, unique among published ones.
    #[schema(required = true)]
    pub code: Option<String>,
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Currency that the unit converts to.
    #[schema(required = true)]
    pub base_currency: Option<String>,
    /// Units of the base currency per unit.
    #[schema(required = true)]
    pub conversion_rate: Option<Decimal>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// What precedes amounts.
    #[schema(required = true)]
    pub symbol: Option<String>,
}

/// The new price unit.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatePriceUnitResponse {
    /// Id of the record.
    pub id: String,
    /// Key of the record, unique among published ones.
    pub code: String,
    /// Name shown to people.
    pub name: String,
    /// Currency that the unit converts to.
    pub base_currency: String,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// What precedes amounts.
    pub symbol: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

/// A change of a price unit: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdatePriceUnitRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// A price unit.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PriceUnitResponse {
    /// Id of the record.
    pub id: String,
    /// Key of the record, unique among published ones.
    pub code: String,
    /// Name shown to people.
    pub name: String,
    /// Currency that the unit converts to.
    pub base_currency: String,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// What precedes amounts.
    pub symbol: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

list_response! {
    /// A page of price units.
    ListPriceUnitsResponse of PriceUnitResponse
}

list_filter! {
    /// Which price units to list.
    PriceUnitFilter as types::PriceUnitFilter {
        /// Ids of the price units.
        pub price_unit_ids: Option<Vec<String>>,
    }
}

/// Integer digits that a conversion rate may have, as many as the prices that keep a copy of it (spec 03 §2.1).
const RATE_INTEGER_DIGITS_MAX: u32 = 10;

impl CreatePriceUnitRequest {
    /// Checks the field rules (spec 03 §3.3).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.required_text("code", self.code.as_ref(), 3);
        errors.required_text("symbol", self.symbol.as_ref(), 10);
        errors.required("base_currency", self.base_currency.as_ref());
        errors.currency("base_currency", self.base_currency.as_deref());
        errors.present("conversion_rate", self.conversion_rate.as_ref());
        errors.positive("conversion_rate", self.conversion_rate.as_ref());
        errors.integer_digits(
            "conversion_rate",
            self.conversion_rate.as_ref(),
            RATE_INTEGER_DIGITS_MAX,
        );
        errors.finish()
    }
}

impl UpdatePriceUnitRequest {
    /// Checks the field rules (spec 03 §3.3).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 1, NAME_CHARS_MAX);
        errors.finish()
    }
}
