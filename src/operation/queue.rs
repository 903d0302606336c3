//! The events of an operation, between its worker and its caller.
//!
//! An accepted request reserves the place of its terminal event, so a finished write never waits for the caller. Items
//! of lists are bounded. Progress and each level of the log have one slot, in which the newest state, or the lines,
//! come together.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::progress::Meter;
use super::{CredentialNeeded, Event, Log, Next, OperationOptions, Submitted};
use crate::clock::Clock;
use crate::credential::TokenSource;
use crate::engine::{LogLevel, Observer, Wait};
use crate::tenants::{FailedListing, Finished};

/// The least time between two progress events.
const PROGRESS_PAUSE: Duration = Duration::from_millis(200);
/// The most time between two of them while something is outstanding: rate, and what is left of a wait, change in silence.
const LONGEST_PROGRESS_PAUSE: Duration = Duration::from_secs(1);
/// How long a wait may go on without a look at what changes in silence.
const SLICE: Duration = Duration::from_millis(200);
/// How much text a log slot holds.
const LARGEST_LOG: usize = 64 << 10;

pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    /// The same word, for a caller that awaits it.
    changed_async: Notify,
    room: Notify,
    tokens: Arc<dyn TokenSource>,
    clock: Arc<dyn Clock>,
    max_outstanding: usize,
    max_items: usize,
    want_progress: bool,
    want_log: bool,
}

#[derive(Default)]
struct State {
    events: VecDeque<(Event, Option<FailedListing>)>,
    /// Items among the events.
    items: usize,
    /// Accepted requests whose terminal event was not handed out.
    outstanding: usize,
    cancelled: bool,
    /// A cancellation that a waiting `next` has not been woken by.
    cancel_unseen: bool,
    meter: Meter,
    progress_changed: bool,
    /// When progress was given last.
    progress_given: Option<tokio::time::Instant>,
    warnings: LogSlot,
    verbose: LogSlot,
}

#[derive(Default)]
struct LogSlot {
    text: String,
    dropped: u32,
}

impl LogSlot {
    fn add(&mut self, line: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(line);
    }
}

