//! Encryption of providers' credentials: AES-256-GCM, a random nonce in front of the ciphertext, base64 (spec 07 §2.6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use tariff_contract::connections::Credentials;
use tariff_contract::error::ApiError;

use crate::error::{Error, Result};

/// Seals and opens credentials.
pub(crate) struct Vault {
    key: LessSafeKey,
}

impl Vault {
    /// A vault of this secret: its 32 bytes, or the SHA-256 of a secret of another length.
    ///
    /// # Errors
    /// `internal_error` when the cipher refuses a key of the right length.
    pub(crate) fn new(secret: &str) -> Result<Self> {
        let hashed = digest(&SHA256, secret.as_bytes());
        let bytes = match secret.len() {
            32 => secret.as_bytes(),
            _ => hashed.as_ref(),
        };
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| internal("the key does not fit the cipher"))?;
        Ok(Self {
            key: LessSafeKey::new(key),
        })
    }

    /// Encrypts the credentials of a record; they can be opened for that record only.
    pub(crate) fn seal(&self, record_id: &str, credentials: &Credentials) -> Result<String> {
        let mut sealed = serde_json::to_vec(credentials).map_err(|error| Error(ApiError::internal(error)))?;
        let nonce: [u8; NONCE_LEN] = rand::random();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(record_id.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| internal("credentials could not be encrypted"))?;
        Ok(STANDARD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Decrypts the credentials of a record.
    ///
    /// # Errors
    /// `internal_error` when they were encrypted with another key, for another record, or are damaged.
    pub(crate) fn open(&self, record_id: &str, sealed: &str) -> Result<Credentials> {
        if sealed.is_empty() {
            return Ok(Credentials::default());
        }
        let unreadable = || internal("stored credentials cannot be decrypted; has encryption_key changed?");
        let mut bytes = STANDARD.decode(sealed).map_err(|_| unreadable())?;
        let (nonce, ciphertext) = bytes.split_at_mut_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let aad = Aad::from(record_id.as_bytes());
        let plain = self
            .key
            .open_in_place(nonce, aad, ciphertext)
            .map_err(|_| unreadable())?;
        serde_json::from_slice(plain).map_err(|_| unreadable())
    }
}

fn internal(cause: &'static str) -> Error {
    Error(ApiError::internal(cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials([("api_key".to_owned(), "sesame".to_owned())].into())
    }

    #[test]
    fn opens_what_it_sealed() {
        for secret in ["short", "0123456789abcdef0123456789abcdef", &"long".repeat(20)] {
            let vault = Vault::new(secret).unwrap();
            let sealed = vault.seal("conn_1", &credentials()).unwrap();
            assert!(!sealed.contains("sesame"));
            assert_ne!(
                sealed,
                vault.seal("conn_1", &credentials()).unwrap(),
                "a nonce was used twice"
            );
            assert_eq!(vault.open("conn_1", &sealed).unwrap(), credentials());
        }
    }

    #[test]
    fn a_secret_of_32_bytes_is_the_key_itself() {
        let secret = "0123456789abcdef0123456789abcdef";
        let sealed = Vault::new(secret).unwrap().seal("conn_1", &credentials()).unwrap();
        let bytes = STANDARD.decode(sealed).unwrap();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret.as_bytes()).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&bytes[..NONCE_LEN]).unwrap();
        let mut ciphertext = bytes[NONCE_LEN..].to_vec();
        let plain = key.open_in_place(nonce, Aad::from(b"conn_1"), &mut ciphertext).unwrap();
        assert_eq!(plain, br#"{"api_key":"sesame"}"#);
    }

    #[test]
    fn another_key_record_or_text_opens_nothing() {
        let vault = Vault::new("a").unwrap();
        let sealed = vault.seal("conn_1", &credentials()).unwrap();
        assert!(Vault::new("b").unwrap().open("conn_1", &sealed).is_err());
        assert!(vault.open("conn_2", &sealed).is_err());
        for damaged in ["AAAA", "not base64!", &sealed[..sealed.len() - 4]] {
            assert!(vault.open("conn_1", damaged).is_err(), "{damaged}");
        }
    }
}
