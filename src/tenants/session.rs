//! What the requests of one operation share: whose turn it is, what they have learned about the registrations, and which
//! of these are of no use.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::pairs::{Pair, Pairs};
use super::turns::{Deed, Turn, Turns};
use super::view::KnownView;
use super::{Finished, Outcome, Purpose, Target};
use crate::engine::Run;
use crate::error::{Category, Error, Result};
use crate::resource_id::{RegistrationId, RegistrationKey};

/// What the requests of one operation share.
#[derive(Default)]
pub struct Session {
    registrations: Mutex<HashMap<RegistrationKey, Arc<RegistrationSession>>>,
}

/// What the requests of one operation share about one registration.
#[derive(Default)]
pub(super) struct RegistrationSession {
    pub(super) view: KnownView,
    turns: Turns,
    /// The error that every further change would meet too.
    closed: Mutex<Option<Error>>,
    /// Cancelled when it is closed.
    pub(super) pointless: CancellationToken,
    /// What earlier rows mapped, and their numbers.
    mapped: Mutex<Pairs<u64>>,
    /// Whether it learns what other operations change.
    joined: AtomicBool,
    /// Whose mappings were overwritten by own changes.
    pub(super) overwritten: Arc<Overwritten>,
}

/// Customer subscriptions whose mappings were overwritten by own changes. They may stay in the list all the same, and their
/// being listed is nobody's doing.
#[derive(Debug, Default)]
pub(super) struct Overwritten(Mutex<HashSet<Uuid>>);

impl Overwritten {
    /// Notes that an own change overwrote a subscription's mapping.
    pub(super) fn note(&self, customer: Uuid) {
        lock(&self.0).insert(customer);
    }

    pub(super) fn contains(&self, customer: Uuid) -> bool {
        lock(&self.0).contains(&customer)
    }
}

impl Session {
    /// What is shared about a registration.
    pub(super) fn of(&self, registration: &RegistrationId) -> Arc<RegistrationSession> {
        lock(&self.registrations).entry(registration.key()).or_default().clone()
    }

    /// The place of a request behind all that were given one before. `replaces`: the customer subscription whose mapping it
    /// expects to replace, which an earlier request may be about.
    pub fn turn(&self, target: &Target, purpose: Purpose, replaces: Option<Uuid>) -> RequestTurn {
        let deed = match purpose {
            Purpose::Add => Deed::Add,
            Purpose::Remove => Deed::Remove,
            Purpose::List | Purpose::Get => Deed::Read,
        };
        let customer = target.customer.as_ref().map(|customer| customer.value());
        let tenant = target.tenant.as_ref().map(|tenant| tenant.value());
        let replaces = replaces.filter(|replaced| Some(*replaced) != customer);
        RequestTurn(self.of(&target.registration).turns.take(deed, customer, tenant, replaces))
    }

    /// What was learned about a registration may be half of a change.
    pub(crate) fn distrust(&self, registration: &RegistrationId) {
        self.of(registration).view.forget();
    }
}

/// The place of a request among those of its operation. Its end, when this is dropped, lets the next ones go on.
pub struct RequestTurn(pub(super) Turn);

impl RequestTurn {
    /// Waits until what it must not run beside has ended, unless the run is cancelled.
    pub(crate) async fn begin(&self, run: &Run) -> Result<()> {
        run.unless_stopped(self.0.begin()).await
    }
}

impl RegistrationSession {
    /// Notes what a row mapped its tenant to, or may have.
    pub(super) fn note(&self, target: &Target, finished: &Finished) {
        let made = finished.took_effect || matches!(finished.outcome, Outcome::Unchanged | Outcome::Unknown);
        let (true, Some(tenant), Some(customer)) = (made, finished.mapping.tenant_guid(), &target.customer)
        else {
            return;
        };
        lock(&self.mapped).put(customer.value(), tenant.value(), target.row);
    }

    /// Forgets what earlier rows mapped a subscription to: a later row removed it.
    pub(super) fn forget_row(&self, customer: Uuid) {
        let mut mapped = lock(&self.mapped);
        while mapped.remove_latest(customer).is_some() {}
    }

    /// Whether it has joined before; from now on it has.
    pub(super) fn has_joined(&self) -> bool {
        self.joined.swap(true, Ordering::Relaxed)
    }

    /// The error of a row that wants another subscription for a tenant, or another tenant for a subscription, than an
    /// earlier row of the same input: one of both is a mistake, and the later one must not win by coming later.
    pub(super) fn contradicts(&self, target: &Target, tenant: Uuid) -> Option<Error> {
        let mapped = lock(&self.mapped);
        let named = target.customer.as_ref();
        let other = named.and_then(|customer| mapped.latest_of(customer.value())).map(|pair| pair.tenant);
        if let (Some(customer), Some(other)) = (named, other.filter(|other| *other != tenant)) {
            let message = format!(
                "Subscription {customer} was mapped to tenant {other} by an earlier item of the same input, and would be \
                 mapped to tenant {tenant} now. Nothing was sent."
            );
            return Some(Error::new(Category::Conflict, "RowsContradict", message));
        }
        let Pair { customer: earlier, note: row, .. } = mapped.of_tenant(tenant).next_back()?;
        let customer = target.customer.as_ref().filter(|customer| customer.value() != earlier)?;
        let earlier_row = if row > 0 { format!("row {row}") } else { "an earlier item".to_owned() };
        let message = format!(
            "The usage of tenant {tenant} was mapped to subscription {earlier} by {earlier_row} of the same input, and would \
             move to {customer} now. A tenant has one subscription. Nothing was sent."
        );
        Some(Error::new(Category::Conflict, "RowsContradict", message))
    }

    /// Ends the batch: further changes would meet the same error.
    pub(super) fn close(&self, error: &Error) {
        lock(&self.closed).get_or_insert_with(|| error.clone());
        self.pointless.cancel();
    }

    /// Whether further changes are of no use.
    pub(super) fn is_closed(&self) -> bool {
        lock(&self.closed).is_some()
    }

    /// What a further change of a closed registration ends with.
    pub(super) fn refusal(&self, target: &Target) -> Option<Finished> {
        let closed = lock(&self.closed);
        let why = closed.as_ref()?;
        let error = why.clone().preceded_by("Not started, because another change of the registration met:");
        let mut finished = Finished::new(Outcome::NotStarted, target.mapping());
        finished.error = Some(error.with_row(target.row));
        finished.row = target.row;
        Some(finished)
    }
}

/// Takes a lock whose holder may have panicked: each of its changes is one statement.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
