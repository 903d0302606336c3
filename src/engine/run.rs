//! What the requests of one operation share: cancellation, correlation, patience, and who watches.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::accounting::{Account, Accounting};
use super::slots::Slots;
use crate::error::{Error, Result};

/// How many requests of an operation are on their way at once where the caller does not say.
pub const DEFAULT_THROTTLE_LIMIT: usize = 5;

/// What an operation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A pause before something is sent again.
    Retry,
    /// The service asked for a pause.
    Throttled,
    /// A credential.
    Credential,
    /// The end of a listing of the same registration, or of what else must not run beside a request.
    Listing,
    /// The next moment at which the service's limit lets a request through.
    Pacing,
    /// The end of an outage: the endpoint cannot be reached any more.
    Outage,
    /// The time until which a write in doubt can still take effect.
    Settling,
}

impl Wait {
    /// What is waited for, in words for an operator.
    pub fn describe(self) -> &'static str {
        match self {
            Wait::Retry => "waiting before sending again",
            Wait::Throttled => "waiting because the service asked for it",
            Wait::Credential => "waiting for a credential",
            Wait::Listing => "waiting for the end of the listing",
            Wait::Pacing => "keeping to the service's limit of requests",
            Wait::Outage => "the service cannot be reached; trying again",
            Wait::Settling => "waiting until a change in doubt can take effect no more",
        }
    }
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What an operator wants to see who asked for more.
    Verbose,
    /// What an operator should see in any case.
    Warning,
}

/// Somebody who watches a run.
pub trait Observer: Send + Sync {
    /// A line about the work, without secrets. It is made only where somebody wants it.
    fn log(&self, level: LogLevel, line: &mut dyn FnMut() -> String);
    /// A wait began, with its length where it is known. No two waits of a run have the same `id`.
    fn wait_began(&self, id: u64, wait: Wait, duration: Option<Duration>);
    /// A wait ended.
    fn wait_ended(&self, id: u64);
    /// An HTTP request goes out for the item at this place of the input.
    fn sending_began(&self, order: u64);
    /// It was answered, or given up.
    fn sending_ended(&self, order: u64);
}

/// Nobody watches.
#[derive(Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn log(&self, _level: LogLevel, _line: &mut dyn FnMut() -> String) {}
    fn wait_began(&self, _id: u64, _wait: Wait, _duration: Option<Duration>) {}
    fn wait_ended(&self, _id: u64) {}
    fn sending_began(&self, _order: u64) {}
    fn sending_ended(&self, _order: u64) {}
}

/// What the requests of one operation share.
#[derive(Clone)]
pub struct Run {
    /// Cancelled: start nothing more, give up reads and pauses.
    pub stop: CancellationToken,
    /// Cancelled some time after `stop`: give up writes in flight too.
    pub abandon: CancellationToken,
    /// Sent with every request as `x-ms-correlation-request-id`.
    pub correlation_id: String,
    /// How long one item may take for sending and backing off. Pauses that the service asks for, and waiting for a
    /// token, do not count.
    pub item_timeout: Duration,
    observer: Arc<dyn Observer>,
    /// The waits that began.
    waits: Arc<AtomicU64>,
    pub(super) slots: Slots,
    /// The place of the item in the input: an earlier one gets the next slot.
    pub(super) order: u64,
    requests: Arc<AtomicU32>,
    pub(super) accounting: Accounting,
    /// What the item has to account for.
    pub(crate) account: Account,
    /// When the item's last write went out.
    sent_at: Arc<Mutex<Instant>>,
    /// What is left of `item_timeout`, in microseconds.
    patience: Arc<AtomicU64>,
}

impl Run {
    /// A run that was not cancelled.
    pub fn new(correlation_id: String, item_timeout: Duration, observer: Arc<dyn Observer>) -> Run {
        Run {
            stop: CancellationToken::new(),
            abandon: CancellationToken::new(),
            correlation_id,
            item_timeout,
            observer,
            waits: Arc::default(),
            slots: Slots::new(DEFAULT_THROTTLE_LIMIT),
            order: 0,
            requests: Arc::default(),
            accounting: Accounting::default(),
            account: Account::default(),
            sent_at: Arc::new(Mutex::new(Instant::now())),
            patience: Arc::new(AtomicU64::new(micros(item_timeout))),
        }
    }

