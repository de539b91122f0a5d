//! The formats of event files.

use std::path::Path;

use clap::ValueEnum;

use crate::AnyError;

/// The format of a file of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Comma-separated values with a header
    Csv,
    /// One JSON object a line, as the API takes events
    Jsonl,
    /// Apache Parquet
    Parquet,
}

impl Format {
    /// The chosen format, else the one that the file's ending tells.
    ///
    /// # Errors
    /// When neither tells.
    pub fn of(chosen: Option<Self>, file: &Path) -> Result<Self, AnyError> {
        let by_ending = || {
            let ending = file.extension()?.to_str()?.to_ascii_lowercase();
            match ending.as_str() {
                "csv" => Some(Self::Csv),
                "jsonl" | "ndjson" => Some(Self::Jsonl),
                "parquet" => Some(Self::Parquet),
                _ => None,
            }
        };
        chosen.or_else(by_ending).ok_or_else(|| {
            let file = file.display();
            format!("the ending of {file} does not tell its format: give --format csv, jsonl or parquet").into()
        })
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_unless_a_format_is_chosen() {
        assert_eq!(Format::of(None, Path::new("a/b.CSV")).unwrap(), Format::Csv);
        assert_eq!(Format::of(None, Path::new("b.ndjson")).unwrap(), Format::Jsonl);
        let chosen = Some(Format::Parquet);
        assert_eq!(Format::of(chosen, Path::new("b.csv")).unwrap(), Format::Parquet);
        assert!(Format::of(None, Path::new("-")).is_err() && Format::of(None, Path::new("b.txt")).is_err());
    }
}
