//! What ends the program before, or beside, the results of items.

use std::io;

use azs_registration::Error;
use azs_registration::error::Category;

use crate::exit_code::ExitCode;
use crate::messages;

/// Why a command cannot go on.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The library refused something.
    Library(Error),
    /// Options that do not go together, or miss something.
    Usage(String),
    /// The access token cannot be had.
    Token(String),
    /// Nobody can be asked, and nothing was sent.
    Unconfirmed(String),
    /// The results cannot be written.
    Output(io::Error),
}

/// The result of a command.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Library(error)
    }
}

impl Failure {
    /// Tells the operator.
    pub(crate) fn say(&self) {
        match self {
            Failure::Library(error) => messages::error("error:", error),
            Failure::Usage(text) | Failure::Token(text) | Failure::Unconfirmed(text) => {
                messages::line(format_args!("error: {text}"));
            }
            Failure::Output(why) => {
                messages::line(format_args!("error: The results could not be written: {why}."));
            }
        }
    }

    /// What the shell is told.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Failure::Library(error) => match error.category() {
                Category::Input => ExitCode::Input,
                Category::Authentication | Category::Permission => ExitCode::SignIn,
                _ => ExitCode::Failed,
            },
            Failure::Usage(_) => ExitCode::Input,
            Failure::Token(_) => ExitCode::SignIn,
            Failure::Unconfirmed(_) => ExitCode::Unconfirmed,
            Failure::Output(_) => ExitCode::Failed,
        }
    }
}
