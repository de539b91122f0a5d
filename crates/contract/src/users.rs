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
    /// Name shown to people.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Names of the roles.
    pub roles: Option<Vec<String>>,
    /// Kind of user.
    #[serde(deserialize_with = "blank_as_none")]
    #[schema(required = true)]
    pub r#type: Option<UserType>,
}

/// Answer about a user.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CreateUserResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Shown once.
    pub password: Option<String>,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of user.
    pub r#type: UserType,
}

/// A change of a user: what is absent or null stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct UpdateUserRequest {
    /// Name shown to people.
    pub name: Option<String>,
    /// Free string map.
    pub metadata: Option<Metadata>,
}

/// Answer about a user.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UpdateUserResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of user.
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
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of user roles.
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
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of service account.
    pub r#type: UserType,
}

/// A user.
#[skip_serializing_none]
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserResponse {
    /// Id of the record.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Free string map.
    #[serialize_always]
    pub metadata: Option<Metadata>,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The tenant.
    pub tenant: Option<TenantResponse>,
    /// Kind of user.
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
        /// Kind of user.
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

impl CreateUserRequest {
    /// Checks the field rules (spec 01 B6). Which roles exist and who may hand them out is not a field rule.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.present("type", self.r#type.as_ref());
        errors.length("name", self.name.as_deref(), 0, NAME_CHARS_MAX);
        match self.r#type {
            Some(UserType::User) => {
                errors.required("email", self.email.as_ref());
                errors.email("email", self.email.as_deref());
            }
            Some(UserType::ServiceAccount) => {
                let unset = self.email.as_ref().is_none_or(String::is_empty);
                errors.check(unset, "email", "is not allowed for service accounts");
                errors.required("roles", self.roles.as_ref());
            }
            None => {}
        }
        check_roles(self.roles.as_deref().unwrap_or_default(), &mut errors);
        errors.finish()
    }
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

impl UpdateUserRolesRequest {
    /// Checks that there is at least one role, and none without a name.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        errors.required("roles", self.roles.as_ref());
        check_roles(self.roles.as_deref().unwrap_or_default(), &mut errors);
        errors.finish()
    }
}

fn check_roles(roles: &[String], errors: &mut FieldErrors) {
    let named = roles.iter().all(|role| !role.is_empty());
    errors.check(named, "roles", "must not contain empty names");
}

/// A token for the support chat of the dashboard.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ChatVerifyResponse {
    /// Lower-case hex HMAC-SHA256 of the user's e-mail address.
    pub token: String,
    /// Always empty.
    pub expires_at: String,
}
