//! Where an export goes: standard output, or a file that gets its name when it is complete.

use std::fs;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::Output;
use crate::AnyError;
use crate::transfer::format::Format;

/// An open destination. Dropping it before it is complete leaves nothing behind.
pub enum Destination {
    /// Standard output.
    Standard,
    /// A file beside its final name.
    File {
        /// Where it is written.
        partial: NamedTempFile,
        /// Its final name.
        path: PathBuf,
    },
}

impl Destination {
    /// Opens `path`; `-` means standard output.
    ///
    /// # Errors
    /// When no file can be made there, or something else than a file is there.
    pub fn open(path: &Path, format: Format) -> Result<Self, AnyError> {
        if path.as_os_str() == "-" {
            return match format {
                Format::Csv | Format::Jsonl => Ok(Self::Standard),
                Format::Parquet => Err("Parquet cannot be written to standard output: name a file".into()),
            };
        }
        let path = match fs::metadata(path) {
            // The file behind a link is replaced, not the link.
            Ok(there) if there.is_file() => fs::canonicalize(path)?,
            Ok(_) => return Err(format!("{} is not a file", path.display()).into()),
            Err(_) => path.to_path_buf(),
        };
        let name = path
            .file_name()
            .ok_or_else(|| format!("{} names no file", path.display()))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let partial = builder()
            .prefix(&format!(".{}.", name.to_string_lossy()))
            .suffix(".partial")
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(Self::File { partial, path })
    }

    /// Writes to it.
    ///
    /// # Errors
    /// When the file cannot be opened twice.
    pub fn writer(&self) -> io::Result<Output> {
        Ok(match self {
            Self::Standard => Box::new(BufWriter::new(io::stdout())),
            Self::File { partial, .. } => Box::new(BufWriter::new(partial.as_file().try_clone()?)),
        })
    }

    /// Gives the file its name, durably.
    ///
    /// # Errors
    /// When it cannot be made durable or renamed.
    pub fn complete(self) -> Result<(), AnyError> {
        if let Self::File { partial, path } = self {
            partial.as_file().sync_all()?;
            partial
                .persist(&path)
                .map_err(|error| format!("cannot write {}: {}", path.display(), error.error))?;
        }
        Ok(())
    }
}

/// A temporary file with the permissions of any other new file, not those of a secret.
fn builder<'a, 'b>() -> tempfile::Builder<'a, 'b> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_appears_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("events.csv");
        let write = || {
            let destination = Destination::open(&path, Format::Csv).unwrap();
            let mut writer = destination.writer().unwrap();
            writer.write_all(b"rows").unwrap();
            writer.flush().unwrap();
            destination
        };
        drop(write());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        write().complete().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "rows");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Destination::open(folder.path(), Format::Csv).is_err());
        assert!(Destination::open(Path::new("-"), Format::Parquet).is_err());
    }
}