    /// The same run, whose changes are accounted for.
    pub(crate) fn with_accounting(mut self, accounting: Accounting) -> Run {
        self.accounting = accounting;
        self
    }

    /// The same run with at most so many requests on their way at once.
    pub fn with_throttle_limit(mut self, limit: usize) -> Run {
        self.slots = Slots::new(limit);
        self
    }

    /// The same run for the item at this place of the input.
    pub(crate) fn at(&self, order: u64) -> Run {
        Run { order, account: Account::default(), ..self.clone() }
    }

    /// Whether changes are of any use: an error where nothing is written to the service any more.
    pub(crate) fn may_change(&self) -> Result<()> {
        self.accounting.check()
    }

    /// A change cannot be accounted for: nothing is written to the service any more.
    pub(crate) fn close_accounting(&self, why: Error) {
        self.accounting.close(why);
    }

    /// Waits until the item's change may go out.
    pub(crate) async fn open_account(&self) -> Result<()> {
        self.unless_stopped(self.account.open(&self.accounting)).await?
    }

    /// The same run for looking what became of a write: after a cancellation it goes on as long as writes do.
    pub(crate) fn for_look(&self) -> Run {
        Run { stop: self.abandon.clone(), ..self.with_new_patience() }
    }

    /// The same run for another item: with its own patience and count of requests.
    pub(crate) fn for_item(&self) -> Run {
        Run {
            requests: Arc::default(),
            sent_at: Arc::new(Mutex::new(self.sent_at())),
            ..self.with_new_patience()
        }
    }

    /// The same run with its own patience: for the pages of a list, which may be many.
    pub(crate) fn with_new_patience(&self) -> Run {
        Run { patience: Arc::new(AtomicU64::new(micros(self.item_timeout))), ..self.clone() }
    }

    /// Counts time of sending or backing off.
    pub(super) fn spend(&self, time: Duration) {
        let spent = micros(time);
        // The closure always gives a value.
        let _ = self
            .patience
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(spent)));
    }

    /// What is left of the item's time.
    pub(super) fn patience(&self) -> Duration {
        Duration::from_micros(self.patience.load(Ordering::Relaxed))
    }

    pub(super) fn note_sent(&self, now: Instant) {
        *self.sent_at.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// When the item's last write went out.
    pub(super) fn sent_at(&self) -> Instant {
        *self.sent_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests were sent.
    pub(crate) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn count_request(&self) {
        self.requests.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn verbose(&self, line: impl FnOnce() -> String) {
        self.log(LogLevel::Verbose, line);
    }

    pub(crate) fn warning(&self, line: impl FnOnce() -> String) {
        self.log(LogLevel::Warning, line);
    }

    fn log(&self, level: LogLevel, line: impl FnOnce() -> String) {
        let mut line = Some(line);
        self.observer.log(level, &mut || line.take().map(|line| line()).unwrap_or_default());
    }

    /// Waits, unless the run is cancelled.
    pub(crate) async fn unless_stopped<T>(&self, wait: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(super::cancelled()),
            given = wait => Ok(given),
        }
    }

    /// Tells the observer about a wait for as long as the result lives.
    pub(crate) fn waiting(&self, wait: Wait, duration: Option<Duration>) -> Waiting<'_> {
        let id = self.waits.fetch_add(1, Ordering::Relaxed);
        self.observer.wait_began(id, wait, duration);
        Waiting { observer: self.observer.as_ref(), id }
    }

    /// Tells the observer that a request is on its way for as long as the result lives.
    pub(super) fn sending(&self) -> Sending<'_> {
        self.observer.sending_began(self.order);
        Sending { observer: self.observer.as_ref(), order: self.order }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A wait that ends when this is dropped.
pub(crate) struct Waiting<'a> {
    observer: &'a dyn Observer,
    id: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.observer.wait_ended(self.id);
    }
}

/// A request on its way, until this is dropped.
pub(super) struct Sending<'a> {
    observer: &'a dyn Observer,
    order: u64,
}

impl Drop for Sending<'_> {
    fn drop(&mut self) {
        self.observer.sending_ended(self.order);
    }
}
