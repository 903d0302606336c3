//! What a change is about: the ids of the command line, or the rows of a file or of standard input.
//!
//! What can be read twice is checked to its end before anything is sent, so that one wrong row leaves everything as it was. What
//! comes through a pipe is worked on as it comes.

mod feed;
mod rows;

use std::sync::Arc;

use azs_registration::Error;
use azs_registration::resource_id::RegistrationId;
use azs_registration::tenants::{Finished, Mapping, Outcome, Purpose, TargetInput};

use crate::arguments::{CommonArguments, RowArguments};
use crate::ends::not_started;
use crate::failure::{Failure, Result};
use crate::interrupt::Interrupt;
use crate::messages;
use crate::registration::Registration;
pub(crate) use rows::RowRules;
use rows::Rows;

/// How many wrong ids or rows are told one by one where all are refused.
const TOLD: u64 = 100;

/// An id or a row.
pub(crate) enum Item {
    /// What it is about, checked and with all names of the registration.
    Target(TargetInput),
    /// It is wrong: what it says, as far as that can be read, and its end.
    Refused(TargetInput, Box<Finished>),
    /// Somebody is still to write the next row.
    NotYet,
}

/// What a change is about, item by item.
pub(crate) struct Input {
    source: Source,
    /// What is left, where that is known.
    left: Option<u64>,
    /// What everything is called, for messages.
    name: String,
    /// What is wrong with an input that cannot be read to its end.
    fault: Option<Error>,
    /// The number of the wrong row that the input was left at.
    left_at: Option<u64>,
}

enum Source {
    Items(std::vec::IntoIter<Item>),
    Rows(Box<Rows>),
}

impl Input {
    /// Reads and checks what can be checked before anything is sent.
    pub(crate) fn open(
        customers: &[String],
        rows: &RowArguments,
        tenant_id: Option<&str>,
        common: &CommonArguments,
        purpose: Purpose,
    ) -> Result<Input> {
        let registration = Registration::read(&common.registration)?;
        let Some(file) = &rows.input_file else {
            if rows.input_format.is_some() {
                let message = "--input-format is about --input-file, and there is none.";
                return Err(Failure::Usage(message.to_owned()));
            }
            return Input::of_ids(customers, rows.skip_invalid, tenant_id, &registration, purpose);
        };
        let rows = Rows::open(file, rows, registration.row_rules(tenant_id, purpose)?, &common.connection)?;
        Ok(Input {
            left: rows.count(),
            name: rows.name().to_owned(),
            source: Source::Rows(Box::new(rows)),
            fault: None,
            left_at: None,
        })
    }

    fn of_ids(
        customers: &[String],
        skip_invalid: bool,
        tenant_id: Option<&str>,
        registration: &Registration,
        purpose: Purpose,
    ) -> Result<Input> {
        let targets = if customers.is_empty() {
            vec![registration.target(None, tenant_id, purpose)]
        } else {
            registration.each_target(customers, tenant_id, purpose)?
        };
        let mut check = Check::new(skip_invalid, "ids");
        let mut items = Vec::with_capacity(targets.len());
        let default = registration.default_registration()?;
        for (target, customer) in targets.into_iter().zip(customers.iter().map(Some).chain([None])) {
            match target {
                Ok(target) => {
                    check.valid();
                    items.push(Item::Target(target));
                }
                Err(Failure::Library(error)) if customers.len() > 1 || skip_invalid => {
                    check.wrong(&error);
                    let given =
                        TargetInput { customer_subscription_id: customer.cloned(), ..TargetInput::default() };
                    items.push(refused(given, error, default.as_ref()));
                }
                Err(failure) => return Err(failure),
            }
        }
        check.end()?;
        Ok(Input {
            left: Some(items.len() as u64),
            name: match items.len() {
                1 => String::new(),
                count => format!("{count} mappings"),
            },
            source: Source::Items(items.into_iter()),
            fault: None,
            left_at: None,
        })
    }

