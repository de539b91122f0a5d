//! Environments on the wire (spec 01 B4).

use serde::{Deserialize, Serialize};
use tariff_core::vocabulary::EnvironmentType;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

/// Copies features and plans into another environment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CloneEnvironmentRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Id of the target environment.
    pub target_environment_id: Option<String>,
    /// Kind of clone environment.
    #[serde(deserialize_with = "blank_as_none")]
    pub r#type: Option<EnvironmentType>,
}

/// Longest name of an environment, in code points.
const ENVIRONMENT_NAME_CHARS_MAX: usize = 50;

/// A new environment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateEnvironmentRequest {
    /// 1 to 50 characters.
    #[schema(required = true)]
    pub name: Option<String>,
    /// Immutable; each kind has a quota.
    #[schema(required = true)]
    #[serde(deserialize_with = "blank_as_none")]
    pub r#type: Option<EnvironmentType>,
}

impl CreateEnvironmentRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), ENVIRONMENT_NAME_CHARS_MAX);
        errors.present("type", self.r#type.as_ref());
        errors.finish()
    }
}

/// A change of an environment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateEnvironmentRequest {
    /// Empty keeps the name.
    pub name: Option<String>,
    /// Must equal the environment's, if sent.
    #[serde(deserialize_with = "blank_as_none")]
    pub r#type: Option<EnvironmentType>,
}

impl UpdateEnvironmentRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 0, ENVIRONMENT_NAME_CHARS_MAX);
        errors.finish()
    }
}

impl CloneEnvironmentRequest {
    /// Checks the field rules: without a target, name and type of a new environment are mandatory.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        if self.target_environment_id.as_ref().is_none_or(String::is_empty) {
            errors.required_text("name", self.name.as_ref(), ENVIRONMENT_NAME_CHARS_MAX);
            errors.present("type", self.r#type.as_ref());
        }
        errors.finish()
    }
}

/// An environment.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnvironmentResponse {
    /// `env_…`.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Development or production.
    pub r#type: EnvironmentType,
    /// Creation, whole seconds.
    #[serde(with = "crate::time::seconds")]
    pub created_at: DateTime,
    /// Last change, whole seconds.
    #[serde(with = "crate::time::seconds")]
    pub updated_at: DateTime,
}

/// The environments that the caller may use; the envelope differs from that of other lists.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListEnvironmentsResponse {
    /// Newest first.
    pub environments: Vec<EnvironmentResponse>,
    /// Environments in this page.
    #[schema(value_type = i64)]
    pub total: u64,
    /// Items skipped.
    #[schema(value_type = i64)]
    pub offset: u64,
    /// Most items of a page.
    #[schema(value_type = i64)]
    pub limit: u32,
}
