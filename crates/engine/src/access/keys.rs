//! API keys: their text, their hash, the form shown in lists (spec 01 A2).

use rand::RngCore;
use sha2::{Digest, Sha256};

/// What a key may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Authenticates a server.
    Private,
    /// Can be minted, never authenticates.
    Publishable,
}

impl KeyKind {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Private => "private_key",
            Self::Publishable => "publishable_key",
        }
    }

    /// The kind named by a word of the wire.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Private, Self::Publishable]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A fresh key: prefix and 160 bits of randomness. Shown once, stored only as its hash.
#[must_use]
pub fn generate(kind: KeyKind) -> String {
    let mut secret = [0; 20];
    rand::rng().fill_bytes(&mut secret);
    let prefix = match kind {
        KeyKind::Private => "sk",
        KeyKind::Publishable => "pk",
    };
    format!("{prefix}_{}", hex::encode(secret))
}

/// Lower-case hex SHA-256 of the whole key text.
#[must_use]
pub fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

/// First five characters, `***`, last two.
#[must_use]
pub fn display_id(key: &str) -> String {
    let characters: Vec<char> = key.chars().collect();
    let head: String = characters.iter().take(5).collect();
    let tail: String = characters.iter().skip(characters.len().saturating_sub(2)).collect();
    format!("{head}***{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_and_display_form_of_the_specification() {
        let key = "sk_01ARZ3NDEKTSV4RRFFQ69G5FAV";
        assert_eq!(
            hash(key),
            "3ae15799fcb5426422cfdbc02b82787ad84046b4bc5a1e51b449d87658937de2"
        );
        assert_eq!(display_id(key), "sk_01***AV");
    }
}
