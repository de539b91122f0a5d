//! The rows of a CSV file.

use std::borrow::Cow;
use std::io::BufRead;

use super::records::{Record, Records};
use super::{Row, Rows};
use crate::AnyError;
use crate::transfer::columns::{Column, columns_of, event_of};
use crate::transfer::import::batch::ROW_BYTES_MAX;

/// Most bytes of a row in the file: quotes may double it.
const RAW_BYTES_MAX: usize = 2 * ROW_BYTES_MAX;

/// The rows below a header.
pub struct CsvRows<R> {
    records: Records<R>,
    columns: Vec<Column>,
    total: u64,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// When it is missing or does not name the columns of events.
    pub fn open(input: R, total: u64) -> Result<Self, AnyError> {
        let mut records = Records::new(input, RAW_BYTES_MAX);
        if !records.read()? {
            return Err("the file has no header".into());
        }
        let header = &records.record;
        if let Some(fault) = header.fault {
            return Err(format!("the header cannot be read: {fault}").into());
        }
        let names = (0..header.len()).map(|index| std::str::from_utf8(header.cell(index).unwrap_or_default()));
        let names = names
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| "the header is not UTF-8 text")?;
        let columns = columns_of(&names)?;
        Ok(Self {
            records,
            columns,
            total,
        })
    }
}

impl<R: BufRead + Send> Rows for CsvRows<R> {
    fn next(&mut self) -> Result<Option<Row>, AnyError> {
        if !self.records.read()? {
            return Ok(None);
        }
        let record = &self.records.record;
        let event = match (record.fault, std::str::from_utf8(&record.raw)) {
            (Some(fault), _) => Err(fault.to_owned()),
            (None, Err(_)) => Err("the row is not UTF-8 text".to_owned()),
            (None, Ok(_)) => event_of(
                self.columns
                    .iter()
                    .enumerate()
                    .map(|(index, column)| (column, cell(record, index))),
            ),
        };
        Ok(Some(Row {
            event,
            raw: Some(String::from_utf8_lossy(&record.raw).into_owned()),
        }))
    }

    fn position(&self) -> u64 {
        self.records.position
    }

    fn total(&self) -> u64 {
        self.total
    }
}

/// A cell of a record that is text as a whole; quotes and commas do not split its characters.
fn cell(record: &Record, index: usize) -> Option<Cow<'_, str>> {
    record.cell(index).map(String::from_utf8_lossy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_may_be_shorter_or_longer_than_the_header() {
        let text = "event_name, external_customer_id,source\na,c\na,c,web,more\n";
        let mut rows = CsvRows::open(text.as_bytes(), text.len() as u64).unwrap();
        for source in [None, Some("web".to_owned())] {
            let event = rows.next().unwrap().unwrap().event.unwrap();
            assert_eq!(
                (event.external_customer_id.as_deref(), event.source),
                (Some("c"), source)
            );
        }
        assert!(rows.next().unwrap().is_none());
        assert_eq!(rows.position(), rows.total());
    }

    #[test]
    fn rows_that_are_no_text_are_told() {
        let text = b"event_name,external_customer_id\n\xff,c\na,c\n";
        let mut rows = CsvRows::open(&text[..], 0).unwrap();
        assert_eq!(
            rows.next().unwrap().unwrap().event.unwrap_err(),
            "the row is not UTF-8 text"
        );
        assert!(rows.next().unwrap().unwrap().event.is_ok());
    }
}
