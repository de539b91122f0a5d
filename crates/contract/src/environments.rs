//! Environments on the wire (spec 01 B4).

use serde::{Deserialize, Serialize};
use tariff_core::vocabulary::EnvironmentType;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::time::DateTime;
use crate::validate::FieldErrors;
use crate::wire::blank_as_none;

/// Longest name of an environment, in code points.
const NAME_CHARS_MAX: usize = 50;

/// A new environment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateEnvironmentRequest {
    /// 1 to 50 characters.
    #[schema(required = true, max_length = 50)]
    pub name: Option<String>,
    /// Fixed for the environment's life.
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
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.present("type", self.r#type.as_ref());
        errors.finish()
    }
}

/// A change of an environment: what is absent, null or empty stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateEnvironmentRequest {
    /// At most 50 characters.
    #[schema(max_length = 50)]
    pub name: Option<String>,
    /// Must be the present type, if sent.
    pub r#type: Option<String>,
}

impl UpdateEnvironmentRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.length("name", self.name.as_deref(), 0, NAME_CHARS_MAX);
        errors.finish()
    }
}

/// A separate world of data inside a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnvironmentResponse {
    /// `env_…`.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// What it is for.
    pub r#type: EnvironmentType,
    /// Creation, whole seconds.
    #[serde(with = "crate::time::seconds")]
    pub created_at: DateTime,
    /// Last change, whole seconds.
    #[serde(with = "crate::time::seconds")]
    pub updated_at: DateTime,
}

/// The environments that the caller may enter. Unlike other lists, `total` counts this page only.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListEnvironmentsResponse {
    /// Newest first.
    pub environments: Vec<EnvironmentResponse>,
    /// Environments of this page.
    #[schema(value_type = i64)]
    pub total: u64,
    /// Environments skipped.
    #[schema(value_type = i64)]
    pub offset: u64,
    /// Most environments of a page.
    #[schema(value_type = i64)]
    pub limit: u32,
}

/// Copies features and plans into another environment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CloneEnvironmentRequest {
    /// Name of the environment to create, when no target is given.
    pub name: Option<String>,
    /// An existing environment to copy into.
    pub target_environment_id: Option<String>,
    /// Type of the environment to create, when no target is given.
    #[serde(deserialize_with = "blank_as_none")]
    pub r#type: Option<EnvironmentType>,
}

impl CloneEnvironmentRequest {
    /// Checks the field rules: either a target, or name and type of a new environment.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        if self.target_environment_id.as_ref().is_some_and(|id| !id.is_empty()) {
            return Ok(());
        }
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.present("type", self.r#type.as_ref());
        errors.finish()
    }
}
