//! What makes or changes a wallet (spec 06).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::Decimal;
use tariff_core::vocabulary::BillingPeriod;
use utoipa::ToSchema;

use crate::alerts::{AlertDuration, AlertSettings};
use crate::checkout::CheckoutParams;
use crate::integration_config::{MetadataCustomField, ServicePeriodCustomFields};
use crate::metadata::Metadata;
use crate::number::JsonNumber;
use crate::time::DateTime;
use crate::wallets::{TransactionReason, WalletType};
use crate::wire::blank_as_none;

pub use tariff_core::vocabulary::WalletConfigPriceType;

/// A new wallet.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateWalletRequest {
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Auto topup.
    pub auto_topup: Option<AutoTopup>,
    /// Units of the base currency per unit.
    #[schema(default = "1")]
    pub conversion_rate: Option<Decimal>,
    /// Lower-case ISO 4217 code.
    #[schema(required = true)]
    pub currency: Option<String>,
    /// Id of the customer.
    pub customer_id: Option<String>,
    /// Text shown to people.
    pub description: Option<String>,
    /// The caller's own id of the customer.
    pub external_customer_id: Option<String>,
    /// Initial credits expiry date utc.
    #[schema(value_type = Option<String>)]
    pub initial_credits_expiry_date_utc: Option<DateTime>,
    /// Initial credits to load.
    #[schema(default = "0")]
    pub initial_credits_to_load: Option<Decimal>,
    /// Initial credits to load expiry date.
    pub initial_credits_to_load_expiry_date: Option<i64>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Code of the custom unit.
    pub price_unit: Option<String>,
    /// Topup conversion rate.
    pub topup_conversion_rate: Option<Decimal>,
    /// Wallet type.
    #[serde(deserialize_with = "blank_as_none")]
    pub wallet_type: Option<WalletType>,
}

/// A change of a wallet: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateWalletRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// When the customer's credit balance raises alerts.
    pub alert_settings: Option<AlertSettings>,
    /// Auto topup.
    pub auto_topup: Option<AutoTopup>,
    /// Config.
    pub config: Option<WalletConfig>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// Wallet config.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::WalletConfig)]
pub struct WalletConfig {
    /// Allowed price types.
    pub allowed_price_types: Option<Vec<WalletConfigPriceType>>,
}

/// Auto topup.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::AutoTopup)]
pub struct AutoTopup {
    /// Money in units of the currency.
    pub amount: Option<JsonNumber>,
    /// Cooldown.
    pub cooldown: Option<AlertDuration>,
    /// Enabled.
    pub enabled: Option<bool>,
    /// Invoicing.
    pub invoicing: Option<bool>,
    /// Value at which the level is reached.
    pub threshold: Option<JsonNumber>,
}

/// Invoice sync settings.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = types::InvoiceSyncSettings)]
pub struct InvoiceSyncSettings {
    /// Metadata custom fields.
    pub metadata_custom_fields: Vec<MetadataCustomField>,
    /// Normalize fixed to.
    pub normalize_fixed_to: Option<BillingPeriod>,
    /// Service period custom fields.
    pub service_period_custom_fields: Option<ServicePeriodCustomFields>,
}

/// Adds credits to a wallet.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TopUpWalletRequest {
    /// Money in units of the currency.
    pub amount: Option<Decimal>,
    /// Bonus credits expiry date utc.
    #[schema(value_type = Option<String>)]
    pub bonus_credits_expiry_date_utc: Option<DateTime>,
    /// Bonus credits to add.
    pub bonus_credits_to_add: Option<Decimal>,
    /// Collects the first payment before the subscription starts.
    pub checkout: Option<CheckoutParams>,
    /// Credits to add.
    pub credits_to_add: Option<Decimal>,
    /// Text shown to people.
    pub description: Option<String>,
    /// Expiry date utc.
    #[schema(value_type = Option<String>)]
    pub expiry_date_utc: Option<DateTime>,
    /// Force sync invoice.
    pub force_sync_invoice: Option<bool>,
    /// The caller's key that makes a repeated request harmless.
    pub idempotency_key: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Order of application, lowest first.
    pub priority: Option<i64>,
    /// Transaction reason.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub transaction_reason: Option<TransactionReason>,
}
