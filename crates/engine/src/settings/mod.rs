//! Settings: what a tenant decides about its environments, one document per key (spec 01 B8).
//!
//! Owns the keys, their defaults and rules, and how stored members are laid over the defaults. What a setting means is
//! the business of whoever reads it: [`of`] gives them the typed value.

mod change;
mod events;
mod invoices;
mod key;
mod portal;
mod stored;
mod tenants;
mod wallets;
mod workflows;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tariff_contract::FieldErrors;
use tariff_contract::error::ApiError;
use tariff_core::Scope;
use tariff_store::{Scoped, Session};

use crate::error::{Error, Result};

pub use events::{AnalyticsRule, AnalyticsTarget, CustomAnalyticsConfig, EventIngestionFilter};
pub use invoices::{DraftInvoiceRecomputeConfig, InvoiceConfig, InvoicePdfConfig, SubscriptionConfig};
pub use key::{Level, SettingKey, UnknownSettingKey};
pub use portal::{CustomerPortalConfig, PortalSection, PortalTab};
pub use tenants::{SamlConfig, TenantConfig};
pub use wallets::{
    AlertLevel, Bonus, BonusCreditsTopupConfig, BonusSlab, BonusType, MandateLimit, PaymentMandateLimits, SlabOperator,
    WalletBalanceAlertConfig,
};
pub use workflows::{
    CreateCustomerAction, CreateFeatureAndPriceAction, CreateSubscriptionAction, CreateWalletAction,
    CustomerOnboarding, PrepareProcessedEventsConfig, RolloutToSubscriptionsAction, WorkflowAction,
};

/// The typed value of one setting; its `Default` is what holds while nothing is stored.
pub trait SettingValue: Default + Serialize + DeserializeOwned {
    /// The key it is stored under.
    const KEY: SettingKey;

    /// Members that may be null; null keeps every other member as it is.
    const NULLABLE: &'static [&'static str] = &[];

    /// Records the members that break a rule.
    fn check(&self, errors: &mut FieldErrors);
}

/// The effective value of a setting of an environment.
///
/// # Errors
/// `database_error`; `internal_error` when the stored document no longer fits.
pub async fn of<T: SettingValue>(rows: &Scoped<'_>) -> Result<T> {
    let members = stored::find(rows, T::KEY)
        .await?
        .map(|row| stored::members(&row))
        .unwrap_or_default();
    effective(&members).map_err(|source| Error(ApiError::internal(std::io::Error::other(source.message))))
}

/// Numbers, due dates and finalization of the environment's invoices.
///
/// # Errors
/// As [`of`].
pub async fn invoice_config(rows: &Scoped<'_>) -> Result<InvoiceConfig> {
    of(rows).await
}

/// The tenant's quotas.
///
/// # Errors
/// As [`of`].
pub async fn tenant_config(session: &Session, tenant_id: &str) -> Result<TenantConfig> {
    of(&session.scoped(&Scope::new(tenant_id, ""))).await
}

/// How the tenant's people sign on.
///
/// # Errors
/// As [`of`].
pub async fn saml_config(session: &Session, tenant_id: &str) -> Result<SamlConfig> {
    of(&session.scoped(&Scope::new(tenant_id, ""))).await
}

/// The defaults with `members` laid over them, as a typed value.
///
/// # Errors
/// `validation_error` that names each member of the wrong form.
fn effective<T: SettingValue>(members: &Map<String, Value>) -> Result<T, ApiError> {
    let defaults = document(&T::default())?;
    let mut whole = defaults.clone();
    whole.extend(members.clone());
    serde_json::from_value(Value::Object(whole)).map_err(|source| misfits::<T>(&defaults, members, &source))
}

/// Which members do not fit: each is laid over the defaults alone.
fn misfits<T: SettingValue>(
    defaults: &Map<String, Value>,
    members: &Map<String, Value>,
    source: &serde_json::Error,
) -> ApiError {
    let mut errors = FieldErrors::new();
    for (name, value) in members {
        let mut alone = defaults.clone();
        alone.insert(name.clone(), value.clone());
        if let Err(reason) = serde_json::from_value::<T>(Value::Object(alone)) {
            errors.add(name, format!("does not fit: {reason}"));
        }
    }
    match errors.finish() {
        Err(error) => error,
        Ok(()) => ApiError::validation("The value does not fit").detail("value", source.to_string()),
    }
}

/// The wire form of a value.
fn document<T: Serialize>(value: &T) -> Result<Map<String, Value>, ApiError> {
    match serde_json::to_value(value) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Ok(Map::new()),
        Err(source) => Err(ApiError::internal(source)),
    }
}
