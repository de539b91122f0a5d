//! What every answer gets, whatever its route: request id, CORS and security headers, a log line, metrics.

use std::any::Any;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;
use tariff_contract::error::ApiError;
use tracing::Instrument;

use crate::answer::{self, Failure};
use crate::metrics;

/// Longest request id taken from a client, in characters.
const REQUEST_ID_CHARS_MAX: usize = 128;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers of spec 01 A1 that every answer carries.
static FIXED_HEADERS: [(HeaderName, HeaderValue); 10] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS"),
    ),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "*, Authorization, Content-Type, Idempotency-Key, X-Api-Key, X-Environment-ID, X-Request-ID, X-Session-Token",
        ),
    ),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("X-Request-ID, Idempotent-Replayed"),
    ),
    (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("geolocation=(), microphone=(), camera=()"),
    ),
];

/// Gives the request an id, answers `OPTIONS`, and completes every answer.
pub(crate) async fn envelope(mut request: Request, next: Next) -> Response<Body> {
    let request_id = request_id(&request);
    // The one that counts, for whoever needs it further in.
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        request.headers_mut().insert(REQUEST_ID, value);
    }
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id = %request_id, %method, route);
    let begun = Instant::now();
    let mut response = if method == Method::OPTIONS {
        answer::empty(StatusCode::OK)
    } else {
        next.run(request).instrument(span.clone()).await
    };
    complete(&mut response, &request_id);
    let duration = begun.elapsed();
    metrics::request(&method, &route, response.status(), duration);
    span.in_scope(|| {
        tracing::info!(
            status = response.status().as_u16(),
            duration_us = duration.as_micros(),
            "answered"
        );
    });
    response
}

fn complete(response: &mut Response<Body>, request_id: &str) {
    let headers = response.headers_mut();
    headers.reserve(FIXED_HEADERS.len() + 1);
    for (name, value) in &FIXED_HEADERS {
        // The documentation page brings its own, wider content policy.
        headers.entry(name).or_insert_with(|| value.clone());
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
}

fn request_id(request: &Request) -> String {
    let sent = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let usable =
        |id: &&str| (1..=REQUEST_ID_CHARS_MAX).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    sent.filter(usable)
        .map_or_else(tariff_engine::ids::ulid, ToOwned::to_owned)
}

/// The answer to a request whose handler panicked: the standard body; the panic goes to the log.
pub(crate) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panic without a message");
    answer::failure(Failure(ApiError::internal(std::io::Error::other(message.to_owned()))))
}

/// 404 in plain text; a path with a trailing slash is sent to the form without (spec 01 A1).
pub(crate) fn unmatched(request: &Request, templates: &[&str]) -> Response<Body> {
    let path = request.uri().path();
    if let Some(bare) = path.strip_suffix('/')
        && templates.iter().any(|template| fits(template, bare))
    {
        let status = if request.method() == Method::GET {
            StatusCode::MOVED_PERMANENTLY
        } else {
            StatusCode::TEMPORARY_REDIRECT
        };
        let target = request
            .uri()
            .query()
            .map_or_else(|| bare.to_owned(), |query| format!("{bare}?{query}"));
        let mut response = answer::empty(status);
        if let Ok(location) = HeaderValue::from_str(&target) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        return response;
    }
    let mut response = Response::new(Body::from("404 page not found"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    response
}

fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(expected), Some(segment)) if expected == segment || expected.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_template_fits_paths_of_its_shape() {
        assert!(fits("/v1/customers/{id}", "/v1/customers/cust_1"));
        assert!(!fits("/v1/customers/{id}", "/v1/customers"));
        assert!(!fits("/v1/customers", "/v1/plans"));
    }
}
