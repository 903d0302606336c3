//! What the changes of one operation know about a registration's mappings: one listing, kept current by their own
//! changes. Ids are kept as 16 bytes, for there may be a hundred thousand of them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::pairs::Pairs;
use super::session::{RegistrationSession, lock};
use super::turns::Turn;
use super::{Mapping, Tenants};
use crate::changes::Changes;
use crate::engine::{Fresh, Run};
use crate::error::{Category, Error, Result};
use crate::guid::Guid;
use crate::resource_id::RegistrationId;

/// How old may be what a change is decided from: a view, or a mapping that was read alone.
pub(super) const RENEWED_AFTER: Duration = Duration::from_secs(60);

/// The view that an operation has of a registration.
#[derive(Default)]
pub(super) struct KnownView {
    state: Mutex<Known>,
    /// Whoever holds it reads; the others wait for what is read.
    reading: tokio::sync::Mutex<()>,
    /// The registration itself was read, and can be used.
    registration_checked: AtomicBool,
    checked: Changes,
}

#[derive(Default)]
struct Known {
    view: Option<View>,
    /// How the last reading that failed ended, and when.
    failed: Option<(Instant, Error)>,
    /// Counts the changes that were noted.
    version: u64,
    /// What happens during a reading, which may have passed its place before.
    reading: Option<Meanwhile>,
}

/// What happens while the mappings are read.
#[derive(Default)]
struct Meanwhile {
    made: Vec<Change>,
    /// Whether what was read before is wrong, or may be.
    forgotten: bool,
}

/// What a view is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AskedBy {
    /// To decide about a change, which is of no use where the registration is closed.
    Decision,
    /// To look what became of one.
    Look,
}

/// An own change of the mappings.
#[derive(Clone)]
enum Change {
    Put(Guid, Option<Uuid>),
    Remove(Uuid),
}

impl KnownView {
    /// Waits until the registration was read, or until it is this one's turn to do so: what is wrong with it is then said
    /// of the first row of the input.
    pub(super) async fn wait_for_first(&self, run: &Run, turn: &Turn) -> Result<()> {
        run.unless_stopped(async {
            tokio::select! {
                biased;
                () = self.checked.wait_for(|| self.is_checked().then_some(())) => {}
                () = turn.is_first() => {}
            }
        })
        .await
    }

    fn is_checked(&self) -> bool {
        self.registration_checked.load(Ordering::Relaxed)
    }

    /// What `read` says of the view; `None` where there is none any more.
    pub(super) fn with<R>(&self, read: impl FnOnce(&View) -> R) -> Option<R> {
        lock(&self.state).view.as_ref().map(read)
    }

    /// Notes a mapping that an own change made.
    pub(super) fn put(&self, customer: &Guid, tenant: Option<Uuid>) {
        self.change(Change::Put(customer.clone(), tenant));
    }

    /// Notes a mapping that an own change took away.
    pub(super) fn remove(&self, customer: Uuid) {
        self.change(Change::Remove(customer));
    }

    fn change(&self, change: Change) {
        let mut known = lock(&self.state);
        known.version += 1;
        if let Some(view) = &mut known.view {
            view.apply(&change);
        }
        if let Some(reading) = &mut known.reading {
            reading.made.push(change);
        }
    }

    /// How many changes were noted so far.
    pub(super) fn version(&self) -> u64 {
        lock(&self.state).version
    }

    /// What it says is wrong, or may be, from now on.
    pub(super) fn forget(&self) {
        let mut known = lock(&self.state);
        known.version += 1;
        known.view = None;
        if let Some(reading) = &mut known.reading {
            reading.forgotten = true;
        }
    }

    fn begin_reading(&self) {
        lock(&self.state).reading = Some(Meanwhile::default());
    }

    /// Takes what was read, with what was made meanwhile. There is no view where it was to be forgotten meanwhile.
    fn end_reading(&self, read: Result<View>) -> Result<()> {
        let mut known = lock(&self.state);
        let meanwhile = known.reading.take().unwrap_or_default();
        let mut view = read?;
        meanwhile.made.iter().for_each(|change| view.apply(change));
        known.view = Some(view).filter(|_| !meanwhile.forgotten);
        Ok(())
    }

    /// Whether it may be acted on now, and was read after `since`.
    pub(super) fn is_current(&self, now: Instant, since: Option<Instant>) -> bool {
        self.with(|view| now <= view.fresh().until && since.is_none_or(|since| view.read_at > since))
            .unwrap_or(false)
    }
}

