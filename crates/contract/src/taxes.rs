//! Tax rates, their associations and applied taxes on the wire (spec 03 §3.8, §4.6).

mod rules;

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::{Status, TaxRateType};
use utoipa::ToSchema;

use crate::expand::Allowed;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::wire::blank_as_none;

pub use rules::{AUTOMATIC_TAXES_MAX, TAX_OVERRIDES_MAX, TAX_VALUE_DIGITS};
pub use tariff_core::vocabulary::{TaxRateEntityType, TaxRateScope, TaxRateStatus};

/// What `expand` allows on tax associations and applied taxes; other names are ignored (spec 01 A12).
pub const TAX_EXPAND: Allowed = &[("tax_rate", &[])];

/// A new tax rate.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateTaxRateRequest {
    /// Key of the record, unique among published ones.
    #[schema(required = true)]
    pub code: Option<String>,
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Amount per invoice.
    pub fixed_value: Option<Decimal>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Percentage, 0 to 100.
    pub percentage_value: Option<Decimal>,
    /// Where it applies.
    #[serde(deserialize_with = "blank_as_none")]
    pub scope: Option<TaxRateScope>,
    /// Percentage or fixed amount.
    #[serde(deserialize_with = "blank_as_none")]
    pub tax_rate_type: Option<TaxRateType>,
}

/// A change of a tax rate: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateTaxRateRequest {
    /// Key of the record, unique among published ones.
    pub code: Option<String>,
    /// Name shown to people.
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Tax rate status.
    #[serde(deserialize_with = "blank_as_none")]
    pub tax_rate_status: Option<TaxRateStatus>,
}

/// A tax rate.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TaxRateResponse {
    /// Id of the record.
    pub id: Option<String>,
    /// Key of the record, unique among published ones.
    pub code: Option<String>,
    /// Name shown to people.
    pub name: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Amount per invoice.
    pub fixed_value: Option<Decimal>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Percentage, 0 to 100.
    pub percentage_value: Option<Decimal>,
    /// Where it applies.
    #[serde(deserialize_with = "blank_as_none")]
    pub scope: Option<TaxRateScope>,
    /// Tax rate status.
    #[serde(deserialize_with = "blank_as_none")]
    pub tax_rate_status: Option<TaxRateStatus>,
    /// Percentage or fixed amount.
    #[serde(deserialize_with = "blank_as_none")]
    pub tax_rate_type: Option<TaxRateType>,
    /// Tenant of the record.
    pub tenant_id: Option<String>,
    /// Environment of the record.
    pub environment_id: Option<String>,
    /// Lifecycle state of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub status: Option<Status>,
    /// Creation.
    pub created_at: Option<DateTime>,
    /// Last change.
    pub updated_at: Option<DateTime>,
    /// User who created it.
    pub created_by: Option<String>,
    /// User who changed it last.
    pub updated_by: Option<String>,
}

list_response! {
    /// A page of tax rates.
    ListTaxRatesResponse of TaxRateResponse
}

/// A new tax association.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateTaxAssociationRequest {
    /// Whether it applies to every invoice from now on; absent means that it does not.
    pub auto_apply: Option<bool>,
    /// ISO 4217 code in any letter case; it is kept, but influences nothing.
    pub currency: Option<String>,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: Option<String>,
    /// Kind of the owning record.
    #[serde(deserialize_with = "blank_as_none")]
    pub entity_type: Option<TaxRateEntityType>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// A number from 0; it is kept, but influences nothing.
    pub priority: Option<i64>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Code of the tax rate.
    #[schema(required = true)]
    pub tax_rate_code: Option<String>,
}

/// A change of a tax association: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TaxAssociationUpdateRequest {
    /// Whether it applies to every invoice from now on.
    pub auto_apply: Option<bool>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// A number from 0; it is kept, but influences nothing.
    pub priority: Option<i64>,
}

/// A tax association.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TaxAssociationResponse {
    /// Id of the record.
    pub id: String,
    /// Whether it applies to every invoice from now on.
    pub auto_apply: bool,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// End, exclusive; absent when open.
    pub end_date: Option<DateTime>,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: TaxRateEntityType,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// A number from 0; it is kept, but influences nothing.
    pub priority: Option<i64>,
    /// Start, inclusive.
    pub start_date: Option<DateTime>,
    /// Tax rate.
    pub tax_rate: Option<TaxRateResponse>,
    /// Id of the tax rate.
    pub tax_rate_id: String,
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
    /// A page of tax associations.
    ListTaxAssociationsResponse of TaxAssociationResponse
}

/// A tax applied.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TaxAppliedResponse {
    /// Id of the record.
    pub id: String,
    /// When it was applied.
    pub applied_at: Option<DateTime>,
    /// Lower-case ISO 4217 code.
    pub currency: String,
    /// Id of the owning record.
    pub entity_id: String,
    /// Kind of the owning record.
    pub entity_type: TaxRateEntityType,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// The tax.
    pub tax_amount: Decimal,
    /// Id of the tax association.
    pub tax_association_id: Option<String>,
    /// Tax rate.
    pub tax_rate: Option<TaxRateResponse>,
    /// Id of the tax rate.
    pub tax_rate_id: String,
    /// Amount that is taxed.
    pub taxable_amount: Decimal,
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

/// A tax rate to attach, instead of those that apply by default.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TaxRateOverride {
    /// Code of a published tax rate.
    #[schema(required = true)]
    pub tax_rate_code: Option<String>,
    /// A number from 0; it is kept, but influences nothing.
    pub priority: Option<i64>,
    /// Whether the rate applies to every invoice from now on; absent means that it does not.
    #[schema(default = true)]
    pub auto_apply: Option<bool>,
    /// Currency; it is kept, but influences nothing.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

list_filter! {
    /// Which tax rates to list.
    TaxRateFilter as types::TaxRateFilter {
        /// Only these rates, by code.
        pub taxrate_codes: Option<Vec<String>>,
        /// Only these rates, by id.
        pub taxrate_ids: Option<Vec<String>>,
        /// Where it applies.
        #[serde(deserialize_with = "blank_as_none")]
        pub scope: Option<TaxRateScope>,
    }
}

list_filter! {
    /// Which tax associations to list.
    TaxAssociationFilter as types::TaxAssociationFilter {
        /// Only these associations.
        pub tax_association_ids: Option<Vec<String>>,
        /// Kind of the owning record.
        #[serde(deserialize_with = "blank_as_none")]
        pub entity_type: Option<TaxRateEntityType>,
        /// Id of the owning record.
        pub entity_id: Option<String>,
        /// The caller's own id of the customer; only that customer's associations.
        pub external_customer_id: Option<String>,
        /// Id of the tax rate.
        pub tax_rate_id: Option<String>,
        /// Only of these tax rates.
        pub tax_rate_ids: Option<Vec<String>>,
        /// Whether they apply to every invoice.
        pub auto_apply: Option<bool>,
        /// Currency, in any letter case.
        pub currency: Option<String>,
    }
}
