//! The records of a CSV text, as imports read it (spec 07 §4.6): blanks before a cell are cut, quotes are taken
//! loosely. Unlike the common readers this one bounds a record's length and keeps its text for the report.

use std::io::{self, BufRead};

use crate::transfer::columns::COLUMNS_MAX;

/// A reader of records.
pub struct Records<R> {
    input: R,
    bytes_max: usize,
    /// The record that was read last.
    pub record: Record,
    /// Bytes read so far.
    pub position: u64,
}

/// A record.
#[derive(Debug, Default)]
pub struct Record {
    /// As it stands in the text, without its end; only its beginning if it is too long.
    pub raw: Vec<u8>,
    /// The cells' contents, one after the other.
    cells: Vec<u8>,
    ends: Vec<usize>,
    /// Why it cannot be used.
    pub fault: Option<&'static str>,
    /// Whether only its end is still looked for.
    given_up: bool,
}

/// Where in a record the reader is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    CellStart,
    Plain,
    Quoted,
    /// Behind a quote that ends the quoted part, unless another follows.
    QuoteInQuoted,
}

impl Record {
    /// The contents of the cells; an absent one is `None`.
    pub fn cell(&self, index: usize) -> Option<&[u8]> {
        let start = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.cells.get(start..*self.ends.get(index)?)
    }

    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    fn clear(&mut self) {
        self.raw.clear();
        self.cells.clear();
        self.ends.clear();
        self.fault = None;
        self.given_up = false;
    }

    /// Takes the next byte, which does not end the record.
    fn take(&mut self, place: Place, byte: u8) -> Place {
        if !self.given_up {
            self.raw.push(byte);
        }
        match (place, byte) {
            (Place::CellStart, b' ' | b'\t') => Place::CellStart,
            (Place::CellStart, b'"') => Place::Quoted,
            (Place::CellStart | Place::Plain | Place::QuoteInQuoted, b',') => {
                self.end_cell();
                Place::CellStart
            }
            (Place::Quoted, b'"') => Place::QuoteInQuoted,
            (Place::Quoted, _) | (Place::QuoteInQuoted, b'"') => {
                self.push(byte);
                Place::Quoted
            }
            (Place::CellStart | Place::Plain | Place::QuoteInQuoted, _) => {
                self.push(byte);
                Place::Plain
            }
        }
    }

    fn push(&mut self, byte: u8) {
        if !self.given_up {
            self.cells.push(byte);
        }
    }

    fn end_cell(&mut self) {
        if self.given_up {
            return;
        }
        if self.ends.len() < COLUMNS_MAX {
            self.ends.push(self.cells.len());
        } else {
            self.fault.get_or_insert("the row has too many cells");
        }
    }

    fn give_up(&mut self) {
        self.given_up = true;
        self.fault = Some("the row is too long; perhaps a quote is not closed");
        self.raw.truncate(super::SHOWN_BYTES_MAX);
        self.cells.clear();
        self.ends.clear();
    }
}

impl<R: BufRead> Records<R> {
    /// The records of `input`; one of more than `bytes_max` bytes is a fault.
    pub fn new(input: R, bytes_max: usize) -> Self {
        Self {
            input,
            bytes_max,
            record: Record::default(),
            position: 0,
        }
    }

    /// Reads the next record that is not empty; `false` when there is none.
    ///
    /// # Errors
    /// Those of the input.
    pub fn read(&mut self) -> io::Result<bool> {
        loop {
            if !self.read_any()? {
                return Ok(false);
            }
            if self.record.fault.is_some() || !self.record.raw.iter().all(u8::is_ascii_whitespace) {
                return Ok(true);
            }
        }
    }

    fn read_any(&mut self) -> io::Result<bool> {
        self.record.clear();
        let mut place = Place::CellStart;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(self.end_of_input(place));
            }
            let mut used = 0;
            let mut complete = false;
            for &byte in buffer {
                used += 1;
                if byte == b'\n' && place != Place::Quoted {
                    complete = true;
                    break;
                }
                place = self.record.take(place, byte);
                if self.record.raw.len() > self.bytes_max {
                    self.record.give_up();
                }
            }
            self.input.consume(used);
            self.position += used as u64;
            if complete {
                self.end_of_record(place);
                return Ok(true);
            }
        }
    }

    fn end_of_input(&mut self, place: Place) -> bool {
        if self.record.raw.is_empty() && self.record.fault.is_none() {
            return false;
        }
        self.end_of_record(place);
        if place == Place::Quoted {
            self.record.fault.get_or_insert("a quote is not closed");
        }
        true
    }

    fn end_of_record(&mut self, place: Place) {
        let record = &mut self.record;
        if place == Place::Plain && record.cells.last() == Some(&b'\r') {
            record.cells.pop();
        }
        if record.raw.last() == Some(&b'\r') {
            record.raw.pop();
        }
        record.end_cell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, bytes_max: usize) -> Vec<Result<Vec<String>, &'static str>> {
        let mut records = Records::new(io::BufReader::with_capacity(3, text.as_bytes()), bytes_max);
        let mut all = Vec::new();
        while records.read().unwrap() {
            let record = &records.record;
            all.push(match record.fault {
                Some(fault) => Err(fault),
                None => Ok((0..record.len())
                    .map(|index| String::from_utf8(record.cell(index).unwrap().to_vec()).unwrap())
                    .collect()),
            });
        }
        assert_eq!(records.position, text.len() as u64);
        all
    }

    #[test]
    fn cells_quotes_and_line_ends() {
        for (text, cells) in [
            ("a,b\r\n", &["a", "b"][..]),
            ("a,b", &["a", "b"]),
            ("a,\n", &["a", ""]),
            ("a,\"\"\r\n", &["a", ""]),
            (",\r\n", &["", ""]),
            ("\"x\r\ny\",\"say \"\"hi\"\"\"\n", &["x\r\ny", "say \"hi\""]),
            ("\"x\r\"\n", &["x\r"]),
            (" a, \t\" b\" ,c d\n", &["a", " b ", "c d"]),
            ("a \"b\" c,\"d\"e\n", &["a \"b\" c", "de"]),
        ] {
            assert_eq!(
                read(text, 100),
                [Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())],
                "{text}"
            );
        }
        assert_eq!(read("a\n\n \r\nb\n", 100).len(), 2);
        assert_eq!(read("", 100), []);
    }

    #[test]
    fn unusable_records_do_not_spoil_the_next() {
        let long = format!("{},1\nb,2\n", "x".repeat(200));
        assert_eq!(read(&long, 100)[1], Ok(vec!["b".to_owned(), "2".to_owned()]));
        assert!(read(&long, 100)[0].unwrap_err_contains("too long"));
        let wide = format!("{}\nb\n", ",".repeat(COLUMNS_MAX));
        assert!(read(&wide, 10_000)[0].unwrap_err_contains("too many cells"));
        assert_eq!(read(&wide, 10_000)[1], Ok(vec!["b".to_owned()]));
        assert!(read("a\n\"b", 100)[1].unwrap_err_contains("not closed"));
    }

    trait Fault {
        fn unwrap_err_contains(&self, text: &str) -> bool;
    }

    impl Fault for Result<Vec<String>, &'static str> {
        fn unwrap_err_contains(&self, text: &str) -> bool {
            self.as_ref().unwrap_err().contains(text)
        }
    }
}
