//! The rows of a file, whatever its format.

mod csv;
mod jsonl;
mod parquet;
mod records;

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use tariff_contract::events::IngestEventRequest;

use crate::AnyError;
use crate::transfer::format::Format;

const BUFFER_BYTES: usize = 256 * 1024;
/// How much of a row that is too long is shown, in bytes.
const SHOWN_BYTES_MAX: usize = 1_000;

/// A row.
#[derive(Debug)]
pub struct Row {
    /// The event, or the reason why it is none.
    pub event: Result<IngestEventRequest, String>,
    /// The row as it stands in the file, if it is a text there.
    pub raw: Option<String>,
}

/// The rows of a file, from the first to the last.
pub trait Rows: Send {
    /// The next row, or `None` after the last.
    ///
    /// # Errors
    /// When the file cannot be read any further.
    fn next(&mut self) -> Result<Option<Row>, AnyError>;

    /// How far the rows given so far reach, in units of the format.
    fn position(&self) -> u64;

    /// How far all rows reach.
    fn total(&self) -> u64;
}

/// Opens a file.
///
/// # Errors
/// When it cannot be read or is not a table of events.
pub fn open(format: Format, path: &Path) -> Result<Box<dyn Rows>, AnyError> {
    let unreadable = |error: &dyn std::fmt::Display| format!("cannot read {}: {error}", path.display());
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let bytes = file.metadata()?.len();
    Ok(match format {
        Format::Csv => Box::new(csv::CsvRows::open(text_of(file)?, bytes)?),
        Format::Jsonl => Box::new(jsonl::JsonlRows::new(text_of(file)?, bytes)),
        Format::Parquet => Box::new(parquet::ParquetRows::open(file).map_err(|error| unreadable(&error))?),
    })
}

/// The file behind a byte order mark, if it has one (spec 07 §4.6).
fn text_of(file: File) -> Result<impl std::io::BufRead + Send + use<>, AnyError> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let mut reader = BufReader::with_capacity(BUFFER_BYTES, file);
    let mut beginning = Vec::new();
    reader.by_ref().take(MARK.len() as u64).read_to_end(&mut beginning)?;
    if beginning == MARK {
        beginning.clear();
    }
    Ok(std::io::Cursor::new(beginning).chain(reader))
}
