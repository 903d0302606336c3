//! The service: what an emulator holds, and the way from a request to the part that answers it.

use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::arm;
use crate::journal::Journal;
use crate::options::Options;
use crate::outage::Outages;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::world::World;
use crate::{managed_identity, sign_in};

/// Everything that an emulator holds; connections share it.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) options: Options,
    pub(crate) addresses: Addresses,
    pub(crate) journal: Journal,
    /// The token that is in `emulator.json`.
    pub(crate) token: String,
    pub(crate) stopped: CancellationToken,
    /// Connections accepted so far.
    pub(crate) connections: AtomicU64,
    pub(crate) outages: Outages,
    world: Mutex<World>,
    outstanding_effects: watch::Sender<usize>,
}

/// Where an emulator listens.
#[derive(Clone, Debug)]
pub(crate) struct Addresses {
    /// The TLS listener: ARM, sign-in and control.
    pub(crate) arm: SocketAddr,
    /// The plain listener: managed identity.
    pub(crate) imds: SocketAddr,
}

impl Addresses {
    /// The absolute address of a path on the TLS listener; the path begins with a slash.
    pub(crate) fn arm_url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.arm.port())
    }

    pub(crate) fn imds_url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.imds.port())
    }
}

impl Service {
    pub(crate) fn new(options: Options, addresses: Addresses, world: World, token: String) -> Self {
        Self {
            world: Mutex::new(world),
            journal: Journal::new(options.journal_entries),
            options,
            addresses,
            token,
            stopped: CancellationToken::new(),
            connections: AtomicU64::new(0),
            outages: Outages::default(),
            outstanding_effects: watch::Sender::new(0),
        }
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A panic while the lock is held is a defect of its own; the state is still the best there is.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts state, switches, faults, outage and journal back to the start; tokens stay, the run's own is valid again.
    pub(crate) fn reset(&self) {
        self.world().reset(&self.options, &self.token);
        self.outages.end();
        self.journal.clear();
    }

    /// Runs work that the end of a connection must not stop.
    pub(crate) fn detach(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stopped = self.stopped.clone();
        tokio::spawn(async move { stopped.run_until_cancelled(work).await });
    }

    /// Runs an effect that lands after its answer; [`Service::settled`] waits for it.
    pub(crate) fn effect(&self, work: impl Future<Output = ()> + Send + 'static) {
        let outstanding = Outstanding::new(&self.outstanding_effects);
        self.detach(async move {
            work.await;
            drop(outstanding);
        });
    }

    /// Effects that are still to land.
    pub(crate) fn outstanding_effects(&self) -> usize {
        *self.outstanding_effects.borrow()
    }

    /// Returns when no effect is outstanding.
    pub(crate) async fn settled(&self) {
        let mut effects = self.outstanding_effects.subscribe();
        // It fails only when the sender is gone, and `self` holds that.
        let _ = effects.wait_for(|outstanding| *outstanding == 0).await;
    }
}

/// One effect that is still to land, counted for as long as this lives.
struct Outstanding(watch::Sender<usize>);

impl Outstanding {
    fn new(effects: &watch::Sender<usize>) -> Self {
        effects.send_modify(|count| *count += 1);
        Self(effects.clone())
    }
}

impl Drop for Outstanding {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Answers a request without any fault.
pub(crate) async fn answer(service: &Arc<Service>, request: &ServiceRequest) -> Reply {
    if request.imds {
        return managed_identity::answer(service, request);
    }
    match sign_in::answer(service, request) {
        Some(reply) => reply,
        None => arm::answer(service, request).await,
    }
}
