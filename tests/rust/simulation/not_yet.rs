//! What the library does not promise yet. Each of these is to become `true`, and its line to go.

/// Writes take effect up to 55 s after they were cut or answered with an error, and accepted ones after their 202: a
/// write in doubt is not called failed, and the next of its subscription or tenant not begun, before that is over.
pub(crate) const LATE_EFFECTS: bool = false;

/// Writes of the same subscription or tenant take turns in all operations of a client, not only in one.
pub(crate) const TURNS_ACROSS_OPERATIONS: bool = false;

/// A cancellation also reaches what waits for another operation's request, as for a sign-in challenge.
pub(crate) const CANCELLATIONS_REACH_ALL: bool = false;

/// What a write replaced that only a look tells is looked for in the grace after a cancellation, too.
pub(crate) const LOOKS_AFTER_CANCEL: bool = false;

/// What is refused without a write is decided from a view of the last minute, however long the sign-in challenge took.
pub(crate) const REFUSALS_ARE_RENEWED: bool = false;

/// Where overwritten mappings stay in the list: what stays there is not taken for somebody's change, and a tenant that
/// only the list says is not taken for the one that a PUT without a tenant maps.
pub(crate) const TENANTS_LISTED_TWICE: bool = false;

/// A read that leaves out the tenant that a list says does not contradict it.
pub(crate) const READS_SAY_LESS_THAN_LISTS: bool = false;
