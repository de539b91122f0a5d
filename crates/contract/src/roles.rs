//! Roles on the wire (spec 01 B6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which roles to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct RoleFilter {
    /// Only roles that this kind of user may hold: `user` or `service_account`.
    pub user_type: Option<String>,
}

/// A role and what it grants.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoleResponse {
    /// Such as `all_reader`.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Actions by entity; `*` stands for every entity, or every action.
    pub permissions: BTreeMap<String, Vec<String>>,
}

/// The built-in roles.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ListRolesResponse {
    /// In a fixed order.
    pub roles: Vec<RoleResponse>,
}

/// One role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GetRoleResponse {
    /// The role.
    pub role: RoleResponse,
}
