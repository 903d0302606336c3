//! Which changes a client has on their way, over all its operations: no two of them touch the same customer subscription
//! or the same tenant at once, and none goes out while a sending of an earlier one can still take effect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::changes::Changes;
use crate::engine::{Engine, Run, Wait};
use crate::error::Result;
use crate::resource_id::RegistrationKey;

/// What a change touches: a registration, and an id of a subscription or a tenant in it. The nil id stands for a tenant
/// that nobody says, which may be any of them.
type Key = (RegistrationKey, Uuid);

/// What a change is about.
pub(super) struct Touch<'a> {
    pub(super) registration: &'a RegistrationKey,
    pub(super) customer: Uuid,
    pub(super) whose: Whose,
    /// What it takes something away from: subscriptions and tenants whose mappings it replaces.
    pub(super) replaced: Vec<Uuid>,
}

/// Which tenant a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// This one.
    Of(Uuid),
    /// Nobody says: it may be any.
    Anybodys,
    /// It does not matter.
    NotAsked,
}

/// What a change makes of it. Two that are the same do no harm to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// The subscription is mapped, to the tenant that the request names.
    Put(Uuid, Option<Uuid>),
    /// The subscription's mapping goes.
    Delete(Uuid),
}

/// How many ids whose changes were in doubt are kept before those are looked for that are not any more.
const MOST_IN_DOUBT: usize = 1_000;

/// The changes of a client.
#[derive(Default)]
pub(super) struct InFlight {
    touched: Mutex<HashMap<Key, Touched>>,
    ended: Changes,
}

#[derive(Clone, Copy)]
enum Touched {
    Now,
    /// By a change one of whose sendings can take effect until then.
    Until(Instant, Deed),
}

impl InFlight {
    fn touched(&self) -> MutexGuard<'_, HashMap<Key, Touched>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing else touches the same, and holds it. Also whether it had to wait: then what was known before is
    /// too old to act on.
    pub(super) async fn hold(
        self: &Arc<InFlight>,
        engine: &Engine,
        run: &Run,
        touch: Touch<'_>,
        deed: Deed,
    ) -> Result<(Held, bool)> {
        let Touch { registration, customer, whose, replaced } = touch;
        let tenant = match whose {
            Whose::Of(tenant) => Some(tenant),
            Whose::Anybodys => Some(Uuid::nil()),
            Whose::NotAsked => None,
        };
        let touched = [Some(customer), tenant].into_iter().flatten().chain(replaced);
        let keys: Vec<Key> = touched.map(|id| (registration.clone(), id)).collect();
        let wanted = Wanted { keys: &keys, registration, unsaid: whose == Whose::Anybodys, deed };
        let mut waited = false;
        loop {
            let free = self.ended.wait_for(|| match self.try_hold(&wanted, engine.clock.now()) {
                Try::Busy => None,
                other => Some(other),
            });
            let first = self.try_hold(&wanted, engine.clock.now());
            let tried = if matches!(first, Try::Busy) {
                waited = true;
                let _wait = run.waiting(Wait::Settling, None);
                run.unless_stopped(free).await?
            } else {
                first
            };
            match tried {
                Try::Held(settled_at) => {
                    let keys = keys.clone();
                    return Ok((
                        Held { all: self.clone(), keys, deed, before: settled_at, settled_at },
                        waited,
                    ));
                }
                Try::Settles(left) => {
                    waited = true;
                    let _wait = run.waiting(Wait::Settling, Some(left));
                    run.unless_stopped(engine.clock.sleep(left)).await?;
                }
                Try::Busy => {}
            }
        }
    }

    fn try_hold(&self, wanted: &Wanted<'_>, now: Instant) -> Try {
        let mut touched = self.touched();
        let (mut busy, mut settled_at) = (false, None);
        let mut meets = |touched: &Touched| match touched {
            Touched::Now => busy = true,
            Touched::Until(until, other) if *until > now && *other != wanted.deed => {
                settled_at = settled_at.max(Some(*until));
            }
            Touched::Until(..) => {}
        };
        if wanted.unsaid {
            let others = touched.iter().filter(|((of, _), _)| of == wanted.registration);
            others.for_each(|(_, touched)| meets(touched));
        } else {
            let any = (wanted.registration.clone(), Uuid::nil());
            wanted.keys.iter().chain([&any]).filter_map(|key| touched.get(key)).for_each(&mut meets);
        }
        if busy {
            return Try::Busy;
        }
        if let Some(settled_at) = settled_at {
            return Try::Settles(settled_at - now);
        }
        // The same change as one that is in doubt does no harm to it, but the next one still has to wait.
        let mut settled_at = None;
        for key in wanted.keys {
            if let Some(Touched::Until(until, _)) = touched.insert(key.clone(), Touched::Now) {
                settled_at = settled_at.max((until > now).then_some(until));
            }
        }
        Try::Held(settled_at)
    }
}

/// What is to be held.
struct Wanted<'a> {
    keys: &'a [Key],
    registration: &'a RegistrationKey,
    /// Nobody says the tenant: nothing else of the registration may be under way.
    unsaid: bool,
    deed: Deed,
}

enum Try {
    /// It is held; until then an earlier sending of the same change can take effect.
    Held(Option<Instant>),
    /// Another change is under way.
    Busy,
    /// Another change can take effect for so long.
    Settles(Duration),
}

/// What a change holds. Others go on when this is dropped.
pub(super) struct Held {
    all: Arc<InFlight>,
    keys: Vec<Key>,
    deed: Deed,
    /// Until when an earlier sending of the same change can take effect.
    before: Option<Instant>,
    settled_at: Option<Instant>,
}

impl Held {
    /// The change, or one of its sendings, can take effect until then. Said before it is sent too: where its work ends in a
    /// panic, nothing else is known.
    pub(super) fn in_doubt_until(&mut self, settled_at: Option<Instant>) {
        self.settled_at = self.before.max(settled_at);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut touched = self.all.touched();
        if self.settled_at.is_some() && touched.len() > MOST_IN_DOUBT {
            let now = Instant::now();
            touched.retain(|_, touched| !matches!(touched, Touched::Until(until, _) if *until < now));
        }
        for key in self.keys.drain(..) {
            match self.settled_at {
                Some(at) => touched.insert(key, Touched::Until(at, self.deed)),
                None => touched.remove(&key),
            };
        }
        drop(touched);
        self.all.ended.tell();
    }
}
