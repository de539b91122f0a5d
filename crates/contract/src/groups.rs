//! Groups of prices or features on the wire (spec 01 B3).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{GroupEntityType, Status};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::time::DateTime;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// A new group.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateGroupRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
    /// What it is for: `price` or `feature`.
    #[schema(required = true)]
    pub entity_type: Option<String>,
    /// The caller's own key, unique among published records.
    #[schema(required = true)]
    pub lookup_key: Option<String>,
}

/// A group.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GroupResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Always empty: members are found by their `group_id`.
    pub entity_ids: Vec<String>,
    /// What it is for: `price` or `feature`.
    pub entity_type: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Lifecycle state of the record.
    pub status: String,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
}

/// A group as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = group::Group)]
pub struct Group {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// What it is for: `price` or `feature`.
    pub entity_type: GroupEntityType,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Environment of the record.
    pub environment_id: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Creation.
    pub created_at: DateTime,
    /// Last change.
    pub updated_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// User who changed it last.
    pub updated_by: String,
}

list_response! {
    /// A page of groups.
    ListGroupsResponse of GroupResponse
}

list_filter! {
    /// Which groups to list.
    GroupFilter as types::GroupFilter {
        /// Only for records of this kind: `price` or `feature`.
        pub entity_type: Option<String>,
        /// Only these groups.
        pub group_ids: Option<Vec<String>>,
        /// Only with this key.
        pub lookup_key: Option<String>,
        /// Only with names that contain this text, in these letter cases.
        pub name: Option<String>,
    }
}

impl CreateGroupRequest {
    /// Checks the field rules (spec 01 B3).
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.required_text("lookup_key", self.lookup_key.as_ref(), NAME_CHARS_MAX);
        errors.required("entity_type", self.entity_type.as_ref());
        errors.check(
            is_entity_type(self.entity_type.as_deref()),
            "entity_type",
            "must be price or feature",
        );
        errors.finish()
    }
}

impl GroupFilter {
    /// Checks the field rules; [`GroupFilter::list_options`] checks the shared members.
    ///
    /// # Errors
    /// `validation_error` on an unknown `entity_type`.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.check(
            is_entity_type(self.entity_type.as_deref()),
            "entity_type",
            "must be price or feature",
        );
        errors.finish()
    }
}

fn is_entity_type(word: Option<&str>) -> bool {
    word.is_none_or(|word| word.is_empty() || word.parse::<GroupEntityType>().is_ok())
}
