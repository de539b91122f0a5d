//! Writes events as Parquet, a row group at a time.

use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use tariff_contract::events::IngestEventRequest;

use super::Output;
use super::sink::Sink;
use crate::AnyError;

/// The columns of [`crate::transfer::columns::COLUMNS`].
const SCHEMA: &str = "
message events {
  REQUIRED BYTE_ARRAY event_id (STRING);
  REQUIRED BYTE_ARRAY event_name (STRING);
  REQUIRED BYTE_ARRAY external_customer_id (STRING);
  REQUIRED BYTE_ARRAY customer_id (STRING);
  REQUIRED INT64 timestamp (TIMESTAMP(MILLIS,true));
  REQUIRED BYTE_ARRAY source (STRING);
  OPTIONAL BYTE_ARRAY properties (STRING);
}";

/// Most rows of a row group.
const GROUP_ROWS_MAX: usize = 100_000;
/// Bytes of texts after which a row group ends; it is kept in memory until then.
const GROUP_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The sink of Parquet files.
pub struct ParquetSink {
    writer: SerializedFileWriter<Output>,
    group: Group,
}

/// The rows of the row group that is being collected, by column.
#[derive(Default)]
struct Group {
    event_id: Vec<ByteArray>,
    event_name: Vec<ByteArray>,
    external_customer_id: Vec<ByteArray>,
    customer_id: Vec<ByteArray>,
    timestamp_ms: Vec<i64>,
    source: Vec<ByteArray>,
    /// Only those that are present.
    properties: Vec<ByteArray>,
    /// For each row whether it has properties, 1 or 0.
    properties_present: Vec<i16>,
    bytes: usize,
}

impl ParquetSink {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(output: Output) -> Result<Self, AnyError> {
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default()));
        Ok(Self {
            writer: SerializedFileWriter::new(output, schema, Arc::new(properties.build()))?,
            group: Group::default(),
        })
    }

    fn write_group(&mut self) -> Result<(), AnyError> {
        let group = std::mem::take(&mut self.group);
        let mut writer = self.writer.next_row_group()?;
        for texts in [
            &group.event_id,
            &group.event_name,
            &group.external_customer_id,
            &group.customer_id,
        ] {
            write_column::<ByteArrayType>(&mut writer, texts, None)?;
        }
        write_column::<Int64Type>(&mut writer, &group.timestamp_ms, None)?;
        write_column::<ByteArrayType>(&mut writer, &group.source, None)?;
        write_column::<ByteArrayType>(&mut writer, &group.properties, Some(&group.properties_present))?;
        writer.close()?;
        Ok(())
    }
}

fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Output>,
    values: &[T::T],
    present: Option<&[i16]>,
) -> Result<(), AnyError> {
    let mut column = group.next_column()?.ok_or("the row group has no further column")?;
    column.typed::<T>().write_batch(values, present, None)?;
    Ok(column.close()?)
}

impl Sink for ParquetSink {
    fn write(&mut self, line: &str) -> Result<(), AnyError> {
        let event: IngestEventRequest = serde_json::from_str(line)?;
        let timestamp = event.timestamp.ok_or("the server sent an event without a timestamp")?;
        let text = |text: Option<String>| ByteArray::from(text.unwrap_or_default().into_bytes());
        let group = &mut self.group;
        group.event_id.push(text(event.event_id));
        group.event_name.push(text(event.event_name));
        group.external_customer_id.push(text(event.external_customer_id));
        group.customer_id.push(text(event.customer_id));
        group.timestamp_ms.push(timestamp.0.as_millisecond());
        group.source.push(text(event.source));
        group.properties_present.push(event.properties.is_some().into());
        if let Some(json) = event.properties {
            group.properties.push(text(Some(json.get().to_owned())));
        }
        group.bytes += line.len();
        if group.bytes >= GROUP_BYTES_MAX || group.timestamp_ms.len() >= GROUP_ROWS_MAX {
            self.write_group()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), AnyError> {
        if !self.group.timestamp_ms.is_empty() {
            self.write_group()?;
        }
        // The inner writer is flushed by its drop alone otherwise, which hides errors.
        std::io::Write::flush(&mut self.writer.into_inner()?)?;
        Ok(())
    }
}
