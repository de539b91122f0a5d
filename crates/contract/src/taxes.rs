//! Tax rates, their associations and applied taxes on the wire (spec 03 §3.8, spec 05 §4).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{Status, TaxRateType};
use tariff_core::{Decimal, wire_enum};
use utoipa::ToSchema;

use crate::list::list_response;
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

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
    /// Whether it applies to every invoice from now on.
    pub auto_apply: Option<bool>,
    /// Lower-case ISO 4217 code.
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
    /// Order of application, lowest first.
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
    /// Order of application, lowest first.
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
    /// Order of application, lowest first.
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

wire_enum! {
    /// Tax rate entity type.
    TaxRateEntityType, "types.TaxRateEntityType" {
        /// `customer`.
        Customer = "customer",
        /// `subscription`.
        Subscription = "subscription",
        /// `invoice`.
        Invoice = "invoice",
        /// `tenant`.
        Tenant = "tenant",
    }
}

wire_enum! {
    /// Tax rate scope.
    TaxRateScope, "types.TaxRateScope" {
        /// `INTERNAL`.
        Internal = "INTERNAL",
        /// `EXTERNAL`.
        External = "EXTERNAL",
        /// `ONETIME`.
        Onetime = "ONETIME",
    }
}

wire_enum! {
    /// Tax rate status.
    TaxRateStatus, "types.TaxRateStatus" {
        /// `ACTIVE`.
        Active = "ACTIVE",
        /// `INACTIVE`.
        Inactive = "INACTIVE",
    }
}

/// A tax rate to attach, instead of those that apply by default.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TaxRateOverride {
    /// Code of a published tax rate.
    #[schema(required = true)]
    pub tax_rate_code: Option<String>,
    /// Order of application, lowest first.
    pub priority: Option<i64>,
    /// Whether the rate applies to every invoice from now on.
    #[schema(default = true)]
    pub auto_apply: Option<bool>,
    /// Lower-case ISO 4217 code; the rate applies to amounts in this currency only.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

impl TaxRateOverride {
    /// Records the members that break a rule.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.required("tax_rate_code", self.tax_rate_code.as_ref());
        errors.required("currency", self.currency.as_ref());
        errors.currency("currency", self.currency.as_deref());
    }
}
