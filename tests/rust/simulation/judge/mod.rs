//! Says which promises of the library a history breaks. It knows the truth.

mod attribution;
mod ending;
mod outcomes;
mod replacing;
mod writes;

use std::fmt;
use std::time::Duration;

use azs_registration::tenants::{Finished, Outcome};
use http::Method;
use uuid::Uuid;

use super::history::{History, Item, Ran};
use super::schedule::{Kind, Planned};
use super::truth::{Delivered, Effect, Moment, Subject};
use attribution::Attribution;

/// How old a view may be that is acted on.
const VIEW_AGE: Duration = Duration::from_secs(60);

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) rule: &'static str,
    /// The operation and the item.
    pub(crate) item: Option<(usize, usize)>,
    pub(crate) what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.item {
            Some((operation, tag)) => write!(f, "[{operation}.{tag}] {}: {}", self.rule, self.what),
            None => write!(f, "{}: {}", self.rule, self.what),
        }
    }
}

/// The promises that a history breaks.
pub(crate) fn judge(history: &History) -> Vec<Broken> {
    let mut judgement = Judgement::new(history);
    judgement.ends();
    judgement.outcomes();
    judgement.replacements();
    judgement.writes();
    judgement.final_state();
    judgement.broken
}

struct Judgement<'a> {
    history: &'a History,
    attribution: Attribution,
    broken: Vec<Broken>,
}

/// An item, with what the truth says about it.
#[derive(Clone, Copy)]
struct Case<'a> {
    history: &'a History,
    id: (usize, usize),
    operation: &'a Ran,
    item: &'a Item,
    planned: &'a Planned,
    accepted: Moment,
    end: Moment,
    finished: &'a Finished,
    /// Its writes, as numbers of requests.
    writes: &'a [usize],
}

impl<'a> Judgement<'a> {
    fn new(history: &'a History) -> Judgement<'a> {
        Judgement { history, attribution: Attribution::of(history), broken: Vec::new() }
    }

    fn breaks(
        &mut self,
        rule: &'static str,
        item: impl Into<Option<(usize, usize)>>,
        what: impl Into<String>,
    ) {
        self.broken.push(Broken { rule, item: item.into(), what: what.into() });
    }

    /// The items that were accepted and have ended.
    fn cases(&self) -> Vec<Case<'a>> {
        let history = self.history;
        let mut cases = Vec::new();
        for (number, operation) in history.operations.iter().enumerate() {
            for (tag, item) in operation.items.iter().enumerate() {
                let (Some(accepted), Some((end, finished))) = (item.accepted, item.ends.first()) else {
                    continue;
                };
                cases.push(Case {
                    history,
                    id: (number, tag),
                    operation,
                    item,
                    planned: &item.planned,
                    accepted,
                    end: *end,
                    finished,
                    writes: &[],
                });
            }
        }
        cases
    }

    /// The same with their writes, which `self` knows.
    fn with_writes<'b>(&'b self, case: Case<'b>) -> Case<'b> {
        Case { writes: self.attribution.of_item(case.id), ..case }
    }
}

impl<'a> Case<'a> {
    /// The effects of its writes, late ones included.
    fn effects(&self) -> impl Iterator<Item = &'a Effect> + use<'a> {
        let writes = self.writes;
        self.history.truth.effects.iter().filter(
            move |effect| matches!(effect.cause, super::truth::Cause::Request(number) if writes.contains(&number)),
        )
    }

    /// The effects that happened before it ended.
    fn effects_in_time(&self) -> impl Iterator<Item = &'a Effect> + use<'a> {
        let end = self.end;
        self.effects().filter(move |effect| effect.at <= end)
    }

    /// How old what it acted on may have been when it began to be read: a view's age, its listing, and a list's lag.
    fn view_age(&self) -> Duration {
        VIEW_AGE + longest_listing(self.history, self.operation) + self.history.schedule.behaviour.list_lag
    }

    /// The first moment that what it says may be about.
    fn view_begin(&self) -> Moment {
        let lag = self.history.schedule.behaviour.list_lag;
        let began = self.operation.began.unwrap_or(self.accepted).earlier(lag);
        self.end.earlier(self.view_age()).max(began)
    }

    /// The same for what it says about the time round its first write.
    fn view_of_writes(&self) -> Moment {
        let first = self.writes.first().map(|write| self.history.truth.sent[*write].at);
        first.map_or(self.view_begin(), |first| first.earlier(self.view_age()).min(self.view_begin()))
    }

    /// The tenant that an add would map.
    fn maps_tenant(&self) -> Option<Uuid> {
        would_map(self.history, self.planned)
    }

    fn is_change(&self) -> bool {
        matches!(self.planned.kind, Kind::Add | Kind::Remove)
    }

    /// Whether what is open may have come of it.
    fn is_open(&self) -> bool {
        matches!(self.finished.outcome, Outcome::Unknown | Outcome::ChangedByAnother)
    }
}

/// The tenant that a PUT of this request maps.
fn would_map(history: &History, planned: &Planned) -> Option<Uuid> {
    let behaviour = &history.schedule.behaviour;
    let directory = || behaviour.directory.get(&planned.customer?).map(|(tenant, _)| *tenant);
    planned.tenant.filter(|_| behaviour.tenant_honoured).or_else(directory)
}

/// The longest time from the first page of a list to the end of its last one.
fn longest_listing(history: &History, operation: &Ran) -> Duration {
    let mut longest = Duration::ZERO;
    let mut began = Duration::ZERO;
    for sent in history.truth.sent.iter().filter(|sent| sent.correlation == operation.correlation) {
        match sent.subject {
            Subject::List { first: true } => began = sent.at.at,
            Subject::List { first: false } => {}
            // What the items of a list leave out is read one by one.
            Subject::Mapping(_) | Subject::Challenge(_)
                if sent.method == Method::GET && !history.schedule.behaviour.list_says_tenant => {}
            _ => continue,
        }
        if let Some((ended, Delivered::Answer { .. } | Delivered::Lost(_))) = sent.ended {
            longest = longest.max(ended.at.saturating_sub(began));
        }
    }
    longest
}

/// The tenant that the last sign-in challenge of a subscription said, if it said any.
fn challenged(history: &History, customer: Uuid, before: Moment) -> Option<Uuid> {
    let (tenant, says) = history.schedule.behaviour.directory.get(&customer)?;
    let mut asked = history.truth.sent.iter().filter(|sent| sent.subject == Subject::Challenge(customer));
    let last = asked.rfind(|sent| sent.ended.is_some_and(|(ended, _)| ended < before))?;
    let answered = matches!(last.ended, Some((_, Delivered::Answer { status: 401, .. })));
    (*says && answered).then_some(*tenant)
}

/// A GUID of a report.
fn guid(text: Option<&str>) -> Option<Uuid> {
    text.and_then(|text| Uuid::try_parse(text).ok())
}
