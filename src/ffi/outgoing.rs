//! Events on their way out: the Rust value, and the flat struct whose texts point into it.

use std::borrow::Cow;
use std::time::Duration;

use super::error::{azs_error, view_error};
use super::event::*;
use super::text::azs_str;
use super::{
    AZS_CREDENTIAL_EXPIRED, AZS_CREDENTIAL_KIND_TOKEN, AZS_CREDENTIAL_MISSING, AZS_CREDENTIAL_REJECTED,
    AZS_EXPECT_ANYTHING, AZS_EXPECT_EXACTLY, AZS_EXPECT_NOTHING_REPLACED, AZS_OUTCOME_PENDING,
};
use crate::advice::Words;
use crate::credential::Reason;
use crate::engine::{LogLevel, Wait};
use crate::error::Error;
use crate::operation::{CredentialNeeded, Event, Log, Progress};
use crate::plan::{DifferenceKind, Side, SpelledDifference};
use crate::registrations::Registration;
use crate::tenants::{Expectation, Finished, Mapping, Outcome};

/// An event that the caller looks at. The struct points into the texts, which stay where they are: both are boxed, and
/// neither changes until the event is replaced.
pub(super) struct Outgoing {
    flat: Flat,
    /// What the struct points to.
    _source: Box<Event>,
    _texts: Box<Texts>,
}

/// The texts that are made for an event, beside those it has.
#[derive(Default)]
struct Texts {
    resource_id: Option<String>,
    /// What to do about the error.
    action: Option<Cow<'static, str>>,
}

enum Flat {
    Mapping(azs_mapping_event),
    Registration(azs_registration_event),
    Difference(azs_difference_event),
    Finished(azs_finished_event),
    Progress(azs_progress_event),
    Log(azs_log_event),
    Credential(azs_credential_event),
}

// SAFETY: the pointers lead into boxes that travel with the struct and are only read.
unsafe impl Send for Outgoing {}

impl Outgoing {
    /// An event, with advice in these words.
    pub(super) fn new(event: Event, words: Words) -> Box<Outgoing> {
        let source = Box::new(event);
        let texts = Box::new(Texts::of(&source, words));
        let flat = flatten(&source, &texts);
        Box::new(Outgoing { flat, _source: source, _texts: texts })
    }

    /// A change that has not ended, as an entry of a report.
    pub(super) fn pending(tag: u64, begun: Finished) -> Box<Outgoing> {
        let mut made = Outgoing::new(Event::Finished { tag, finished: Box::new(begun) }, Words::Neutral);
        if let Flat::Finished(event) = &mut made.flat {
            event.outcome = AZS_OUTCOME_PENDING;
        }
        made
    }

    pub(super) fn as_event(&self) -> *const azs_event {
        match &self.flat {
            Flat::Mapping(event) => std::ptr::from_ref(event).cast(),
            Flat::Registration(event) => std::ptr::from_ref(event).cast(),
            Flat::Difference(event) => std::ptr::from_ref(event).cast(),
            Flat::Finished(event) => std::ptr::from_ref(event).cast(),
            Flat::Progress(event) => std::ptr::from_ref(event).cast(),
            Flat::Log(event) => std::ptr::from_ref(event).cast(),
            Flat::Credential(event) => std::ptr::from_ref(event).cast(),
        }
    }
}

impl Texts {
    fn of(event: &Event, words: Words) -> Texts {
        let action = |error: &Option<Error>| error.as_ref()?.recommended_action(words);
        match event {
            Event::Mapping { mapping, .. } => Texts { resource_id: mapping.resource_id(), action: None },
            Event::Registration { registration, .. } => {
                Texts { resource_id: Some(registration.id.to_string()), action: None }
            }
            Event::Difference { difference, .. } => Texts {
                resource_id: Some(difference.registration.to_string()),
                action: action(&difference.error),
            },
            Event::Finished { finished, .. } => {
                Texts { resource_id: finished.mapping.resource_id(), action: action(&finished.error) }
            }
            _ => Texts::default(),
        }
    }
}

fn size_of<T>() -> u32 {
    // No struct of the ABI comes near that size.
    std::mem::size_of::<T>() as u32
}

