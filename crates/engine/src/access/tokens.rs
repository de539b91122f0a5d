//! Signed tokens: dashboard sessions and customer-portal sessions (spec 01 A2).

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tariff_contract::error::ApiError;
use tariff_core::Timestamp;

use crate::error::{Error, Result};

/// Tenant of a session token that names none.
pub const DEFAULT_TENANT_ID: &str = "00000000-0000-0000-0000-000000000000";
/// How long a dashboard session lasts, in seconds.
const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Claims of a dashboard session. Roles are not among them: they are read from the user on each request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SessionClaims {
    /// The user.
    pub user_id: String,
    /// The tenant; absent means [`DEFAULT_TENANT_ID`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<String>,
    /// The environment the session is bound to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
}

/// Claims of a customer-portal session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PortalClaims {
    /// The customer.
    pub customer_id: String,
    /// The customer's external id.
    pub external_customer_id: String,
    /// The tenant.
    pub tenant_id: String,
    /// The environment.
    pub environment_id: String,
    /// Issued at, seconds since the epoch.
    pub iat: i64,
    /// Expires at, seconds since the epoch.
    pub exp: i64,
}

/// Signs and checks tokens with the server's secret.
pub struct TokenSigner {
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl TokenSigner {
    /// A signer with this secret.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
        }
    }

    /// A session token for a user, valid for thirty days from `now`.
    ///
    /// # Errors
    /// `internal_error` when signing fails.
    pub fn session(&self, user_id: &str, tenant_id: &str, now: Timestamp) -> Result<String> {
        let claims = SessionClaims {
            user_id: user_id.to_owned(),
            tenant_id: Some(tenant_id.to_owned()),
            environment_id: None,
            iat: Some(now.as_second()),
            nbf: None,
            exp: Some(now.as_second() + SESSION_SECONDS),
        };
        self.sign(&claims)
    }

    /// A customer-portal token.
    ///
    /// # Errors
    /// `internal_error` when signing fails.
    pub fn portal(&self, claims: &PortalClaims) -> Result<String> {
        self.sign(claims)
    }

    /// The claims of a session token, if its signature is ours and `now` lies in its validity.
    #[must_use]
    pub fn read_session(&self, token: &str, now: Timestamp) -> Option<SessionClaims> {
        let claims: SessionClaims = self.read(token)?;
        let now = now.as_second();
        let begun = claims.nbf.is_none_or(|nbf| nbf <= now) && claims.iat.is_none_or(|iat| iat <= now);
        (begun && claims.exp.is_none_or(|exp| now < exp)).then_some(claims)
    }

    /// The claims of a portal token, if its signature is ours, its members are filled and `now` is before its end.
    #[must_use]
    pub fn read_portal(&self, token: &str, now: Timestamp) -> Option<PortalClaims> {
        let claims: PortalClaims = self.read(token)?;
        let members = [
            &claims.customer_id,
            &claims.external_customer_id,
            &claims.tenant_id,
            &claims.environment_id,
        ];
        (members.iter().all(|member| !member.is_empty()) && now.as_second() < claims.exp).then_some(claims)
    }

    fn sign<T: Serialize>(&self, claims: &T) -> Result<String> {
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &self.encoding)
            .map_err(|error| Error(ApiError::internal(error)))
    }

    fn read<T: DeserializeOwned + Clone>(&self, token: &str) -> Option<T> {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.algorithms = vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        // Validity is judged by our clock, not by the library's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.required_spec_claims.clear();
        validation.validate_aud = false;
        jsonwebtoken::decode::<T>(token, &self.decoding, &validation)
            .ok()
            .map(|token| token.claims)
    }
}
