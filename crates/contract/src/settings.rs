//! Settings on the wire (spec 01 B8). What each key's value may hold is the engine's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tariff_core::Timestamp;
use utoipa::ToSchema;

use crate::time::DateTime;

/// `0001-01-01T00:00:00Z`, in seconds since the epoch: the instant of a setting that was never stored.
const NEVER_SECONDS: i64 = -62_135_596_800;

/// A change of a setting.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateSettingRequest {
    /// Members to change. Null keeps a member as it is, except levels of alerts, which it removes.
    #[schema(required = true)]
    pub value: Option<Map<String, Value>>,
}

/// A setting, its stored members laid over the defaults.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SettingResponse {
    /// `setting_…`; empty when nothing is stored.
    pub id: String,
    /// Name of the setting.
    pub key: String,
    /// The effective value.
    pub value: Map<String, Value>,
    /// Environment of the setting; empty when nothing is stored, and for settings of a whole tenant.
    pub environment_id: String,
    /// Tenant of the setting; empty when nothing is stored.
    pub tenant_id: String,
    /// Empty when nothing is stored.
    pub status: String,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who stored it first; empty when nothing is stored.
    pub created_by: String,
    /// User who changed it last; empty when nothing is stored.
    pub updated_by: String,
}

impl SettingResponse {
    /// The answer about a key of which nothing is stored.
    #[must_use]
    pub fn never_stored(key: &str, value: Map<String, Value>) -> Self {
        let never = DateTime(Timestamp::from_second(NEVER_SECONDS).unwrap_or(Timestamp::MIN));
        Self {
            id: String::new(),
            key: key.to_owned(),
            value,
            environment_id: String::new(),
            tenant_id: String::new(),
            status: String::new(),
            created_at: never,
            updated_at: never,
            created_by: String::new(),
            updated_by: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_never_stored_has_no_time() {
        let answer = serde_json::to_value(SettingResponse::never_stored("invoice_config", Map::new())).unwrap();
        assert_eq!(answer["created_at"], "0001-01-01T00:00:00Z");
        assert_eq!(answer["updated_at"], "0001-01-01T00:00:00Z");
    }
}