/// The mappings of a registration.
pub(super) struct View {
    /// When its reading began.
    read_at: Instant,
    /// When its reading ended.
    complete_at: Instant,
    /// What is listed, entries that say the same but once. Whether an overwritten entry leaves the list is not documented, so
    /// that a tenant can have several; a subscription has several where it is listed in two spellings.
    listed: Pairs<()>,
    /// Spellings that are not lower case.
    spellings: HashMap<Uuid, Box<str>>,
    /// Customer subscriptions that are listed in two spellings.
    ambiguous: Vec<Uuid>,
    /// How many entries have a tenant that nobody says.
    unsaid: u64,
}

impl Tenants {
    /// Makes sure that there is a view of the registration that may be acted on, read after `since` where that is given.
    /// One request reads, the others wait for it. The registration itself is read first: what is wrong with it is said
    /// in its own words. `began`: when the request began to want it. `false` where another request has closed the
    /// registration meanwhile.
    pub(super) async fn know(
        &self,
        shared: &RegistrationSession,
        run: &Run,
        registration: &Arc<RegistrationId>,
        since: Option<Instant>,
        began: Instant,
        asked_by: AskedBy,
    ) -> Result<bool> {
        let known = &shared.view;
        if known.is_current(self.engine.clock.now(), since) {
            return Ok(true);
        }
        let _reading = run.unless_stopped(known.reading.lock()).await?;
        if asked_by == AskedBy::Decision && shared.is_closed() {
            return Ok(false);
        }
        let now = self.engine.clock.now();
        if known.is_current(now, since) {
            return Ok(true);
        }
        // Who waited for a reading that failed does not try for as long again.
        if let Some((failed_at, error)) = &lock(&known.state).failed
            && *failed_at > began
        {
            return Err(error.clone());
        }
        let read = self.read_known(known, run, registration, now).await;
        if let Err(error) = &read {
            if error.category() != Category::Cancelled {
                lock(&known.state).failed = Some((self.engine.clock.now(), error.clone()));
            }
            if error.ends_batch() {
                // Before the next one tries.
                shared.close(error);
            }
        }
        read.map(|()| true)
    }

    async fn read_known(
        &self,
        known: &KnownView,
        run: &Run,
        registration: &Arc<RegistrationId>,
        now: Instant,
    ) -> Result<()> {
        if !known.is_checked() {
            self.check_registration(run, registration).await?;
            known.registration_checked.store(true, Ordering::Relaxed);
            known.checked.tell();
        }
        known.begin_reading();
        known.end_reading(self.read_view(run, registration, now).await)
    }

    async fn read_view(&self, run: &Run, registration: &Arc<RegistrationId>, now: Instant) -> Result<View> {
        let mut view = View::empty(now);
        let mut pages = self.pages(run, registration).await?;
        while let Some(page) = pages.next(run).await? {
            for mut mapping in page {
                self.learn_tenant(&run.with_new_patience(), &mut mapping).await;
                view.read_item(run, registration, &mapping);
            }
        }
        view.complete_at = self.engine.clock.now();
        // Looking up whose the mappings are can take so long that nothing else would ever be current.
        if view.listed.is_empty() {
            view.complete_at = pages.answered_at();
        }
        Ok(view)
    }
}

impl View {
    fn empty(read_at: Instant) -> View {
        View {
            read_at,
            complete_at: read_at,
            listed: Pairs::default(),
            spellings: HashMap::new(),
            ambiguous: Vec::new(),
            unsaid: 0,
        }
    }

