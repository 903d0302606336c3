//! How a request ends.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Doubtful, Mapping};
use crate::error::Error;
use crate::guid::Guid;

/// What became of a request. The numbers of the ABI are pinned to these in `ffi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The tenant had no mapping; it has the wanted one now.
    Added,
    /// The tenant's usage went to another subscription; it goes to the wanted one now.
    Replaced,
    /// The mapping was there already; nothing was sent.
    Unchanged,
    /// The mapping was removed.
    Removed,
    /// A read before the removal said that there is no such mapping; nothing was sent.
    NotFound,
    /// Everything that was asked for was handed out.
    Read,
    /// Refused or failed; nothing changed.
    Failed,
    /// It cannot be told whether a write took effect.
    Unknown,
    /// Never sent; nothing changed.
    NotStarted,
    /// The expectation does not hold; nothing was sent.
    WouldReplace,
    /// The mapping belongs to another tenant than the request named.
    TenantMismatch,
    /// Somebody else changed the mapping meanwhile; it was left as found.
    ChangedByAnother,
    /// A read was given up because of a cancellation.
    Cancelled,
}

impl Outcome {
    /// Whether it is what was asked for.
    pub fn is_reached(self) -> bool {
        matches!(
            self,
            Outcome::Added
                | Outcome::Replaced
                | Outcome::Unchanged
                | Outcome::Removed
                | Outcome::NotFound
                | Outcome::Read
        )
    }

    /// Its name, as callers show it.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Added => "Added",
            Outcome::Replaced => "Replaced",
            Outcome::Unchanged => "Unchanged",
            Outcome::Removed => "Removed",
            Outcome::NotFound => "NotFound",
            Outcome::Read => "Read",
            Outcome::Failed => "Failed",
            Outcome::Unknown => "Unknown",
            Outcome::NotStarted => "NotStarted",
            Outcome::WouldReplace => "WouldReplace",
            Outcome::TenantMismatch => "TenantMismatch",
            Outcome::ChangedByAnother => "ChangedByAnother",
            Outcome::Cancelled => "Cancelled",
        }
    }
}

/// The mapping that a request met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Old {
    /// Its customer subscription, in the service's spelling.
    pub customer_subscription: String,
    /// Its tenant, where the service said it.
    pub tenant: Option<String>,
}

impl Old {
    /// The tenant as an id, where it is one.
    pub(super) fn tenant_id(&self) -> Option<Uuid> {
        self.tenant.as_deref().and_then(Guid::parse).map(|tenant| tenant.value())
    }
}

/// What the last write of a change was to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intended {
    /// What it was to make, or for a removal what it was to take away.
    pub(crate) wanted: Mapping,
    /// What an add was to replace.
    pub(crate) before: Option<Old>,
    /// What it was to replace besides.
    pub(crate) also: Option<Old>,
}

/// The end of a request.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What became of it.
    pub outcome: Outcome,
    /// What it was about, as far as it is known; the reached state for a change that succeeded.
    pub mapping: Mapping,
    /// What it met.
    pub old: Option<Old>,
    /// Why, for an outcome that was not asked for.
    pub error: Option<Error>,
    /// A look-up, not the answer to the write, showed the outcome.
    pub confirmed_by_lookup: bool,
    /// A replacement came to light only after the write: nobody was asked about it.
    pub replaced_unasked: bool,
    /// It could not be read whether something was replaced.
    pub replacement_unsaid: bool,
    /// A write of it took effect, whatever the outcome says besides.
    pub took_effect: bool,
    /// What it met besides `old` and replaced too: a subscription's mapping to another tenant.
    pub also: Option<Old>,
    /// How many HTTP requests were sent for it.
    pub http_requests: u32,
    /// For a list: how many mappings were handed out.
    pub item_count: u64,
    /// The row that it came from, counted from 1; 0 where it came from none.
    pub row: u64,
    /// Its number in the report of its operation, counted from 1; 0 where it is in none.
    pub entry: u64,
    /// It had ended as unknown, and a later look showed what became of it.
    pub resolved: bool,
    /// It was attempted, and its line in the audit log could not be written.
    pub audit_missing: bool,
    /// What a later look needs, where nobody can tell the end.
    pub(crate) doubtful: Option<Doubtful>,
    /// What its last write was to do, where there was one.
    pub(crate) intended: Option<Box<Intended>>,
}

impl Finished {
    /// An end without anything to say but this.
    pub fn new(outcome: Outcome, mapping: Mapping) -> Finished {
        Finished {
            outcome,
            mapping,
            old: None,
            error: None,
            confirmed_by_lookup: false,
            replaced_unasked: false,
            replacement_unsaid: false,
            took_effect: matches!(outcome, Outcome::Added | Outcome::Replaced | Outcome::Removed),
            also: None,
            http_requests: 0,
            item_count: 0,
            row: 0,
            entry: 0,
            resolved: false,
            audit_missing: false,
            doubtful: None,
            intended: None,
        }
    }

    /// A change that has not ended, as far as it is known.
    pub(crate) fn pending(mapping: Mapping, row: u64, entry: u64) -> Finished {
        Finished { row, entry, ..Finished::new(Outcome::NotStarted, mapping) }
    }

    pub(crate) fn with_error(outcome: Outcome, mapping: Mapping, error: Error) -> Finished {
        let target = mapping.resource_id();
        let error = match target {
            Some(target) => error.with_target(target),
            None => error,
        };
        Finished { error: Some(error), ..Finished::new(outcome, mapping) }
    }

    pub(crate) fn meeting(mut self, old: Option<Old>) -> Finished {
        self.old = old;
        self
    }
}
