//! Outages: an endpoint that has answered before and cannot be reached any more. One request keeps trying for up to two
//! minutes, the others wait for it; that time counts against no item's patience.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::changes::Changes;

/// How long an endpoint may be out of reach before the requests fail.
pub(super) const LONGEST: Duration = Duration::from_secs(120);

/// Whether the endpoint can be reached.
pub(super) struct Outage {
    state: Mutex<State>,
    changed: Changes,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No answer has ever come: what cannot be reached is most likely a mistyped endpoint.
    Untried,
    /// The last that was heard is an answer.
    Up,
    /// Out of reach since then; `probing`: one request keeps trying.
    Down { since: Instant, probing: bool },
    /// Out of reach for too long: requests are tried once, and fail.
    GivenUp,
}

/// What to do with a request that found no connection.
pub(super) enum Next<'a> {
    /// It fails.
    Fail,
    /// It is the one that keeps trying: after a pause, as long as the probe is held.
    Probe(Probe<'a>),
    /// Another one keeps trying: wait for the end of that, then send again.
    Wait,
}

impl Outage {
    pub(super) fn new() -> Outage {
        Outage { state: Mutex::new(State::Untried), changed: Changes::default() }
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(State) -> State) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *state;
        *state = change(before);
        let changed = *state != before;
        drop(state);
        if changed {
            self.changed.tell();
        }
    }

    /// Notes that the endpoint was reached.
    pub(super) fn reached(&self) {
        self.change(|_| State::Up);
    }

    /// Whether another request is finding out if the endpoint can be reached.
    pub(super) fn is_probed(&self) -> bool {
        matches!(self.state(), State::Down { probing: true, .. })
    }

    /// Whether the endpoint was out of reach for too long.
    pub(super) fn is_given_up(&self) -> bool {
        self.state() == State::GivenUp
    }

    /// Waits for the end of another request's probe.
    pub(super) async fn probed(&self) {
        self.changed.wait_for(|| (!self.is_probed()).then_some(())).await;
    }

    /// Notes that no connection could be made.
    pub(super) fn not_reached(&self, now: Instant) -> Next<'_> {
        let mut next = Next::Fail;
        self.change(|state| {
            let mut is_first = false;
            let since = match state {
                State::Untried | State::GivenUp => return state,
                State::Up => {
                    is_first = true;
                    now
                }
                State::Down { probing: true, .. } => {
                    next = Next::Wait;
                    return state;
                }
                // Nobody has tried for long: that it was out of reach once says nothing about now.
                State::Down { since, probing: false } if now > since + LONGEST => now,
                State::Down { since, probing: false } => since,
            };
            next = Next::Probe(Probe { outage: self, until: since + LONGEST, is_first });
            State::Down { since, probing: true }
        });
        next
    }
}

/// The right to be the one who keeps trying. Given to another where this one ends early.
pub(super) struct Probe<'a> {
    outage: &'a Outage,
    pub(super) until: Instant,
    /// Whether the outage begins with it.
    pub(super) is_first: bool,
}

impl Probe<'_> {
    /// It has lasted too long: all that wait fail.
    pub(super) fn give_up(self) {
        self.outage.change(|_| State::GivenUp);
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        self.outage.change(|state| match state {
            State::Down { since, .. } => State::Down { since, probing: false },
            other => other,
        });
    }
}
