//! CSV: the header says the separator and the columns, each further record is a row.

use std::io::Read;
use std::sync::Arc;

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::cells::{Cells, shown};
use super::column::{Column, EXPECTED};
use super::misspelt;
use super::reader::Row;
use super::records::{LONGEST, Records};
use super::text::Text;
use crate::error::{Category, Error, Result};
use crate::guid::Guid;

/// What may stand between cells, the likelier first.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

const WRITE_A_HEADER: &str =
    "Write the names of the columns as the first line, as CustomerSubscriptionId,TenantId.";

/// The rows of a CSV file.
pub(super) struct Csv<R> {
    records: Records<R>,
    names: Arc<[String]>,
    columns: Vec<Option<Column>>,
    row: u64,
}

impl<R: Read> Csv<R> {
    /// Reads the header.
    pub(super) fn open(mut text: Text<R>) -> Result<Csv<R>> {
        let mut after = 1;
        let mut header = next_line(&mut text, &mut after)?;
        // Windows PowerShell writes the type of the objects above the header.
        if header.as_ref().is_some_and(|(line, _)| line.starts_with("#TYPE ")) {
            header = next_line(&mut text, &mut after)?;
        }
        let said = header.as_ref().and_then(|(line, _)| separator_said(line));
        if said.is_some() {
            header = next_line(&mut text, &mut after)?;
        }
        let Some((header, line)) = header else {
            let message = "It is empty. Expected a header, and a row for each mapping.";
            return Err(Error::new(Category::Input, "InputEmpty", message).with_action(
                "Look whether the file is the right one, and whether what writes it has failed. With rows or without, \
                 a header is expected.",
            ));
        };
        let separator = said.map_or_else(|| separator_of(&header, line), Ok)?;
        let names = cells_of(&header, separator).ok_or_else(|| not_understood(&header, line))?;
        let columns = columns_of(&names, line)?;
        Ok(Csv { records: Records::new(text, separator, after), names: names.into(), columns, row: 0 })
    }

    /// The next row. An error about no row ends the file.
    pub(super) fn next(&mut self) -> Result<Option<Row>> {
        let Some(line) = self.records.read()? else { return Ok(None) };
        self.row += 1;
        self.read(line).map(Some).map_err(|error| error.with_place(self.row, line))
    }

    fn read(&self, line: u64) -> Result<Row> {
        self.records.check_quotes()?;
        let (found, expected) = (self.records.cells().count(), self.names.len());
        if found != expected {
            let counted = |count| if count == 1 { "1 cell".to_owned() } else { format!("{count} cells") };
            let message = format!(
                "it has {}, and the header has {}. Expected as many.",
                counted(found),
                counted(expected)
            );
            return Err(Error::new(Category::Input, "CellCountDiffers", message).with_action(
                "Put a cell that contains the separator into quotes, and write a separator for each empty cell too.",
            ));
        }
        let mut cells = Cells::default();
        for (column, cell) in self.columns.iter().zip(self.records.cells()) {
            if let Some(column) = column {
                cells.set(*column, String::from_utf8_lossy(cell));
            }
        }
        Ok(Row { number: self.row, line, cells, names: self.names.clone() })
    }
}

/// The next line that is not blank, with its number. `next` is the number of the line that the text is at.
fn next_line<R: Read>(text: &mut Text<R>, next: &mut u64) -> Result<Option<(String, u64)>> {
    let mut bytes = Vec::new();
    while text.read_line(&mut bytes, LONGEST)? {
        let (line, number) = (String::from_utf8_lossy(&bytes), *next);
        if bytes.len() > LONGEST {
            let start: String = line.chars().take(60).collect();
            return Err(not_understood(&start, number));
        }
        *next += 1;
        if !line.trim().is_empty() {
            return Ok(Some((line.into_owned(), number)));
        }
    }
    Ok(None)
}

/// What a first line `sep=;` says, as Excel reads and writes it.
fn separator_said(line: &str) -> Option<u8> {
    let line = line.trim_matches([' ', '"']);
    let (name, value) = line.split_at_checked(4)?;
    let is_said = name.eq_ignore_ascii_case("sep=");
    match value.as_bytes() {
        [separator] if is_said && separator.is_ascii() && !separator.is_ascii_alphanumeric() => {
            Some(*separator)
        }
        _ => None,
    }
}

