//! Which file is imported: its content, not its name.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::time::SystemTime;

use sha2::{Digest, Sha256};

use crate::AnyError;

const BUFFER_BYTES: usize = 256 * 1024;
/// Characters of the content's hash in the ids that rows get: 128 bits.
const ID_HASH_CHARS: usize = 32;

/// The content of a file, and what shows that it was changed since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
    modified: Option<SystemTime>,
}

impl Identity {
    /// Reads the whole file once.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> Result<Self, AnyError> {
        let unreadable = |error: io::Error| format!("cannot read {}: {error}", path.display());
        let mut file = File::open(path).map_err(unreadable)?;
        let before = file.metadata().map_err(unreadable)?;
        if !before.is_file() {
            return Err(format!("{} is not a file; an import may have to read it twice", path.display()).into());
        }
        let mut hash = Sha256::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        let mut bytes = 0;
        loop {
            let count = file.read(&mut buffer).map_err(unreadable)?;
            if count == 0 {
                break;
            }
            bytes += count as u64;
            hash.update(buffer.get(..count).unwrap_or_default());
        }
        Ok(Self {
            bytes,
            sha256: hex::encode(hash.finalize()),
            modified: before.modified().ok(),
        })
    }

    /// The beginning of the ids of rows that name none.
    pub fn id_prefix(&self) -> String {
        self.sha256.chars().take(ID_HASH_CHARS).collect()
    }

    /// Makes sure that what was read is what was hashed.
    ///
    /// # Errors
    /// When the file was changed meanwhile.
    pub fn check_unchanged(&self, path: &Path) -> Result<(), AnyError> {
        let now = fs::metadata(path)?;
        if now.len() == self.bytes && now.modified().ok() == self.modified {
            return Ok(());
        }
        Err(format!("{} was changed while it was read; import it again", path.display()).into())
    }
}
