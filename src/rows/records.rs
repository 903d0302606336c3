//! The records of CSV, one at a time, with the line that each begins in.

use std::io::Read;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::text::Text;
use crate::error::{Category, Error, Result};

/// No row is as long, in bytes: a quote that is never closed makes one of all that follows.
pub(super) const LONGEST: usize = 256 << 10;

/// Nor has one so many cells.
const MOST_CELLS: usize = 16 << 10;

/// Follows the last record. [`Text`] lets no NUL through, so a record that ends in one was still open.
const AFTER_THE_LAST: &[u8] = b"\n\0";

/// Reads records into memory of its own, which it uses again.
pub(super) struct Records<R> {
    text: Text<R>,
    parser: Reader,
    bytes: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
    /// The line that the parser is at.
    line: u64,
    /// How far [`AFTER_THE_LAST`] was read, once the text has ended.
    after: Option<usize>,
}

impl<R: Read> Records<R> {
    /// The records of what is left of a text; its next line has this number.
    pub(super) fn new(text: Text<R>, separator: u8, line: u64) -> Records<R> {
        let (mut parser, mut bytes, mut ends) =
            (ReaderBuilder::new().delimiter(separator).build(), vec![0; 1 << 10], vec![0; 32]);
        // Of what it reads first the parser takes a byte order mark away; the file's own is gone already.
        parser.read_record(b"\n", &mut bytes, &mut ends);
        Records { text, parser, bytes, ends, cells: 0, line, after: None }
    }

    /// Reads the next record, and says which line it begins in; `None` after the last.
    pub(super) fn read(&mut self) -> Result<Option<u64>> {
        let (mut length, mut start) = (0, None);
        self.cells = 0;
        loop {
            let input = match self.after {
                Some(read) => &AFTER_THE_LAST[read..],
                None => match self.text.piece()? {
                    [] => {
                        self.after = Some(0);
                        continue;
                    }
                    piece => piece,
                },
            };
            let (result, taken, written, ended) =
                self.parser.read_record(input, &mut self.bytes[length..], &mut self.ends[self.cells..]);
            for byte in &input[..taken] {
                // Blank lines before a record are no part of it.
                if start.is_none() && !matches!(byte, b'\n' | b'\r') {
                    start = Some(self.line);
                }
                self.line += u64::from(*byte == b'\n');
            }
            match &mut self.after {
                Some(read) => *read += taken,
                None => self.text.consume(taken),
            }
            length += written;
            self.cells += ended;
            let begun = start.unwrap_or(self.line);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.bytes.len() >= LONGEST => return Err(too_long(begun)),
                ReadRecordResult::OutputFull => self.bytes.resize(self.bytes.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() >= MOST_CELLS => {
                    return Err(too_long(begun));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record if self.bytes[..length] == [0] => return Ok(None),
                ReadRecordResult::Record if self.bytes[..length].ends_with(&[0]) => {
                    return Err(not_closed(begun));
                }
                ReadRecordResult::Record => return Ok(Some(begun)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// The cells of the record that was read.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let ends = &self.ends[..self.cells];
        let starts = [0].into_iter().chain(ends.iter().copied());
        starts.zip(ends).map(|(from, to)| &self.bytes[from..*to])
    }
}

fn not_closed(line: u64) -> Error {
    let message = format!(
        "Line {line}: a quote in the row that begins here is not closed until the end of the file. Expected a second one: \
         without it, the rows that follow are read as one cell."
    );
    Error::new(Category::Input, "QuoteNotClosed", message).with_action(CLOSE_IT)
}

fn too_long(line: u64) -> Error {
    let message = format!(
        "Line {line}: the row that begins here is longer than {} KB. Most likely a quote in it is not closed.",
        LONGEST >> 10
    );
    Error::new(Category::Input, "RowTooLong", message).with_action(CLOSE_IT)
}

const CLOSE_IT: &str =
    "Close the quote; a quote that is meant as such is written twice, in a cell that is in quotes.";
