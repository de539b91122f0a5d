//! Sign-up and login on the wire (spec 01 B9). These routes need no credentials.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::metadata::Metadata;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 8;

/// Most bytes of a password; more would only cost hashing time.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// Creates a tenant with its first user and environment.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SignUpRequest {
    /// E-mail address, unique over all tenants.
    #[schema(required = true)]
    pub email: Option<String>,
    /// At least 8 characters.
    #[schema(required = true)]
    pub password: Option<String>,
    /// Name of the tenant; a default applies when absent.
    pub tenant_name: Option<String>,
    /// Kept with the tenant and the user.
    pub metadata: Option<Metadata>,
    /// Accepted for other identity providers; not used.
    pub token: Option<String>,
}

/// Asks for a session token.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LoginRequest {
    /// E-mail address.
    #[schema(required = true)]
    pub email: Option<String>,
    /// Password.
    #[schema(required = true)]
    pub password: Option<String>,
}

/// A session.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct AuthResponse {
    /// JWT for `Authorization: Bearer`.
    pub token: String,
    /// Id of the user.
    pub user_id: String,
    /// Id of the user's tenant.
    pub tenant_id: String,
}

impl SignUpRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = check_credentials(self.email.as_ref(), self.password.as_ref());
        errors.length("tenant_name", self.tenant_name.as_deref(), 0, NAME_CHARS_MAX);
        errors.finish()
    }
}

impl LoginRequest {
    /// Checks the field rules, before anything is looked up.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        check_credentials(self.email.as_ref(), self.password.as_ref()).finish()
    }
}

fn check_credentials(email: Option<&String>, password: Option<&String>) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.required("email", email);
    errors.email("email", email.map(String::as_str));
    errors.required("password", password);
    if let Some(password) = password {
        errors.length("password", Some(password), PASSWORD_CHARS_MIN, PASSWORD_BYTES_MAX);
        errors.check(password.len() <= PASSWORD_BYTES_MAX, "password", "is too long");
    }
    errors
}

/// Secrets must not reach a log by way of `{:?}`.
macro_rules! opaque_debug {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
opaque_debug!(SignUpRequest, LoginRequest, AuthResponse);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_checked_before_any_lookup() {
        for (email, password, valid) in [
            ("a@b.co", "12345678", true),
            ("a@b.co", "1234567", false),
            ("a@b", "12345678", false),
            ("", "12345678", false),
        ] {
            let request = LoginRequest {
                email: Some(email.into()),
                password: Some(password.into()),
            };
            assert_eq!(request.validate().is_ok(), valid, "{email}");
        }
        assert!(LoginRequest::default().validate().is_err());
    }

    #[test]
    fn debug_output_hides_secrets() {
        let request = LoginRequest {
            email: None,
            password: Some("hunter22".into()),
        };
        assert!(!format!("{request:?}").contains("hunter22"));
    }
}
