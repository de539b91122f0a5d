//! The server at the other end: credentials, and patience with its bad moments.

use std::time::Duration;

use axum::body::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode};

use crate::AnyError;
use crate::cli::transfer::ServerArgs;

/// Times that one request is sent before it is given up.
const TRIES_MAX: u32 = 8;
/// First wait between two tries; each further one is twice as long.
const WAIT_FIRST: Duration = Duration::from_millis(500);
/// Longest wait between two tries, unless the server asks for more.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// Longest wait that the server may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_mins(5);
/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// Longest silence while an answer is read; a server that looks for few events among many is silent for a while.
const SILENCE_MAX: Duration = Duration::from_mins(10);
/// Longest wait for the answer to one batch.
const BATCH_MAX: Duration = Duration::from_mins(2);
/// How much of a refusal is shown, in characters.
const REFUSAL_CHARS_MAX: usize = 2_000;

/// A server, and who asks it.
pub struct Server {
    client: Client,
    base_url: String,
}

/// What became of a batch.
#[derive(Debug, PartialEq, Eq)]
pub enum Ingested {
    /// Every event is stored.
    Accepted,
    /// None is; the text tells why.
    Refused(String),
}

impl Server {
    /// A client with the given credentials.
    ///
    /// # Errors
    /// When there is no API key, or URL or key cannot be sent.
    pub fn new(args: &ServerArgs) -> Result<Self, AnyError> {
        let key = args.api_key.as_deref().filter(|key| !key.is_empty());
        let key = key.ok_or("there is no API key: set TARIFF_API_KEY or give --api-key")?;
        let mut headers = HeaderMap::new();
        let mut secret = HeaderValue::from_str(key).map_err(|_| "the API key has characters that no key has")?;
        secret.set_sensitive(true);
        headers.insert("x-api-key", secret);
        if let Some(environment_id) = args.environment_id.as_deref().filter(|id| !id.is_empty()) {
            headers.insert("x-environment-id", HeaderValue::from_str(environment_id)?);
        }
        let base_url = args.url.trim_end_matches('/').to_owned();
        let builder = Client::builder()
            .default_headers(headers)
            .connect_timeout(CONNECT_MAX)
            .read_timeout(SILENCE_MAX)
            .redirect(reqwest::redirect::Policy::none());
        let builder = if base_url.starts_with("https://") {
            builder
        } else {
            // Without TLS the machine's certificates are not needed, so they need not be there.
            builder.tls_certs_only([])
        };
        Ok(Self {
            client: builder.build()?,
            base_url,
        })
    }

