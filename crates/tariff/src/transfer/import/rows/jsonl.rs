//! The rows of a JSON Lines file: events as the API takes them.

use std::io::{self, BufRead};

use tariff_contract::wire;

use super::{Row, Rows, SHOWN_BYTES_MAX};
use crate::AnyError;
use crate::transfer::import::batch::{ROW_BYTES_MAX, reason};

/// Most bytes of a line: a row and its end.
const LINE_BYTES_MAX: usize = ROW_BYTES_MAX + 2;

/// Lines that are not blank.
pub struct JsonlRows<R> {
    input: R,
    line: Vec<u8>,
    position: u64,
    total: u64,
}

impl<R: BufRead> JsonlRows<R> {
    /// The lines of a text.
    pub fn new(input: R, total: u64) -> Self {
        Self {
            input,
            line: Vec::new(),
            position: 0,
            total,
        }
    }

    /// Reads a line, keeping no more of it than is taken; `false` when there is none.
    fn read_line(&mut self) -> io::Result<bool> {
        self.line.clear();
        let before = self.position;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(self.position > before);
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            // One byte beyond the bound shows that the line is longer.
            let room = (LINE_BYTES_MAX + 1).saturating_sub(self.line.len());
            self.line
                .extend_from_slice(buffer.get(..used.min(room)).unwrap_or_default());
            self.input.consume(used);
            self.position += used as u64;
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

impl<R: BufRead + Send> Rows for JsonlRows<R> {
    fn next(&mut self) -> Result<Option<Row>, AnyError> {
        while self.read_line()? {
            let line = self.line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            let too_long = self.line.len() > LINE_BYTES_MAX;
            let shown = if too_long {
                line.get(..SHOWN_BYTES_MAX).unwrap_or_default()
            } else {
                line
            };
            return Ok(Some(Row {
                event: if too_long {
                    Err(format!("the row is longer than {ROW_BYTES_MAX} bytes"))
                } else {
                    wire::decode_body(line).map_err(|error| reason(&error))
                },
                raw: Some(String::from_utf8_lossy(shown).into_owned()),
            }));
        }
        Ok(None)
    }

    fn position(&self) -> u64 {
        self.position
    }

    fn total(&self) -> u64 {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_no_rows_and_the_last_needs_no_end() {
        let text = "{\"event_name\":\"a\"}\r\n\n  \n[]\n{\"event_name\":\"b\"}";
        let mut rows = JsonlRows::new(io::BufReader::with_capacity(4, text.as_bytes()), 0);
        let mut names = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            names.push(row.event.map(|event| event.event_name.unwrap()));
        }
        let refused = Err("Invalid request format".to_owned());
        assert_eq!(names, [Ok("a".to_owned()), refused, Ok("b".to_owned())]);
    }

    #[test]
    fn a_line_that_is_too_long_is_told_and_not_kept() {
        let long = format!("{}\n{{}}\n", " x".repeat(ROW_BYTES_MAX / 2 + 2));
        let mut rows = JsonlRows::new(long.as_bytes(), 0);
        let row = rows.next().unwrap().unwrap();
        assert!(row.event.unwrap_err().contains("longer than"));
        assert_eq!(row.raw.unwrap().len(), SHOWN_BYTES_MAX);
        assert!(rows.next().unwrap().unwrap().event.is_ok());
    }
}
