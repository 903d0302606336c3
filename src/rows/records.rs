//! The records of CSV, one at a time, with the line that each begins in.
//!
//! The parser takes whatever it is given. That is not good enough where a quote that is missing makes one cell of two rows: where
//! text follows a closing quote, the quotes are not those of cells.

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
    quotes: Quotes,
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
        let quotes = Quotes::new(separator);
        Records { text, parser, bytes, ends, cells: 0, line, quotes, after: None }
    }

    /// Reads the next record, and says which line it begins in; `None` after the last.
    pub(super) fn read(&mut self) -> Result<Option<u64>> {
        let (mut length, mut start) = (0, None);
        self.cells = 0;
        self.quotes = Quotes::new(self.quotes.separator);
        let mut last = self.line;
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
                if !matches!(byte, b'\n' | b'\r') {
                    last = self.line;
                }
                self.quotes.read(*byte);
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
                ReadRecordResult::Record if self.quotes.has_text_after && self.quotes.has_line_break => {
                    return Err(misquoted(begun, last));
                }
                ReadRecordResult::Record => return Ok(Some(begun)),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    /// Refuses the record that was read, where it is one line whose quotes are not those of cells.
    pub(super) fn check_quotes(&self) -> Result<()> {
        if !self.quotes.has_text_after {
            return Ok(());
        }
        let message =
            "text follows the closing quote of a cell. Expected a separator or the end of the line.";
        Err(Error::new(Category::Input, "TextAfterQuote", message).with_action(CLOSE_IT))
    }

    /// The cells of the record that was read.
    pub(super) fn cells(&self) -> impl Iterator<Item = &[u8]> {
        let ends = &self.ends[..self.cells];
        let starts = [0].into_iter().chain(ends.iter().copied());
        starts.zip(ends).map(|(from, to)| &self.bytes[from..*to])
    }
}

/// Follows the quotes of a record beside the parser, which does not say where it met them.
struct Quotes {
    separator: u8,
    place: Place,
    /// Whether text followed a closing quote.
    has_text_after: bool,
    /// Whether a quoted cell has a line break.
    has_line_break: bool,
}

/// Where in a record.
enum Place {
    /// Where a cell begins.
    Begin,
    /// In a cell that did not begin with a quote: one in it is a letter as any other.
    Plain,
    Quoted,
    /// After a quote in a cell that began with one: it closes the cell, or is the first of two.
    AfterQuote,
}

impl Quotes {
    fn new(separator: u8) -> Quotes {
        Quotes { separator, place: Place::Begin, has_text_after: false, has_line_break: false }
    }

    fn read(&mut self, byte: u8) {
        let is_line_break = matches!(byte, b'\n' | b'\r');
        self.has_line_break |= is_line_break && matches!(self.place, Place::Quoted);
        let ends_cell = byte == self.separator || is_line_break;
        self.place = match (&self.place, byte) {
            (Place::Quoted, b'"') => Place::AfterQuote,
            (Place::Quoted, _) | (Place::Begin | Place::AfterQuote, b'"') => Place::Quoted,
            _ if ends_cell => Place::Begin,
            (Place::AfterQuote, _) => {
                self.has_text_after = true;
                Place::Plain
            }
            _ => Place::Plain,
        };
    }
}

/// Which of the lines are rows of their own, nobody can tell.
fn misquoted(first: u64, last: u64) -> Error {
    let message = format!(
        "Line {first}: text follows the closing quote of a cell in the row that begins here and ends in line {last}. Most likely a \
         quote is missing, or is there once too often, and these lines are not one row. Expected a separator or the end of the \
         line."
    );
    Error::new(Category::Input, "TextAfterQuote", message).with_action(CLOSE_IT)
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
