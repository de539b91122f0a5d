//! The secrets of a data folder, for servers whose configuration names none: one signs session tokens, one encrypts the
//! credentials of connections.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// 256 bits, the size of the signature's hash and of the cipher's key.
const SECRET_BYTES: usize = 32;

/// The data folder's secret of this name, made on first use.
///
/// # Errors
/// When the file can be neither read nor made.
pub fn of_folder(data_dir: &Path, name: &str) -> io::Result<String> {
    let path = data_dir.join(name);
    match new_private_file(&path) {
        Ok(mut file) => {
            let secret = hex::encode(rand::random::<[u8; SECRET_BYTES]>());
            file.write_all(secret.as_bytes())?;
            file.sync_all()?;
            Ok(secret)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let secret = fs::read_to_string(&path)?.trim().to_owned();
            if secret.len() < SECRET_BYTES {
                let problem = format!("{} holds no secret; remove it to have a new one made", path.display());
                return Err(io::Error::new(ErrorKind::InvalidData, problem));
            }
            Ok(secret)
        }
        Err(error) => Err(error),
    }
}

/// A file that did not exist before and that only its owner can read.
fn new_private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "auth-secret";

    #[test]
    fn a_folder_keeps_its_secret() {
        let folder = tempfile::tempdir().unwrap();
        let other = tempfile::tempdir().unwrap();
        let secret = of_folder(folder.path(), NAME).unwrap();
        assert_eq!(secret.len(), 2 * SECRET_BYTES);
        assert_eq!(of_folder(folder.path(), NAME).unwrap(), secret);
        assert_ne!(of_folder(other.path(), NAME).unwrap(), secret);
    }

    #[test]
    fn a_truncated_secret_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), "abc").unwrap();
        assert!(of_folder(folder.path(), NAME).is_err());
    }
}
