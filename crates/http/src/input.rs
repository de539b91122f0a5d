//! What a handler takes: path parameters, query strings, bodies.

use axum::body::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tariff_contract::error::ApiError;
use tariff_contract::{query, wire};
use utoipa::ToSchema;

use crate::openapi::Description;

/// The undecoded parts of a request.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Percent-decoded path parameters, in the order of the template.
    pub path: Vec<String>,
    /// The raw query string, without the question mark.
    pub query: String,
    /// The body.
    pub body: Bytes,
}

impl Parts {
    /// Refuses the character that no storage keeps, in path and query string.
    pub(crate) fn refuse_nul(&self) -> Result<(), ApiError> {
        if self.path.iter().any(|value| value.contains('\0')) || self.query.contains("%00") {
            return Err(ApiError::validation("The request contains a NUL character"));
        }
        Ok(())
    }
}

/// Something decoded from a request, and described in the document.
pub(crate) trait Input: Sized + Send {
    fn decode(parts: &Parts) -> Result<Self, ApiError>;
    fn describe(description: &mut Description);
}

/// The only path parameter.
pub(crate) struct Path(pub String);

impl Input for Path {
    fn decode(parts: &Parts) -> Result<Self, ApiError> {
        path_parameter(parts, 0).map(Self)
    }
    // Path parameters are described from the route's template.
    fn describe(_: &mut Description) {}
}

/// The two path parameters, in the order of the template.
pub(crate) struct PathPair(pub String, pub String);

impl Input for PathPair {
    fn decode(parts: &Parts) -> Result<Self, ApiError> {
        Ok(Self(path_parameter(parts, 0)?, path_parameter(parts, 1)?))
    }
    fn describe(_: &mut Description) {}
}

fn path_parameter(parts: &Parts, index: usize) -> Result<String, ApiError> {
    parts
        .path
        .get(index)
        .cloned()
        .ok_or_else(|| ApiError::validation("A path parameter is missing"))
}

/// A JSON body.
pub(crate) struct Body<T>(pub T);

impl<T: DeserializeOwned + ToSchema + Send> Input for Body<T> {
    fn decode(parts: &Parts) -> Result<Self, ApiError> {
        wire::decode_body(&parts.body).map(Self)
    }
    fn describe(description: &mut Description) {
        description.takes_body::<T>();
    }
}

/// The query string.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned + ToSchema + Send> Input for Query<T> {
    fn decode(parts: &Parts) -> Result<Self, ApiError> {
        query::decode_query(&parts.query).map(Self)
    }
    fn describe(description: &mut Description) {
        description.takes_query::<T>();
    }
}

/// What to embed in an answer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct ExpandQuery {
    /// Names, separated by commas.
    pub expand: Option<String>,
}
