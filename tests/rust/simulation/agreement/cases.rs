//! The cases: how the service behaves, what there is before, what is asked, what goes wrong.

use std::time::Duration;

use azs_emulator as emulator;
use azs_emulator::{Fault, FaultAction, FaultStatus, RpError, Switches};
use uuid::Uuid;

use crate::simulation::arm::behaviour::{ArmError, Behaviour, DeleteAnswer, EmptyList, PutAnswer};
use crate::simulation::arm::fate::{Canned, Fate, Landing, Told};
use crate::simulation::arm::store::Store;
use crate::simulation::schedule::{customer, tenant};

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked {
    Registration,
    AnotherRegistration,
    /// All pages.
    List,
    Get(u64),
    /// With the tenant that the body names.
    Put(u64, Option<u64>),
    /// With a body that is no object.
    PutNonsense(u64),
    Delete(u64),
    /// With the etag that the mapping has, or with another.
    DeleteIfMatch(u64, bool),
    /// Without a token.
    Challenge(u64),
    /// With a token that has expired, or one that never was.
    WithToken(&'static str),
}

/// What goes wrong with the first request.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wrong {
    Cut(Landing),
    Truncated,
    Status { status: u16, code: &'static str, retry_after: Option<u64>, after_effect: bool },
    Page { after_effect: bool },
    Redirect,
}

pub(super) struct Case {
    pub(super) name: String,
    pub(super) behaviour: Behaviour,
    /// The subscriptions that are mapped before, to their tenants of the directory.
    before: Vec<u64>,
    pub(super) asked: Asked,
    wrong: Option<Wrong>,
}

/// Nine subscriptions, each third one of the same tenant.
fn documented() -> Behaviour {
    let directory = (1..=9).map(|number| (customer(number), (tenant(number % 3 + 1), true))).collect();
    Behaviour { directory, ..Behaviour::default() }
}

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |name: &str, before: &[u64], asked, wrong, change: &dyn Fn(&mut Behaviour)| {
        let mut behaviour = documented();
        change(&mut behaviour);
        cases.push(Case { name: name.to_owned(), behaviour, before: before.to_vec(), asked, wrong });
    };
    let as_is = &|_: &mut Behaviour| {};
    let put = Asked::Put(2, None);

    case("the registration", &[], Asked::Registration, None, as_is);
    case("a registration that is not there", &[], Asked::AnotherRegistration, None, as_is);
    case("a challenge", &[], Asked::Challenge(4), None, as_is);
    case("a token that has expired", &[], Asked::WithToken("expired"), None, as_is);
    case("a token that never was", &[], Asked::WithToken("nonsense"), None, as_is);

    for form in [
        EmptyList::EmptyArray,
        EmptyList::NoValue,
        EmptyList::EmptyBody,
        EmptyList::NoContent,
        EmptyList::NotFound,
    ] {
        case(&format!("an empty list as {form:?}"), &[], Asked::List, None, &|it| it.empty_list = form);
    }
    case("a list", &[5, 1, 9], Asked::List, None, as_is);
    for offset in [true, false] {
        let name = format!("a list in pages by {}", if offset { "offset" } else { "key" });
        case(&name, &[5, 1, 9], Asked::List, None, &|it| {
            it.page_size = 2;
            it.offset_token = offset;
        });
    }
    case("a mapping", &[1, 2], Asked::Get(2), None, as_is);
    case("a mapping with an etag", &[1], Asked::Get(1), None, &|it| it.etag = true);
    case("a mapping that is not there", &[1], Asked::Get(2), None, as_is);

    for answer in [
        PutAnswer::CreatedEmpty,
        PutAnswer::OkBody,
        PutAnswer::OkBlankIds,
        PutAnswer::CreatedBody,
        PutAnswer::NoContent,
        PutAnswer::Accepted,
        PutAnswer::AcceptedAsyncOperation,
    ] {
        case(&format!("a new mapping answered as {answer:?}"), &[1], put, None, &|it| it.put_answer = answer);
        case(&format!("an old mapping answered as {answer:?}"), &[2], put, None, &|it| {
            it.put_answer = answer
        });
    }
    case("an accepted mapping that takes long", &[1], put, None, &|it| {
        it.put_answer = PutAnswer::Accepted;
        it.polls = 3;
    });
    case("a tenant that moves", &[1, 5], put, None, as_is);
    case("a tenant that moves and stays listed", &[1, 5], put, None, &|it| it.overwritten_stays = true);
    case("a tenant that the body names", &[1], Asked::Put(2, Some(1)), None, as_is);
    case("a tenant that the body names in vain", &[1], Asked::Put(2, Some(1)), None, &|it| {
        it.tenant_honoured = false;
    });
    case("a body that is none", &[1], Asked::PutNonsense(2), None, as_is);
    case("a subscription that is none", &[1], put, None, &|it| {
        it.directory.remove(&customer(2));
    });
    case("a chosen subscription", &[1], put, None, &|it| {
        let error = ArmError { status: 400, code: "BadCustomerSubscriptionId" };
        it.refused.insert(customer(2), error);
    });

    for answer in [DeleteAnswer::NoContent, DeleteAnswer::OkEmpty, DeleteAnswer::OkBody] {
        case(&format!("a removal answered as {answer:?}"), &[1, 2], Asked::Delete(2), None, &|it| {
            it.delete_answer = answer;
        });
    }
    case("a removal of nothing", &[1], Asked::Delete(2), None, as_is);
    case("a removal of nothing that says so", &[1], Asked::Delete(2), None, &|it| {
        it.delete_missing_not_found = true;
    });
    for right in [true, false] {
        let name = format!("a removal with {} etag", if right { "its" } else { "another" });
        case(&name, &[1, 2], Asked::DeleteIfMatch(2, right), None, &|it| it.etag = true);
    }

    for landing in [Landing::Never, Landing::Before, Landing::Late(Duration::from_millis(300))] {
        for asked in [put, Asked::Delete(5)] {
            case(
                &format!("{asked:?} cut, effect {landing:?}"),
                &[5],
                asked,
                Some(Wrong::Cut(landing)),
                as_is,
            );
        }
    }
    let answer_with_body = &|it: &mut Behaviour| {
        it.put_answer = PutAnswer::OkBody;
        it.delete_answer = DeleteAnswer::OkBody;
    };
    for asked in [put, Asked::Delete(5), Asked::List] {
        case(&format!("{asked:?} truncated"), &[5], asked, Some(Wrong::Truncated), answer_with_body);
        case(&format!("{asked:?} redirected"), &[5], asked, Some(Wrong::Redirect), as_is);
    }
    for after_effect in [true, false] {
        let name =
            |what: &str| format!("{what} {} the effect", if after_effect { "after" } else { "before" });
        case(&name("a page"), &[5], put, Some(Wrong::Page { after_effect }), as_is);
        for (status, code) in [
            (500, "InternalServerError"),
            (503, "ServiceUnavailable"),
            (408, "RequestTimeout"),
            (502, "MetadataResolverBadGatewayError"),
        ] {
            let wrong = Wrong::Status { status, code, retry_after: None, after_effect };
            case(&name(code), &[5], put, Some(wrong), as_is);
        }
    }
    for retry_after in [None, Some(7)] {
        let code = "SubscriptionRequestsThrottled";
        let wrong = Wrong::Status { status: 429, code, retry_after, after_effect: false };
        case(&format!("too many, to come back after {retry_after:?}"), &[5], put, Some(wrong), as_is);
    }
    let code = "AnotherOperationInProgress";
    let wrong = Wrong::Status { status: 409, code, retry_after: None, after_effect: false };
    case("another operation", &[5], put, Some(wrong), as_is);
    cases
}

