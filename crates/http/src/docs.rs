//! `/docs`: the OpenAPI document as a page, in one file without scripts from elsewhere.

use axum::body::Body;
use axum::http::{HeaderValue, Response, header};

/// The page; it reads `/openapi.json`.
const PAGE: &str = include_str!("docs.html");

/// The page's answer, with a content policy that lets its own style and script run.
pub(crate) fn page() -> Response<Body> {
    let mut response = Response::new(Body::from(PAGE));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'",
        ),
    );
    response
}
