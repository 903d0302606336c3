//! Whose turn it is: changes of the same customer subscription or the same tenant are made in the order of the input,
//! never together; adds and removals do not run beside each other, and a read waits for the changes before it.
//!
//! Everything waits for earlier requests only, so that nothing can wait in a circle. What tenant an add is about, and what
//! subscription a removal by tenant is about, may be learned late: they say it in the order of the input, and an add whose
//! tenant nobody says runs alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use uuid::Uuid;

/// What a request does, as far as the order matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Read,
    Add,
    Remove,
}

/// What two changes must not touch at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Customer(Uuid),
    Tenant(Uuid),
}

/// The turns of one registration in one operation.
#[derive(Default)]
pub(super) struct Turns(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    next: u64,
    /// Changes that have not ended, in order.
    active: BTreeSet<u64>,
    /// Adds that have not said their tenant, and removals that have not said their subscription.
    unsaid: BTreeSet<u64>,
    queues: HashMap<Key, VecDeque<u64>>,
    /// Runs of changes of one kind; only those of the first may be made.
    phases: VecDeque<Phase>,
    /// The number of the first phase.
    first_phase: u64,
    waiting: BTreeMap<u64, Arc<Notify>>,
}

struct Phase {
    deed: Deed,
    active: usize,
    /// No further change joins it.
    sealed: bool,
}

impl State {
    fn join_phase(&mut self, deed: Deed) -> u64 {
        let joins = self.phases.back().is_some_and(|last| last.deed == deed && !last.sealed);
        if !joins {
            self.phases.push_back(Phase { deed, active: 0, sealed: false });
        }
        if let Some(last) = self.phases.back_mut() {
            last.active += 1;
        }
        self.first_phase + self.phases.len() as u64 - 1
    }

    /// A removal is in its queues before an earlier add has said its tenant, so the place counts, not the moment.
    fn enqueue(&mut self, key: Key, number: u64) {
        let queue = self.queues.entry(key).or_default();
        let place = queue.partition_point(|other| *other < number);
        queue.insert(place, number);
    }

    fn is_first_of(&self, key: Key, number: u64) -> bool {
        self.queues.get(&key).and_then(VecDeque::front) == Some(&number)
    }

    fn wake(&self, number: Option<u64>) {
        if let Some(waiting) = number.and_then(|number| self.waiting.get(&number)) {
            waiting.notify_one();
        }
    }

    /// Lets go on who waits for the next one to say what it is about.
    fn wake_after_saying(&self, deed: Deed) {
        let next = self.unsaid.first().copied();
        if deed == Deed::Remove {
            // Removals that have nothing to say wait too.
            let until = next.unwrap_or(u64::MAX);
            self.waiting.range(..=until).for_each(|(_, waiting)| waiting.notify_one());
        } else {
            self.wake(next);
        }
    }

    fn end_change(&mut self, number: u64, deed: Deed, phase: u64, keys: &[Key]) {
        self.active.remove(&number);
        if self.unsaid.remove(&number) {
            self.wake_after_saying(deed);
        }
        for key in keys {
            if let Some(queue) = self.queues.get_mut(key) {
                queue.retain(|other| other != &number);
                let next = queue.front().copied();
                if next.is_none() {
                    self.queues.remove(key);
                }
                self.wake(next);
            }
        }
        self.wake(self.active.first().copied());
        // Phases behind the first one end too, where their requests are refused before their turn.
        let at = phase.checked_sub(self.first_phase).and_then(|at| usize::try_from(at).ok());
        if let Some(phase) = at.and_then(|at| self.phases.get_mut(at)) {
            phase.active -= 1;
        }
        let before = self.first_phase;
        while self.phases.front().is_some_and(|first| first.active == 0) {
            self.phases.pop_front();
            self.first_phase += 1;
        }
        if self.first_phase != before {
            self.waiting.values().for_each(|waiting| waiting.notify_one());
        }
    }
}

impl Turns {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place behind everything that came before. `tenant`: as far as the request itself names it; `replaces`: another
    /// subscription that it is about.
    pub(super) fn take(
        &self,
        deed: Deed,
        customer: Option<Uuid>,
        tenant: Option<Uuid>,
        replaces: Option<Uuid>,
    ) -> Turn {
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        let mut keys = Vec::new();
        let after_phase = match deed {
            Deed::Read => {
                // Only what came before is waited for.
                if let Some(last) = state.phases.back_mut() {
                    last.sealed = true;
                }
                state.first_phase + state.phases.len() as u64
            }
            Deed::Add | Deed::Remove => {
                state.active.insert(number);
                keys.extend([customer, replaces].into_iter().flatten().map(Key::Customer));
                if deed == Deed::Add || customer.is_none() {
                    state.unsaid.insert(number);
                }
                if deed == Deed::Remove {
                    keys.extend(tenant.map(Key::Tenant));
                }
                for key in &keys {
                    state.enqueue(*key, number);
                }
                state.join_phase(deed)
            }
        };
        let changed = Arc::new(Notify::new());
        state.waiting.insert(number, changed.clone());
        drop(state);
        Turn { turns: self.0.clone(), number, deed, phase: after_phase, keys: Mutex::new(keys), changed }
    }
}

/// The place of one request. Its end, when this is dropped, lets the next ones go on.
pub(crate) struct Turn {
    turns: Arc<Mutex<State>>,
    number: u64,
    deed: Deed,
    /// The phase that has to be the first one.
    phase: u64,
    keys: Mutex<Vec<Key>>,
    changed: Arc<Notify>,
}

