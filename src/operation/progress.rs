//! How far an operation has come, how fast it is of late, and what it waits for.
//!
//! An overall average misleads: the first 200 changes go out in seconds, then Azure Resource Manager lets ten a second
//! through. So the rate is that of a window that moves with the work, and begins anew where the pace changes for all.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::engine::Wait;

/// How far back the rate looks.
const WINDOW: Duration = Duration::from_secs(10);
/// How far back it looks where little has ended in that time.
const LONGEST_WINDOW: Duration = Duration::from_secs(60);
/// So much has to have ended for the shorter window to say something.
const ENOUGH: u64 = 10;
/// The least time that says something about a rate.
const SHORTEST_WINDOW: Duration = Duration::from_secs(1);
/// The least time between two notes of what has ended.
const STEP: Duration = Duration::from_millis(250);
/// A stop of everything that is shorter than this belongs to the pace.
const STOP: Duration = Duration::from_secs(5);

/// How far an operation has come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Progress {
    /// Requests that ended.
    pub finished: u64,
    /// Those of them that did not end as was asked for.
    pub failed: u64,
    /// Requests accepted and not ended.
    pub outstanding: u64,
    /// Those of them that are being sent, or wait for their answer, just now. The others wait: for their turn, for what
    /// [`Progress::wait`] says, or because no more may be on their way at once.
    pub in_flight: u64,
    /// Items that lists and comparisons gave.
    pub listed: u64,
    /// Requests that end in a second, of late; `None` where that is not known yet, or nothing ends.
    pub rate: Option<f64>,
    /// Items that lists and comparisons give in a second, of late; `None` where that is not known yet, or none come.
    pub listing_rate: Option<f64>,
    /// When what is outstanding will probably have ended; `None` where that cannot be told.
    pub time_left: Option<Duration>,
    /// What is waited for just now: what holds up everything, else what holds up some while nothing is in flight.
    pub wait: Option<CurrentWait>,
    /// The time before which not all of what is outstanding can have ended.
    held_for: Duration,
    /// The pause that comes on top of the work.
    pause: Duration,
}

/// What an operation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentWait {
    /// What it is.
    pub kind: Wait,
    /// How long it was expected to last when it began.
    pub expected: Option<Duration>,
    /// How long it is expected to last from now on.
    pub left: Option<Duration>,
}

impl Progress {
    /// How long so many requests will probably take from now on, those outstanding included: for a caller that knows how
    /// many there are in all. `None` where that cannot be told.
    pub fn time_for(&self, requests: u64) -> Option<Duration> {
        let seconds = requests as f64 / self.rate?;
        let work = Duration::try_from_secs_f64(seconds).ok()?;
        Some(work.saturating_add(self.pause).max(self.held_for))
    }
}

/// Counts what [`Progress`] says.
#[derive(Default)]
pub(super) struct Meter {
    pub(super) finished: u64,
    pub(super) failed: u64,
    pub(super) outstanding: u64,
    pub(super) listed: u64,
    /// HTTP requests on their way, by the place of their request in the input.
    sending: HashMap<u64, u32>,
    waits: Waits,
    recent: Recent,
    paced_at: Option<Instant>,
}

impl Meter {
    /// Notes the time and what has ended until now: after the counts have changed, so that a rate counts what came after it.
    pub(super) fn note(&mut self, now: Instant) {
        self.recent.note(Sample { at: now, finished: self.finished, listed: self.listed });
    }

    pub(super) fn sending_began(&mut self, order: u64) {
        *self.sending.entry(order).or_default() += 1;
    }

    pub(super) fn sending_ended(&mut self, order: u64) {
        if let Some(count) = self.sending.get_mut(&order) {
            *count -= 1;
            if *count == 0 {
                self.sending.remove(&order);
            }
        }
    }

    pub(super) fn wait_began(&mut self, id: u64, kind: Wait, expected: Option<Duration>, now: Instant) {
        if kind == Wait::Pacing {
            // What the service let through before its limit was met says nothing about what comes.
            if self.paced_at.is_none_or(|paced| now - paced > WINDOW) {
                self.begin_anew(now);
            }
            self.paced_at = Some(now);
        }
        self.waits.begin(id, Waiting { kind, expected, began: now });
    }

    pub(super) fn wait_ended(&mut self, id: u64, now: Instant) {
        let Some(ended) = self.waits.end(id) else { return };
        if ended.kind == Wait::Pacing {
            self.paced_at = Some(now);
        }
        if ended.stops_all() && now - ended.began >= STOP {
            self.begin_anew(now);
        }
    }

    /// Whether something waits for a credential: its own request, or the one of another operation that it waits for.
    pub(super) fn waits_for_credential(&self) -> bool {
        [Wait::Credential, Wait::Listing, Wait::Settling, Wait::Outage]
            .iter()
            .any(|kind| self.waits.any(*kind))
    }

    fn begin_anew(&mut self, now: Instant) {
        self.recent = Recent::default();
        self.note(now);
    }

