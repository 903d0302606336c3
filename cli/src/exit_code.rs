//! How `azsreg` ends: one list for the program and its help.

use std::fmt::Write;
use std::process;

use azs_registration::error::Category;
use azs_registration::tenants::{Finished, Outcome};

/// What the shell is told. In this order the greater one wins, but for `Interrupted`, which always does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExitCode {
    Reached = 0,
    Failed = 1,
    Input = 2,
    Unconfirmed = 3,
    SignIn = 4,
    Interrupted = 130,
}

const MEANINGS: [(ExitCode, &str); 6] = [
    (ExitCode::Reached, "Everything that was asked for is so (with --dry-run: would be tried)."),
    (ExitCode::Failed, "Something failed, or may have taken effect, or has no line in the audit log."),
    (ExitCode::Input, "An option or an id is wrong. Nothing was sent."),
    (ExitCode::Unconfirmed, "A confirmation is missing. What needs it was not done; all else was."),
    (ExitCode::SignIn, "No token, or Azure did not accept it, or it may not do this."),
    (
        ExitCode::Interrupted,
        "Ctrl+C, SIGTERM or SIGHUP. What became of each item is said before, in the order of the ends; a second one leaves at once, and names what it leaves open.",
    ),
];

impl From<ExitCode> for process::ExitCode {
    fn from(code: ExitCode) -> Self {
        // All of them are less than 256.
        process::ExitCode::from(code as u8)
    }
}

/// The exit codes as a table for the help.
pub(crate) fn table() -> String {
    let mut text = String::from("Exit codes:\n");
    for (code, meaning) in MEANINGS {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {:<4} {meaning}", code as u8);
    }
    text.push_str(
        "  Of several, 4 goes before 1, and 1 before 3. With 2, and with 3 from 'remove', standard output is empty.",
    );
    text
}

/// What became of the items so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) done: u64,
    pub(crate) failed: u64,
    pub(crate) unknown: u64,
    pub(crate) not_started: u64,
    pub(crate) unconfirmed: u64,
    /// Reads that did not come to their end.
    pub(crate) given_up: u64,
    /// Whether rows were left unread.
    pub(crate) left_unread: bool,
    /// Whether a change has no line in the audit log that was asked for.
    audit_missing: bool,
    sign_in: bool,
}

impl Tally {
    /// Counts an item.
    pub(crate) fn count(&mut self, finished: &Finished) {
        let counter = match finished.outcome {
            outcome if outcome.is_reached() => &mut self.done,
            Outcome::WouldReplace => &mut self.unconfirmed,
            Outcome::Unknown => &mut self.unknown,
            Outcome::NotStarted => &mut self.not_started,
            Outcome::Cancelled => &mut self.given_up,
            _ => &mut self.failed,
        };
        *counter += 1;
        self.audit_missing |= finished.audit_missing;
        let category = finished.error.as_ref().map(|error| error.category());
        self.sign_in |= matches!(category, Some(Category::Authentication | Category::Permission));
    }

    /// Counts an item of a dry run that is not reached yet and would be tried.
    pub(crate) fn count_would(&mut self) {
        self.done += 1;
    }

    /// What the items come to.
    pub(crate) fn exit_code(&self) -> ExitCode {
        if self.sign_in {
            ExitCode::SignIn
        } else if self.failed + self.unknown + self.not_started + self.given_up > 0
            || self.left_unread
            || self.audit_missing
        {
            ExitCode::Failed
        } else if self.unconfirmed > 0 {
            ExitCode::Unconfirmed
        } else {
            ExitCode::Reached
        }
    }
}
