//! How far an import came, in a small file, so that the next run goes on from there.
//!
//! The file speaks of one content sent to one place. Whoever changes either begins anew, which is safe: every row has
//! an id, so sending it again changes nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::beside;
use super::identity::Identity;
use crate::AnyError;
use crate::cli::transfer::ServerArgs;
use crate::transfer::format::Format;

/// What the file's name has after that of the imported file.
pub const ENDING: &str = ".import-state";

/// Form of the file; another form is not understood.
const VERSION: u32 = 1;

/// What is done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// All rows up to this one are stored or reported.
    pub rows_done: u64,
    /// How many of them are stored.
    pub accepted: u64,
    /// How many of them are reported.
    pub rejected: u64,
    /// Length of the report that tells of them.
    pub report_bytes: u64,
}

/// The file's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    version: u32,
    file_bytes: u64,
    file_sha256: String,
    format: String,
    /// Of URL, key and environment.
    target_sha256: String,
    progress: Progress,
}

/// The file that keeps an import's progress.
pub struct StateFile {
    path: PathBuf,
    /// The state of an import that has done nothing yet.
    begin: State,
}

impl StateFile {
    /// The state file of this import, by default beside the imported file.
    pub fn new(path: Option<PathBuf>, file: &Path, identity: Identity, format: Format, target: &ServerArgs) -> Self {
        let mut hash = Sha256::new();
        for part in [
            Some(target.url.trim_end_matches('/')),
            target.api_key.as_deref(),
            target.environment_id.as_deref(),
        ] {
            hash.update(part.unwrap_or_default());
            hash.update([0]);
        }
        Self {
            path: path.unwrap_or_else(|| beside(file, ENDING)),
            begin: State {
                version: VERSION,
                file_bytes: identity.bytes,
                file_sha256: identity.sha256,
                format: format.as_str().to_owned(),
                target_sha256: hex::encode(hash.finalize()),
                progress: Progress::default(),
            },
        }
    }

    /// How far an earlier run of the same import came.
    pub fn load(&self) -> Progress {
        let Ok(text) = fs::read(&self.path) else {
            return Progress::default();
        };
        let state = serde_json::from_slice::<State>(&text);
        match state {
            Ok(state) if self.with(state.progress) == state => state.progress,
            _ => {
                let path = self.path.display();
                eprintln!("{path} is of another file, format or server: this import begins with the first row.");
                Progress::default()
            }
        }
    }

    /// Keeps the progress. A run that is killed meanwhile leaves the former or this one, never a part.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn save(&self, progress: &Progress) -> Result<(), AnyError> {
        let text = serde_json::to_vec(&self.with(*progress))?;
        let new = beside(&self.path, ".new");
        fs::write(&new, text)
            .and_then(|()| fs::rename(&new, &self.path))
            .map_err(|error| format!("cannot write {}: {error}", self.path.display()).into())
    }

    /// Forgets a completed import.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(self) -> Result<(), AnyError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn with(&self, progress: Progress) -> State {
        State {
            progress,
            ..self.begin.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(key: &str) -> ServerArgs {
        ServerArgs {
            url: "http://127.0.0.1:1/".to_owned(),
            api_key: Some(key.to_owned()),
            environment_id: None,
        }
    }

    #[test]
    fn only_the_same_import_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("events.csv");
        fs::write(&file, "some rows").unwrap();
        let open = |key| StateFile::new(None, &file, Identity::of(&file).unwrap(), Format::Csv, &target(key));
        assert_eq!(open("a").load(), Progress::default());
        let progress = Progress {
            rows_done: 5,
            accepted: 4,
            rejected: 1,
            report_bytes: 100,
        };
        open("a").save(&progress).unwrap();
        assert_eq!(open("a").load(), progress);
        assert_eq!(open("b").load(), Progress::default());
        let text = fs::read_to_string(folder.path().join("events.csv.import-state")).unwrap();
        fs::write(folder.path().join("events.csv.import-state"), &text[..20]).unwrap();
        assert_eq!(open("a").load(), Progress::default());
        open("a").save(&progress).unwrap();
        fs::write(&file, "other rows").unwrap();
        assert_eq!(open("a").load(), Progress::default());
        open("a").remove().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
