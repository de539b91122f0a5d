//! Settings on the wire (spec 01 B8): open maps here, their rules belong to each key.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::time::DateTime;
use crate::validate::FieldErrors;

/// Merges top-level members into a setting.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateSettingRequest {
    /// The members to store; others stay.
    #[schema(required = true)]
    pub value: Option<Map<String, Value>>,
}

impl UpdateSettingRequest {
    /// Checks presence.
    ///
    /// # Errors
    /// `validation_error` without `value`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.present("value", self.value.as_ref());
        errors.finish()
    }
}

/// A setting: its defaults overlaid by what is stored. The texts are empty and both instants are
/// `0001-01-01T00:00:00Z` while nothing is stored.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SettingResponse {
    /// `setting_…`.
    pub id: String,
    /// Name of the setting.
    pub key: String,
    /// Effective value.
    pub value: Map<String, Value>,
    /// Environment of the setting.
    pub environment_id: String,
    /// Tenant of the setting.
    pub tenant_id: String,
    /// `published`, or empty while nothing is stored.
    pub status: String,
    /// First change.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who stored it first.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}
