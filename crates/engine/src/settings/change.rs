//! Reading, changing and resetting a setting (spec 01 B8).

use serde_json::{Map, Value};
use tariff_contract::error::ApiError;
use tariff_contract::settings::{SettingResponse, UpdateSettingRequest};
use tariff_contract::{DateTime, FieldErrors};
use tariff_core::{IdPrefix, Scope, Status};
use tariff_store::column::{Json, Time, Word};
use tariff_store::entity::settings;
use tariff_store::{Scoped, access as lookup, set};

use super::{
    BonusCreditsTopupConfig, CustomAnalyticsConfig, CustomerOnboarding, CustomerPortalConfig,
    DraftInvoiceRecomputeConfig, EventIngestionFilter, InvoiceConfig, InvoicePdfConfig, Level, PaymentMandateLimits,
    PrepareProcessedEventsConfig, SamlConfig, SettingKey, SettingValue, SubscriptionConfig, TenantConfig,
    WalletBalanceAlertConfig, document, effective, stored,
};
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::ids::mint;

/// The only member of a setting that operators alone decide about.
const OPERATORS_MEMBER: &str = "active";

impl Engine {
    /// The effective value of a setting.
    ///
    /// # Errors
    /// `validation_error` for an unknown key; for `saml_config` also `not_found` where single sign-on is off and
    /// `permission_denied`.
    pub async fn get_setting(&self, context: &Context, key: &str) -> Result<SettingResponse> {
        let key = self.readable_key(context, key)?;
        let session = self.read();
        let scope = scope_of(context, key);
        answer(&session.scoped(&scope), key).await
    }

    /// Lays the members sent over the effective value, checks the whole, and stores it.
    ///
    /// # Errors
    /// As [`Engine::get_setting`]; `validation_error` without a value and when the whole breaks a rule.
    pub async fn update_setting(
        &self,
        context: &Context,
        key: &str,
        request: UpdateSettingRequest,
    ) -> Result<SettingResponse> {
        let key = self.readable_key(context, key)?;
        let Some(sent) = request.value else {
            return Err(ApiError::validation("A value is required")
                .detail("value", "is required")
                .into());
        };
        let work = self.begin(context).await?;
        // Held, so that of two concurrent changes each builds on the other.
        lookup::lock_tenant(&work.session, context.tenant_id()).await?;
        let scope = scope_of(context, key);
        let rows = work.session.scoped(&scope);
        let current = stored::find(&rows, key).await?;
        let members = current.as_ref().map(stored::members).unwrap_or_default();
        let value = Json(Value::Object(Kind::of(key).merged(members, sent)?));
        if let Some(current) = current {
            let changes = settings::ActiveModel {
                value: set(value),
                updated_at: set(Time(work.now)),
                updated_by: set(context.user_id.clone()),
                ..Default::default()
            };
            rows.update::<settings::Entity>(&current.id, changes).await?;
        } else {
            let row = settings::Model {
                id: mint(IdPrefix::Setting),
                tenant_id: String::new(),
                environment_id: String::new(),
                key: key.as_str().to_owned(),
                value,
                status: Word(Status::Published),
                created_at: Time(work.now),
                updated_at: Time(work.now),
                created_by: context.user_id.clone(),
                updated_by: context.user_id.clone(),
            };
            rows.insert::<settings::Entity>(row).await?;
        }
        let answer = answer(&rows, key).await?;
        work.commit().await?;
        Ok(answer)
    }

    /// Returns a setting to its default.
    ///
    /// # Errors
    /// As [`Engine::get_setting`]; `not_found` when nothing is stored.
    pub async fn reset_setting(&self, context: &Context, key: &str) -> Result<()> {
        let key = self.readable_key(context, key)?;
        let work = self.begin(context).await?;
        // Held, so that of two resets one finds nothing stored.
        lookup::lock_tenant(&work.session, context.tenant_id()).await?;
        let scope = scope_of(context, key);
        let rows = work.session.scoped(&scope);
        let current = stored::find(&rows, key).await?;
        let current = current.ok_or_else(|| {
            ApiError::not_found(format!("The setting {} has its default value", key.as_str()))
                .detail("key", key.as_str())
        })?;
        let changes = settings::ActiveModel {
            status: set(Word(Status::Deleted)),
            updated_at: set(Time(work.now)),
            updated_by: set(context.user_id.clone()),
            ..Default::default()
        };
        rows.update::<settings::Entity>(&current.id, changes).await?;
        work.commit().await
    }

