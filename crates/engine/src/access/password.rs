//! Passwords: a slow salted hash, and a check that takes as long for an unknown user (spec 01 B9).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tariff_contract::error::ApiError;

use crate::error::{Error, Result};

/// Shortest password accepted, in characters.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password accepted, in bytes: hashing time must not be the caller's choice.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// The Argon2id hash of a password, in PHC form. Takes tens of milliseconds of one core, on a blocking thread.
///
/// # Errors
/// `internal_error` when the operating system has no randomness or the thread is lost.
pub async fn hash(password: String) -> Result<String> {
    run(move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string())).await?.map_err(
        |error| Error(ApiError::internal(std::io::Error::other(error.to_string()))),
    )
}

/// Whether the password belongs to the hash. Without a hash the same work is done and the answer is no, so that
/// the time taken does not tell whether the user exists.
///
/// # Errors
/// As [`hash`].
pub async fn verify(password: String, stored: Option<String>) -> Result<bool> {
    let Some(stored) = stored else {
        hash(password).await?;
        return Ok(false);
    };
    run(move || {
        PasswordHash::new(&stored)
            .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
    })
    .await
}

async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error(ApiError::internal(error)))
}