    fn read_item(&mut self, run: &Run, registration: &RegistrationId, mapping: &Mapping) {
        let Some(customer) = mapping.customer() else {
            let shown = mapping.customer_subscription.clone().unwrap_or_default();
            run.warning(|| {
                format!("Registration '{}' lists '{shown}', which is not a GUID.", registration.name())
            });
            return;
        };
        if self.tenant_of(customer.value()).is_some() {
            let other = self.spelling(&customer);
            run.warning(|| {
                format!(
                    "Registration '{}' lists one subscription in two spellings: {other} and {customer}.",
                    registration.name()
                )
            });
            self.ambiguous.push(customer.value());
        }
        self.put(&customer, mapping.tenant_guid().map(|tenant| tenant.value()));
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Put(customer, tenant) => {
                self.remove(customer.value());
                self.put(customer, *tenant);
            }
            Change::Remove(customer) => self.remove(*customer),
        }
    }

    /// Notes a mapping, beside any other of the same tenant.
    fn put(&mut self, customer: &Guid, tenant: Option<Uuid>) {
        let id = customer.value();
        let tenant = tenant.unwrap_or_default();
        let is_new = self.listed.put(id, tenant, ());
        self.unsaid += u64::from(is_new && tenant.is_nil());
        if customer.spelling().bytes().any(|byte| byte.is_ascii_uppercase()) {
            self.spellings.insert(id, customer.spelling().into());
        }
    }

    /// Forgets a mapping.
    fn remove(&mut self, customer: Uuid) {
        let Some(removed) = self.listed.remove_latest(customer) else { return };
        self.spellings.remove(&customer);
        self.unsaid -= u64::from(removed.tenant.is_nil());
    }

    /// Whether the customer's subscription is mapped, and to which tenant, where the service said it.
    pub(super) fn tenant_of(&self, customer: Uuid) -> Option<Option<Uuid>> {
        self.listed.latest_of(customer).map(|pair| (!pair.tenant.is_nil()).then_some(pair.tenant))
    }

    /// The customer subscriptions that the tenant is mapped to.
    pub(super) fn customers_of(&self, tenant: Uuid) -> Vec<Uuid> {
        self.others_of(tenant, Uuid::nil())
    }

    /// The customer subscriptions that the tenant is mapped to, other than this one. More than one where overwritten
    /// entries stay in the list: then nobody can tell which one is charged.
    pub(super) fn others_of(&self, tenant: Uuid, customer: Uuid) -> Vec<Uuid> {
        let mut others = Vec::new();
        for pair in self.listed.of_tenant(tenant) {
            if pair.customer != customer && !others.contains(&pair.customer) {
                others.push(pair.customer);
            }
        }
        others
    }

    /// Whether the customer's subscription is listed in two spellings.
    pub(super) fn is_ambiguous(&self, customer: Uuid) -> bool {
        self.ambiguous.contains(&customer)
    }

    /// How many entries have a tenant that nobody says.
    pub(super) fn unsaid(&self) -> u64 {
        self.unsaid
    }

    /// When it was read.
    pub(super) fn read_at(&self) -> Instant {
        self.read_at
    }

    /// How long it may be acted on. A long list is read for minutes, so that its end counts: a view that is too old when it
    /// is complete would be of no use at all.
    pub(super) fn fresh(&self) -> Fresh {
        Fresh::since(self.complete_at, RENEWED_AFTER)
    }

    /// The service's spelling, or lower case.
    pub(super) fn spelling(&self, customer: &Guid) -> String {
        self.spelling_of(customer.value())
    }

    pub(super) fn spelling_of(&self, customer: Uuid) -> String {
        self.spellings
            .get(&customer)
            .map_or_else(|| customer.hyphenated().to_string(), |stored| stored.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUSTOMER: Uuid = Uuid::from_u128(1);
    const TENANT: Uuid = Uuid::from_u128(2);

    fn customer() -> Guid {
        Guid::parse(&CUSTOMER.to_string()).unwrap()
    }

    #[tokio::test]
    async fn what_is_made_while_it_is_read_is_known_afterwards() {
        let known = KnownView::default();
        known.begin_reading();
        known.put(&customer(), Some(TENANT));
        known.end_reading(Ok(View::empty(Instant::now()))).unwrap();
        assert_eq!(known.with(|view| view.tenant_of(CUSTOMER)), Some(Some(Some(TENANT))));
    }

    #[test]
    fn a_tenant_of_zeros_is_counted_and_taken_away_as_one_that_nobody_says() {
        let mut view = View::empty(Instant::now());
        view.apply(&Change::Put(customer(), Some(Uuid::nil())));
        assert_eq!((view.unsaid(), view.tenant_of(CUSTOMER)), (1, Some(None)));
        view.apply(&Change::Remove(CUSTOMER));
        assert_eq!(view.unsaid(), 0);
    }

    #[tokio::test]
    async fn what_is_to_be_forgotten_while_it_is_read_is_not_known_afterwards() {
        let known = KnownView::default();
        let version = known.version();
        known.begin_reading();
        known.forget();
        known.end_reading(Ok(View::empty(Instant::now()))).unwrap();
        assert!(known.with(|_| ()).is_none());
        assert_ne!(known.version(), version);
        known.begin_reading();
        known.end_reading(Ok(View::empty(Instant::now()))).unwrap();
        assert!(known.with(|_| ()).is_some());
    }
}
