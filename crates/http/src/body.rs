//! Reading request bodies, within their limits (spec 01 A1).

use axum::body::{Body, Bytes, HttpBody};
use futures::StreamExt;
use tariff_contract::error::ApiError;

/// Largest body of an ingestion route, in bytes.
pub(crate) const INGESTION_BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Largest body of every other route, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How much of an oversized body is read and thrown away, so that the client gets to read the refusal.
const DISCARD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How much room is made for a body because of its announced length alone.
const RESERVED_BYTES_MAX: usize = 1024 * 1024;

/// The whole body.
///
/// # Errors
/// `validation_error` over the limit, or when the client stops sending.
pub(crate) async fn read(body: Body, bytes_max: usize) -> Result<Bytes, ApiError> {
    let announced = body.size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    let mut stream = body.into_data_stream();
    let mut collected = Vec::new();
    let mut received = 0_usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| ApiError::validation("The request body was cut off").caused_by(error))?;
        received = received.saturating_add(chunk.len());
        if announced == Some(received) && received == chunk.len() && received <= bytes_max {
            // A small body comes in one piece and is not copied.
            return Ok(chunk);
        }
        if received <= bytes_max {
            if collected.is_empty() {
                let room = announced.unwrap_or_default().min(RESERVED_BYTES_MAX);
                collected.reserve(room.max(chunk.len()));
            }
            collected.extend_from_slice(&chunk);
        } else if received > DISCARD_BYTES_MAX {
            break;
        }
    }
    if received > bytes_max {
        return Err(too_large(bytes_max));
    }
    Ok(collected.into())
}

fn too_large(bytes_max: usize) -> ApiError {
    let hint = if bytes_max == INGESTION_BODY_BYTES_MAX {
        "; split the batch into smaller requests"
    } else {
        ""
    };
    ApiError::validation(format!("The request body is larger than {bytes_max} bytes{hint}"))
        .detail("bytes_max", bytes_max)
}
