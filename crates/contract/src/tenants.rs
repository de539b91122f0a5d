//! Tenants on the wire (spec 01 B5).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::aggregated_entitlements::CustomerUsageSummaryResponse;
use crate::error::ApiError;
use crate::metadata::Metadata;
use crate::subscriptions::SubscriptionResponse;
use crate::time::DateTime;
use crate::validate::FieldErrors;

/// A tenant.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TenantResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Address and contacts of the tenant.
    pub billing_details: Option<TenantBillingDetails>,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Always `published`.
    pub status: String,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
}

/// A change of a tenant: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateTenantRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Address and contacts of the tenant.
    pub billing_details: Option<TenantBillingDetails>,
    /// Free string map.
    pub metadata: Option<Metadata>,
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

impl UpdateTenantRequest {
    /// Checks the field rules (spec 01 B5).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 0, 100);
        if let Some(address) = self
            .billing_details
            .as_ref()
            .and_then(|details| details.address.as_ref())
        {
            let mut inner = FieldErrors::new();
            address.check(&mut inner);
            errors.nested("billing_details.address", inner);
        }
        if let Some(metadata) = &self.metadata {
            metadata.check_tax_keys(&mut errors);
        }
        errors.finish()
    }
}

impl Address {
    /// Records the members that break a rule: the lengths and codes of customers.
    pub fn check(&self, errors: &mut FieldErrors) {
        errors.length("address_line1", self.address_line1.as_deref(), 0, 255);
        errors.length("address_line2", self.address_line2.as_deref(), 0, 255);
        errors.length("address_city", self.address_city.as_deref(), 0, 100);
        errors.length("address_state", self.address_state.as_deref(), 0, 100);
        errors.length("address_postal_code", self.address_postal_code.as_deref(), 0, 20);
        let country = self.address_country.as_deref().filter(|code| !code.is_empty());
        errors.country("address_country", country);
    }
}
