//! `Idempotency-Key`: a POST that is sent again with the same key is answered as the first time, and not done again.
//!
//! Only answers that the caller could have acted upon are kept: after a failure of the server nothing was done, and the
//! request may be sent again under its key.

use std::future::Future;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request};
use tariff_contract::error::ApiError;
use tariff_engine::idempotency::{ANSWER_BYTES_MAX, KEY_CHARS_MAX, KeptAnswer, Once, Turn};
use tariff_engine::{Context, Engine};

use crate::answer::{self, Failure, JSON, Result};

const KEY: &str = "idempotency-key";
/// Tells an answer that was kept from one that was just given.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Routes that write and may be repeated without a key: each event counts once by its id, and a clock that is set to
/// the same time stays where it is. They take no part in the bookkeeping, for the first are the busiest of all and the
/// last may do hours of work, which must not be one transaction.
const REPEATABLE: [&str; 6] = [
    "/v1/events",
    "/v1/events/bulk",
    "/v1/events/raw/bulk",
    "/v1/events/raw/reprocess/all",
    "/v1/events/raw/reprocess/pending",
    "/v1/environments/{id}/clock",
];

/// Marks an answer that holds a secret, which is shown once and never kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ShownOnce;

/// The key of a POST that writes, if it has one; others may be repeated anyway.
///
/// # Errors
/// `validation_error` unless it has 1 to 255 visible characters of ASCII.
pub(crate) fn key_of(method: &Method, headers: &HeaderMap, writes: bool) -> Result<Option<String>> {
    let Some(value) = headers.get(KEY).filter(|_| writes && method == Method::POST) else {
        return Ok(None);
    };
    let key = value.to_str().unwrap_or_default();
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if !visible || !(1..=KEY_CHARS_MAX).contains(&key.len()) {
        let message = format!("Idempotency-Key must have 1 to {KEY_CHARS_MAX} visible ASCII characters");
        return Err(ApiError::validation(message)
            .detail("idempotency_key", "is not usable")
            .into());
    }
    Ok(Some(key.to_owned()))
}

/// Whether requests of this route are carried out once under a key.
pub(crate) fn applies(template: &str) -> bool {
    !REPEATABLE.contains(&template)
}

/// What tells a request from others that are sent with its key.
pub(crate) fn fingerprint(head: &request::Parts, body: &[u8]) -> String {
    let target = head.uri.path_and_query().map_or("", |target| target.as_str());
    tariff_engine::idempotency::fingerprint(&[head.method.as_str().as_bytes(), target.as_bytes(), body])
}

/// The answer of a request under a key: `handling` carries it out, unless that was done before.
///
/// # Errors
/// As [`Engine::take_turn`]; `database_error` when what was done could not be made durable.
pub(crate) async fn answer_once(
    engine: &Engine,
    context: &Context,
    key: &str,
    fingerprint: &str,
    handling: impl Future<Output = Result<Response<Body>>>,
) -> Result<Response<Body>> {
    match engine.take_turn(context, key, fingerprint).await? {
        Turn::First(once) => carry_out(*once, handling).await,
        Turn::Over(kept) => replay(kept, key),
    }
}

async fn carry_out(once: Once, handling: impl Future<Output = Result<Response<Body>>>) -> Result<Response<Body>> {
    let response = once.run(handling).await.unwrap_or_else(answer::failure);
    if !is_kept(&response) {
        once.give_up().await?;
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await;
    let bytes = bytes.map_err(|error| Failure(ApiError::internal(error)))?;
    let may_be_kept = head.extensions.get::<ShownOnce>().is_none() && bytes.len() <= ANSWER_BYTES_MAX;
    let text = may_be_kept.then(|| String::from_utf8(bytes.to_vec()).ok());
    once.finish(&KeptAnswer {
        status: head.status.as_u16(),
        body: text.flatten(),
    })
    .await?;
    Ok(Response::from_parts(head, Body::from(bytes)))
}

/// Not what asks to be sent again: then nothing was done.
fn is_kept(response: &Response<Body>) -> bool {
    let again = response.headers().contains_key(header::RETRY_AFTER);
    !response.status().is_server_error() && !again
}

fn replay(kept: KeptAnswer, key: &str) -> Result<Response<Body>> {
    let Some(body) = kept.body else {
        let message = "The request with this idempotency key was carried out; its answer cannot be repeated, because it \
                       held a secret or was too long";
        let error = ApiError::already_exists(message).detail("idempotency_key", key);
        return Err(error.detail("http_status", kept.status).into());
    };
    let has_body = !body.is_empty();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if has_body {
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    }
    response
        .headers_mut()
        .insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}
