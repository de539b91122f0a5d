//! Tenants on the wire (spec 01 B5).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::aggregated_entitlements::CustomerUsageSummaryResponse;
use crate::metadata::Metadata;
use crate::subscriptions::SubscriptionResponse;
use crate::time::DateTime;

/// A tenant.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TenantResponse {
    /// Address and contacts of the tenant.
    pub billing_details: Option<TenantBillingDetails>,
    /// Creation.
    pub created_at: DateTime,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Lifecycle state of the record.
    pub status: String,
    /// Last change.
    pub updated_at: DateTime,
}

/// A change of a tenant: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateTenantRequest {
    /// Address and contacts of the tenant.
    pub billing_details: Option<TenantBillingDetails>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: Option<String>,
}

/// Address and contacts of a tenant.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TenantBillingDetails {
    /// Postal address.
    pub address: Option<Address>,
    /// E-mail address.
    pub email: Option<String>,
    /// Where customers may ask for help.
    pub help_email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

/// A postal address.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Address {
    /// City.
    #[schema(max_length = 100)]
    pub address_city: Option<String>,
    /// Upper-case ISO 3166-1 alpha-2 code.
    pub address_country: Option<String>,
    /// First line of the address.
    #[schema(max_length = 255)]
    pub address_line1: Option<String>,
    /// Second line of the address.
    #[schema(max_length = 255)]
    pub address_line2: Option<String>,
    /// Postal code.
    #[schema(max_length = 20)]
    pub address_postal_code: Option<String>,
    /// State or region.
    #[schema(max_length = 100)]
    pub address_state: Option<String>,
}

/// What the caller's tenant uses of the platform.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TenantBillingUsage {
    /// Subscriptions.
    pub subscriptions: Vec<SubscriptionResponse>,
    /// Usage.
    pub usage: Option<CustomerUsageSummaryResponse>,
}
