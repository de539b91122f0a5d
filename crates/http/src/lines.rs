//! Answers of any length: JSON Lines, written while they are read.
//!
//! An answer that cannot be completed is broken off, so that its reader cannot take it for the whole: the chunked body
//! then lacks its last chunk.

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures::{Stream, stream};
use serde::Serialize;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tracing::Instrument;
use utoipa::ToSchema;

use crate::answer::{Failure, Output, Result};
use crate::openapi::Description;

/// The media type of JSON Lines.
pub(crate) const JSON_LINES: &str = "application/x-ndjson";

/// Pieces of an answer that may wait for the client.
const PIECES_WAITING_MAX: usize = 2;
/// Longest time in which a client takes nothing before its answer is broken off.
const STALL_MAX: Duration = Duration::from_mins(5);

/// Where the lines of an answer come from.
pub(crate) trait LineSource: Send + 'static {
    /// What a line holds.
    type Line: Serialize + ToSchema + Send + Sync;

    /// The next lines, or `None` after the last.
    fn next(&mut self) -> impl Future<Output = Option<Result<Vec<Self::Line>>>> + Send;
}

/// 200 with a line for each item.
pub(crate) struct Lines<S>(pub S);

impl<S: LineSource> Output for Lines<S> {
    fn into_response(self) -> Response<Body> {
        let (sender, pieces) = mpsc::channel(PIECES_WAITING_MAX);
        tokio::spawn(forward(self.0, sender).in_current_span());
        let mut response = Response::new(Body::from_stream(stream_of(pieces)));
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON_LINES));
        response
    }

    fn describe(description: &mut Description) {
        description.answers_as::<S::Line>(StatusCode::OK, JSON_LINES);
    }
}

/// A piece of an answer.
enum Piece {
    Lines(Bytes),
    /// Nothing is missing. Without it, whatever ended the sender, the answer is incomplete.
    End,
}

async fn forward<S: LineSource>(mut source: S, pieces: Sender<Piece>) {
    loop {
        let next = tokio::select! {
            () = pieces.closed() => return,
            next = source.next() => next,
        };
        let piece = match next.map(|lines| lines.and_then(|lines| encode(&lines))).transpose() {
            Ok(Some(bytes)) => Piece::Lines(bytes),
            Ok(None) => Piece::End,
            Err(Failure(error)) => {
                tracing::error!(code = %error.code, cause = ?error.source, "answer broken off");
                return;
            }
        };
        let last = matches!(piece, Piece::End);
        match tokio::time::timeout(STALL_MAX, pieces.send(piece)).await {
            Ok(Ok(())) if !last => {}
            Ok(_) => return,
            Err(_) => {
                tracing::warn!(
                    stall_seconds = STALL_MAX.as_secs(),
                    "answer broken off: its client takes nothing"
                );
                return;
            }
        }
    }
}

fn encode<T: Serialize>(lines: &[T]) -> Result<Bytes> {
    let mut bytes = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut bytes, line)
            .map_err(|error| Failure(tariff_contract::error::ApiError::internal(error)))?;
        bytes.push(b'\n');
    }
    Ok(bytes.into())
}

fn stream_of(pieces: Receiver<Piece>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(pieces), |pieces| async {
        let mut pieces = pieces?;
        match pieces.recv().await {
            Some(Piece::Lines(bytes)) => Some((Ok(bytes), Some(pieces))),
            Some(Piece::End) => None,
            None => Some((Err(io::Error::other("the answer is incomplete")), None)),
        }
    })
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use tariff_contract::error::ApiError;

    use super::*;

    /// Gives the numbers up to the first argument, then fails if the second is set.
    struct Numbers(u32, bool);

    impl LineSource for Numbers {
        type Line = u32;

        async fn next(&mut self) -> Option<Result<Vec<u32>>> {
            let Some(rest) = self.0.checked_sub(1) else {
                return self.1.then(|| Err(Failure(ApiError::internal("unreadable"))));
            };
            self.0 = rest;
            Some(Ok(vec![rest, rest]))
        }
    }

    async fn body(source: Numbers) -> std::result::Result<String, axum::Error> {
        let bytes = to_bytes(Lines(source).into_response().into_body(), usize::MAX).await?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_item_is_a_line() {
        assert_eq!(body(Numbers(2, false)).await.unwrap(), "1\n1\n0\n0\n");
        assert_eq!(body(Numbers(0, false)).await.unwrap(), "");
    }

    #[tokio::test]
    async fn a_failure_breaks_the_answer_off() {
        assert!(body(Numbers(2, true)).await.is_err());
        assert!(body(Numbers(0, true)).await.is_err());
    }
}
