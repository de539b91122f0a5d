//! Proof of identity for the support chat (spec 01 B6).

use hmac::{Hmac, Mac};
use sha2::Sha256;
use tariff_contract::error::ApiError;
use tariff_contract::users::ChatVerificationResponse;
use tariff_store::entity::users;

use super::unknown;
use crate::context::Context;
use crate::engine::Engine;
use crate::error::{Error, Result};

impl Engine {
    /// The hex HMAC-SHA256 of the caller's e-mail under the deployment's chat secret. It does not expire.
    ///
    /// # Errors
    /// `internal_error` where no usable secret is configured; `not_found` when the caller has no record.
    pub async fn verify_for_chat(&self, context: &Context) -> Result<ChatVerificationResponse> {
        let secret = self
            .config()
            .chat_secret
            .as_deref()
            .ok_or_else(|| unusable("no chat secret is configured"))?;
        let secret = hex::decode(secret).map_err(|_| unusable("the chat secret is not hexadecimal"))?;
        let user = self
            .read()
            .tenant(context.tenant_id())
            .get::<users::Entity>(&context.user_id)
            .await?;
        let user = user.ok_or_else(|| unknown(&context.user_id))?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).map_err(|error| Error(ApiError::internal(error)))?;
        mac.update(user.email.as_bytes());
        let token = hex::encode(mac.finalize().into_bytes());
        Ok(ChatVerificationResponse {
            token,
            expires_at: String::new(),
        })
    }
}

fn unusable(reason: &'static str) -> Error {
    Error(ApiError::internal(std::io::Error::other(reason)))
}
