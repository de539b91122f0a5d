//! The HTTP floor: routes, credentials, error bodies, the OpenAPI document. Thin: a handler decodes, calls one use
//! case and encodes. No rule of billing lives here.
//!
//! Every route is registered through [`api::Api`], which asks for its permission and learns its types. So no route
//! exists without a permission check, and none is missing from the document served at `/openapi.json`.

mod answer;
mod api;
mod body;
mod docs;
mod gate;
mod idempotency;
mod input;
mod layers;
mod lines;
mod metrics;
mod openapi;
mod routes;
mod server;

pub use server::{HttpOptions, openapi_document, router, router_with};
