//! Sign-up and login on the wire (spec 01 B9).

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::metadata::Metadata;
use crate::validate::{FieldErrors, NAME_CHARS_MAX};

/// Shortest password accepted, in code points.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password accepted, in code points: the time of hashing must not be the caller's choice.
pub const PASSWORD_CHARS_MAX: usize = 256;

/// A password on its way in; it shows itself to nobody.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// A new tenant with its first user.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct SignUpRequest {
    /// E-mail address of the first user, of no published user yet.
    #[schema(required = true, max_length = 255)]
    pub email: Option<String>,
    /// 8 to 256 characters.
    #[schema(required = true)]
    pub password: Option<Password>,
    /// Name of the tenant; the deployment has a default.
    #[schema(max_length = 100)]
    pub tenant_name: Option<String>,
    /// Stored with both the tenant and the user.
    pub metadata: Option<Metadata>,
    /// For identity providers outside this server; not used by the built-in one.
    pub token: Option<String>,
}

impl SignUpRequest {
    /// Checks the field rules.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        check_credentials(self.email.as_ref(), self.password.as_ref(), &mut errors);
        errors.length(
            "tenant_name",
            self.tenant_name.as_deref(),
            0,
            crate::tenants::TENANT_NAME_CHARS_MAX,
        );
        errors.finish()
    }
}

/// Who wants in.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct LoginRequest {
    /// E-mail address, in any letter case.
    #[schema(required = true, max_length = 255)]
    pub email: Option<String>,
    /// 8 to 256 characters.
    #[schema(required = true)]
    pub password: Option<Password>,
}

impl LoginRequest {
    /// Checks the form, before anything is looked up.
    ///
    /// # Errors
    /// `validation_error` with every failing field.
    pub fn validate(&self) -> Result<(), ApiError> {
        let mut errors = FieldErrors::new();
        check_credentials(self.email.as_ref(), self.password.as_ref(), &mut errors);
        errors.finish()
    }
}

fn check_credentials(email: Option<&String>, password: Option<&Password>, errors: &mut FieldErrors) {
    errors.required_text("email", email, NAME_CHARS_MAX);
    errors.email("email", email.map(String::as_str));
    let password = password.map(|password| &password.0);
    errors.required("password", password);
    errors.length(
        "password",
        password.map(String::as_str),
        PASSWORD_CHARS_MIN,
        PASSWORD_CHARS_MAX,
    );
}

/// An open session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuthResponse {
    /// To be sent as `Authorization: Bearer <token>`; valid for thirty days.
    pub token: String,
    /// The user.
    pub user_id: String,
    /// The user's tenant.
    pub tenant_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_checked_before_anything_is_looked_up() {
        for (body, failing) in [
            (r#"{"email":"a@example.com","password":"12345678"}"#, vec![]),
            (r#"{"email":"a@example.com","password":"1234567"}"#, vec!["password"]),
            (r#"{"email":"a","password":"12345678"}"#, vec!["email"]),
            ("{}", vec!["email", "password"]),
        ] {
            let request: LoginRequest = serde_json::from_str(body).unwrap();
            let fields = request
                .validate()
                .map_or_else(|error| error.details.into_keys().collect(), |()| Vec::new());
            assert_eq!(fields, failing, "{body}");
        }
    }

    #[test]
    fn a_password_does_not_show_itself() {
        let request: LoginRequest = serde_json::from_str(r#"{"password":"open sesame"}"#).unwrap();
        assert!(!format!("{request:?}").contains("sesame"));
    }
}