    /// What is to be changed, for a message that a confirmation is missing.
    pub(crate) fn subject(&self) -> String {
        match &self.source {
            Source::Items(items) => match items.as_slice() {
                [Item::Target(target)] => {
                    format!("the mapping of {}", messages::subject(&target.as_mapping()))
                }
                _ => self.name.clone(),
            },
            Source::Rows(_) => format!("the mappings of {}", self.name),
        }
    }

    /// Has an interruption end the wait for a row that somebody is still to write.
    pub(crate) fn watch(&mut self, interrupt: &Interrupt) {
        if let Source::Rows(rows) = &mut self.source {
            rows.watch(interrupt);
        }
    }

    /// Says what was left unread and why, once everything that was read has ended. `true`: there is such.
    pub(crate) fn say_what_was_left(&self) -> bool {
        if let Some(fault) = &self.fault {
            messages::error("error:", fault);
            messages::line(format_args!("What follows in {} was not read, and is not done.", self.name));
        }
        if let Some(row) = self.left_at {
            messages::line(format_args!(
                "Row {row} of {} is wrong: what follows it was not read, and is not done. --skip-invalid goes on with the rows \
                 that are right.",
                self.name
            ));
        }
        let was_interrupted = matches!(&self.source, Source::Rows(rows) if rows.was_interrupted());
        if was_interrupted {
            messages::line(format_args!("What follows in {} was not read, and is not done.", self.name));
        }
        self.fault.is_some() || self.left_at.is_some() || was_interrupted
    }
}

impl Iterator for Input {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let rows = match &mut self.source {
            Source::Items(items) => return items.next(),
            Source::Rows(_) if self.fault.is_some() || self.left_at.is_some() => return None,
            Source::Rows(rows) => rows,
        };
        match rows.next()? {
            Ok(item) => {
                self.left = self.left.map(|left| left.saturating_sub(1));
                if let (Item::Refused(target, _), false) = (&item, rows.skips_invalid()) {
                    self.left_at = Some(target.row);
                }
                Some(item)
            }
            Err(fault) => {
                self.fault = Some(fault);
                None
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        match (&self.source, self.left) {
            (Source::Items(items), _) => items.size_hint(),
            (Source::Rows(_), Some(left)) => {
                let left = usize::try_from(left).unwrap_or(usize::MAX);
                (left, Some(left))
            }
            (Source::Rows(_), None) => (0, None),
        }
    }
}

/// The item of an id or row that is wrong.
fn refused(given: TargetInput, error: Error, default: Option<&Arc<RegistrationId>>) -> Item {
    let mut mapping: Mapping = given.as_mapping();
    // Every result names the registration.
    mapping.registration = mapping.registration.or_else(|| default.cloned());
    let row = given.row;
    let mut end = not_started(mapping, Some(error));
    end.outcome = Outcome::Failed;
    end.row = row;
    Item::Refused(given, Box::new(end))
}

/// Counts what is wrong, and tells it where that refuses all.
struct Check {
    skip_invalid: bool,
    /// What is counted, as ids or rows.
    what: &'static str,
    valid: u64,
    wrong: u64,
}

impl Check {
    fn new(skip_invalid: bool, what: &'static str) -> Check {
        Check { skip_invalid, what, valid: 0, wrong: 0 }
    }

    fn valid(&mut self) {
        self.valid += 1;
    }

    fn wrong(&mut self, error: &Error) {
        self.wrong += 1;
        if !self.skip_invalid && self.wrong <= TOLD {
            messages::error("error:", error);
        }
    }

    fn count(&self) -> u64 {
        self.valid + self.wrong
    }

    /// Refuses all where one is wrong.
    fn end(&self) -> Result<()> {
        if self.wrong == 0 || self.skip_invalid {
            return Ok(());
        }
        let (wrong, all, what) = (self.wrong, self.count(), self.what);
        let more =
            if wrong > TOLD { format!(" The first {TOLD} of them are told above.") } else { String::new() };
        Err(Failure::Usage(format!(
            "{wrong} of {all} {what} are wrong, and nothing was sent.{more} --skip-invalid goes on with those that are right."
        )))
    }
}
