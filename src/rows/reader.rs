//! Reads the rows of a file or a pipe, one by one.

use std::io::Read;
use std::sync::Arc;

use super::cells::{Cells, Given, RowKind};
use super::csv::Csv;
use super::json_lines::JsonLines;
use super::text::Text;
use crate::error::Result;
use crate::resource_id::RegistrationId;
use crate::tenants::{Purpose, Target, TargetInput};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma, semicolon or tab separated values, with a header.
    Csv,
    /// A JSON object on each line.
    JsonLines,
}

/// A row of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number among the rows, counted from 1: neither header nor blank lines count.
    pub number: u64,
    /// The line of the file that it begins in, counted from 1.
    pub line: u64,
    /// Its cells.
    pub cells: Cells,
    /// The names of all its columns.
    pub names: Arc<[String]>,
}

impl Row {
    /// What the row is about. `command_line` is what was said for all rows.
    pub fn target(&self, command_line: &TargetInput) -> Result<TargetInput> {
        let bound = TargetInput::default();
        let given = Given { command_line, bound: &bound };
        // Something is there, if only an empty object.
        let object = self.names.is_empty().then_some("{}");
        let read = self.cells.target(RowKind::Mapping, given, 0, &self.names, object);
        let target = read.map_err(|error| error.with_place(self.number, self.line))?;
        Ok(TargetInput { row: self.number, ..target })
    }

    /// What the row is about, checked for a request together with the default registration.
    pub fn resolve(
        &self,
        command_line: &TargetInput,
        default: Option<&Arc<RegistrationId>>,
        purpose: Purpose,
    ) -> Result<Target> {
        self.check(self.target(command_line)?, default, purpose)
    }

    /// The same where not all of the default registration is known: its `parts` count where the row has no resource id, and
    /// does not name them.
    pub fn resolve_with_parts(
        &self,
        command_line: &TargetInput,
        parts: &TargetInput,
        purpose: Purpose,
    ) -> Result<Target> {
        let mut target = self.target(command_line)?;
        let is_blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
        if is_blank(&target.resource_id) {
            for (name, part) in [
                (&mut target.registration_subscription_id, &parts.registration_subscription_id),
                (&mut target.resource_group_name, &parts.resource_group_name),
                (&mut target.registration_name, &parts.registration_name),
            ] {
                if is_blank(name) {
                    name.clone_from(part);
                }
            }
        }
        self.check(target, None, purpose)
    }

    fn check(
        &self,
        target: TargetInput,
        default: Option<&Arc<RegistrationId>>,
        purpose: Purpose,
    ) -> Result<Target> {
        // The place says the row, and the line too.
        let target = TargetInput { row: 0, ..target };
        let resolved =
            target.resolve(default, purpose).map_err(|error| error.with_place(self.number, self.line))?;
        Ok(Target { row: self.number, ..resolved })
    }
}

/// Reads rows without holding more than one of them.
///
/// An error about a row (`parts().row` is not 0) is followed by the next row. One about no row is about the file, and the
/// last: what comes after it cannot be read.
pub struct Reader<R> {
    rows: Rows<R>,
    ended: bool,
}

enum Rows<R> {
    Csv(Box<Csv<R>>),
    JsonLines(JsonLines<R>),
}

impl<R: Read> Reader<R> {
    /// Reads the beginning: the encoding, the format where none is given, and the header of CSV.
    pub fn open(source: R, format: Option<Format>) -> Result<Reader<R>> {
        let mut text = Text::new(source)?;
        let format = match format {
            Some(format) => format,
            None => format_of(&mut text)?,
        };
        let rows = match format {
            Format::Csv => Rows::Csv(Box::new(Csv::open(text)?)),
            Format::JsonLines => Rows::JsonLines(JsonLines::new(text)),
        };
        Ok(Reader { rows, ended: false })
    }
}

impl<R: Read> Iterator for Reader<R> {
    type Item = Result<Row>;

    fn next(&mut self) -> Option<Result<Row>> {
        if self.ended {
            return None;
        }
        let next = match &mut self.rows {
            Rows::Csv(csv) => csv.next(),
            Rows::JsonLines(json) => json.next(),
        };
        self.ended = match &next {
            Ok(row) => row.is_none(),
            Err(error) => error.parts().row == 0,
        };
        next.transpose()
    }
}

/// No header begins as JSON does.
fn format_of<R: Read>(text: &mut Text<R>) -> Result<Format> {
    let piece = text.piece()?;
    let begins = piece.iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(if matches!(begins, Some(b'{' | b'[')) { Format::JsonLines } else { Format::Csv })
}
