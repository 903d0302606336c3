//! Tokens that the caller supplies.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{AccessToken, Authorization, Reason, TokenSource};
use crate::changes::Changes;
use crate::clock::BoxFuture;
use crate::error::{Category, Error, Result};

/// The token that the caller gave last. Where the caller can be asked, requests without a valid token wait for one.
pub struct SuppliedToken {
    may_ask: AtomicBool,
    state: Mutex<State>,
    /// Tells waiting requests that a token came, or that none will.
    supplied: Changes,
}

#[derive(Default)]
struct State {
    token: Option<AccessToken>,
    /// How many tokens have come.
    generation: u64,
    /// Set by a 401 to the token of this generation.
    rejected: Option<Option<String>>,
    /// How many requests wait.
    waiting: usize,
    reason: Option<Reason>,
}

impl SuppliedToken {
    /// A source without a token yet. `may_ask`: whether requests wait for the caller to supply one.
    pub fn new(may_ask: bool) -> Arc<SuppliedToken> {
        Arc::new(SuppliedToken {
            may_ask: AtomicBool::new(may_ask),
            state: Mutex::default(),
            supplied: Changes::default(),
        })
    }

    fn may_ask(&self) -> bool {
        self.may_ask.load(Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The header, or why there is none.
    fn current(&self, now_unix: u64) -> std::result::Result<Authorization, Reason> {
        let state = self.state();
        let token = state.token.as_ref().ok_or(Reason::Missing)?;
        if let Some(claims) = &state.rejected {
            return Err(Reason::Rejected { claims: claims.clone() });
        }
        if token.expires_on().is_some_and(|expiry| expiry <= now_unix) {
            return Err(Reason::Expired);
        }
        Authorization::with(token, state.generation).ok_or(Reason::Missing)
    }
}

impl TokenSource for SuppliedToken {
    fn authorization(&self, now_unix: u64) -> BoxFuture<'_, Result<Authorization>> {
        Box::pin(async move {
            let look = || match self.current(now_unix) {
                Ok(authorization) => Some(Ok(authorization)),
                Err(reason) if !self.may_ask() => Some(Err(without_token(&reason))),
                Err(reason) => {
                    self.state().reason = Some(reason);
                    None
                }
            };
            if let Some(found) = look() {
                return found;
            }
            let _waiting = Waiting::begin(self);
            self.supplied.wait_for(look).await
        })
    }

    fn rejected(&self, generation: u64, claims: Option<String>) -> bool {
        let mut state = self.state();
        if state.generation == generation {
            // Without anybody to ask the token stays in use: another registration may be in the directory that it is
            // for, and the service's own answer says more than "not accepted before".
            if self.may_ask() {
                state.rejected = Some(claims);
            }
            self.may_ask()
        } else {
            // A newer token came meanwhile: worth trying.
            true
        }
    }

    fn needed(&self) -> Option<Reason> {
        let state = self.state();
        // Nobody can be asked any more: who still waits is about to fail.
        if self.may_ask() && state.waiting > 0 { state.reason.clone() } else { None }
    }

    fn close(&self) {
        self.may_ask.store(false, Ordering::Relaxed);
        // Who waits looks again, and finds that nothing will come.
        self.supplied.tell();
    }

    fn supply(&self, token: AccessToken) -> bool {
        let mut state = self.state();
        state.token = Some(token);
        state.rejected = None;
        state.reason = None;
        state.generation += 1;
        drop(state);
        self.supplied.tell();
        true
    }
}

fn without_token(reason: &Reason) -> Error {
    match reason {
        Reason::Missing => Error::new(Category::Authentication, "TokenMissing", "No access token was given."),
        Reason::Expired | Reason::Rejected { .. } => Error::new(
            Category::Authentication,
            "TokenExpired",
            "The access token has expired; nothing was sent.",
        ),
    }
}

/// Counts a waiting request for as long as it waits, given up ones included.
struct Waiting<'a>(&'a SuppliedToken);

impl<'a> Waiting<'a> {
    fn begin(source: &'a SuppliedToken) -> Waiting<'a> {
        source.state().waiting += 1;
        Waiting(source)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}
