//! Users and service accounts on the wire (spec 01 B6).

use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use tariff_core::wire_enum;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::list::{list_filter, list_response};
use crate::metadata::Metadata;
use crate::tenants::TenantResponse;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};
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

impl CreateUserRequest {
    /// Checks the rules that concern a single field; which fields a kind of user needs is checked after permissions.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.present("type", self.r#type.as_ref());
        errors.email("email", self.email.as_deref().filter(|email| !email.is_empty()));
        errors.length("name", self.name.as_deref(), 0, NAME_CHARS_MAX);
        errors.finish()
    }
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

impl UpdateUserRequest {
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

impl UpdateUserRolesRequest {
    /// Checks the field rules: at least one role, none of them empty.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("roles", self.roles.as_ref());
        let filled = self.roles.iter().flatten().all(|role| !role.trim().is_empty());
        errors.check(filled, "roles", "must not contain an empty name");
        errors.finish()
    }
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

impl UpdateServiceAccountRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required_text("name", self.name.as_ref(), NAME_CHARS_MAX);
        errors.finish()
    }
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

/// Proves to the support chat who is writing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChatVerificationResponse {
    /// Hex HMAC-SHA256 of the user's e-mail.
    pub token: String,
    /// Empty: it does not expire.
    pub expires_at: String,
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
