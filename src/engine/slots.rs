//! How many requests of an operation are on their way at once.
//!
//! A slot is held for one request only, never across a wait, so that nothing that holds one can wait for something
//! that needs one. Whoever came first in the input gets the next slot: items are finished in about their order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::Instant;

/// How many requests are on their way at once before the first answers say more.
const FIRST_LIMIT: usize = 5;

/// The slots of an operation.
#[derive(Clone)]
pub(super) struct Slots(Arc<Mutex<State>>);

struct State {
    /// What the caller allows.
    most: usize,
    /// What the service bears, as far as it has shown: never more than `most`, never less than one.
    limit: usize,
    /// Whether the service has shown a limit, so that growth is slow from then on.
    met_limit: bool,
    /// Successes since the limit last grew.
    successes: usize,
    /// Requests sent before that say nothing new.
    halved_at: Option<Instant>,
    taken: usize,
    waiting: BTreeMap<(u64, u64), oneshot::Sender<()>>,
    next_arrival: u64,
}

impl State {
    fn hand_out(&mut self) {
        while self.taken < self.limit
            && let Some((_, next)) = self.waiting.pop_first()
        {
            // One that waits no longer is passed over.
            if next.send(()).is_ok() {
                self.taken += 1;
            }
        }
    }
}

impl Slots {
    /// Slots for at most so many requests at once.
    pub(super) fn new(most: usize) -> Slots {
        let most = most.max(1);
        Slots(Arc::new(Mutex::new(State {
            most,
            limit: most.min(FIRST_LIMIT),
            met_limit: false,
            successes: 0,
            halved_at: None,
            taken: 0,
            waiting: BTreeMap::new(),
            next_arrival: 0,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a slot. The item with the smallest `order` gets the next one.
    pub(super) async fn take(&self, order: u64) -> Slot {
        let turn = {
            let mut state = self.state();
            if state.taken < state.limit && state.waiting.is_empty() {
                state.taken += 1;
                return Slot(self.clone());
            }
            let (sender, turn) = oneshot::channel();
            let arrival = state.next_arrival;
            state.next_arrival += 1;
            state.waiting.insert((order, arrival), sender);
            turn
        };
        let mut turn = Turn { slots: self, turn, taken: false };
        // The sender is kept until it is used.
        let _ = (&mut turn.turn).await;
        turn.taken = true;
        Slot(self.clone())
    }

    /// Notes how a request ended that began then: `refused` where the service had too much (429, 5xx).
    pub(super) fn note(&self, refused: bool, began: Instant, now: Instant) {
        let mut state = self.state();
        if refused {
            if state.halved_at.is_some_and(|halved| began < halved) {
                return;
            }
            state.limit = (state.limit / 2).max(1);
            state.met_limit = true;
            state.successes = 0;
            state.halved_at = Some(now);
            return;
        }
        state.successes += 1;
        let needed = if state.met_limit { state.limit } else { 1 };
        if state.successes >= needed && state.limit < state.most {
            state.limit += 1;
            state.successes = 0;
            state.hand_out();
        }
    }
}

/// A wait for a slot: where it is given up with the slot already granted, the slot goes to the next one.
struct Turn<'a> {
    slots: &'a Slots,
    turn: oneshot::Receiver<()>,
    taken: bool,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turn.close();
        if !self.taken && self.turn.try_recv().is_ok() {
            drop(Slot(self.slots.clone()));
        }
    }
}

/// A slot, free again when this is dropped.
pub(super) struct Slot(Slots);

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.taken -= 1;
        state.hand_out();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_first_in_the_input_gets_the_next_slot_and_one_given_up_is_not_lost() {
        let slots = Slots::new(1);
        let held = slots.take(9).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = tokio::task::JoinSet::new();
        for number in [3, 1, 2] {
            let (slots, order) = (slots.clone(), order.clone());
            tasks.spawn(async move {
                let _slot = slots.take(number).await;
                order.lock().unwrap().push(number);
            });
        }
        tokio::task::yield_now().await;
        let given_up = tokio::time::timeout(std::time::Duration::ZERO, slots.take(0)).await;
        assert!(given_up.is_err());
        drop(held);
        tasks.join_all().await;
        assert_eq!(*order.lock().unwrap(), [1, 2, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_limit_doubles_at_first_halves_when_refused_and_then_grows_slowly() {
        let slots = Slots::new(64);
        let now = Instant::now();
        let limit = |slots: &Slots| slots.state().limit;
        assert_eq!(limit(&slots), 5);
        (0..11).for_each(|_| slots.note(false, now, now));
        assert_eq!(limit(&slots), 16);
        let later = now + std::time::Duration::from_secs(1);
        slots.note(true, now, later);
        // It was sent before the limit was halved.
        slots.note(true, now, later);
        assert_eq!(limit(&slots), 8);
        (0..8).for_each(|_| slots.note(false, later, later));
        assert_eq!(limit(&slots), 9);
        for _ in 0..9 {
            slots.note(true, later, later);
        }
        assert_eq!(limit(&slots), 1);
        assert_eq!(limit(&Slots::new(2)), 2);
    }
}
