//! What a handler returns, and how it is written to the wire.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;
use tariff_contract::error::ApiError;
use tariff_engine::access::authenticate::Refusal;
use utoipa::ToSchema;

use crate::idempotency::ShownOnce;
use crate::openapi::Description;

/// The media type of every JSON answer.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Why a handler failed; written as the standard error body.
#[derive(Debug)]
pub(crate) struct Failure(pub ApiError);

impl From<tariff_engine::Error> for Failure {
    fn from(error: tariff_engine::Error) -> Self {
        Self(error.0)
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

/// What handlers return.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Something that can be answered, and described in the document.
pub(crate) trait Output: Send {
    fn into_response(self) -> Response<Body>;
    fn describe(description: &mut Description);
}

/// 200 with a body.
pub(crate) struct Answer<T>(pub T);
/// 201 with a body.
pub(crate) struct Created<T>(pub T);
/// 201 with a body that holds a secret: it is shown once and never kept.
pub(crate) struct CreatedOnce<T>(pub T);
/// 202 with a body.
pub(crate) struct Accepted<T>(pub T);
/// 204 without one.
pub(crate) struct NoContent;

macro_rules! json_output {
    ($($output:ident $status:ident),*) => {$(
        impl<T: Serialize + ToSchema + Send> Output for $output<T> {
            fn into_response(self) -> Response<Body> {
                json(StatusCode::$status, &self.0)
            }
            fn describe(description: &mut Description) {
                description.answers::<T>(StatusCode::$status);
            }
        }
    )*};
}
json_output!(Answer OK, Created CREATED, Accepted ACCEPTED);

impl<T: Serialize + ToSchema + Send> Output for CreatedOnce<T> {
    fn into_response(self) -> Response<Body> {
        let mut response = json(StatusCode::CREATED, &self.0);
        response.extensions_mut().insert(ShownOnce);
        response
    }
    fn describe(description: &mut Description) {
        description.answers::<T>(StatusCode::CREATED);
    }
}

impl Output for NoContent {
    fn into_response(self) -> Response<Body> {
        empty(StatusCode::NO_CONTENT)
    }
    fn describe(description: &mut Description) {
        description.answers_nothing(StatusCode::NO_CONTENT);
    }
}

/// A JSON answer.
pub(crate) fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Body> {
    match serde_json::to_vec(value) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            *response.status_mut() = status;
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            response
        }
        Err(error) => failure(Failure(ApiError::internal(error))),
    }
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The standard error body. The private cause goes to the log, once, here.
pub(crate) fn failure(Failure(error): Failure) -> Response<Body> {
    let status = StatusCode::from_u16(error.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
        tracing::error!(code = %error.code, cause = ?error.source, "request failed");
    } else {
        tracing::debug!(code = %error.code, message = %error.message, "request refused");
    }
    let mut response = json(status, &error.to_body());
    let told = error
        .details
        .get("retry_after_seconds")
        .and_then(serde_json::Value::as_u64);
    let repeatable = matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE);
    if let Some(seconds) = told.or(repeatable.then_some(1)) {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A refusal for want of credentials, environment or tenant; these have bodies of their own (spec 01 A2).
pub(crate) fn refusal(refusal: Refusal) -> Response<Body> {
    let (status, body) = match &refusal {
        Refusal::Unauthorized => (401, serde_json::json!({"error": "Unauthorized"})),
        Refusal::InvalidAuthorizationHeader => {
            (401, serde_json::json!({"error": "Invalid authorization header format"}))
        }
        Refusal::InvalidToken => (401, serde_json::json!({"error": "Invalid token"})),
        Refusal::InvalidTokenClaims => (401, serde_json::json!({"error": "Invalid token claims"})),
        Refusal::InvalidEnvironment => (
            403,
            serde_json::json!({"error": "Access denied", "message": "Invalid or inaccessible environment"}),
        ),
        Refusal::ForbiddenEnvironment => (
            403,
            serde_json::json!({"error": "Access denied", "message": "You don't have access to this environment"}),
        ),
        Refusal::TenantUnverified => (500, serde_json::json!({"message": "failed to verify tenant access"})),
        Refusal::TenantSuspended => (403, serde_json::json!({"message": "tenant account is suspended"})),
        Refusal::SessionTokenMissing => (401, serde_json::json!({"error": "Session token required"})),
        Refusal::SessionTokenInvalid => (401, serde_json::json!({"error": "Invalid or expired session token"})),
        Refusal::UserLookupFailed(_) => (500, serde_json::json!({"error": "Internal server error"})),
        Refusal::EnvironmentLookupFailed(_) => (
            500,
            serde_json::json!({"error": "Internal server error", "message": "Failed to resolve environment"}),
        ),
    };
    if status >= 500 {
        tracing::error!(cause = ?refusal, "request could not be authenticated");
    }
    json(
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        &body,
    )
}

/// 403 with a bare message.
pub(crate) fn forbidden(message: &str) -> Response<Body> {
    json(StatusCode::FORBIDDEN, &serde_json::json!({ "message": message }))
}
