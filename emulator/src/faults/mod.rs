//! The faults: what can go wrong between a client and the service, as data. [`apply`] is the one place that acts on it.

mod another_writer;
mod apply;

use serde::{Deserialize, Serialize};

use crate::one_or_many::OneOrMany;

pub use another_writer::{ChangeTime, WriterChange};
pub(crate) use apply::respond;

/// A rule: which requests meet which fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The requests that meet the fault; every request without it.
    #[serde(default, rename = "match")]
    pub matching: FaultMatch,
    /// What happens to them.
    pub action: FaultAction,
}

/// Which requests meet a fault. Method and path choose requests, which are counted for each rule; the other fields
/// choose among those by their number, the first being 1. All given fields must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FaultMatch {
    /// The HTTP method, compared without case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// A part of path and query as received, compared without case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_contains: Option<String>,
    /// Only the request of this number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// Only the first so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Only those from this number on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// Only the numbers that this divides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
}

/// What happens to a request that meets a fault. "Effect" is what the request does to the service's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum FaultAction {
    /// An error answer with a status of its own.
    Status(FaultStatus),
    /// The connection is cut with a TCP reset. The effect never happens, or `effectAfterMs` after the cut.
    ResetBeforeEffect {
        /// How long after the cut the effect lands; never without it.
        #[serde(default)]
        effect_after_ms: Option<u64>,
    },
    /// The effect happens, then the connection is cut with a TCP reset instead of an answer.
    ResetAfterEffect,
    /// The effect happens; the answer breaks off in the middle of its body.
    TruncatedBody,
    /// An answer in HTML with a good status, as a proxy's block page is.
    NonJsonBody {
        /// The status of that page.
        #[serde(default = "ok")]
        status: u16,
        /// Whether the effect happens all the same.
        #[serde(default)]
        after_effect: bool,
    },
    /// A redirect instead of an answer; no effect.
    Redirect {
        /// The status of the redirect.
        #[serde(default = "found")]
        status: u16,
        /// Where it points.
        #[serde(default = "elsewhere")]
        location: String,
    },
    /// The list answer's nextLink points to another host.
    WrongNextLink {
        /// That host, with a port if need be.
        #[serde(default = "other_host")]
        host: String,
    },
    /// The list answer's nextLink is the address of the same page.
    LoopingNextLink,
    /// A page without entries whose nextLink leads to the page asked for, which ARM's RPC allows. For use with `nth`.
    EmptyPage,
    /// The request waits before anything else happens.
    Delay {
        /// For so many milliseconds.
        ms: u64,
    },
    /// No answer comes, and the connection stays open.
    Hang {
        /// Whether the effect happens all the same.
        #[serde(default)]
        after_effect: bool,
    },
    /// No answer comes; from then on nothing is read from the connection and nothing written to it, and it stays open.
    HalfOpen {
        /// Whether the effect happens all the same.
        #[serde(default)]
        after_effect: bool,
    },
    /// The connection ends in order after the answer: with HTTP/2 by GOAWAY, with HTTP/1.1 by `Connection: close`.
    Goaway,
    /// 401 without effect, asking for a token with certain claims (continuous access evaluation).
    ClaimsChallenge {
        /// The claims as the challenge has them, in base64.
        claims: String,
    },
    /// This request and all later ones find every token issued so far expired.
    ExpireTokens,
    /// Another client changes the registration. The request itself goes on.
    AnotherWriter {
        /// Before the request's effect or after it.
        #[serde(default)]
        when: ChangeTime,
        /// What it changes, in this order.
        changes: Vec<WriterChange>,
    },
}

/// The answer of [`FaultAction::Status`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultStatus {
    /// The HTTP status.
    pub status: u16,
    /// The seconds that a Retry-After header names; no such header without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// ARM's error code; without it one that goes with the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The error's message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Whether the effect happens all the same.
    #[serde(default)]
    pub after_effect: bool,
}

fn ok() -> u16 {
    200
}