impl Case {
    /// What there is before.
    pub(super) fn store(&self) -> Store {
        let mut store = Store::default();
        for number in &self.before {
            let id = customer(*number);
            let tenant = self.behaviour.directory.get(&id).map_or(Uuid::nil(), |(tenant, _)| *tenant);
            store.put(id, &id.to_string(), tenant, true);
        }
        store
    }

    /// What goes wrong, in memory.
    pub(super) fn fate(&self) -> Option<Fate> {
        let landing = |after_effect| if after_effect { Landing::Before } else { Landing::Never };
        let (told, landing) = match self.wrong? {
            Wrong::Cut(landing) => (Told::Cut, landing),
            Wrong::Truncated => (Told::Truncated, Landing::Before),
            Wrong::Status { status: 429, retry_after, .. } => {
                (Told::Canned(Canned::Throttled(retry_after)), Landing::Never)
            }
            Wrong::Status { status, code, after_effect, .. } => {
                (Told::Canned(Canned::Status(status, code)), landing(after_effect))
            }
            Wrong::Page { after_effect } => (Told::Canned(Canned::Page), landing(after_effect)),
            Wrong::Redirect => (Told::Canned(Canned::Redirect), Landing::Never),
        };
        Some(Fate { told, landing, ..Fate::CALM })
    }

