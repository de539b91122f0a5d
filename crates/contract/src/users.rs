//! Users and service accounts on the wire (spec 01 B6).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::tenants::TenantResponse;
use crate::wire::blank_as_none;

/// A new user.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CreateUserRequest {
    /// E-mail address.
    pub email: Option<String>,
    /// Name shown to people.
    pub name: Option<String>,
    /// Names of the roles.
    pub roles: Option<Vec<String>>,
    /// Kind of the record.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<UserType>,
}

/// Answer about a user.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateUserResponse {
    /// E-mail address.
    pub email: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Shown once.
    pub password: Option<String>,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of the record.
    pub r#type: UserType,
}

/// A change of a user: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateUserRequest {
    /// Free string map.
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: Option<String>,
}

/// Answer about a user.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateUserResponse {
    /// E-mail address.
    pub email: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of the record.
    pub r#type: UserType,
}

/// A change of a user roles: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateUserRolesRequest {
    /// Names of the roles.
    pub roles: Option<Vec<String>>,
}

/// Answer about a user roles.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateUserRolesResponse {
    /// E-mail address.
    pub email: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of the record.
    pub r#type: UserType,
}

/// A change of a service account: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateServiceAccountRequest {
    /// Name shown to people.
    #[schema(required = true)]
    pub name: Option<String>,
}

/// Answer about a service account.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateServiceAccountResponse {
    /// E-mail address.
    pub email: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of the record.
    pub r#type: UserType,
}

/// A user.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserResponse {
    /// E-mail address.
    pub email: String,
    /// Id of the record.
    pub id: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Name shown to people.
    pub name: String,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of the record.
    pub r#type: UserType,
}

list_response! {
    /// A page of users.
    ListUsersResponse of UserResponse
}

list_filter! {
    /// Which users to list.
    UserFilter as types::UserFilter {
        /// Names of the roles.
        pub roles: Option<Vec<String>>,
        /// Kind of the record.
        #[serde(deserialize_with = "blank_as_none")]
        pub r#type: Option<UserType>,
        /// Only these users.
        pub user_ids: Option<Vec<String>>,
    }
}

wire_enum! {
    /// Person or service account.
    UserType, "types.UserType" {
        /// `user`.
        User = "user",
        /// `service_account`.
        ServiceAccount = "service_account",
    }
}
