//! Asking for one entity to be brought to its providers, or back from them (spec 01 B2, spec 07 §3.4).

use serde::{Deserialize, Serialize};
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::integrations::IntegrationEntityType;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
use crate::wire::blank_as_none;

wire_enum! {
    /// Which way an entity is synchronized.
    SyncMethod, "types.IntegrationSyncMethod" {
        /// From here to the providers.
        Push = "push",
        /// From the providers to here.
        Pull = "pull",
    }
}

/// Which entity to synchronize.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SyncIntegrationRequest {
    /// `customer` or `invoice`.
    #[schema(required = true)]
    #[serde(deserialize_with = "blank_as_none")]
    pub entity_type: Option<IntegrationEntityType>,
    /// Id of the entity.
    #[schema(required = true, max_length = 255)]
    pub entity_id: Option<String>,
    /// `push` unless it is given; customers are always pushed.
    #[serde(deserialize_with = "blank_as_none")]
    pub method: Option<SyncMethod>,
}

impl SyncIntegrationRequest {
    /// Checks presence and lengths, and that the kind of entity can be synchronized.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("entity_id", self.entity_id.as_ref(), NAME_CHARS_MAX);
        errors.present("entity_type", self.entity_type.as_ref());
        let supported = self.entity_type.is_none_or(|entity_type| {
            matches!(
                entity_type,
                IntegrationEntityType::Customer | IntegrationEntityType::Invoice
            )
        });
        errors.check(supported, "entity_type", "must be customer or invoice");
        errors.finish()
    }
}
