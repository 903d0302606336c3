//! Tokens that the library gets itself: kept, renewed in time, and asked for once however many requests wait.
//!
//! azure_identity keeps tokens too, and renews them five minutes before they expire: tokens that live for less would be
//! asked for with every request. It also gives the same one again after the service has refused it. So a credential
//! here keeps nothing, and this does.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, MutexGuard as AsyncMutexGuard};

use super::{AccessToken, Authorization, Credential, Reason, TokenSource};
use crate::clock::{BoxFuture, Clock, Random};
use crate::error::{Category, Error, Result};

/// A token is renewed so many seconds before it expires, unless it lives for less than five times that.
const RENEWED_BEFORE_EXPIRY: u64 = 300;

/// After an early renewal that failed, the token that is still valid is used for so many seconds before the next try.
const PAUSE_AFTER_FAILED_RENEWAL: u64 = 30;

/// How often a sign-in is tried that the network or the service makes fail.
const MOST_TRIES: u32 = 5;

/// The pause before a sign-in is tried again; it doubles with each try.
const FIRST_PAUSE: Duration = Duration::from_millis(800);

/// Tokens from a credential.
pub struct RefreshingToken {
    credential: Arc<dyn Credential>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    state: Mutex<State>,
    /// Whoever holds it asks for a token; the others wait for what comes of it.
    asking: AsyncMutex<()>,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// How many tokens have come.
    generation: u64,
    /// How many sign-ins have ended, and how the last one failed.
    sign_ins: u64,
    failure: Option<Error>,
}

struct Kept {
    token: AccessToken,
    /// From when on it is better renewed, in seconds since 1970-01-01 UTC.
    renew_at: u64,
    /// The service answered 401 to it.
    rejected: bool,
}

/// What the kept token is worth.
enum Worth {
    /// It is used as it is.
    Good(Authorization),
    /// It can still be used, and is better renewed.
    Renewable(Authorization),
    /// There is none that could be used.
    None,
}

impl RefreshingToken {
    /// A source that has not asked for a token yet.
    pub fn new(
        credential: Arc<dyn Credential>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Arc<RefreshingToken> {
        Arc::new(RefreshingToken {
            credential,
            clock,
            random,
            state: Mutex::default(),
            asking: AsyncMutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks for a token, and again where the network or the service failed.
    async fn sign_in(&self) -> Result<AccessToken> {
        let mut pause = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            match self.credential.get(self.clock.as_ref()).await {
                Err(error) if tries < MOST_TRIES && may_try_again(&error) => {
                    self.clock.sleep(pause.mul_f64(0.5 + 0.5 * self.random.fraction())).await;
                    pause *= 2;
                    tries += 1;
                }
                // Whatever it was: without a token nothing else can be done either.
                end => return end.map_err(Error::into_authentication),
            }
        }
    }

    /// Asks for a token and keeps what comes of it. The one who holds the right to ask calls it.
    async fn renew(&self, _asking: AsyncMutexGuard<'_, ()>) -> Result<Authorization> {
        let end = self.sign_in().await;
        let now = self.clock.unix_time();
        let mut state = self.state();
        state.sign_ins += 1;
        match end {
            Ok(token) => {
                let renew_at = token.expires_on().map_or(u64::MAX, |expiry| {
                    let lifetime = expiry.saturating_sub(now);
                    expiry - RENEWED_BEFORE_EXPIRY.min(lifetime / 5)
                });
                state.failure = None;
                state.generation += 1;
                // The text of a token was checked when it was made.
                let authorization = Authorization::with(&token, state.generation);
                state.kept = Some(Kept { token, renew_at, rejected: false });
                authorization.ok_or_else(|| unusable("The sign-in service gave no token."))
            }
            Err(error) => {
                if let Some(kept) = &mut state.kept {
                    kept.renew_at = now + PAUSE_AFTER_FAILED_RENEWAL;
                }
                state.failure = Some(error.clone());
                Err(error)
            }
        }
    }
}

impl State {
    fn worth(&self, now_unix: u64) -> Worth {
        let Some(kept) = self.kept.as_ref().filter(|kept| !kept.rejected) else { return Worth::None };
        if kept.token.expires_on().is_some_and(|expiry| expiry <= now_unix) {
            return Worth::None;
        }
        let Some(authorization) = Authorization::with(&kept.token, self.generation) else {
            return Worth::None;
        };
        if kept.renew_at <= now_unix { Worth::Renewable(authorization) } else { Worth::Good(authorization) }
    }
}

impl TokenSource for RefreshingToken {
    fn authorization(&self, now_unix: u64) -> BoxFuture<'_, Result<Authorization>> {
        Box::pin(async move {
            let (worth, sign_ins) = {
                let state = self.state();
                (state.worth(now_unix), state.sign_ins)
            };
            match worth {
                Worth::Good(authorization) => return Ok(authorization),
                Worth::Renewable(authorization) => {
                    // One renews it. The others, and this one if that fails, go on with the one that is still valid.
                    return match self.asking.try_lock() {
                        Ok(asking) => Ok(self.renew(asking).await.unwrap_or(authorization)),
                        Err(_) => Ok(authorization),
                    };
                }
                Worth::None => {}
            }
            let asking = self.asking.lock().await;
            {
                // Another one may have asked meanwhile. Its failure is everybody's who waited for it.
                let state = self.state();
                match state.worth(self.clock.unix_time()) {
                    Worth::Good(authorization) | Worth::Renewable(authorization) => return Ok(authorization),
                    Worth::None => {}
                }
                if let Some(failure) = state.failure.as_ref().filter(|_| state.sign_ins > sign_ins) {
                    return Err(failure.clone());
                }
            }
            self.renew(asking).await
        })
    }

    fn rejected(&self, generation: u64, claims: Option<String>) -> bool {
        let mut state = self.state();
        if state.generation != generation {
            // A newer token came meanwhile: worth trying.
            return true;
        }
        if claims.is_some() {
            // A claims challenge wants something of the one who signs in: asking in the same way again gives a token
            // that is refused again.
            return false;
        }
        if let Some(kept) = &mut state.kept {
            kept.rejected = true;
        }
        true
    }

    fn needed(&self) -> Option<Reason> {
        None
    }

    fn close(&self) {}

    fn supply(&self, _token: AccessToken) -> bool {
        false
    }
}

/// Whether the same sign-in may succeed a moment later: the network or the service failed, not the credential.
fn may_try_again(error: &Error) -> bool {
    match error.category() {
        Category::Timeout | Category::Service | Category::Throttled => true,
        // A certificate or a proxy does not change in seconds.
        Category::Connection => matches!(
            error.code(),
            "ConnectionRefused"
                | "ConnectionFailed"
                | "ConnectionLost"
                | "ConnectionTimeout"
                | "NameNotResolved"
        ),
        _ => false,
    }
}

/// An answer of the sign-in service that holds no token that could be sent.
pub(super) fn unusable(message: &str) -> Error {
    Error::new(Category::InvalidAnswer, "SignInAnswerNotUnderstood", message)
}
