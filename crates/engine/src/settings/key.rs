//! The keys of settings.

use std::str::FromStr;

/// To whom a setting belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// To one environment.
    Environment,
    /// To the tenant, whatever the environment.
    Tenant,
}

/// What a setting is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is the key of its name")]
pub enum SettingKey {
    InvoiceConfig,
    SubscriptionConfig,
    InvoicePdfConfig,
    TenantConfig,
    CustomerOnboarding,
    PrepareProcessedEventsConfig,
    WalletBalanceAlertConfig,
    CustomAnalyticsConfig,
    CustomerPortalConfig,
    EventIngestionFilter,
    BonusCreditsTopupConfig,
    PaymentMandateLimits,
    DraftInvoiceRecomputeConfig,
    SamlConfig,
}

impl SettingKey {
    /// Every key, in the order of the specification's table.
    pub const ALL: [Self; 14] = [
        Self::InvoiceConfig,
        Self::SubscriptionConfig,
        Self::InvoicePdfConfig,
        Self::TenantConfig,
        Self::CustomerOnboarding,
        Self::PrepareProcessedEventsConfig,
        Self::WalletBalanceAlertConfig,
        Self::CustomAnalyticsConfig,
        Self::CustomerPortalConfig,
        Self::EventIngestionFilter,
        Self::BonusCreditsTopupConfig,
        Self::PaymentMandateLimits,
        Self::DraftInvoiceRecomputeConfig,
        Self::SamlConfig,
    ];

    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvoiceConfig => "invoice_config",
            Self::SubscriptionConfig => "subscription_config",
            Self::InvoicePdfConfig => "invoice_pdf_config",
            Self::TenantConfig => "tenant_config",
            Self::CustomerOnboarding => "customer_onboarding",
            Self::PrepareProcessedEventsConfig => "prepare_processed_events_config",
            Self::WalletBalanceAlertConfig => "wallet_balance_alert_config",
            Self::CustomAnalyticsConfig => "custom_analytics_config",
            Self::CustomerPortalConfig => "customer_portal_config",
            Self::EventIngestionFilter => "event_ingestion_filter",
            Self::BonusCreditsTopupConfig => "bonus_credits_topup_config",
            Self::PaymentMandateLimits => "payment_mandate_limits",
            Self::DraftInvoiceRecomputeConfig => "draft_invoice_recompute_config",
            Self::SamlConfig => "saml_config",
        }
    }

    /// To whom the setting belongs.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::TenantConfig | Self::SamlConfig => Level::Tenant,
            Self::InvoiceConfig
            | Self::SubscriptionConfig
            | Self::InvoicePdfConfig
            | Self::CustomerOnboarding
            | Self::PrepareProcessedEventsConfig
            | Self::WalletBalanceAlertConfig
            | Self::CustomAnalyticsConfig
            | Self::CustomerPortalConfig
            | Self::EventIngestionFilter
            | Self::BonusCreditsTopupConfig
            | Self::PaymentMandateLimits
            | Self::DraftInvoiceRecomputeConfig => Level::Environment,
        }
    }
}

/// No setting has this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no setting has this key")]
pub struct UnknownSettingKey;

impl FromStr for SettingKey {
    type Err = UnknownSettingKey;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|key| key.as_str() == word)
            .ok_or(UnknownSettingKey)
    }
}
