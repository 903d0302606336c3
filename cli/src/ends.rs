//! The ends of items that were never submitted: those that an interruption left over.

use azs_registration::Error;
use azs_registration::error::Category;
use azs_registration::operation::Request;
use azs_registration::tenants::{Finished, Mapping, Outcome, TargetInput};

/// The end of a change that was never submitted.
pub(crate) fn not_started(mapping: Mapping, error: Option<Error>) -> Finished {
    let mut finished = Finished::new(Outcome::NotStarted, mapping);
    finished.error = error;
    finished
}

/// Why something was not started.
pub(crate) fn interrupted() -> Error {
    Error::new(Category::Cancelled, "Cancelled", "It was interrupted before it was started.")
}

/// The end of a request that the interruption left over.
pub(crate) fn left_over(request: &Request) -> Finished {
    let (target, outcome) = match request {
        Request::Add { target, .. } | Request::Remove { target } => (target, Outcome::NotStarted),
        Request::List { target } | Request::Get { target } | Request::Compare { target, .. } => {
            (target, Outcome::Cancelled)
        }
        Request::Registrations { .. } | Request::Resolve { .. } => {
            (&TargetInput::default(), Outcome::Cancelled)
        }
    };
    let mut finished = not_started(target.as_mapping(), Some(interrupted()));
    (finished.outcome, finished.row) = (outcome, target.row);
    finished
}
