//! The results, on standard output.

mod json;
mod table;

use std::io::{self, BufWriter, Stdout, Write};

use azs_registration::tenants::{Finished, Mapping};

use crate::arguments::Format;
use crate::failure::{Failure, Result};
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
        };
        Output { form, sink: Sink { stdout: BufWriter::new(io::stdout()), fault: None } }
    }

    /// Writes a mapping that was read.
    pub(crate) fn mapping(&mut self, mapping: &Mapping) {
        let text = match &mut self.form {
            Form::Table(table) => table.mapping(mapping),
            Form::Array(array) => array.mapping(mapping),
            Form::Lines(lines) => lines.mapping(mapping),
        };
        self.sink.write(&text);
    }

    /// Writes a result, for somebody who may be waiting for it.
    pub(crate) fn result(&mut self, shown: &Shown<'_>) {
        let text = match &mut self.form {
            Form::Table(table) => table.result(shown),
            Form::Array(array) => array.result(shown),
            Form::Lines(lines) => lines.result(shown),
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
        if let Form::Array(array) = &mut self.form {
            let text = array.end();
            self.sink.write(&text);
        }
        self.sink.flush();
        match self.sink.fault {
            Some(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(why)),
            _ => Ok(()),
        }
    }
}

struct Sink {
    stdout: BufWriter<Stdout>,
    fault: Option<io::Error>,
}

impl Sink {
    fn write(&mut self, text: &str) {
        if self.fault.is_none() {
            self.fault = self.stdout.write_all(text.as_bytes()).err();
        }
    }

    fn flush(&mut self) {
        if self.fault.is_none() {
            self.fault = self.stdout.flush().err();
        }
    }
}
