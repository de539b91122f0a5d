//! Roles on the wire (spec 01 A4, B6).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::users::UserType;

/// What a role is and grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoleResponse {
    /// Its name in requests, such as `event_ingestor`.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Granted actions by entity; `*` stands for every one.
    pub permissions: std::collections::BTreeMap<String, Vec<String>>,
}

/// All roles, in the order of the specification's table.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListRolesResponse {
    /// The roles.
    pub roles: Vec<RoleResponse>,
}

/// One role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetRoleResponse {
    /// The role.
    pub role: RoleResponse,
}

/// Which roles to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RoleFilter {
    /// Only roles that this kind of user may hold.
    #[serde(deserialize_with = "crate::wire::blank_as_none")]
    pub user_type: Option<UserType>,
}
