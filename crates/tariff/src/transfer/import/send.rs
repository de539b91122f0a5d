//! Sends batches. The server takes a batch as a whole or not at all, so one that it refuses is halved until the rows
//! at fault are found.

use axum::body::Bytes;

use super::batch::{Batch, PreparedRow};
use crate::AnyError;
use crate::transfer::server::{Ingested, Server};

/// Sends what the batch holds; it comes back with the stored rows, and the refused ones among its rejections.
///
/// # Errors
/// When the server gives up. Some of the rows may be stored.
pub async fn send(server: &Server, mut batch: Batch) -> Result<Batch, AnyError> {
    // Parts that are still to be sent, the first row on top: of two rows with one id, the later must be sent later.
    let mut parts = vec![std::mem::take(&mut batch.rows)];
    while let Some(mut part) = parts.pop() {
        if part.is_empty() {
            continue;
        }
        match server.ingest(body(&part)).await? {
            Ingested::Accepted => batch.rows.append(&mut part),
            Ingested::Refused(_) if part.len() > 1 => {
                let rest = part.split_off(part.len() / 2);
                parts.push(rest);
                parts.push(part);
            }
            Ingested::Refused(reason) => {
                let refused = part.drain(..).map(|row| row.rejected(reason.clone()));
                batch.rejections.extend(refused);
            }
        }
    }
    batch.rejections.sort_by_key(|rejection| rejection.number);
    Ok(batch)
}

fn body(rows: &[PreparedRow]) -> Bytes {
    let mut json = Vec::with_capacity(rows.iter().map(|row| row.json.len() + 1).sum::<usize>() + 16);
    json.extend_from_slice(b"{\"events\":[");
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        json.extend_from_slice(&row.json);
    }
    json.extend_from_slice(b"]}");
    json.into()
}
