//! A JSON client that keeps status, headers and body together, and fails with all of them.

use std::time::Duration;

use reqwest::Method;
use reqwest::blocking::{Client as Connections, RequestBuilder};
use reqwest::header::HeaderMap;
use serde_json::Value;

/// Speaks to one server with fixed credentials.
#[derive(Clone)]
pub struct Client {
    connections: Connections,
    base_url: String,
    headers: Vec<(&'static str, String)>,
}

impl Client {
    /// A client without credentials.
    pub fn anonymous(base_url: &str) -> Self {
        // Servers under test speak plain HTTP, yet a client cannot be built without a provider of TLS.
        drop(rustls::crypto::ring::default_provider().install_default());
        let connections = Connections::builder()
            .tls_certs_only([])
            .timeout(Duration::from_secs(120))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            connections,
            base_url: base_url.to_owned(),
            headers: Vec::new(),
        }
    }

    /// The same client, sending one more header with each request.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.to_owned()));
        client
    }

    /// The same server with an API key instead of any other credentials.
    pub fn with_key(&self, api_key: &str) -> Self {
        self.without_credentials().with("x-api-key", api_key)
    }

    /// The same server with a session token instead of any other credentials.
    pub fn with_token(&self, token: &str) -> Self {
        self.without_credentials()
            .with("authorization", &format!("Bearer {token}"))
    }

    /// The same server, anonymously.
    pub fn without_credentials(&self) -> Self {
        Self {
            headers: Vec::new(),
            ..self.clone()
        }
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, |request| request)
    }

    /// `POST` with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, |request| request.json(body))
    }

    /// `POST` with a JSON body to a server that may end at any moment; `None` when no answer began to arrive.
    pub fn try_post(&self, path: &str, body: &Value) -> Option<Reply> {
        self.try_send(Method::POST, path, |request| request.json(body)).ok()
    }

    /// `PUT` with a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(Method::PUT, path, |request| request.json(body))
    }

    /// `DELETE` without a body.
    pub fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, |request| request)
    }

    /// `DELETE` to a server that may end at any moment; `None` when no answer began to arrive.
    pub fn try_delete(&self, path: &str) -> Option<Reply> {
        self.try_send(Method::DELETE, path, |request| request).ok()
    }

    /// Any method, with a body that is sent as it is.
    pub fn raw(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Reply {
        self.send(method, path, |request| {
            request.header("content-type", content_type).body(body)
        })
    }

    /// Any method without a body.
    pub fn bare(&self, method: Method, path: &str) -> Reply {
        self.send(method, path, |request| request)
    }

    fn send(&self, method: Method, path: &str, finish: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Reply {
        let what = format!("{method} {path}");
        self.try_send(method, path, finish)
            .unwrap_or_else(|error| panic!("{what} got no answer: {error:?}"))
    }

    fn try_send(
        &self,
        method: Method,
        path: &str,
        finish: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> reqwest::Result<Reply> {
        let what = format!("{method} {path}");
        let mut request = self.connections.request(method, format!("{}{path}", self.base_url));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let response = finish(request).send()?;
        Ok(Reply {
            what,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.text().unwrap_or_default(),
        })
    }
}

/// An answer of the server.
#[derive(Debug)]
pub struct Reply {
    /// Method and path, for messages.
    pub what: String,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
}

impl Reply {
    /// The JSON body, after checking the status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(
            self.status, status,
            "{} answered {}: {}",
            self.what, self.status, self.text
        );
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Checks for the standard error body (spec 01 A5) with `code`, and returns its `details`.
    #[track_caller]
    pub fn expect_error(&self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        assert_eq!(body["code"], code, "{} answered {body}", self.what);
        assert_eq!(body["http_status_code"], status, "{} answered {body}", self.what);
        let message = body["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{} answered without a message: {body}", self.what);
        body["details"].clone()
    }

    /// Checks for a body that is exactly `expected`.
    #[track_caller]
    pub fn expect_exactly(&self, status: u16, expected: &Value) {
        assert_eq!(&self.expect(status), expected, "{}", self.what);
    }

    /// Checks for the plain-text answer to unknown routes (spec 01 A1).
    #[track_caller]
    pub fn expect_no_route(&self) {
        assert!(
            self.is_no_route(),
            "{} answered {}: {}",
            self.what,
            self.status,
            self.text
        );
    }

    /// Whether this is the plain-text answer to unknown routes.
    pub fn is_no_route(&self) -> bool {
        self.status == 404 && self.text.trim_end() == "404 page not found"
    }

    /// The JSON body.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{} answered no JSON ({error}): {}", self.what, self.text))
    }

    /// A header as text, empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// A text of an answer.
#[track_caller]
pub fn text(answer: &Value, pointer: &str) -> String {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("no text at {pointer} of {answer}"))
        .to_owned()
}

/// A value for a query string, percent-encoded.
pub fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}