fn flatten(event: &Event, texts: &Texts) -> Flat {
    match event {
        Event::Mapping { tag, mapping } => Flat::Mapping(azs_mapping_event {
            size: size_of::<azs_mapping_event>(),
            kind: AZS_EVENT_MAPPING,
            tag: *tag,
            mapping: view_mapping(mapping, texts.resource_id.as_deref()),
        }),
        Event::Registration { tag, registration } => {
            Flat::Registration(registration_event(*tag, registration, texts))
        }
        Event::Difference { tag, difference } => Flat::Difference(difference_event(*tag, difference, texts)),
        Event::Finished { tag, finished } => Flat::Finished(finished_event(*tag, finished, texts)),
        Event::Progress(progress) => Flat::Progress(progress_event(progress)),
        Event::Log(Log { level, text, dropped }) => Flat::Log(azs_log_event {
            size: size_of::<azs_log_event>(),
            kind: AZS_EVENT_LOG,
            tag: 0,
            level: match level {
                LogLevel::Verbose => AZS_LOG_VERBOSE,
                LogLevel::Warning => AZS_LOG_WARNING,
            },
            dropped: *dropped,
            text: azs_str::view(text),
        }),
        Event::CredentialNeeded(CredentialNeeded { reason }) => {
            let (number, claims) = match reason {
                Reason::Missing => (AZS_CREDENTIAL_MISSING, None),
                Reason::Expired => (AZS_CREDENTIAL_EXPIRED, None),
                Reason::Rejected { claims } => (AZS_CREDENTIAL_REJECTED, claims.as_deref()),
            };
            Flat::Credential(azs_credential_event {
                size: size_of::<azs_credential_event>(),
                kind: AZS_EVENT_CREDENTIAL_NEEDED,
                tag: 0,
                credential_kind: AZS_CREDENTIAL_KIND_TOKEN,
                reason: number,
                claims: azs_str::view_option(claims),
            })
        }
    }
}

/// A mapping whose texts point into `mapping` and `resource_id`.
pub(super) fn view_mapping(mapping: &Mapping, resource_id: Option<&str>) -> azs_mapping {
    let registration = mapping.registration.as_deref();
    azs_mapping {
        resource_id: azs_str::view_option(resource_id),
        registration_subscription_id: azs_str::view_option(
            registration.map(|it| it.subscription().spelling()),
        ),
        resource_group_name: azs_str::view_option(registration.map(|it| it.resource_group())),
        registration_name: azs_str::view_option(registration.map(|it| it.name())),
        customer_subscription_id: azs_str::view_option(mapping.customer_subscription.as_deref()),
        tenant_id: azs_str::view_option(mapping.tenant.as_deref()),
        name: azs_str::view_option(mapping.name.as_deref()),
        etag: azs_str::view_option(mapping.etag.as_deref()),
    }
}

fn registration_event(tag: u64, registration: &Registration, texts: &Texts) -> azs_registration_event {
    azs_registration_event {
        size: size_of::<azs_registration_event>(),
        kind: AZS_EVENT_REGISTRATION,
        tag,
        resource_id: azs_str::view_option(texts.resource_id.as_deref()),
        registration_subscription_id: azs_str::view(registration.id.subscription().spelling()),
        resource_group_name: azs_str::view(registration.id.resource_group()),
        registration_name: azs_str::view(registration.id.name()),
        name: azs_str::view_option(registration.name.as_deref()),
        location: azs_str::view_option(registration.location.as_deref()),
        cloud_id: azs_str::view_option(registration.cloud_id.as_deref()),
        object_id: azs_str::view_option(registration.object_id.as_deref()),
        billing_model: azs_str::view_option(registration.billing_model.as_deref()),
        etag: azs_str::view_option(registration.etag.as_deref()),
        created_by: azs_str::view_option(registration.created_by.as_deref()),
        created_at: azs_str::view_option(registration.created_at.as_deref()),
        last_modified_by: azs_str::view_option(registration.last_modified_by.as_deref()),
        last_modified_at: azs_str::view_option(registration.last_modified_at.as_deref()),
    }
}

fn difference_event(tag: u64, difference: &SpelledDifference, texts: &Texts) -> azs_difference_event {
    let (wanted, old) = (difference.wanted.as_ref(), difference.old.as_ref());
    let customer = |of: Option<&Side>| azs_str::view_option(of.map(|of| of.customer_subscription.as_str()));
    let tenant = |of: Option<&Side>| azs_str::view_option(of.and_then(|of| of.tenant.as_deref()));
    let (expectation, expected) = match &difference.expectation {
        Expectation::NothingReplaced => (AZS_EXPECT_NOTHING_REPLACED, None),
        Expectation::Anything => (AZS_EXPECT_ANYTHING, None),
        Expectation::Exactly(old) => (AZS_EXPECT_EXACTLY, Some(old.as_str())),
    };
    azs_difference_event {
        size: size_of::<azs_difference_event>(),
        kind: AZS_EVENT_DIFFERENCE,
        tag,
        difference: difference_kind(difference.kind),
        expectation,
        in_order: u8::from(difference.in_order),
        has_error: u8::from(difference.error.is_some()),
        row: difference.row,
        registration_resource_id: azs_str::view_option(texts.resource_id.as_deref()),
        wanted_customer_subscription_id: customer(wanted),
        wanted_tenant_id: tenant(wanted),
        old_customer_subscription_id: customer(old),
        old_tenant_id: tenant(old),
        expected_customer_subscription_id: azs_str::view_option(expected),
        error: view_option(difference.error.as_ref(), texts),
    }
}

/// An error with its advice, where there is one.
fn view_option(error: Option<&Error>, texts: &Texts) -> azs_error {
    error.map_or_else(azs_error::none, |error| view_error(error, texts.action.as_deref()))
}

