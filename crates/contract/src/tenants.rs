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

/// Longest name of a tenant, in code points.
pub const TENANT_NAME_CHARS_MAX: usize = 100;

/// A tenant.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TenantResponse {
    /// Address and contacts of the tenant.
    pub billing_details: Option<TenantBillingDetails>,
    /// Creation, whole seconds.
    #[serde(with = "crate::time::seconds")]
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
    /// Last change, whole seconds.
    #[serde(with = "crate::time::seconds")]
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

impl UpdateTenantRequest {
    /// Checks the field rules (spec 01 B5).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 0, TENANT_NAME_CHARS_MAX);
        if let Some(details) = &self.billing_details {
            let mut inner = FieldErrors::new();
            details.check(&mut inner);
            errors.nested("billing_details", inner);
        }
        errors.finish()
    }
}

impl TenantBillingDetails {
    fn check(&self, errors: &mut FieldErrors) {
        let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        errors.email("email", filled(&self.email).as_deref());
        errors.email("help_email", filled(&self.help_email).as_deref());
        let Some(address) = &self.address else { return };
        errors.length("address.address_line1", address.address_line1.as_deref(), 0, 255);
        errors.length("address.address_line2", address.address_line2.as_deref(), 0, 255);
        errors.length("address.address_city", address.address_city.as_deref(), 0, 100);
        errors.length("address.address_state", address.address_state.as_deref(), 0, 100);
        errors.length(
            "address.address_postal_code",
            address.address_postal_code.as_deref(),
            0,
            20,
        );
        errors.country("address.address_country", filled(&address.address_country).as_deref());
    }
}

/// What the caller's tenant uses of the platform; null without a platform that bills its tenants.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct TenantBillingUsage {
    /// Subscriptions.
    pub subscriptions: Option<Vec<SubscriptionResponse>>,
    /// Usage.
    pub usage: Option<CustomerUsageSummaryResponse>,
}
