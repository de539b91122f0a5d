//! Custom pricing units on the wire (spec 03 §3.3).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::Status;
use utoipa::ToSchema;

use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::time::DateTime;

/// A new price unit.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreatePriceUnitRequest {
    /// Currency that the unit converts to.
    #[schema(required = true)]
    pub base_currency: Option<String>,
    /// Key of the record, unique among published ones.
    #[schema(required = true)]
    pub code: Option<String>,
    /// Units of the base currency per unit.
    #[schema(required = true)]
    pub conversion_rate: Option<Decimal>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// What precedes amounts.
    #[schema(required = true)]
    pub symbol: Option<String>,
}

/// Answer about a price unit.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreatePriceUnitResponse {
    /// Currency that the unit converts to.
    pub base_currency: String,
    /// Key of the record, unique among published ones.
    pub code: String,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// What precedes amounts.
    pub symbol: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
    /// User who changed it last.
    pub updated_by: String,
}

/// A change of a price unit: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdatePriceUnitRequest {
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: Option<String>,
}

/// A price unit.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PriceUnitResponse {
    /// Currency that the unit converts to.
    pub base_currency: String,
    /// Key of the record, unique among published ones.
    pub code: String,
    /// Units of the base currency per unit.
    pub conversion_rate: Option<Decimal>,
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// What precedes amounts.
    pub symbol: String,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
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
