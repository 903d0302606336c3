//! The rows of a file or of standard input, each checked as the cmdlets check theirs.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Seek, SeekFrom};
use std::sync::Arc;

use azs_registration::Error;
use azs_registration::error::Category;
use azs_registration::resource_id::RegistrationId;
use azs_registration::rows::{Format, Reader, Row};
use azs_registration::tenants::{Purpose, Target, TargetInput};

use super::feed::{Fed, Feed};
use super::{Check, Item, refused};
use crate::arguments::{ConnectionArguments, RowArguments, RowFormat};
use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::messages;
use crate::sign_in::Auth;
use crate::token::TokenPlace;

/// What rows are checked with.
pub(crate) struct RowRules {
    /// Said by options: a row may repeat it, and must not contradict it.
    pub(crate) command_line: TargetInput,
    /// The registration of rows that name none.
    pub(crate) default: Option<Arc<RegistrationId>>,
    /// Parts of it, where not all are known: for rows that name the others.
    pub(crate) parts: TargetInput,
    /// What the rows are for.
    pub(crate) purpose: Purpose,
}

/// The rows that are left.
pub(super) struct Rows {
    source: RowSource,
    /// Read already, to see whether the first row is right.
    first: Option<azs_registration::Result<Row>>,
    rules: RowRules,
    skip_invalid: bool,
    name: String,
    count: Option<u64>,
}

enum RowSource {
    /// Read where it is wanted.
    File(Reader<File>),
    /// Read by a thread of its own.
    Pipe(Feed),
}

impl Rows {
    /// Opens the input. A file that can be read twice is checked to its end; of another one the first row.
    pub(super) fn open(
        file: &str,
        arguments: &RowArguments,
        rules: RowRules,
        connection: &ConnectionArguments,
    ) -> Result<Rows> {
        let format = arguments.input_format.map(|format| match format {
            RowFormat::Csv => Format::Csv,
            RowFormat::Jsonl => Format::JsonLines,
        });
        let is_standard_input = file == "-";
        let name = if is_standard_input { "standard input".to_owned() } else { format!("'{file}'") };
        let mut rows = Rows {
            // Filled in below; nothing is read from it.
            source: RowSource::Pipe(Feed::empty()),
            first: None,
            rules,
            skip_invalid: arguments.skip_invalid,
            name,
            count: None,
        };
        if is_standard_input {
            refuse_standard_input(connection)?;
            rows.open_pipe(io::stdin(), format)?;
            return Ok(rows);
        }
        let unreadable =
            |why: io::Error| Failure::Usage(format!("--input-file '{file}' cannot be read: {why}."));
        let mut opened = File::open(file).map_err(unreadable)?;
        let kind = opened.metadata().map_err(unreadable)?;
        if kind.is_dir() {
            return Err(Failure::Usage(format!("--input-file '{file}' is a directory. Expected a file.")));
        }
        if !kind.is_file() {
            rows.open_pipe(opened, format)?;
            return Ok(rows);
        }
        rows.check(&opened, format)?;
        opened.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        rows.source = RowSource::File(rows.reader(opened, format)?);
        Ok(rows)
    }

    /// What the input is called in messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How many rows there are, where that is known.
    pub(super) fn count(&self) -> Option<u64> {
        self.count
    }

    pub(super) fn skips_invalid(&self) -> bool {
        self.skip_invalid
    }

    pub(super) fn watch(&mut self, interrupt: &Interrupt) {
        if let RowSource::Pipe(feed) = &mut self.source {
            feed.watch(interrupt);
        }
    }

    pub(super) fn was_interrupted(&self) -> bool {
        matches!(&self.source, RowSource::Pipe(feed) if feed.was_interrupted())
    }

