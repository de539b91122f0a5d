//! The rows of a Parquet file.

use std::borrow::Cow;
use std::fs::File;
use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use parquet::record::reader::RowIter;
use parquet::schema::types::{Type, TypePtr};
use tariff_contract::DateTime;
use tariff_core::Timestamp;

use super::{Row, Rows};
use crate::AnyError;
use crate::transfer::columns::{Column, columns_of, event_of};

/// The rows of all row groups, of the columns that events have.
pub struct ParquetRows {
    rows: RowIter<'static>,
    columns: Vec<(Column, Kind)>,
    read: u64,
    total: u64,
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// UTF-8, marked as such or not.
    Text,
    /// Written as they are printed.
    Whole,
    /// Milliseconds or microseconds since 1970, or the older form of twelve bytes.
    Instant,
    /// Nanoseconds since 1970, which this form of reading gives as plain numbers.
    InstantNanoseconds,
}

impl ParquetRows {
    /// Reads the schema.
    ///
    /// # Errors
    /// When the file is damaged, or a column that events have is missing or of a type that cannot become its text.
    pub fn open(file: File) -> Result<Self, AnyError> {
        let reader = SerializedFileReader::new(file)?;
        let metadata = reader.metadata().file_metadata();
        let total = u64::try_from(metadata.num_rows()).unwrap_or_default();
        let schema = metadata.schema().clone();
        let names: Vec<_> = schema.get_fields().iter().map(|field| field.name()).collect();
        let known = columns_of(&names)?.into_iter().zip(schema.get_fields());
        let mut columns = Vec::new();
        let mut fields: Vec<TypePtr> = Vec::new();
        for (column, field) in known.filter(|(column, _)| *column != Column::Unknown) {
            let kind = kind(&column, field)
                .ok_or_else(|| format!("the column {} has a type that is not understood", field.name()))?;
            columns.push((column, kind));
            fields.push(Arc::clone(field));
        }
        let wanted = Type::group_type_builder(schema.name()).with_fields(fields).build()?;
        let rows = RowIter::from_file_into(Box::new(reader)).project(Some(wanted))?;
        Ok(Self {
            rows,
            columns,
            read: 0,
            total,
        })
    }
}

impl Rows for ParquetRows {
    fn next(&mut self) -> Result<Option<Row>, AnyError> {
        let Some(row) = self.rows.next().transpose()? else {
            return Ok(None);
        };
        self.read += 1;
        let cells = self.columns.iter().zip(row.get_column_iter());
        let cells: Result<Vec<_>, String> = cells
            .map(|((column, kind), (name, field))| {
                let cell = cell(*kind, field).map_err(|reason| format!("{name}: {reason}"))?;
                Ok((column, cell))
            })
            .collect();
        let event = cells.and_then(|cells| event_of(cells.into_iter()));
        // There is no text of the row in the file; it is only needed when there is no event either.
        let raw = event.is_err().then(|| row.to_string());
        Ok(Some(Row { event, raw }))
    }

    fn position(&self) -> u64 {
        self.read
    }

    fn total(&self) -> u64 {
        self.total
    }
}

/// How the field can be read as that column; `None` when it cannot.
fn kind(column: &Column, field: &Type) -> Option<Kind> {
    let info = field.get_basic_info();
    if !field.is_primitive() || (info.has_repetition() && info.repetition() == Repetition::REPEATED) {
        return None;
    }
    let (converted, logical) = (info.converted_type(), info.logical_type_ref());
    let whole = matches!(column, Column::Property(_));
    let instant = *column == Column::Timestamp;
    match field.get_physical_type() {
        Physical::BYTE_ARRAY => {
            let text = matches!(
                converted,
                ConvertedType::NONE | ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON
            );
            text.then_some(Kind::Text)
        }
        Physical::INT96 => instant.then_some(Kind::Instant),
        Physical::BOOLEAN => whole.then_some(Kind::Whole),
        Physical::INT32 | Physical::INT64 => match (converted, logical) {
            (ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS, _) => instant.then_some(Kind::Instant),
            (ConvertedType::NONE, Some(LogicalType::Timestamp(time))) if time.unit == TimeUnit::NANOS => {
                instant.then_some(Kind::InstantNanoseconds)
            }
            (
                ConvertedType::INT_8
                | ConvertedType::INT_16
                | ConvertedType::INT_32
                | ConvertedType::INT_64
                | ConvertedType::UINT_8
                | ConvertedType::UINT_16
                | ConvertedType::UINT_32
                | ConvertedType::UINT_64,
                _,
            )
            | (ConvertedType::NONE, None) => whole.then_some(Kind::Whole),
            _ => None,
        },
        Physical::FLOAT | Physical::DOUBLE | Physical::FIXED_LEN_BYTE_ARRAY => None,
    }
}

fn cell(kind: Kind, field: &Field) -> Result<Option<Cow<'_, str>>, String> {
    let instant = |instant: Result<Timestamp, _>| match instant {
        Ok(instant) => Ok(Some(Cow::Owned(DateTime(instant).to_string()))),
        Err(_) => Err("is out of range".to_owned()),
    };
    match (kind, field) {
        (_, Field::Null) => Ok(None),
        (_, Field::Str(text)) => Ok(Some(Cow::Borrowed(text))),
        (_, Field::Bytes(bytes)) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Ok(Some(Cow::Borrowed(text))),
            Err(_) => Err("is not UTF-8 text".to_owned()),
        },
        (_, Field::TimestampMillis(ms)) => instant(Timestamp::from_millisecond(*ms)),
        (_, Field::TimestampMicros(us)) => instant(Timestamp::from_microsecond(*us)),
        (Kind::InstantNanoseconds, Field::Long(ns)) => instant(Timestamp::from_nanosecond((*ns).into())),
        (Kind::Whole, value) => Ok(Some(Cow::Owned(value.to_string()))),
        (Kind::Text | Kind::Instant | Kind::InstantNanoseconds, _) => Err("is not of the column's type".to_owned()),
    }
}
