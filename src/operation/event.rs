//! What an operation reports.

use super::Progress;
use crate::credential::Reason;
use crate::engine::LogLevel;
use crate::plan::SpelledDifference;
use crate::registrations::Registration;
use crate::tenants::{Finished, Mapping};

/// An event.
#[derive(Debug)]
pub enum Event {
    /// An item of a list, or the answer to a get.
    Mapping {
        /// Tag of the request.
        tag: u64,
        /// The mapping.
        mapping: Mapping,
    },
    /// An item of a list of registrations.
    Registration {
        /// Tag of the request.
        tag: u64,
        /// The registration.
        registration: Box<Registration>,
    },
    /// A difference between what is wanted and what a registration holds.
    Difference {
        /// Tag of the request.
        tag: u64,
        /// The difference.
        difference: Box<SpelledDifference>,
    },
    /// The end of a request.
    Finished {
        /// Tag of the request.
        tag: u64,
        /// How it ended.
        finished: Box<Finished>,
    },
    /// How far the operation has come.
    Progress(Progress),
    /// Lines about the work.
    Log(Log),
    /// Requests wait for a credential.
    CredentialNeeded(CredentialNeeded),
}

/// Lines about the work.
#[derive(Debug, PartialEq, Eq)]
pub struct Log {
    /// The level of all lines.
    pub level: LogLevel,
    /// The lines, separated by a line feed.
    pub text: String,
    /// Lines that were left out because nobody took the log in time.
    pub dropped: u32,
}

/// Requests wait for a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialNeeded {
    /// Why.
    pub reason: Reason,
}