/// Each kind has its number here: a new one does not compile without.
fn difference_kind(kind: DifferenceKind) -> i32 {
    match kind {
        DifferenceKind::Add => AZS_DIFFERENCE_ADD,
        DifferenceKind::Replace => AZS_DIFFERENCE_REPLACE,
        DifferenceKind::Remove => AZS_DIFFERENCE_REMOVE,
        DifferenceKind::Unchanged => AZS_DIFFERENCE_UNCHANGED,
        DifferenceKind::Spelling => AZS_DIFFERENCE_SPELLING,
        DifferenceKind::Undecided => AZS_DIFFERENCE_UNDECIDED,
    }
}

fn finished_event(tag: u64, finished: &Finished, texts: &Texts) -> azs_finished_event {
    let old = finished.old.as_ref();
    azs_finished_event {
        size: size_of::<azs_finished_event>(),
        kind: AZS_EVENT_FINISHED,
        tag,
        outcome: outcome(finished.outcome),
        has_error: u8::from(finished.error.is_some()),
        confirmed_by_lookup: u8::from(finished.confirmed_by_lookup),
        replaced_unasked: u8::from(finished.replaced_unasked),
        replacement_unsaid: u8::from(finished.replacement_unsaid),
        took_effect: u8::from(finished.took_effect),
        also_customer_subscription_id: azs_str::view_option(
            finished.also.as_ref().map(|also| also.customer_subscription.as_str()),
        ),
        also_tenant_id: azs_str::view_option(finished.also.as_ref().and_then(|also| also.tenant.as_deref())),
        http_requests: finished.http_requests,
        item_count: finished.item_count,
        row: finished.row,
        mapping: view_mapping(&finished.mapping, texts.resource_id.as_deref()),
        old_customer_subscription_id: azs_str::view_option(old.map(|old| old.customer_subscription.as_str())),
        old_tenant_id: azs_str::view_option(old.and_then(|old| old.tenant.as_deref())),
        error: view_option(finished.error.as_ref(), texts),
        entry: finished.entry,
        resolved: u8::from(finished.resolved),
        audit_missing: u8::from(finished.audit_missing),
    }
}

fn progress_event(progress: &Progress) -> azs_progress_event {
    let wait = progress.wait.as_ref();
    let number = wait.map_or(AZS_WAIT_NONE, |wait| match wait.kind {
        Wait::Retry => AZS_WAIT_RETRY,
        Wait::Throttled => AZS_WAIT_THROTTLED,
        Wait::Credential => AZS_WAIT_CREDENTIAL,
        Wait::Listing => AZS_WAIT_LISTING,
        Wait::Pacing => AZS_WAIT_PACING,
        Wait::Outage => AZS_WAIT_OUTAGE,
        Wait::Settling => AZS_WAIT_SETTLING,
    });
    // A time that is known is never 0, which says that it is not.
    let ms = |time: Option<Duration>| time.map_or(0, |time| time.as_millis().max(1));
    let wait_ms = |time| u32::try_from(ms(time)).unwrap_or(u32::MAX);
    azs_progress_event {
        size: size_of::<azs_progress_event>(),
        kind: AZS_EVENT_PROGRESS,
        tag: 0,
        finished: progress.finished,
        failed: progress.failed,
        outstanding: progress.outstanding,
        listed: progress.listed,
        wait: number,
        wait_ms: wait_ms(wait.and_then(|wait| wait.expected)),
        in_flight: progress.in_flight,
        rate: progress.rate.unwrap_or_default(),
        listing_rate: progress.listing_rate.unwrap_or_default(),
        time_left_ms: u64::try_from(ms(progress.time_left)).unwrap_or(u64::MAX),
        wait_left_ms: wait_ms(wait.and_then(|wait| wait.left)),
        wait_text: azs_str::view_option(wait.map(|wait| wait.kind.describe())),
    }
}

/// Each outcome has its number here: a new one does not compile without.
fn outcome(outcome: Outcome) -> i32 {
    match outcome {
        Outcome::Added => AZS_OUTCOME_ADDED,
        Outcome::Replaced => AZS_OUTCOME_REPLACED,
        Outcome::Unchanged => AZS_OUTCOME_UNCHANGED,
        Outcome::Removed => AZS_OUTCOME_REMOVED,
        Outcome::NotFound => AZS_OUTCOME_NOT_FOUND,
        Outcome::Read => AZS_OUTCOME_READ,
        Outcome::Failed => AZS_OUTCOME_FAILED,
        Outcome::Unknown => AZS_OUTCOME_UNKNOWN,
        Outcome::NotStarted => AZS_OUTCOME_NOT_STARTED,
        Outcome::WouldReplace => AZS_OUTCOME_WOULD_REPLACE,
        Outcome::TenantMismatch => AZS_OUTCOME_TENANT_MISMATCH,
        Outcome::ChangedByAnother => AZS_OUTCOME_CHANGED_BY_ANOTHER,
        Outcome::Cancelled => AZS_OUTCOME_CANCELLED,
    }
}