    /// The events that match, as the beginning of an answer.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses.
    pub async fn export(&self, query: &[(&'static str, String)]) -> Result<Response, AnyError> {
        let path = "/v1/events/export";
        let response = self.send(|| self.client.get(self.url(path)).query(query)).await?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        Err(format!("GET {path} was answered {}", refusal(response).await).into())
    }

    /// Sends a batch of events, a JSON body.
    ///
    /// # Errors
    /// When the server cannot be reached, or answers what has nothing to do with the events.
    pub async fn ingest(&self, body: Bytes) -> Result<Ingested, AnyError> {
        let path = "/v1/events/bulk";
        let request = || {
            let request = self.client.post(self.url(path)).timeout(BATCH_MAX);
            request.header(CONTENT_TYPE, "application/json").body(body.clone())
        };
        let response = self.send(request).await?;
        match response.status() {
            StatusCode::ACCEPTED => Ok(Ingested::Accepted),
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
                Ok(Ingested::Refused(refusal(response).await))
            }
            _ => Err(format!("POST {path} was answered {}", refusal(response).await).into()),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }

    /// Sends a request, again and again while the server cannot be reached or asks for time.
    async fn send(&self, request: impl Fn() -> RequestBuilder) -> Result<Response, AnyError> {
        let mut tries = 1;
        loop {
            let asked_wait = match request().send().await {
                Ok(response) if is_busy(response.status()) && tries < TRIES_MAX => retry_after(&response),
                Ok(response) => return Ok(response),
                Err(error) if error.is_builder() || tries >= TRIES_MAX => return Err(error.into()),
                Err(_) => None,
            };
            tokio::time::sleep(asked_wait.unwrap_or_else(|| wait_after(tries))).await;
            tries += 1;
        }
    }
}

/// Whether the same request may succeed later.
fn is_busy(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response
        .headers()
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

/// Twice as long after each try; shortened by chance, so that clients who were sent away together come back apart.
fn wait_after(tries: u32) -> Duration {
    let wait = WAIT_FIRST
        .saturating_mul(1 << tries.saturating_sub(1).min(16))
        .min(WAIT_MAX);
    wait.saturating_sub(wait.saturating_mul(rand::random_range(0..50)) / 100)
}

/// Status and body of an answer that is not the wanted one.
async fn refusal(response: Response) -> String {
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    let text: String = text.chars().take(REFUSAL_CHARS_MAX).collect();
    format!("{status}: {text}")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::Router;
    use axum::http::HeaderMap as SentHeaders;
    use axum::routing::post;

    use super::*;

    /// A server whose n-th answer has the n-th of these statuses, the last one from then on.
    async fn answering(statuses: &'static [u16]) -> (Server, Arc<AtomicU32>) {
        drop(rustls::crypto::ring::default_provider().install_default());
        let requests = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&requests);
        let answer = move |headers: SentHeaders| async move {
            assert_eq!(headers["x-api-key"], "key");
            assert_eq!(headers["x-environment-id"], "env_1");
            let number = counter.fetch_add(1, Ordering::Relaxed) as usize;
            let status = statuses[number.min(statuses.len() - 1)];
            let status = StatusCode::from_u16(status).unwrap();
            (status, [("retry-after", "0")], "told why")
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let router = Router::new().route("/v1/events/bulk", post(answer));
        tokio::spawn(axum::serve(listener, router).into_future());
        (Server::new(&args(url, Some("key"))).unwrap(), requests)
    }

    fn args(url: String, key: Option<&str>) -> ServerArgs {
        ServerArgs {
            url,
            api_key: key.map(str::to_owned),
            environment_id: Some("env_1".to_owned()),
        }
    }

    #[tokio::test]
    async fn a_busy_server_is_asked_again() {
        let (server, requests) = answering(&[503, 429, 502, 202]).await;
        assert_eq!(server.ingest(Bytes::new()).await.unwrap(), Ingested::Accepted);
        assert_eq!(requests.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn a_server_that_stays_busy_is_given_up() {
        let (server, requests) = answering(&[503]).await;
        let error = server.ingest(Bytes::new()).await.unwrap_err().to_string();
        assert!(error.contains("503 Service Unavailable: told why"), "{error}");
        assert_eq!(requests.load(Ordering::Relaxed), TRIES_MAX);
    }

    #[tokio::test]
    async fn only_refusals_of_the_events_are_theirs() {
        for status in [&[400_u16][..], &[413]] {
            let statuses: &'static [u16] = Box::leak(status.into());
            let refused = answering(statuses).await.0.ingest(Bytes::new()).await.unwrap();
            assert!(matches!(refused, Ingested::Refused(reason) if reason.contains("told why")));
        }
        for status in [&[401_u16][..], &[404], &[500], &[301]] {
            let statuses: &'static [u16] = Box::leak(status.into());
            assert!(
                answering(statuses).await.0.ingest(Bytes::new()).await.is_err(),
                "{status:?}"
            );
        }
    }

    #[test]
    fn waits_grow_up_to_a_bound() {
        for (tries, longest) in [
            (1, WAIT_FIRST),
            (2, WAIT_FIRST * 2),
            (20, WAIT_MAX),
            (u32::MAX, WAIT_MAX),
        ] {
            let wait = wait_after(tries);
            assert!(wait <= longest && wait >= longest / 2, "{tries}: {wait:?}");
        }
    }

    #[test]
    fn there_must_be_a_key_that_can_be_sent() {
        for key in [None, Some(""), Some("two\nlines")] {
            assert!(
                Server::new(&args("http://127.0.0.1:1".to_owned(), key)).is_err(),
                "{key:?}"
            );
        }
    }
}
