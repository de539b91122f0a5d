//! Passwords: a slow salted hash, and a check that takes as long for an unknown user (spec 01 B9).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use rand::Rng;
use tariff_contract::error::ApiError;
use tokio::sync::Semaphore;

use crate::error::{Error, Result};

/// Passwords hashed at once: each takes a core and 19 MiB.
const HASHING_MAX: usize = 4;
/// Passwords that wait for their turn, those being hashed included.
const WAITING_MAX: usize = 256;

static HASHING: Semaphore = Semaphore::const_new(HASHING_MAX);
static WAITING: Semaphore = Semaphore::const_new(WAITING_MAX);

/// Characters of a generated password; those that look alike are left out.
const GENERATED_ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
/// Length of a generated password, 92 bits (spec 01 B6).
const GENERATED_CHARS: usize = 16;

/// A password for somebody who is invited; shown once.
#[must_use]
pub fn generate() -> String {
    let mut random = rand::rng();
    (0..GENERATED_CHARS)
        .map(|_| char::from(GENERATED_ALPHABET[random.random_range(0..GENERATED_ALPHABET.len())]))
        .collect()
}

/// The Argon2id hash of a password, in PHC form. Takes tens of milliseconds of one core, on a blocking thread.
///
/// # Errors
/// `internal_error` when the operating system has no randomness or the thread is lost; `too_many_requests` when too
/// many others wait.
pub async fn hash(password: String) -> Result<String> {
    run(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
    })
    .await?
    .map_err(|error| Error(ApiError::internal(std::io::Error::other(error.to_string()))))
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
    let Ok(_waiting) = WAITING.try_acquire() else {
        return Err(Error(ApiError::too_many_requests(
            "Too many passwords are being checked; try again",
        )));
    };
    let _hashing = HASHING
        .acquire()
        .await
        .map_err(|error| Error(ApiError::internal(error)))?;
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error(ApiError::internal(error)))
}