    /// How far it has come by now.
    pub(super) fn progress(&self, now: Instant) -> Progress {
        // What goes on in the background for a request that has ended is nobody's any more.
        let in_flight = (self.sending.len() as u64).min(self.outstanding);
        let is_stopped = in_flight == 0 && self.waits.all().any(|wait| wait.is_stop(now));
        let counts = Sample { at: now, finished: self.finished, listed: self.listed };
        let (rate, listing_rate) = if is_stopped { (None, None) } else { self.recent.rates(counts) };
        let left = |kind: Option<Wait>| {
            let waits = self.waits.all().filter(|wait| kind.is_none_or(|kind| wait.kind == kind));
            waits.filter_map(|wait| wait.left(now)).max().unwrap_or_default()
        };
        let mut progress = Progress {
            finished: self.finished,
            failed: self.failed,
            outstanding: self.outstanding,
            in_flight,
            listed: self.listed,
            rate,
            listing_rate,
            time_left: None,
            wait: self.waits.current(in_flight > 0, now),
            held_for: left(None),
            pause: left(Some(Wait::Throttled)),
        };
        progress.time_left = progress.time_for(self.outstanding);
        progress
    }
}

/// A wait that is going on.
#[derive(Clone, Copy)]
struct Waiting {
    kind: Wait,
    expected: Option<Duration>,
    began: Instant,
}

impl Waiting {
    fn stops_all(&self) -> bool {
        matches!(self.kind, Wait::Credential | Wait::Outage | Wait::Throttled)
    }

    fn is_stop(&self, now: Instant) -> bool {
        self.stops_all() && self.expected.unwrap_or_default().max(now - self.began) >= STOP
    }

    fn left(&self, now: Instant) -> Option<Duration> {
        Some(self.expected?.saturating_sub(now - self.began))
    }
}

/// The waits that are going on.
#[derive(Default)]
struct Waits {
    by_id: BTreeMap<u64, Waiting>,
    counts: [usize; KINDS],
}

/// How many kinds of waits there are.
const KINDS: usize = 7;

/// The order in which waits are told: what holds up all requests, then what holds up some.
fn rank(kind: Wait) -> usize {
    match kind {
        Wait::Credential => 0,
        Wait::Outage => 1,
        Wait::Throttled => 2,
        Wait::Pacing => LAST_FOR_ALL,
        Wait::Listing => 4,
        Wait::Settling => 5,
        Wait::Retry => KINDS - 1,
    }
}

/// Up to this rank a wait holds up all.
const LAST_FOR_ALL: usize = 3;

impl Waits {
    fn begin(&mut self, id: u64, wait: Waiting) {
        self.counts[rank(wait.kind)] += 1;
        self.by_id.insert(id, wait);
    }

    fn end(&mut self, id: u64) -> Option<Waiting> {
        let ended = self.by_id.remove(&id)?;
        self.counts[rank(ended.kind)] -= 1;
        Some(ended)
    }

    fn any(&self, kind: Wait) -> bool {
        self.counts[rank(kind)] > 0
    }

    fn all(&self) -> impl Iterator<Item = &Waiting> {
        self.by_id.values()
    }

    /// What is to be told: of one kind, the one that lasts longest.
    fn current(&self, something_is_in_flight: bool, now: Instant) -> Option<CurrentWait> {
        let told = self.all().filter(|wait| !something_is_in_flight || rank(wait.kind) <= LAST_FOR_ALL);
        let wait = told.min_by_key(|wait| (rank(wait.kind), Reverse((wait.left(now), wait.expected))))?;
        Some(CurrentWait { kind: wait.kind, expected: wait.expected, left: wait.left(now) })
    }
}

/// What had ended at some time.
#[derive(Clone, Copy)]
struct Sample {
    at: Instant,
    finished: u64,
    listed: u64,
}

/// What had ended at some times of the window, the oldest first.
#[derive(Default)]
struct Recent(VecDeque<Sample>);

impl Recent {
    fn note(&mut self, now: Sample) {
        if self.0.back().is_some_and(|last| now.at - last.at < STEP) {
            return;
        }
        self.0.push_back(now);
        let says_enough = |since: &Sample| {
            let age = now.at - since.at;
            let ended = (now.finished - since.finished).max(now.listed - since.listed);
            age >= LONGEST_WINDOW || age >= WINDOW && ended >= ENOUGH
        };
        while self.0.get(1).is_some_and(says_enough) {
            self.0.pop_front();
        }
    }

    /// What ends, and what lists give, in a second.
    fn rates(&self, now: Sample) -> (Option<f64>, Option<f64>) {
        let Some(first) = self.0.front() else { return (None, None) };
        let span = now.at - first.at;
        if span < SHORTEST_WINDOW {
            return (None, None);
        }
        let rate = |count: u64| (count > 0).then(|| count as f64 / span.as_secs_f64());
        (rate(now.finished - first.finished), rate(now.listed - first.listed))
    }
}
