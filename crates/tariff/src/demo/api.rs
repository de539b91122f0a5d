//! A small client of the HTTP API, with one API key.

use std::time::Duration;

use reqwest::{Client, Response};
use serde::Serialize;
use serde_json::Value;

use crate::AnyError;

/// Longest wait for one answer; advancing the clock over a month is the longest step.
const TIMEOUT: Duration = Duration::from_secs(120);

/// Speaks to one server as the owner of one API key.
pub struct Api {
    client: Client,
    base_url: String,
    api_key: String,
}

impl Api {
    /// A client of the server at `base_url`, e.g. `http://127.0.0.1:8080`.
    ///
    /// # Errors
    /// When no HTTP client can be set up on this machine.
    pub fn new(base_url: String, api_key: String) -> Result<Self, AnyError> {
        let client = Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .tls_certs_only([])
            .build()?;
        Ok(Self {
            client,
            base_url,
            api_key,
        })
    }

    /// Sends `body` to `path` (with its `/v1`) and returns the answer.
    ///
    /// # Errors
    /// When the server cannot be reached or answers anything but success; the text then holds its answer.
    pub async fn post(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<Value, AnyError> {
        let url = format!("{}{path}", self.base_url);
        let request = self.client.post(url).header("x-api-key", &self.api_key).json(body);
        decode(path, request.send().await?).await
    }
}

async fn decode(path: &str, response: Response) -> Result<Value, AnyError> {
    let status = response.status();
    let text = response.text().await?;
    if !status.is_success() {
        return Err(format!("POST {path} was answered {status}: {text}").into());
    }
    if text.is_empty() {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_str(&text)?)
}

/// The string at `pointer` (RFC 6901) in an answer.
///
/// # Errors
/// When there is none.
pub fn string_at(answer: &Value, pointer: &str) -> Result<String, AnyError> {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("the answer has no text at {pointer}: {answer}").into())
}
