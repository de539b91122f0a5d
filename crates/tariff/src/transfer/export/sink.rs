//! Writes events in the format of the file.

use std::io::Write;

use tariff_contract::events::IngestEventRequest;

use super::Output;
use super::parquet::ParquetSink;
use crate::AnyError;
use crate::transfer::columns::COLUMNS;
use crate::transfer::format::Format;

/// Takes events in the server's form, one JSON object a line.
pub trait Sink {
    /// Writes one event.
    ///
    /// # Errors
    /// When the line is no event or cannot be written.
    fn write(&mut self, line: &str) -> Result<(), AnyError>;

    /// Writes what is left.
    ///
    /// # Errors
    /// When it cannot be written.
    fn finish(self: Box<Self>) -> Result<(), AnyError>;
}

/// The sink of a format.
///
/// # Errors
/// When the beginning of the file cannot be written.
pub fn open(format: Format, output: Output) -> Result<Box<dyn Sink>, AnyError> {
    Ok(match format {
        Format::Csv => Box::new(CsvSink::open(output)?),
        Format::Jsonl => Box::new(JsonlSink(output)),
        Format::Parquet => Box::new(ParquetSink::open(output)?),
    })
}

struct JsonlSink(Output);

impl Sink for JsonlSink {
    fn write(&mut self, line: &str) -> Result<(), AnyError> {
        self.0.write_all(line.as_bytes())?;
        Ok(self.0.write_all(b"\n")?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), AnyError> {
        Ok(self.0.flush()?)
    }
}

struct CsvSink(csv::Writer<Output>);

impl CsvSink {
    fn open(output: Output) -> Result<Self, AnyError> {
        // Imports cut the blanks before a cell (spec 07 §4.6), but not those inside quotes.
        let mut builder = csv::WriterBuilder::new();
        let mut writer = builder.quote_style(csv::QuoteStyle::Always).from_writer(output);
        writer.write_record(COLUMNS)?;
        Ok(Self(writer))
    }
}

impl Sink for CsvSink {
    fn write(&mut self, line: &str) -> Result<(), AnyError> {
        let event: IngestEventRequest = serde_json::from_str(line)?;
        let timestamp = event.timestamp.map(|time| time.to_string()).unwrap_or_default();
        let cells: [&str; COLUMNS.len()] = [
            event.event_id.as_deref().unwrap_or_default(),
            event.event_name.as_deref().unwrap_or_default(),
            event.external_customer_id.as_deref().unwrap_or_default(),
            event.customer_id.as_deref().unwrap_or_default(),
            &timestamp,
            event.source.as_deref().unwrap_or_default(),
            event.properties.as_deref().map_or("", |json| json.get()),
        ];
        Ok(self.0.write_record(cells)?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), AnyError> {
        Ok(self.0.flush()?)
    }
}