    fn readable_key(&self, context: &Context, word: &str) -> Result<SettingKey> {
        let key = word.parse::<SettingKey>().map_err(|_| {
            let allowed: Vec<&str> = SettingKey::ALL.into_iter().map(SettingKey::as_str).collect();
            ApiError::validation(format!("{word} is not a setting")).detail("allowed", allowed)
        })?;
        if key == SettingKey::SamlConfig {
            if !self.config().single_sign_on {
                return Err(ApiError::not_found("Single sign-on is not offered here").into());
            }
            if !context.is_super_admin_person() {
                return Err(ApiError::permission_denied("Only a super admin may see this setting").into());
            }
        }
        Ok(key)
    }
}

/// Where the rows of a setting are.
fn scope_of(context: &Context, key: SettingKey) -> Scope {
    match key.level() {
        Level::Environment => context.scope.clone(),
        Level::Tenant => Scope::new(context.tenant_id(), ""),
    }
}

async fn answer(rows: &Scoped<'_>, key: SettingKey) -> Result<SettingResponse> {
    let row = stored::find(rows, key).await?;
    let members = row.as_ref().map(stored::members).unwrap_or_default();
    let value = (Kind::of(key).effective)(&members).map_err(unreadable)?;
    let Some(row) = row else {
        return Ok(SettingResponse::never_stored(key.as_str(), value));
    };
    Ok(SettingResponse {
        id: row.id,
        key: row.key,
        value,
        environment_id: row.environment_id,
        tenant_id: row.tenant_id,
        status: row.status.0.as_str().to_owned(),
        created_at: DateTime(row.created_at.0),
        updated_at: DateTime(row.updated_at.0),
        created_by: row.created_by,
        updated_by: row.updated_by,
    })
}

fn unreadable(error: ApiError) -> Error {
    Error(ApiError::internal(std::io::Error::other(error.message)))
}

/// From stored members to the whole document.
type Reading = fn(&Map<String, Value>) -> Result<Map<String, Value>, ApiError>;

/// What differs between settings, as plain functions over documents.
struct Kind {
    nullable: &'static [&'static str],
    operators_member: Option<&'static str>,
    effective: Reading,
    checked: Reading,
}

impl Kind {
    fn of(key: SettingKey) -> Self {
        match key {
            SettingKey::InvoiceConfig => Self::typed::<InvoiceConfig>(),
            SettingKey::SubscriptionConfig => Self::typed::<SubscriptionConfig>(),
            SettingKey::InvoicePdfConfig => Self::typed::<InvoicePdfConfig>(),
            SettingKey::TenantConfig => Self::typed::<TenantConfig>(),
            SettingKey::CustomerOnboarding => Self::typed::<CustomerOnboarding>(),
            SettingKey::PrepareProcessedEventsConfig => Self::typed::<PrepareProcessedEventsConfig>(),
            SettingKey::WalletBalanceAlertConfig => Self::typed::<WalletBalanceAlertConfig>(),
            SettingKey::CustomAnalyticsConfig => Self::typed::<CustomAnalyticsConfig>(),
            SettingKey::CustomerPortalConfig => Self::typed::<CustomerPortalConfig>(),
            SettingKey::EventIngestionFilter => Self::typed::<EventIngestionFilter>(),
            SettingKey::BonusCreditsTopupConfig => Self::typed::<BonusCreditsTopupConfig>(),
            SettingKey::PaymentMandateLimits => Self::typed::<PaymentMandateLimits>(),
            SettingKey::DraftInvoiceRecomputeConfig => Self::typed::<DraftInvoiceRecomputeConfig>(),
            SettingKey::SamlConfig => Self {
                operators_member: Some(OPERATORS_MEMBER),
                ..Self::typed::<SamlConfig>()
            },
        }
    }

    fn typed<T: SettingValue>() -> Self {
        Self {
            nullable: T::NULLABLE,
            operators_member: None,
            effective: |members| document(&effective::<T>(members)?),
            checked: |members| {
                let value = effective::<T>(members)?;
                let mut errors = FieldErrors::new();
                value.check(&mut errors);
                errors.finish()?;
                document(&value)
            },
        }
    }

    /// The members to store: those stored before and those sent, in the form of the checked whole.
    fn merged(
        &self,
        mut members: Map<String, Value>,
        sent: Map<String, Value>,
    ) -> Result<Map<String, Value>, ApiError> {
        for (name, value) in sent {
            // Null means "not sent", except where it is a value of its own.
            let unset = value.is_null() && !self.nullable.contains(&name.as_str());
            if !unset && self.operators_member != Some(name.as_str()) {
                members.insert(name, value);
            }
        }
        let mut whole = (self.checked)(&members)?;
        whole.retain(|name, _| members.contains_key(name));
        Ok(whole)
    }
}