impl Turn {
    fn state(&self) -> MutexGuard<'_, State> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> MutexGuard<'_, Vec<Key>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait_until(&self, holds: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            if holds(&self.state()) {
                return;
            }
            changed.await;
        }
    }

    /// Waits until the changes before it have ended that it must not run beside.
    pub(super) async fn begin(&self) {
        let keys = self.keys().clone();
        self.wait_until(|state| {
            state.first_phase >= self.phase
                && keys.iter().all(|key| state.is_first_of(*key, self.number))
                // An earlier removal may turn out to be about the same subscription.
                && (self.deed != Deed::Remove || state.unsaid.first().is_none_or(|first| *first >= self.number))
        })
        .await;
    }

    /// Waits until every change before it has ended.
    pub(super) async fn is_first(&self) {
        self.wait_until(|state| state.active.first().is_none_or(|first| *first >= self.number)).await;
    }

    /// Says which tenant an add is about, once, and waits for its turn among those of the same tenant. `None`: nobody
    /// knows, so it runs alone.
    pub(super) async fn is_about_tenant(&self, tenant: Option<Uuid>) {
        match tenant {
            Some(tenant) => drop(self.says(Key::Tenant(tenant)).await),
            None => self.is_first().await,
        }
    }

    /// Says which subscription a removal is about, once, and waits for its turn among those of the same subscription.
    /// Whether it had to wait: then it has to look again.
    pub(super) async fn is_about_customer(&self, customer: Uuid) -> bool {
        self.says(Key::Customer(customer)).await
    }

    async fn says(&self, key: Key) -> bool {
        let first_to_say = |state: &State| state.unsaid.first() == Some(&self.number);
        self.wait_until(|state| first_to_say(state) || !state.unsaid.contains(&self.number)).await;
        {
            let mut state = self.state();
            if state.unsaid.remove(&self.number) {
                state.enqueue(key, self.number);
                self.keys().push(key);
                state.wake_after_saying(self.deed);
            }
        }
        let waits = !self.state().is_first_of(key, self.number) && self.keys().contains(&key);
        if waits {
            self.wait_until(|state| state.is_first_of(key, self.number)).await;
        }
        waits
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let keys = std::mem::take(&mut *self.keys());
        let mut state = self.state();
        state.waiting.remove(&self.number);
        if self.deed != Deed::Read {
            state.end_change(self.number, self.deed, self.phase, &keys);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Uuid = Uuid::from_u128(1);
    const S2: Uuid = Uuid::from_u128(2);
    const T: Uuid = Uuid::from_u128(11);
    const T2: Uuid = Uuid::from_u128(12);

    /// Whether the wait is over without anything else happening.
    async fn over(wait: impl Future<Output = ()>) -> bool {
        tokio::time::timeout(std::time::Duration::ZERO, wait).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn the_same_subscription_waits_and_another_does_not() {
        let turns = Turns::default();
        let first = turns.take(Deed::Add, Some(S), None, None);
        let same = turns.take(Deed::Add, Some(S), None, None);
        let other = turns.take(Deed::Add, Some(S2), None, None);
        assert!(over(first.begin()).await);
        assert!(!over(same.begin()).await);
        assert!(over(other.begin()).await);
        drop(first);
        assert!(over(same.begin()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn tenants_are_said_in_the_order_of_the_input() {
        let turns = Turns::default();
        let first = turns.take(Deed::Add, Some(S), None, None);
        let second = turns.take(Deed::Add, Some(S2), None, None);
        // The first may turn out to be about the same tenant.
        assert!(!over(second.is_about_tenant(Some(T))).await);
        assert!(over(first.is_about_tenant(Some(T2))).await);
        assert!(over(second.is_about_tenant(Some(T))).await);
        let third = turns.take(Deed::Add, None, None, None);
        assert!(!over(third.is_about_tenant(Some(T))).await);
        drop(second);
        assert!(over(third.is_about_tenant(Some(T))).await);
    }

    #[tokio::test(start_paused = true)]
    async fn an_add_whose_tenant_nobody_says_runs_alone() {
        let turns = Turns::default();
        let first = turns.take(Deed::Add, Some(S), None, None);
        let unknown = turns.take(Deed::Add, Some(S2), None, None);
        let last = turns.take(Deed::Add, None, None, None);
        assert!(over(first.is_about_tenant(Some(T))).await);
        assert!(!over(unknown.is_about_tenant(None)).await);
        drop(first);
        assert!(over(unknown.is_about_tenant(None)).await);
        assert!(!over(last.is_about_tenant(Some(T2))).await);
        drop(unknown);
        assert!(over(last.is_about_tenant(Some(T2))).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_later_removal_of_a_tenant_does_not_hold_up_an_earlier_add_that_says_it_late() {
        let turns = Turns::default();
        let add = turns.take(Deed::Add, Some(S), None, None);
        let removal = turns.take(Deed::Remove, None, Some(T), None);
        assert!(over(add.begin()).await);
        assert!(over(add.is_about_tenant(Some(T))).await);
        assert!(!over(removal.begin()).await);
        drop(add);
        assert!(over(removal.begin()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn adds_and_removals_take_turns_and_reads_wait_for_the_changes_before_them() {
        let turns = Turns::default();
        let add = turns.take(Deed::Add, Some(S), None, None);
        let read = turns.take(Deed::Read, None, None, None);
        let later = turns.take(Deed::Add, Some(S2), None, None);
        let removal = turns.take(Deed::Remove, None, Some(T), None);
        assert!(over(add.begin()).await);
        assert!(!over(read.begin()).await && !over(removal.begin()).await);
        drop(add);
        assert!(over(read.begin()).await && over(later.begin()).await);
        // A read holds nobody up.
        drop(later);
        assert!(over(removal.begin()).await);
    }
}
