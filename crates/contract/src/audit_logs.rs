//! The audit log on the wire: who changed which record, when, and how.

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{AuditAction, AuditActor};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::list::{list_filter, list_response};
use crate::time::DateTime;
use crate::validate::FieldErrors;

/// Whose changes to list: those in the caller's environment, or those of the tenant's own records (tenant, users,
/// environments and the settings of the whole tenant).
pub const LEVELS: [&str; 2] = ["environment", "tenant"];

/// One change of one record.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditLogResponse {
    /// Id of the entry.
    pub id: String,
    /// What was done.
    pub action: AuditAction,
    /// Kind of the record, such as `customer`.
    pub entity_type: String,
    /// Id of the record.
    pub entity_id: String,
    /// Kind of the caller.
    pub actor_type: AuditActor,
    /// Who did it.
    pub user_id: String,
    /// The API key that was used, if one was.
    pub api_key_id: Option<String>,
    /// The request's id, if the change came of a request.
    pub request_id: Option<String>,
    /// The record before the change; null when it was created. Members that are too large are named in `_omitted`.
    #[serialize_always]
    #[schema(value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// The record after the change; null when it was taken out.
    #[serialize_always]
    #[schema(value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record; absent when it belongs to the whole tenant.
    pub environment_id: Option<String>,
    /// When it was done by the environment's clock, which a test clock may set.
    pub effective_at: DateTime,
    /// When it was done by the server's clock; lists are ordered by it.
    pub created_at: DateTime,
}

list_response! {
    /// A page of the audit log.
    ListAuditLogsResponse of AuditLogResponse
}

list_filter! {
    /// Which changes to list. The time range is on `created_at`.
    AuditLogFilter as types::AuditLogFilter {
        /// What was done.
        #[schema(value_type = Option<AuditAction>)]
        pub action: Option<String>,
        /// Kind of the caller.
        #[schema(value_type = Option<AuditActor>)]
        pub actor_type: Option<String>,
        /// The API key that was used.
        pub api_key_id: Option<String>,
        /// Id of the record.
        pub entity_id: Option<String>,
        /// Kind of the record.
        pub entity_type: Option<String>,
        /// `environment` (the default) or `tenant`, for changes of records that belong to no environment.
        pub level: Option<String>,
        /// The request that asked for the changes.
        pub request_id: Option<String>,
        /// Who did it.
        pub user_id: Option<String>,
    }
}

impl AuditLogFilter {
    /// Checks the field rules; [`AuditLogFilter::list_options`] checks the shared members.
    ///
    /// # Errors
    /// `validation_error` on an unknown `action`, `actor_type` or `level`, and on a `status`, which changes do not have.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        let known = |word: &Option<String>, is_known: fn(&str) -> bool| {
            word.as_deref().is_none_or(|word| word.is_empty() || is_known(word))
        };
        errors.check(
            known(&self.action, |word| word.parse::<AuditAction>().is_ok()),
            "action",
            "must be created, updated, archived or deleted",
        );
        errors.check(
            known(&self.actor_type, |word| word.parse::<AuditActor>().is_ok()),
            "actor_type",
            "must be user, service_account, portal or worker",
        );
        errors.check(
            known(&self.level, |word| LEVELS.contains(&word)),
            "level",
            "must be environment or tenant",
        );
        errors.check(self.status.is_none(), "status", "is not a property of a change");
        errors.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules() {
        for (body, failed) in [
            (r#"{}"#, None),
            (r#"{"action":"","level":"tenant","actor_type":"portal"}"#, None),
            (r#"{"action":"destroyed"}"#, Some("action")),
            (r#"{"actor_type":"robot"}"#, Some("actor_type")),
            (r#"{"level":"world"}"#, Some("level")),
            (r#"{"status":"published"}"#, Some("status")),
        ] {
            let filter: AuditLogFilter = serde_json::from_str(body).unwrap();
            let failing = filter
                .validate()
                .err()
                .and_then(|error| error.details.into_keys().next());
            assert_eq!(failing.as_deref(), failed, "{body}");
        }
    }
}