fn found() -> u16 {
    302
}

fn elsewhere() -> String {
    "https://login.example.invalid/".to_owned()
}

fn other_host() -> String {
    "management.example.invalid".to_owned()
}

impl Fault {
    /// A fault that every request meets; narrow it with the methods below.
    pub fn new(action: FaultAction) -> Self {
        Self { matching: FaultMatch::default(), action }
    }

    /// An error answer without effect, with the code that goes with the status.
    pub fn status(status: u16) -> Self {
        Self::new(FaultAction::Status(FaultStatus {
            status,
            retry_after_seconds: None,
            code: None,
            message: None,
            after_effect: false,
        }))
    }

    /// An error answer of [`Fault::status`] with a Retry-After header.
    pub fn status_retry_after(status: u16, seconds: u64) -> Self {
        Self::new(FaultAction::Status(FaultStatus {
            status,
            retry_after_seconds: Some(seconds),
            code: None,
            message: None,
            after_effect: false,
        }))
    }

    /// Reads one fault or a list of them, in the JSON of the control API.
    pub fn parse(json: &str) -> Result<Vec<Self>, String> {
        serde_json::from_str(json).map(|OneOrMany(faults)| faults).map_err(|error| error.to_string())
    }

    /// Only requests of this method.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.matching.method = Some(method.into());
        self
    }

    /// Only requests whose path and query contain this.
    pub fn path_contains(mut self, part: impl Into<String>) -> Self {
        self.matching.path_contains = Some(part.into());
        self
    }

    /// Only the matching request of this number, from 1.
    pub fn nth(mut self, number: u64) -> Self {
        self.matching.nth = Some(number);
        self
    }

    /// Only the first so many matching requests.
    pub fn first(mut self, count: u64) -> Self {
        self.matching.first = Some(count);
        self
    }

    /// Only the matching requests from this number on.
    pub fn from(mut self, number: u64) -> Self {
        self.matching.from = Some(number);
        self
    }

    /// Only every so manieth matching request.
    pub fn every(mut self, step: u64) -> Self {
        self.matching.every = Some(step);
        self
    }
}

impl FaultMatch {
    fn chooses(&self, method: &str, target: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path_contains
                .as_ref()
                .is_none_or(|part| target.to_ascii_lowercase().contains(&part.to_ascii_lowercase()))
    }

    fn fires_on(&self, number: u64) -> bool {
        self.nth.is_none_or(|nth| number == nth)
            && self.first.is_none_or(|first| number <= first)
            && self.from.is_none_or(|from| number >= from)
            && self.every.is_none_or(|every| every != 0 && number.is_multiple_of(every))
    }
}

/// The rules in force, with their counts.
#[derive(Debug, Default)]
pub(crate) struct FaultRules {
    rules: Vec<CountedRule>,
}

/// A rule and what it has met so far, as the control API shows it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CountedRule {
    #[serde(flatten)]
    fault: Fault,
    /// Requests that method and path chose.
    seen: u64,
    /// Those of them that met the fault.
    fired: u64,
}

impl FaultRules {
    pub(crate) fn new(faults: impl IntoIterator<Item = Fault>) -> Self {
        let mut rules = Self::default();
        faults.into_iter().for_each(|fault| rules.add(fault));
        rules
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.rules.push(CountedRule { fault, seen: 0, fired: 0 });
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(crate) fn counted(&self) -> &[CountedRule] {
        &self.rules
    }

    /// Counts a request and returns what it meets, in the order of the rules.
    pub(crate) fn take(&mut self, method: &str, target: &str) -> Vec<FaultAction> {
        let mut met = Vec::new();
        for rule in self.rules.iter_mut().filter(|rule| rule.fault.matching.chooses(method, target)) {
            rule.seen += 1;
            if rule.fault.matching.fires_on(rule.seen) {
                rule.fired += 1;
                met.push(rule.fault.action.clone());
            }
        }
        met
    }
}
