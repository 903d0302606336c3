//! The results, on standard output.

mod csv;
mod json;
mod table;

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use azs_registration::error::Category;
use azs_registration::tenants::{Finished, Mapping};

use crate::arguments::Format;
use crate::failure::{Failure, Result};
use crate::status_line;
use csv::Csv;
use json::{Array, Lines};
use table::Table;

/// Where results go.
pub(crate) struct Output {
    form: Form,
    sink: Sink,
}

enum Form {
    Table(Table),
    Array(Array),
    Lines(Lines),
    Csv(Csv),
}

/// What of a result is shown beside its mapping.
pub(crate) struct Shown<'a> {
    /// The outcome's name.
    pub(crate) outcome: &'a str,
    /// The result.
    pub(crate) finished: &'a Finished,
}

impl Shown<'_> {
    /// The tenant: that of the mapping met where the request named none.
    fn tenant(&self) -> Option<&str> {
        let of_old = || self.finished.old.as_ref()?.tenant.as_deref();
        self.finished.mapping.tenant.as_deref().or_else(of_old)
    }

    /// The outcome, with the code of the error that explains it: messages say a cause once, however many items have it.
    fn outcome_with_code(&self) -> String {
        match &self.finished.error {
            Some(error) if error.category() != Category::Cancelled && error.code() != self.outcome => {
                format!("{} ({})", self.outcome, error.code())
            }
            _ => self.outcome.to_owned(),
        }
    }

    /// Where the usage was charged before.
    fn old(&self) -> Option<&str> {
        self.finished.old.as_ref().map(|old| old.customer_subscription.as_str())
    }
}

impl Output {
    /// Nothing is written yet.
    pub(crate) fn new(format: Format) -> Output {
        let form = match format {
            Format::Table => Form::Table(Table::default()),
            Format::Json => Form::Array(Array::default()),
            Format::Jsonl => Form::Lines(Lines),
            Format::Csv => Form::Csv(Csv::default()),
        };
        let is_terminal = io::stdout().is_terminal();
        Output { form, sink: Sink { stdout: BufWriter::new(io::stdout()), is_terminal, fault: None } }
    }

    /// Writes a mapping that was read.
    pub(crate) fn mapping(&mut self, mapping: &Mapping) {
        let text = match &mut self.form {
            Form::Table(table) => table.mapping(mapping),
            Form::Array(array) => array.mapping(mapping),
            Form::Lines(lines) => lines.mapping(mapping),
            Form::Csv(csv) => csv.mapping(mapping),
        };
        self.sink.write(&text);
    }

    /// Writes a result, for somebody who may be waiting for it.
    pub(crate) fn result(&mut self, shown: &Shown<'_>) {
        let text = match &mut self.form {
            Form::Table(table) => table.result(shown),
            Form::Array(array) => array.result(shown),
            Form::Lines(lines) => lines.result(shown),
            Form::Csv(csv) => csv.result(shown),
        };
        self.sink.write(&text);
        self.sink.flush();
    }

    /// Whether nothing more can be written: the reader is gone, or the disk is full.
    pub(crate) fn is_closed(&self) -> bool {
        self.sink.fault.is_some()
    }

    /// Writes what is left. A reader that is gone is no failure; work that was begun goes on without it.
    pub(crate) fn end(mut self) -> Result<()> {
        let end = match &mut self.form {
            Form::Array(array) => array.end(),
            Form::Csv(csv) => csv.end(),
            Form::Table(_) | Form::Lines(_) => String::new(),
        };
        self.sink.write(&end);
        self.sink.flush();
        match self.sink.fault {
            Some(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(why)),
            _ => Ok(()),
        }
    }
}

struct Sink {
    stdout: BufWriter<Stdout>,
    /// Then what is written must not mix with the line at the terminal's foot.
    is_terminal: bool,
    fault: Option<io::Error>,
}

impl Sink {
    fn write(&mut self, text: &str) {
        if self.fault.is_some() {
            return;
        }
        let bytes = text.as_bytes();
        let written = if self.is_terminal {
            status_line::aside(|| self.stdout.write_all(bytes).and_then(|()| self.stdout.flush()))
        } else {
            self.stdout.write_all(bytes)
        };
        self.fault = written.err();
    }

    fn flush(&mut self) {
        if self.fault.is_none() {
            self.fault = self.stdout.flush().err();
        }
    }
}
