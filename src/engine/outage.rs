//! Outages: an endpoint that has answered before and cannot be reached any more. One request keeps trying for up to two
//! minutes, the others wait for it; that time counts against no item's patience.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

/// How long an endpoint may be out of reach before the requests fail.
const LONGEST: Duration = Duration::from_secs(120);

/// Whether the endpoint can be reached.
pub(super) struct Outage(watch::Sender<State>);

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
        Outage(watch::Sender::new(State::Untried))
    }

    /// Notes that the endpoint was reached.
    pub(super) fn reached(&self) {
        self.0.send_if_modified(|state| {
            let before = *state;
            *state = State::Up;
            before != State::Up
        });
    }

    /// Whether another request is finding out if the endpoint can be reached.
    pub(super) fn is_probed(&self) -> bool {
        matches!(*self.0.borrow(), State::Down { probing: true, .. })
    }

    /// Whether the endpoint was out of reach for too long.
    pub(super) fn is_given_up(&self) -> bool {
        *self.0.borrow() == State::GivenUp
    }

    /// Waits for the end of another request's probe.
    pub(super) async fn probed(&self) {
        let mut state = self.0.subscribe();
        // The sender lives as long as self.
        let _ = state.wait_for(|state| !matches!(state, State::Down { probing: true, .. })).await;
    }

    /// Notes that no connection could be made.
    pub(super) fn not_reached(&self, now: Instant) -> Next<'_> {
        let mut next = Next::Fail;
        self.0.send_if_modified(|state| {
            let since = match *state {
                State::Untried | State::GivenUp => return false,
                State::Up => now,
                State::Down { probing: true, .. } => {
                    next = Next::Wait;
                    return false;
                }
                State::Down { since, probing: false } => since,
            };
            *state = State::Down { since, probing: true };
            next = Next::Probe(Probe { outage: self, until: since + LONGEST });
            true
        });
        next
    }
}

/// The right to be the one who keeps trying. Given to another where this one ends early.
pub(super) struct Probe<'a> {
    outage: &'a Outage,
    pub(super) until: Instant,
}

impl Probe<'_> {
    /// It has lasted too long: all that wait fail.
    pub(super) fn give_up(self) {
        self.outage.0.send_replace(State::GivenUp);
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        self.outage.0.send_if_modified(|state| match state {
            State::Down { probing, .. } => std::mem::replace(probing, false),
            _ => false,
        });
    }
}