impl Queue {
    pub(super) fn new(
        options: &OperationOptions,
        tokens: Arc<dyn TokenSource>,
        clock: Arc<dyn Clock>,
    ) -> Queue {
        Queue {
            state: Mutex::default(),
            changed: Condvar::new(),
            changed_async: Notify::new(),
            room: Notify::new(),
            tokens,
            clock,
            max_outstanding: options.max_outstanding,
            max_items: options.max_items.max(1),
            want_progress: options.want_progress,
            want_log: options.want_log,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.changed.notify_all();
        self.changed_async.notify_one();
    }

    pub(super) fn accept(&self) -> Submitted {
        let mut state = self.state();
        if state.cancelled {
            return Submitted::Cancelled;
        }
        if state.outstanding >= self.max_outstanding {
            return Submitted::Full;
        }
        state.outstanding += 1;
        let now = self.clock.now();
        if state.progress_given.is_none() {
            // The first change is told at once.
            state.progress_given = now.checked_sub(PROGRESS_PAUSE);
        }
        state.meter.note(now);
        state.meter.outstanding += 1;
        Submitted::Accepted
    }

    /// `false` where it was cancelled before.
    pub(super) fn cancel(&self) -> bool {
        let mut state = self.state();
        if state.cancelled {
            return false;
        }
        state.cancelled = true;
        state.cancel_unseen = true;
        self.wake();
        true
    }

    /// Takes an item of a list, when there is room for it or `hurried` is ready.
    pub(super) async fn item(&self, item: Event, hurried: impl Future<Output = ()>) {
        let mut hurried = std::pin::pin!(hurried);
        loop {
            let room = self.room.notified();
            if self.state().items < self.max_items {
                break;
            }
            tokio::select! {
                biased;
                () = room => {}
                () = &mut hurried => break,
            }
        }
        let mut state = self.state();
        state.items += 1;
        state.meter.listed += 1;
        state.meter.note(self.clock.now());
        state.progress_changed = true;
        state.events.push_back((item, None));
        self.wake();
    }

    /// Ends a request. `held` goes when the caller takes the event.
    pub(super) fn finish(&self, tag: u64, finished: Finished, held: Option<FailedListing>) {
        let mut state = self.state();
        state.meter.finished += 1;
        state.meter.outstanding -= 1;
        state.meter.failed += u64::from(!finished.outcome.is_reached());
        state.meter.note(self.clock.now());
        state.progress_changed = true;
        state.events.push_back((Event::Finished { tag, finished: Box::new(finished) }, held));
        self.wake();
    }

    /// Tells what must not get lost: however much there is to tell, and whether or not the log is wanted.
    pub(super) fn warn(&self, line: &str) {
        self.state().warnings.add(line);
        self.wake();
    }

    /// What there is without waiting.
    fn at_once(&self, state: &mut State) -> Option<Next> {
        if let Some(event) = self.take(state) {
            return Some(Next::Event(event));
        }
        if state.outstanding == 0 {
            if self.want_progress && std::mem::take(&mut state.progress_changed) {
                return Some(Next::Event(Event::Progress(state.meter.progress(self.clock.now()))));
            }
            return Some(if state.cancelled { Next::Drained } else { Next::Idle });
        }
        std::mem::take(&mut state.cancel_unseen).then_some(Next::Timeout)
    }

    /// How long a wait may go on without another look: progress that came too soon after the last is due later, and what
    /// a credential's source needs changes without a word to the queues.
    fn slice(&self, state: &State) -> Option<Duration> {
        if self.want_progress && state.progress_changed || state.meter.waits_for_credential() {
            Some(SLICE)
        } else {
            self.want_progress.then_some(LONGEST_PROGRESS_PAUSE)
        }
    }

    pub(super) fn next(&self, timeout: Option<Duration>) -> Next {
        // A time-out beyond what the clock can say is none.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut state = self.state();
        loop {
            if let Some(next) = self.at_once(&mut state) {
                return next;
            }
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Next::Timeout;
            }
            state = match left.into_iter().chain(self.slice(&state)).min() {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(wait) => {
                    self.changed.wait_timeout(state, wait).unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    /// The same, for a caller that awaits it. One at a time.
    pub(super) async fn wait_next(&self) -> Next {
        loop {
            let changed = self.changed_async.notified();
            let slice = {
                let mut state = self.state();
                if let Some(next) = self.at_once(&mut state) {
                    return next;
                }
                self.slice(&state)
            };
            match slice {
                None => changed.await,
                // It is over when it is over: the state is looked at in any case.
                Some(slice) => drop(tokio::time::timeout(slice, changed).await),
            }
        }
    }

    fn take(&self, state: &mut State) -> Option<Event> {
        // After a cancellation nobody is to be asked for anything.
        if !state.cancelled
            && state.meter.waits_for_credential()
            && let Some(reason) = self.tokens.needed()
        {
            return Some(Event::CredentialNeeded(CredentialNeeded { reason }));
        }
        for (level, slot) in
            [(LogLevel::Warning, &mut state.warnings), (LogLevel::Verbose, &mut state.verbose)]
        {
            if !slot.text.is_empty() || slot.dropped > 0 {
                let LogSlot { text, dropped } = std::mem::take(slot);
                return Some(Event::Log(Log { level, text, dropped }));
            }
        }
        if let Some(progress) = self.progress_due(state) {
            return Some(progress);
        }
        let (event, _told) = state.events.pop_front()?;
        match &event {
            Event::Mapping { .. } | Event::Registration { .. } | Event::Difference { .. } => {
                state.items -= 1;
                self.room.notify_one();
            }
            Event::Finished { .. } => state.outstanding -= 1,
            _ => {}
        }
        Some(event)
    }
}

impl Queue {
    /// How far it has come, where somebody wants it and has not been told just now.
    fn progress_due(&self, state: &mut State) -> Option<Event> {
        if !self.want_progress || !state.progress_changed && state.outstanding == 0 {
            return None;
        }
        let now = self.clock.now();
        let pause = if state.progress_changed { PROGRESS_PAUSE } else { LONGEST_PROGRESS_PAUSE };
        if state.progress_given.is_some_and(|given| now - given < pause) {
            return None;
        }
        state.progress_given = Some(now);
        state.progress_changed = false;
        Some(Event::Progress(state.meter.progress(now)))
    }
}

impl Observer for Queue {
    fn log(&self, level: LogLevel, line: &mut dyn FnMut() -> String) {
        if !self.want_log {
            return;
        }
        let line = line();
        let mut state = self.state();
        let slot = match level {
            LogLevel::Warning => &mut state.warnings,
            LogLevel::Verbose => &mut state.verbose,
        };
        if slot.text.len() + line.len() > LARGEST_LOG {
            slot.dropped += 1;
            return;
        }
        slot.add(&line);
        self.wake();
    }

    fn wait_began(&self, id: u64, wait: Wait, duration: Option<Duration>) {
        let now = self.clock.now();
        let mut state = self.state();
        state.meter.wait_began(id, wait, duration, now);
        state.progress_changed = true;
        self.wake();
    }

    fn wait_ended(&self, id: u64) {
        let now = self.clock.now();
        let mut state = self.state();
        state.meter.wait_ended(id, now);
        state.progress_changed = true;
    }

    fn sending_began(&self, order: u64) {
        self.state().meter.sending_began(order);
    }

    fn sending_ended(&self, order: u64) {
        self.state().meter.sending_ended(order);
    }
}
