//! A line of the audit log. Its form is a promise: programs read it.

use std::time::Duration;

use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;

use crate::credential::Principal;
use crate::engine::Sent;
use crate::tenants::{Finished, Intended, Mapping, Old, Purpose};

/// An attempted change.
pub(crate) struct Attempted<'a> {
    /// What it was to do.
    pub(crate) purpose: Purpose,
    /// How it ended.
    pub(crate) finished: &'a Finished,
    /// What was sent for it.
    pub(crate) sent: &'a Sent,
    /// `x-ms-correlation-request-id` of its requests.
    pub(crate) correlation_id: &'a str,
}

/// The line, in the order of its members.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    time: String,
    principal: Option<&'a Principal>,
    registration: Option<String>,
    operation: &'static str,
    row: Option<u64>,
    before: Option<Side<'a>>,
    also_before: Option<Side<'a>>,
    after: Option<Side<'a>>,
    outcome: &'static str,
    error: Option<&'a str>,
    http_status: Option<u16>,
    request_id: Option<&'a str>,
    client_request_id: Option<&'a str>,
    correlation_id: &'a str,
}

/// A tenant and the subscription that its usage is charged to. Where nobody can say what there was, neither is named.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Side<'a> {
    customer_subscription_id: Option<&'a str>,
    tenant_id: Option<&'a str>,
}

impl<'a> Side<'a> {
    fn of_mapping(mapping: &'a Mapping) -> Side<'a> {
        Side {
            customer_subscription_id: mapping.customer_subscription.as_deref(),
            tenant_id: mapping.tenant.as_deref(),
        }
    }

    fn of_old(old: &'a Old) -> Side<'a> {
        Side { customer_subscription_id: Some(&old.customer_subscription), tenant_id: old.tenant.as_deref() }
    }
}

/// The line about a change, with its line feed.
pub(crate) fn line(attempted: &Attempted<'_>) -> String {
    let Attempted { purpose, finished, sent, correlation_id } = *attempted;
    let removes = purpose == Purpose::Remove;
    let (before, also_before, after) = sides(finished, removes);
    let line = Line {
        time: rfc_3339(sent.ended_at),
        principal: sent.principal.as_deref(),
        registration: finished.mapping.registration.as_ref().map(|registration| registration.to_string()),
        operation: if removes { "remove" } else { "add" },
        row: (finished.row > 0).then_some(finished.row),
        before,
        also_before,
        after,
        outcome: finished.outcome.name(),
        error: finished.error.as_ref().map(|error| error.code()),
        http_status: sent.http_status,
        request_id: sent.request_id.as_deref(),
        client_request_id: sent.client_request_id.as_deref(),
        correlation_id,
    };
    // Texts and numbers alone: it cannot fail.
    let mut text = serde_json::to_string(&line).unwrap_or_default();
    text.push('\n');
    text
}

/// What the change replaces or removes, a second mapping of that kind, and what it makes of it: as it came to be where it
/// took effect, else as it was sent.
fn sides(finished: &Finished, removes: bool) -> (Option<Side<'_>>, Option<Side<'_>>, Option<Side<'_>>) {
    let reached = Side::of_mapping(&finished.mapping);
    if removes {
        // A panic leaves no more than what the row named.
        return (
            Some(finished.intended.as_deref().map_or(reached, |it| Side::of_mapping(&it.wanted))),
            None,
            None,
        );
    }
    match finished.intended.as_deref() {
        Some(Intended { wanted, before, also }) if !finished.took_effect => (
            before.as_ref().map(Side::of_old),
            also.as_ref().map(Side::of_old),
            Some(Side::of_mapping(wanted)),
        ),
        // A panic: what was found before is lost with it, and nothing would be a claim.
        None if !finished.took_effect => (Some(Side::default()), None, Some(reached)),
        _ => {
            (finished.old.as_ref().map(Side::of_old), finished.also.as_ref().map(Side::of_old), Some(reached))
        }
    }
}

/// A moment in the form of RFC 3339, in UTC and to the millisecond.
fn rfc_3339(since_1970: Duration) -> String {
    let form = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let nanoseconds = i128::try_from(since_1970.as_nanos()).unwrap_or(i128::MAX);
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(form).unwrap_or_default()
}
