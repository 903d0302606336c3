//! Which changes a client has on their way, over all its operations: no two of them touch the same customer subscription
//! or the same tenant at once, and none goes out while a sending of an earlier one can still take effect.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

use crate::engine::{Engine, Run, Wait, cancelled};
use crate::error::Result;
use crate::resource_id::RegistrationKey;

/// What a change touches: a registration, and an id of a subscription or a tenant in it.
type Key = (RegistrationKey, Uuid);

/// What a change makes of it. Two that are the same do no harm to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// The subscription is mapped, to the tenant that the request names.
    Put(Uuid, Option<Uuid>),
    /// The subscription's mapping goes.
    Delete(Uuid),
}

/// The changes of a client.
pub(super) struct InFlight {
    touched: Mutex<HashMap<Key, Touched>>,
    ended: watch::Sender<()>,
}

#[derive(Clone, Copy)]
enum Touched {
    Now,
    /// By a change one of whose sendings can take effect until then.
    Until(Instant, Deed),
}

impl Default for InFlight {
    fn default() -> Self {
        InFlight { touched: Mutex::default(), ended: watch::Sender::new(()) }
    }
}

impl InFlight {
    fn touched(&self) -> MutexGuard<'_, HashMap<Key, Touched>> {
        self.touched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing else touches any of the ids, and holds them. Also whether it had to wait: then what was
    /// known before is too old to act on.
    pub(super) async fn hold(
        self: &Arc<InFlight>,
        engine: &Engine,
        run: &Run,
        registration: &RegistrationKey,
        ids: impl Iterator<Item = Uuid>,
        deed: Deed,
    ) -> Result<(Held, bool)> {
        let keys: Vec<Key> = ids.map(|id| (registration.clone(), id)).collect();
        let mut ended = self.ended.subscribe();
        let mut waited = false;
        loop {
            ended.borrow_and_update();
            let settled_at = {
                let now = engine.clock.now();
                let mut touched = self.touched();
                let mut settled_at = None;
                let mut busy = false;
                for key in &keys {
                    match touched.get(key) {
                        Some(Touched::Now) => busy = true,
                        Some(Touched::Until(until, other)) if *until > now && *other != deed => {
                            settled_at = settled_at.max(Some(*until));
                        }
                        Some(Touched::Until(..)) | None => {}
                    }
                }
                if !busy && settled_at.is_none() {
                    // The same change as one that ended unknown does no harm to it, but the next one still has to wait.
                    let mut settled_at = None;
                    for key in &keys {
                        if let Some(Touched::Until(until, _)) = touched.insert(key.clone(), Touched::Now) {
                            settled_at = settled_at.max((until > now).then_some(until));
                        }
                    }
                    drop(touched);
                    return Ok((Held { all: self.clone(), keys, deed, settled_at }, waited));
                }
                if busy { None } else { settled_at.map(|at| at - now) }
            };
            waited = true;
            let _wait = run.waiting(Wait::Settling, settled_at);
            let settled = async {
                match settled_at {
                    Some(left) => engine.clock.sleep(left).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = run.stop.cancelled() => return Err(cancelled()),
                // A word, or the end of all: the state is looked at again.
                _ = ended.changed() => {}
                () = settled => {}
            }
        }
    }
}

/// What a change holds. Others go on when this is dropped.
pub(super) struct Held {
    all: Arc<InFlight>,
    keys: Vec<Key>,
    deed: Deed,
    settled_at: Option<Instant>,
}

impl Held {
    /// The change, or one of its sendings, can take effect until then.
    pub(super) fn in_doubt_until(&mut self, settled_at: Option<Instant>) {
        self.settled_at = self.settled_at.max(settled_at);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut touched = self.all.touched();
        for key in self.keys.drain(..) {
            match self.settled_at {
                Some(at) => touched.insert(key, Touched::Until(at, self.deed)),
                None => touched.remove(&key),
            };
        }
        drop(touched);
        self.all.ended.send_replace(());
    }
}