    /// The next row, or what is wrong with the input as a whole.
    pub(super) fn next(&mut self) -> Option<std::result::Result<Item, Error>> {
        let row = match (self.first.take(), &mut self.source) {
            (Some(first), _) => first,
            (None, RowSource::File(reader)) => reader.next()?,
            (None, RowSource::Pipe(feed)) => match feed.next() {
                Fed::Row(row) => *row,
                Fed::NotYet => return Some(Ok(Item::NotYet)),
                Fed::Broken => return Some(Err(not_read_on())),
                Fed::End => return None,
            },
        };
        let (given, error) = match row {
            Ok(row) => match self.rules.check(&row) {
                Ok(target) => return Some(Ok(Item::Target(target))),
                Err(error) => (row.target(&self.rules.command_line).unwrap_or_default(), error),
            },
            Err(error) if error.parts().row == 0 => return Some(Err(error)),
            Err(error) => (TargetInput::default(), error),
        };
        let given = TargetInput { row: error.parts().row, ..given };
        Some(Ok(refused(given, error, self.rules.default.as_ref())))
    }

    fn reader<R: Read>(&self, source: R, format: Option<Format>) -> Result<Reader<R>> {
        Reader::open(source, format).map_err(|error| self.spoilt(error))
    }

    /// An input that cannot be read: which one.
    fn spoilt(&self, error: Error) -> Failure {
        messages::line(format_args!("{} cannot be used:", capitalized(&self.name)));
        Failure::Library(error)
    }

    /// Checks all rows before anything is sent.
    fn check(&mut self, file: &File, format: Option<Format>) -> Result<()> {
        let mut check = Check::new(self.skip_invalid, "rows");
        for row in self.reader(file, format)? {
            match row.and_then(|row| self.rules.check(&row)) {
                Ok(_) => check.valid(),
                Err(error) if error.parts().row == 0 => return Err(self.spoilt(error)),
                Err(error) => check.wrong(&error),
            }
        }
        check.end()?;
        self.count = Some(check.count());
        if check.count() == 0 {
            messages::line(format_args!("There are no rows in {}.", self.name));
        }
        Ok(())
    }

    /// Begins to read what can be read once. Where its first row is wrong, nothing is begun.
    fn open_pipe(&mut self, source: impl Read + Send + 'static, format: Option<Format>) -> Result<()> {
        let mut reader = self.reader(source, format)?;
        self.first = reader.next();
        match &self.first {
            None => messages::line(format_args!("There are no rows in {}.", self.name)),
            Some(Err(error)) if error.parts().row == 0 => {
                let error = error.clone();
                return Err(self.spoilt(error));
            }
            Some(first) => {
                let checked = first.clone().and_then(|row| self.rules.check(&row));
                if let (Err(error), false) = (checked, self.skip_invalid) {
                    return Err(self.spoilt(error));
                }
            }
        }
        self.source = RowSource::Pipe(Feed::start(reader));
        Ok(())
    }
}

impl RowRules {
    /// What a row is about, with all names of its registration.
    fn check(&self, row: &Row) -> azs_registration::Result<TargetInput> {
        let target = if self.default.is_some() {
            row.resolve(&self.command_line, self.default.as_ref(), self.purpose)?
        } else {
            row.resolve_with_parts(&self.command_line, &self.parts, self.purpose)?
        };
        Ok(input_of(&target))
    }
}

/// Rows that nobody reads any more are not at their end.
fn not_read_on() -> Error {
    let message = "The input was not read to its end, because of an internal error.";
    Error::new(Category::Internal, "InputNotReadable", message)
}

/// A checked target as it is handed to the library, which checks it once more.
fn input_of(target: &Target) -> TargetInput {
    let registration = &target.registration;
    TargetInput {
        registration_subscription_id: Some(registration.subscription().to_string()),
        resource_group_name: Some(registration.resource_group().to_owned()),
        registration_name: Some(registration.name().to_owned()),
        customer_subscription_id: target.customer.as_ref().map(ToString::to_string),
        tenant_id: target.tenant.as_ref().map(ToString::to_string),
        row: target.row,
        ..TargetInput::default()
    }
}

/// Standard input holds the rows alone, and nobody types them.
fn refuse_standard_input(connection: &ConnectionArguments) -> Result<()> {
    let reads_token = connection.sign_in.auth()? == Auth::AccessToken;
    if reads_token && TokenPlace::of(connection)? == TokenPlace::StandardInput {
        return Err(Failure::Usage(
            "Standard input cannot hold both the access token and the rows. Put one of them into a file."
                .to_owned(),
        ));
    }
    if io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "Standard input is a terminal. Pipe the rows in, or name a file with --input-file.".to_owned(),
        ));
    }
    Ok(())
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
