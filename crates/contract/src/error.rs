//! Errors as clients see them: code, HTTP status, message, details (spec 01 A5).
//!
//! An [`ApiError`] also carries its private source. It is for the log and never reaches the body.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tariff_core::wire_enum;
use utoipa::ToSchema;

wire_enum! {
    /// Class of an error; clients branch on it (spec 01 A5).
    ErrorCode, "errors.ErrorCode" {
        /// An upstream HTTP service failed.
        HttpClientError = "http_client_error",
        /// Infrastructure failed.
        SystemError = "system_error",
        /// Anything unclassified.
        InternalError = "internal_error",
        /// No such record in the caller's tenant and environment.
        NotFound = "not_found",
        /// A uniqueness rule is broken.
        AlreadyExists = "already_exists",
        /// Somebody else changed the record meanwhile.
        VersionConflict = "version_conflict",
        /// Malformed body, failed field rule, bad filter.
        ValidationError = "validation_error",
        /// The record's state forbids the action.
        InvalidOperation = "invalid_operation",
        /// A refusal for business reasons.
        PermissionDenied = "permission_denied",
        /// Storage failed.
        DatabaseError = "database_error",
        /// A needed service is not configured or not reachable.
        ServiceUnavailable = "service_unavailable",
        /// A rate limit is exceeded.
        TooManyRequests = "too_many_requests",
        /// The server does not offer this.
        NotImplemented = "not_implemented",
    }
}

impl ErrorCode {
    /// The HTTP status that answers carry with this code.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::ValidationError | Self::InvalidOperation => 400,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::VersionConflict => 409,
            Self::TooManyRequests => 429,
            Self::HttpClientError | Self::DatabaseError | Self::SystemError | Self::InternalError => 500,
            Self::NotImplemented => 501,
            Self::ServiceUnavailable => 503,
        }
    }
}

/// The message when no hint fits, or when the cause must stay private.
pub const UNEXPECTED_MESSAGE: &str = "An unexpected error occurred";

/// The message of a request with failed field rules; the fields are in the details.
pub const VALIDATION_MESSAGE: &str = "Request validation failed";

/// Why a request failed: what the client is told, and the private cause.
#[derive(Debug)]
pub struct ApiError {
    /// Class of the error.
    pub code: ErrorCode,
    /// Text for the client; its wording is not part of the contract.
    pub message: String,
    /// Facts for the client, such as the id that was not found.
    pub details: BTreeMap<String, Value>,
    /// The cause, for the log only.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl ApiError {
    /// An error without details and without a private cause.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: BTreeMap::new(),
            source: None,
        }
    }

    /// 400: the request breaks a rule about its form.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ValidationError, message)
    }

    /// 400: the state of things forbids the action.
    pub fn invalid_operation(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidOperation, message)
    }

    /// 403: refused for business reasons.
    pub fn permission_denied(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::PermissionDenied, message)
    }

    /// 404: no such record in the caller's tenant and environment.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    /// 409: a uniqueness rule is broken.
    pub fn already_exists(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::AlreadyExists, message)
    }

    /// 409: somebody else changed the record meanwhile.
    pub fn version_conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::VersionConflict, message)
    }

    /// 429: a limit of ours is exceeded; the client may try again later.
    pub fn too_many_requests(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::TooManyRequests, message)
    }

    /// 501: the server does not offer this.
    pub fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotImplemented, message)
    }

    /// 503: a needed service is missing.
    pub fn service_unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ServiceUnavailable, message)
    }

    /// 500: an unclassified failure. The cause stays private.
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorCode::InternalError, UNEXPECTED_MESSAGE).caused_by(source)
    }

    /// 500: storage failed. The cause stays private.
    pub fn database(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorCode::DatabaseError, UNEXPECTED_MESSAGE).caused_by(source)
    }

    /// 500: infrastructure failed. The cause stays private.
    pub fn system(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ErrorCode::SystemError, UNEXPECTED_MESSAGE).caused_by(source)
    }

    /// Adds a fact for the client.
    #[must_use]
    pub fn detail(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.details.insert(name.into(), value.into());
        self
    }

    /// Adds the private cause, for the log.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The HTTP status of the answer.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        self.code.http_status()
    }

    /// The answer's body; without the private cause.
    #[must_use]
    pub fn to_body(&self) -> ErrorResponse {
        ErrorResponse {
            code: self.code,
            message: self.message.clone(),
            http_status_code: self.http_status(),
            details: self.details.clone(),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl Error for ApiError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

/// The body of every error raised by a `/v1` handler.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = errors::ErrorResponse)]
pub struct ErrorResponse {
    /// Class of the error.
    pub code: ErrorCode,
    /// Text for people; its wording may change.
    pub message: String,
    /// Always equal to the HTTP status of the answer.
    #[schema(value_type = i64)]
    pub http_status_code: u16,
    /// Facts about the error, for instance one entry per failed field; absent when there are none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_shows_the_details_and_hides_the_source() {
        let error = ApiError::not_found("Customer with ID cust_x was not found")
            .detail("customer_id", "cust_x")
            .caused_by("row missing");
        assert_eq!(
            serde_json::to_value(error.to_body()).unwrap(),
            serde_json::json!({
                "code": "not_found",
                "message": "Customer with ID cust_x was not found",
                "http_status_code": 404,
                "details": {"customer_id": "cust_x"},
            })
        );
    }

    #[test]
    fn details_are_absent_when_empty() {
        let body = serde_json::to_value(ApiError::internal("disk full").to_body()).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"code": "internal_error", "message": UNEXPECTED_MESSAGE, "http_status_code": 500})
        );
    }
}
