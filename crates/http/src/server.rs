//! The whole router: API routes, health, metrics and documentation, inside the layers every answer passes.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware;
use axum::routing::get;
use tariff_engine::Engine;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;

use crate::answer;
use crate::api::Api;
use crate::{docs, layers, metrics, routes};

/// Limits of the HTTP floor that a deployment may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpOptions {
    /// Most bytes that bodies of events may take in memory, all requests together; at least one body of the largest size
    /// (32 MiB). Beyond, requests are refused with 503.
    pub ingestion_memory_bytes: usize,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            ingestion_memory_bytes: 256 * 1024 * 1024,
        }
    }
}

/// The server's router over an engine, with the default limits.
pub fn router(engine: Arc<Engine>) -> Router {
    router_with(engine, HttpOptions::default())
}

/// The server's router over an engine.
pub fn router_with(engine: Arc<Engine>, options: HttpOptions) -> Router {
    metrics::install();
    let (api, document, templates) = routes::register(Api::new(Arc::clone(&engine), options)).finish();
    let document = Arc::new(document);
    let alive = || async { answer::json(StatusCode::OK, &serde_json::json!({"status": "ok"})) };
    let unmatched = move |request: Request| async move { layers::unmatched(&request, &templates) };
    api.route("/health", get(alive).post(alive))
        .route("/ready", get(move || ready(Arc::clone(&engine))))
        .route("/metrics", get(|| async { metrics::render() }))
        .route(
            "/openapi.json",
            get(move || async move { answer::json(StatusCode::OK, &*document) }),
        )
        .route("/docs", get(|| async { docs::page() }))
        .fallback(unmatched.clone())
        .method_not_allowed_fallback(unmatched)
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn(layers::envelope))
}

/// The OpenAPI document of every route.
#[must_use]
pub fn openapi_document(engine: Arc<Engine>) -> OpenApi {
    routes::register(Api::new(engine, HttpOptions::default())).finish().1
}

async fn ready(engine: Arc<Engine>) -> axum::response::Response {
    match engine.check_ready().await {
        Ok(()) => answer::json(StatusCode::OK, &serde_json::json!({"status": "ready"})),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            answer::json(
                StatusCode::SERVICE_UNAVAILABLE,
                &serde_json::json!({"status": "not ready"}),
            )
        }
    }
}
