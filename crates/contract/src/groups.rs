//! Groups of prices or features on the wire (spec 01 B3).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::vocabulary::{GroupEntityType, Status};
use utoipa::ToSchema;

use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::time::DateTime;

/// A new group.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateGroupRequest {
    /// Kind of the owning record.
    #[schema(required = true)]
    pub entity_type: Option<String>,
    /// The caller's own key, unique among published records.
    #[schema(required = true)]
    pub lookup_key: Option<String>,
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
}

/// A group.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GroupResponse {
    /// Creation.
    pub created_at: DateTime,
    /// Only with these owners.
    pub entity_ids: Vec<String>,
    /// Kind of the owning record.
    pub entity_type: String,
    /// Id of the record.
    pub id: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Lifecycle state of the record.
    pub status: String,
    /// Last change.
    pub updated_at: DateTime,
}

/// A group as stored.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = group::Group)]
pub struct Group {
    /// Creation.
    pub created_at: DateTime,
    /// User who created it.
    pub created_by: String,
    /// Kind of the owning record.
    pub entity_type: GroupEntityType,
    /// Environment of the record.
    pub environment_id: String,
    /// Id of the record.
    pub id: String,
    /// The caller's own key, unique among published records.
    pub lookup_key: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Lifecycle state of the record.
    pub status: Status,
    /// Tenant of the record.
    pub tenant_id: String,
    /// Last change.
    pub updated_at: DateTime,
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
        /// Kind of the owning record.
        pub entity_type: Option<String>,
        /// Only these groups.
        pub group_ids: Option<Vec<String>>,
        /// The caller's own key, unique among published records.
        pub lookup_key: Option<String>,
        /// Name shown to people.
        pub name: Option<String>,
    }
}
