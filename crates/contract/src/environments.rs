//! Environments on the wire (spec 01 B4).

use serde::{Deserialize, Serialize};
use tariff_core::vocabulary::EnvironmentType;
use utoipa::ToSchema;

use crate::wire::blank_as_none;

/// Copies features and plans into another environment.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CloneEnvironmentRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Id of the target environment.
    pub target_environment_id: Option<String>,
    /// Kind of the record.
    #[serde(deserialize_with = "blank_as_none")]
    pub r#type: Option<EnvironmentType>,
}
