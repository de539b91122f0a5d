//! API keys on the wire (spec 01 B7).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::Status;
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::list::list_response;
use crate::time::DateTime;
use crate::users::UserType;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::blank_as_none;

/// A new API key.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateAPIKeyRequest {
    /// When it stops working.
    pub expires_at: Option<DateTime>,
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Id of the service account.
    pub service_account_id: Option<String>,
    /// Kind of the record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<SecretType>,
}

impl CreateAPIKeyRequest {
    /// Checks the field rules. A past `expires_at` is accepted: it makes a key that never works (spec 01 B7).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.present("type", self.r#type.as_ref());
        let mintable = self.r#type.is_none_or(|kind| kind != SecretType::Integration);
        errors.check(mintable, "type", "must be private_key or publishable_key");
        errors.finish()
    }
}

/// A new API key; the only time it is shown.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateAPIKeyResponse {
    /// Api key.
    pub api_key: String,
    /// Secret.
    pub secret: SecretResponse,
}

/// An API key, without the key itself.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SecretResponse {
    /// Creation.
    pub created_at: DateTime,
    /// First and last characters of the key.
    pub display_id: String,
    /// When it stops working.
    pub expires_at: Option<DateTime>,
    /// Id of the record.
    pub id: String,
    /// When it was used last; never written.
    pub last_used_at: Option<DateTime>,
    /// Name shown to people.
    pub name: String,
    /// Name of the provider.
    pub provider: SecretProvider,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// Name of the owning service account.
    pub service_account_name: Option<String>,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Kind of the record.
    pub r#type: SecretType,
    /// Last change.
    pub updated_at: DateTime,
    /// Id of the user.
    pub user_id: String,
    /// Person or service account.
    pub user_type: UserType,
}

list_response! {
    /// A page of API keys.
    ListSecretsResponse of SecretResponse
}

wire_enum! {
    /// A provider of integrations.
    SecretProvider, "types.SecretProvider" {
        /// `flexprice`.
        Flexprice = "flexprice",
        /// `stripe`.
        Stripe = "stripe",
        /// `s3`.
        S3 = "s3",
        /// `hubspot`.
        Hubspot = "hubspot",
        /// `razorpay`.
        Razorpay = "razorpay",
        /// `chargebee`.
        Chargebee = "chargebee",
        /// `quickbooks`.
        Quickbooks = "quickbooks",
        /// `zoho_books`.
        ZohoBooks = "zoho_books",
        /// `nomod`.
        Nomod = "nomod",
        /// `moyasar`.
        Moyasar = "moyasar",
        /// `paddle`.
        Paddle = "paddle",
        /// `whop`.
        Whop = "whop",
        /// `tabs`.
        Tabs = "tabs",
        /// `aws_marketplace`.
        AwsMarketplace = "aws_marketplace",
        /// `gcp_marketplace`.
        GcpMarketplace = "gcp_marketplace",
        /// `azure_marketplace`.
        AzureMarketplace = "azure_marketplace",
    }
}

wire_enum! {
    /// Kind of a key.
    SecretType, "types.SecretType" {
        /// `private_key`.
        PrivateKey = "private_key",
        /// `publishable_key`.
        PublishableKey = "publishable_key",
        /// `integration`.
        Integration = "integration",
    }
}
