//! Connections to providers on the wire (spec 07 §2.6, §3.4).

mod credentials;
mod sync;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use tariff_core::Status;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::integration_config::SyncConfig;
use crate::list::list_filter;
use crate::secrets::SecretProvider;
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::blank_as_none;

pub use credentials::Credentials;

/// A new connection.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateConnectionRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// The provider; at most one published connection each, but for `s3`.
    #[schema(required = true)]
    #[serde(deserialize_with = "blank_as_none")]
    pub provider_type: Option<SecretProvider>,
    /// The provider's credentials, flat. They are stored encrypted and never answered.
    pub encrypted_secret_data: Option<Credentials>,
    /// Free members.
    pub metadata: Option<Map<String, Value>>,
    /// What is synchronized, in which direction.
    pub sync_config: Option<SyncConfig>,
}

/// Changes of a connection; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateConnectionRequest {
    /// Name shown to people; empty keeps it.
    pub name: Option<String>,
    /// The few credentials that may be replaced: those that check a provider's webhooks.
    pub encrypted_secret_data: Option<Credentials>,
    /// Free members; replaces all of them.
    pub metadata: Option<Map<String, Value>>,
    /// What is synchronized; replaces all of it.
    pub sync_config: Option<SyncConfig>,
}

/// A connection, without its credentials.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ConnectionResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// The provider.
    pub provider_type: SecretProvider,
    /// Free members.
    pub metadata: Option<Map<String, Value>>,
    /// What is synchronized, in which direction.
    pub sync_config: Option<SyncConfig>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    #[serde(with = "crate::time::seconds")]
    pub created_at: DateTime,
    /// Last change.
    #[serde(with = "crate::time::seconds")]
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

/// A page of connections, in a form of its own (spec 01 A10).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListConnectionsResponse {
    /// The page's records; empty, never null.
    pub connections: Vec<ConnectionResponse>,
    /// Number of all matches.
    #[schema(value_type = i64)]
    pub total: u64,
    /// Items of a page.
    #[schema(value_type = i64)]
    pub limit: u32,
    /// Items skipped.
    #[schema(value_type = i64)]
    pub offset: u64,
}

list_filter! {
    /// Which connections to list.
    ConnectionFilter as types::ConnectionFilter {
        /// Only these connections.
        pub connection_ids: Option<Vec<String>>,
        /// Only of this provider.
        #[serde(deserialize_with = "blank_as_none")]
        pub provider_type: Option<SecretProvider>,
    }
}

impl CreateConnectionRequest {
    /// Checks the field rules (spec 07 §2.6, §4.11).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.present("provider_type", self.provider_type.as_ref());
        if let Some(provider) = self.provider_type {
            let managed = provider == SecretProvider::S3 && self.sync_config.as_ref().is_some_and(is_managed);
            let nothing = Credentials::default();
            let credentials = self.encrypted_secret_data.as_ref().unwrap_or(&nothing);
            let mut failures = FieldErrors::new();
            credentials.check(provider, managed, &mut failures);
            errors.nested("encrypted_secret_data", failures);
            check_sync(self.sync_config.as_ref(), provider, &mut errors);
        }
        errors.finish()
    }
}

impl UpdateConnectionRequest {
    /// Checks the field rules for a connection to this provider (spec 07 §3.4).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self, provider: SecretProvider) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 0, NAME_CHARS_MAX);
        if let Some(credentials) = &self.encrypted_secret_data {
            let mut failures = FieldErrors::new();
            credentials.check_replacement(provider, &mut failures);
            errors.nested("encrypted_secret_data", failures);
        }
        if self.sync_config.is_some() {
            check_sync(self.sync_config.as_ref(), provider, &mut errors);
        }
        errors.finish()
    }
}

fn is_managed(config: &SyncConfig) -> bool {
    config.s3.as_ref().is_some_and(|s3| s3.is_flexprice_managed)
}

fn check_sync(config: Option<&SyncConfig>, provider: SecretProvider, errors: &mut FieldErrors) {
    let nothing = SyncConfig::default();
    let mut failures = FieldErrors::new();
    sync::check(config.unwrap_or(&nothing), provider, &mut failures);
    errors.nested("sync_config", failures);
}
