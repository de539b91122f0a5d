//! The report of rejected rows: a CSV file with number, reason and the row as it stands in the file.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::batch::Rejection;
use super::state::Progress;
use crate::AnyError;

/// The report; its file is made with the first rejection.
pub struct Report {
    path: PathBuf,
    file: Option<File>,
}

impl Report {
    /// The report of an import that came as far as `progress`. Whatever was written after that is cut off; if the
    /// beginning is missing, the import begins anew.
    ///
    /// # Errors
    /// When a file is in the way that cannot be written.
    pub fn open(path: PathBuf, progress: Progress) -> Result<(Self, Progress), AnyError> {
        let written = fs::metadata(&path).map_or(0, |there| there.len());
        if progress.report_bytes > 0 && written >= progress.report_bytes {
            let mut file = File::options().write(true).open(&path)?;
            file.set_len(progress.report_bytes)?;
            file.seek(SeekFrom::End(0))?;
            let file = Some(file);
            return Ok((Self { path, file }, progress));
        }
        let complete = progress.report_bytes == 0;
        if fs::symlink_metadata(&path).is_ok() {
            fs::remove_file(&path).map_err(|error| format!("cannot replace the report {}: {error}", path.display()))?;
        }
        let progress = if complete { progress } else { Progress::default() };
        Ok((Self { path, file: None }, progress))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds rows; answers the length of the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn append(&mut self, rejections: &[Rejection]) -> Result<u64, AnyError> {
        let begins = self.file.is_none();
        if begins && rejections.is_empty() {
            return Ok(0);
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let file = File::create(&self.path)
                    .map_err(|error| format!("cannot write the report {}: {error}", self.path.display()))?;
                none.insert(file)
            }
        };
        if !rejections.is_empty() {
            let mut writer = csv::Writer::from_writer(&mut *file);
            if begins {
                writer.write_record(["row", "reason", "raw"])?;
            }
            for Rejection { number, reason, raw } in rejections {
                writer.write_record([&number.to_string(), reason, raw])?;
            }
            writer.flush()?;
        }
        Ok(file.metadata()?.len())
    }
}
