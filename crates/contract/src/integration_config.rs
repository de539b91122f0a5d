//! What is synchronized with which provider (spec 01 B2).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::secrets::SecretProvider;
use crate::wallets::InvoiceSyncSettings;

/// The synchronization with one provider.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IntegrationConfigEntry {
    /// Base config.
    pub base_config: Option<SyncConfig>,
    /// Current config.
    pub current_config: Option<SyncConfig>,
    /// Name of the provider.
    pub provider: SecretProvider,
}

/// The synchronization with every connected provider.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct IntegrationConfigResponse {
    /// One entry per connected provider that synchronizes.
    pub integrations: Vec<IntegrationConfigEntry>,
}

/// Which records are synchronized, in which direction.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::SyncConfig)]
pub struct SyncConfig {
    /// Aws marketplace.
    pub aws_marketplace: Option<AWSMarketplaceSyncConfig>,
    /// The customer.
    pub customer: Option<EntitySyncConfig>,
    /// Deal.
    pub deal: Option<EntitySyncConfig>,
    /// The invoice.
    pub invoice: Option<EntitySyncConfig>,
    /// Invoice sync settings.
    pub invoice_sync_settings: Option<InvoiceSyncSettings>,
    /// Payment.
    pub payment: Option<EntitySyncConfig>,
    /// The plan.
    pub plan: Option<EntitySyncConfig>,
    /// The price.
    pub price: Option<EntitySyncConfig>,
    /// Quote.
    pub quote: Option<EntitySyncConfig>,
    /// S3.
    pub s3: Option<S3ExportConfig>,
    /// The subscription.
    pub subscription: Option<EntitySyncConfig>,
}

/// Directions in which one kind of record is synchronized.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = types::EntitySyncConfig)]
pub struct EntitySyncConfig {
    /// Inbound.
    #[serde(default)]
    pub inbound: bool,
    /// Outbound.
    #[serde(default)]
    pub outbound: bool,
}

/// AWS marketplace sync config.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = types::AWSMarketplaceSyncConfig)]
pub struct AWSMarketplaceSyncConfig {
    /// Region.
    #[serde(default)]
    pub region: String,
}

/// S3 export config.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = types::S3ExportConfig)]
pub struct S3ExportConfig {
    /// Bucket.
    #[serde(default)]
    pub bucket: String,
    /// Compression.
    #[serde(default)]
    pub compression: S3CompressionType,
    /// Encryption.
    #[serde(default)]
    pub encryption: S3EncryptionType,
    /// Whether it is flexprice managed.
    #[serde(default)]
    pub is_flexprice_managed: bool,
    /// Key prefix.
    #[serde(default)]
    pub key_prefix: String,
    /// Region.
    #[serde(default)]
    pub region: String,
}

/// Service period custom fields.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::ServicePeriodCustomFields)]
pub struct ServicePeriodCustomFields {
    /// Id of the end field.
    pub end_field_id: Option<String>,
    /// Id of the start field.
    pub start_field_id: Option<String>,
}

/// Metadata custom field.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = types::MetadataCustomField)]
pub struct MetadataCustomField {
    /// Name of a property.
    #[serde(default)]
    pub field: String,
    /// Metadata key.
    #[serde(default)]
    pub metadata_key: String,
    /// Where the events come from.
    pub source: MetadataCustomFieldSource,
}

wire_enum! {
    /// Metadata custom field source.
    MetadataCustomFieldSource, "types.MetadataCustomFieldSource" {
        /// `customer`.
        Customer = "customer",
        /// `invoice`.
        Invoice = "invoice",
    }
}

wire_enum! {
    /// Entity type.
    ExportEntityType, "types.EntityType" {
        /// `EVENTS`.
        Events = "EVENTS",
        /// `PRICES`.
        Prices = "PRICES",
        /// `CUSTOMERS`.
        Customers = "CUSTOMERS",
        /// `FEATURES`.
        Features = "FEATURES",
    }
}

wire_enum! {
    /// S3 compression type.
    S3CompressionType, "types.S3CompressionType" {
        /// `none`.
        None = "none",
        /// `gzip`.
        Gzip = "gzip",
    }
}

wire_enum! {
    /// S3 encryption type.
    S3EncryptionType, "types.S3EncryptionType" {
        /// `AES256`.
        Aes256 = "AES256",
        /// `aws:kms`.
        AwsKms = "aws:kms",
        /// `aws:kms:dsse`.
        AwsKmsDsse = "aws:kms:dsse",
    }
}

impl Default for S3CompressionType {
    /// As the specification has it (spec 07 §2.5).
    fn default() -> Self {
        Self::None
    }
}

impl Default for S3EncryptionType {
    /// As the specification has it (spec 07 §2.5).
    fn default() -> Self {
        Self::Aes256
    }
}
