//! What a process without the API role still answers: whether it lives, whether it is ready, and its metrics.

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

const PROBES: [&str; 3] = ["/health", "/ready", "/metrics"];

/// `router` reduced to its probes; everything else is as unknown as any other route.
pub fn only(router: Router) -> Router {
    router.layer(middleware::from_fn(refuse_the_rest))
}

async fn refuse_the_rest(request: Request, next: Next) -> Response {
    if PROBES.contains(&request.uri().path()) {
        next.run(request).await
    } else {
        (StatusCode::NOT_FOUND, "404 page not found").into_response()
    }
}
