//! Reading request bodies, within their limits (spec 01 A1).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use futures::StreamExt;
use tariff_contract::error::ApiError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// Largest body of an ingestion route, in bytes.
pub(crate) const INGESTION_BODY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Largest body of every other route, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How much of an oversized body is read and thrown away, so that the client gets to read the refusal.
const DISCARD_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How much room is made for a body because of its announced length alone.
const RESERVED_BYTES_MAX: usize = 1024 * 1024;
/// Longest waits for a body.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For the next piece of it.
    piece: Duration,
    /// For the whole.
    whole: Duration,
}

/// The whole is 32 MiB at a megabit a second.
const PATIENCE: Patience = Patience {
    piece: Duration::from_secs(30),
    whole: Duration::from_secs(300),
};

/// The routes that take events in large bodies.
const INGESTION_ROUTES: [&str; 3] = ["/v1/events", "/v1/events/bulk", "/v1/events/raw/bulk"];

/// The memory that bodies of ingestion routes may take, all together. A body takes what has arrived of it, until its
/// request is answered; what does not fit is refused, never kept waiting.
#[derive(Debug, Clone)]
pub(crate) struct IngestionMemory(Arc<Semaphore>);

/// A body's part of the memory, given back when it is dropped.
#[derive(Debug, Default)]
pub(crate) struct Held(Option<OwnedSemaphorePermit>);

impl IngestionMemory {
    /// Room for `bytes`, at least for one body of the largest size.
    pub(crate) fn new(bytes: usize) -> Self {
        let permits = bytes.clamp(INGESTION_BODY_BYTES_MAX, Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(permits)))
    }

    fn take(&self, held: &mut Held, bytes: usize) -> bool {
        let permits = u32::try_from(bytes).ok();
        let permit = permits.and_then(|permits| Arc::clone(&self.0).try_acquire_many_owned(permits).ok());
        let Some(permit) = permit else { return false };
        match &mut held.0 {
            Some(held) => held.merge(permit),
            None => held.0 = Some(permit),
        }
        true
    }
}

/// The whole body of a request to this route, and its part of the memory.
///
/// # Errors
/// `validation_error` over the limit, or when the client stops sending; `service_unavailable` when the bodies of other
/// requests take all the memory.
pub(crate) async fn read(body: Body, template: &str, memory: &IngestionMemory) -> Result<(Bytes, Held), ApiError> {
    read_within(body, template, memory, PATIENCE).await
}

async fn read_within(
    body: Body,
    template: &str,
    memory: &IngestionMemory,
    patience: Patience,
) -> Result<(Bytes, Held), ApiError> {
    let ingestion = INGESTION_ROUTES.contains(&template);
    let bytes_max = if ingestion {
        INGESTION_BODY_BYTES_MAX
    } else {
        BODY_BYTES_MAX
    };
    let announced = body.size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok());
    let mut stream = body.into_data_stream();
    let mut collected = Vec::new();
    let mut held = Held::default();
    let mut received = 0_usize;
    let mut crowded = false;
    let deadline = Instant::now() + patience.whole;
    loop {
        let wait = patience.piece.min(deadline.saturating_duration_since(Instant::now()));
        let piece = timeout(wait, stream.next()).await;
        let piece = piece.map_err(|source| ApiError::validation("The request body took too long").caused_by(source))?;
        let Some(piece) = piece else { break };
        let piece = piece.map_err(|error| ApiError::validation("The request body was cut off").caused_by(error))?;
        received = received.saturating_add(piece.len());
        if received > DISCARD_BYTES_MAX {
            break;
        }
        crowded = crowded || (ingestion && received <= bytes_max && !memory.take(&mut held, piece.len()));
        if crowded || received > bytes_max {
            // Nothing of it will be used.
            collected = Vec::new();
            held = Held::default();
        } else {
            if collected.is_empty() {
                let room = announced.unwrap_or_default().min(RESERVED_BYTES_MAX);
                collected.reserve(room.max(piece.len()));
            }
            collected.extend_from_slice(&piece);
        }
    }
    if received > bytes_max {
        return Err(too_large(bytes_max));
    }
    if crowded {
        return Err(ApiError::service_unavailable(
            "Too many events are arriving at the same time; send them again",
        ));
    }
    Ok((collected.into(), held))
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

#[cfg(test)]
mod tests {
    use futures::stream;
    use tariff_contract::error::ErrorCode;

    use super::*;

    const ROUTE: &str = "/v1/events/bulk";

    fn memory() -> IngestionMemory {
        IngestionMemory::new(0)
    }

    #[tokio::test]
    async fn bodies_share_the_memory_until_they_are_dropped() {
        let memory = memory();
        let body = |bytes: usize| Body::from(vec![b' '; bytes]);
        let (_, first) = read(body(20 * 1024 * 1024), ROUTE, &memory).await.unwrap();
        let refused = read(body(20 * 1024 * 1024), ROUTE, &memory).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::ServiceUnavailable);
        // What was taken for the refused one is free again, and other routes have their own small bodies.
        let (_, second) = read(body(12 * 1024 * 1024), ROUTE, &memory).await.unwrap();
        read(body(BODY_BYTES_MAX), "/v1/customers", &memory).await.unwrap();
        read(body(1), ROUTE, &memory).await.unwrap_err();
        drop((first, second));
        read(body(INGESTION_BODY_BYTES_MAX), ROUTE, &memory).await.unwrap();
    }

    #[tokio::test]
    async fn an_oversized_body_is_too_large_however_full_the_memory_is() {
        let memory = memory();
        let (_, _held) = read(Body::from(vec![0; 1024]), ROUTE, &memory).await.unwrap();
        let refused = read(Body::from(vec![0; INGESTION_BODY_BYTES_MAX + 1]), ROUTE, &memory)
            .await
            .unwrap_err();
        assert_eq!(refused.code, ErrorCode::ValidationError);
        assert!(refused.message.contains("split the batch"), "{}", refused.message);
    }

    #[tokio::test]
    async fn a_client_that_stops_sending_is_given_up() {
        let memory = memory();
        let long = Duration::from_secs(600);
        let short = Duration::from_millis(5);
        let stalled = || Body::from_stream(stream::iter([Ok::<_, std::io::Error>("{")]).chain(stream::pending()));
        let drip = || {
            Body::from_stream(stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Some((Ok::<_, std::io::Error>("{"), ()))
            }))
        };
        for (body, piece, whole) in [
            (stalled(), short, long),
            (stalled(), long, short),
            (drip(), long, short),
        ] {
            let refused = read_within(body, ROUTE, &memory, Patience { piece, whole })
                .await
                .unwrap_err();
            assert_eq!(refused.code, ErrorCode::ValidationError);
        }
        read(Body::from(vec![0; INGESTION_BODY_BYTES_MAX]), ROUTE, &memory)
            .await
            .unwrap();
    }
}