/// The separator with which most columns are known.
fn separator_of(header: &str, line: u64) -> Result<u8> {
    let read = SEPARATORS.map(|separator| {
        let names = cells_of(header, separator);
        let known = names.iter().flatten().filter(|name| Column::named(name).is_some()).count();
        (known, names.map_or(0, |names| names.len()), separator)
    });
    // Of equal ones the first: the comma, where there is no separator at all.
    let best = read.iter().rev().max_by_key(|(known, cells, _)| (*known, *cells)).copied();
    let (known, _, separator) = best.unwrap_or((0, 1, b','));
    if known == 0 && read.iter().any(|(_, cells, _)| *cells == 0) {
        return Err(not_understood(header, line));
    }
    let as_good = read.iter().filter(|(other, cells, _)| *other == known && *cells > 1).count();
    if known > 0 && as_good > 1 {
        let message = format!(
            "Line {line}: the separator cannot be told, for '{header}' reads in more than one way. Expected one of comma, \
             semicolon and tab between the names of the columns."
        );
        return Err(Error::new(Category::Input, "SeparatorAmbiguous", message)
            .with_action("Say it in a line of its own above the header, as sep=;"));
    }
    Ok(separator)
}

/// The cells of a line; `None` where it is not a whole record.
fn cells_of(line: &str, separator: u8) -> Option<Vec<String>> {
    let mut reader = ReaderBuilder::new().delimiter(separator).build();
    let input = format!("{line}\n");
    let (mut bytes, mut ends) = (vec![0; input.len()], vec![0; input.len()]);
    let (result, _, _, count) = reader.read_record(input.as_bytes(), &mut bytes, &mut ends);
    if !matches!(result, ReadRecordResult::Record) {
        return None;
    }
    let starts = [0].into_iter().chain(ends.iter().copied());
    let cells = starts.zip(ends.iter().copied()).take(count);
    Some(cells.map(|(from, to)| String::from_utf8_lossy(&bytes[from..to]).trim().to_owned()).collect())
}

/// The columns that the names of a header mean.
fn columns_of(names: &[String], line: u64) -> Result<Vec<Option<Column>>> {
    let refuse =
        |code: &str, message: String| Error::new(Category::Input, code, format!("Line {line}: {message}"));
    let columns: Vec<Option<Column>> = names.iter().map(|name| Column::named(name)).collect();
    let is_known = columns.iter().any(Option::is_some);
    let value = names.iter().find(|name| name.contains('/') || Guid::parse(name).is_some());
    if let (false, Some(value)) = (is_known, value) {
        let message = format!(
            "'{value}' stands where the name of a column is expected. The file has no header. Expected columns: {EXPECTED}."
        );
        return Err(refuse("HeaderMissing", message).with_action(WRITE_A_HEADER));
    }
    if let Some(misspelt) = names.iter().find_map(|name| misspelt::refusal(name)) {
        return Err(misspelt.preceded_by(&format!("Line {line}:")));
    }
    for column in Column::ALL {
        if columns.iter().filter(|other| **other == Some(column)).count() > 1 {
            let message = format!("the column '{}' is there twice. Expected it once.", column.name());
            return Err(refuse("ColumnTwice", message).with_action("Leave one of both out."));
        }
    }
    if is_known {
        return Ok(columns);
    }
    let message = format!(
        "none of the expected columns was found. Found: {}. Expected at least one of: {EXPECTED}; between them comma, \
         semicolon or tab.",
        shown(names, None)
    );
    Err(refuse("ColumnsNotFound", message).with_action(
        "Name the columns as expected. Another separator is said in a line above the header, as sep=|",
    ))
}

fn not_understood(header: &str, line: u64) -> Error {
    let message = format!(
        "Line {line}: the header '{header}' cannot be read: a quote in it is not closed, or it is too long. Expected the \
         names of the columns in one line."
    );
    Error::new(Category::Input, "HeaderNotUnderstood", message).with_action(WRITE_A_HEADER)
}