    /// What goes wrong, at the emulator.
    pub(super) fn fault(&self) -> Option<Fault> {
        Some(Fault::new(match self.wrong? {
            Wrong::Cut(Landing::Before) => FaultAction::ResetAfterEffect,
            Wrong::Cut(Landing::Never) => FaultAction::ResetBeforeEffect { effect_after_ms: None },
            Wrong::Cut(Landing::Late(after)) => {
                let after = u64::try_from(after.as_millis()).unwrap();
                FaultAction::ResetBeforeEffect { effect_after_ms: Some(after) }
            }
            Wrong::Truncated => FaultAction::TruncatedBody,
            Wrong::Status { status, code, retry_after, after_effect } => FaultAction::Status(FaultStatus {
                status,
                retry_after_seconds: retry_after,
                code: Some(code.to_owned()),
                message: None,
                after_effect,
            }),
            Wrong::Page { after_effect } => FaultAction::NonJsonBody { status: 200, after_effect },
            Wrong::Redirect => {
                let location = "https://login.example.invalid/".to_owned();
                FaultAction::Redirect { status: 302, location }
            }
        }))
    }

    /// The behaviour, as the emulator's switches.
    pub(super) fn switch(&self, switches: &mut Switches) {
        let Behaviour { put_answer, delete_answer, empty_list, .. } = self.behaviour;
        switches.put_answer = match put_answer {
            PutAnswer::CreatedEmpty => emulator::PutAnswer::CreatedEmpty,
            PutAnswer::OkBody => emulator::PutAnswer::OkBody,
            PutAnswer::OkBlankIds => emulator::PutAnswer::OkBlankIds,
            PutAnswer::CreatedBody => emulator::PutAnswer::CreatedBody,
            PutAnswer::NoContent => emulator::PutAnswer::NoContent,
            PutAnswer::Accepted => emulator::PutAnswer::Accepted,
            PutAnswer::AcceptedAsyncOperation => emulator::PutAnswer::AcceptedAsyncOperation,
        };
        switches.delete_answer = match delete_answer {
            DeleteAnswer::NoContent => emulator::DeleteAnswer::NoContent,
            DeleteAnswer::OkEmpty => emulator::DeleteAnswer::OkEmpty,
            DeleteAnswer::OkBody => emulator::DeleteAnswer::OkBody,
        };
        switches.empty_list = match empty_list {
            EmptyList::EmptyArray => emulator::EmptyList::EmptyArray,
            EmptyList::NoValue => emulator::EmptyList::NoValue,
            EmptyList::EmptyBody => emulator::EmptyList::EmptyBody,
            EmptyList::NoContent => emulator::EmptyList::NoContent,
            EmptyList::NotFound => emulator::EmptyList::NotFound,
        };
        if self.behaviour.delete_missing_not_found {
            switches.delete_missing = emulator::DeleteMissing::NotFound;
        }
        if !self.behaviour.offset_token {
            switches.page_token = emulator::PageToken::Key;
        }
        if !self.behaviour.tenant_honoured {
            switches.tenant_id = emulator::TenantIdRule::Resolved;
        }
        if self.behaviour.overwritten_stays {
            switches.overwritten = emulator::Overwritten::Stays;
        }
        switches.page_size = self.behaviour.page_size;
        switches.etag = self.behaviour.etag;
        switches.operation_polls = self.behaviour.polls;
        switches.operation_retry_after_seconds = self.behaviour.poll_pause;
        for (customer, error) in &self.behaviour.refused {
            let rule = RpError { status: Some(error.status), ..RpError::new(error.code) };
            switches.rp_errors.insert(customer.to_string(), rule);
        }
    }
}
