//! What is said to the operator, on standard error.

use std::fmt::Display;
use std::io::{self, Write};

use azs_registration::Error;
use azs_registration::advice::Words;
use azs_registration::operation::Log;
use azs_registration::tenants::{Finished, Mapping};

use crate::arguments::option_of_column;
use crate::status_line;

/// Writes a line. Standard error may be closed: the exit code says it all the same.
pub(crate) fn line(text: impl Display) {
    let text = printable(&text.to_string());
    status_line::aside(|| {
        let _ = writeln!(io::stderr().lock(), "{text}");
    });
}

/// A warning.
pub(crate) fn warning(text: impl Display) {
    line(format_args!("warning: {text}"));
}

/// Lines of the library's log.
pub(crate) fn log(log: &Log, prefix: &str) {
    for text in log.text.lines() {
        line(format_args!("{prefix}: {text}"));
    }
    if log.dropped > 0 {
        line(format_args!("{prefix}: {} lines were left out.", log.dropped));
    }
}

/// An error: code and message, where the service saw it, and what to do.
pub(crate) fn error(introduction: &str, error: &Error) {
    let parts = error.parts();
    line(format_args!("{introduction} {error}"));
    let seen = [
        parts.http_status.map(|status| format!("HTTP status {status}")),
        parts.request_id.as_ref().map(|id| format!("request id {id}")),
        parts.correlation_id.as_ref().map(|id| format!("correlation id {id}")),
    ];
    let seen: Vec<String> = seen.into_iter().flatten().collect();
    if !seen.is_empty() {
        line(format_args!("  {}", seen.join(", ")));
    }
    // What a row says comes with no option.
    let column = parts.column.as_deref().filter(|_| parts.row == 0);
    if let Some(option) = column.and_then(option_of_column) {
        line(format_args!("  Given with: {option}"));
    }
    if let Some(action) = error.recommended_action(Words::CommandLine) {
        line(format_args!("  What to do: {action}"));
    }
}

/// An item that did not end as was asked for.
pub(crate) fn not_reached(finished: &Finished) {
    let Some(why) = &finished.error else { return };
    line(format_args!("{}: {}", finished.outcome.name(), subject(&finished.mapping)));
    error(" ", why);
}

/// What an item is about. Every result names the registration.
pub(crate) fn subject(mapping: &Mapping) -> String {
    let what = match (&mapping.customer_subscription, &mapping.tenant) {
        (Some(customer), _) => format!("customer subscription {customer} in "),
        (None, Some(tenant)) => format!("tenant {tenant} in "),
        (None, None) => String::new(),
    };
    match &mapping.registration {
        Some(registration) => format!(
            "{what}registration '{}' (resource group '{}', subscription {})",
            registration.name(),
            registration.resource_group(),
            registration.subscription(),
        ),
        None => format!("{what}no registration"),
    }
}

/// Text that may come from a service, without what a terminal would obey.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}
