//! What the requests of one operation share: cancellation, correlation, patience, and who watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// What an operation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A pause before something is sent again.
    Retry,
    /// The service asked for a pause.
    Throttled,
    /// A credential.
    Credential,
    /// The end of a listing of the same registration.
    Listing,
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
    /// A wait began, with its length where it is known.
    fn wait_began(&self, wait: Wait, duration: Option<Duration>);
    /// A wait ended.
    fn wait_ended(&self, wait: Wait);
}

/// Nobody watches.
#[derive(Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn log(&self, _level: LogLevel, _line: &mut dyn FnMut() -> String) {}
    fn wait_began(&self, _wait: Wait, _duration: Option<Duration>) {}
    fn wait_ended(&self, _wait: Wait) {}
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
    requests: Arc<AtomicU32>,
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
            requests: Arc::default(),
        }
    }

    /// The same run with its own count of requests.
    pub(crate) fn counting_anew(&self) -> Run {
        Run { requests: Arc::default(), ..self.clone() }
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

    /// Tells the observer about a wait for as long as the result lives.
    pub(crate) fn waiting(&self, wait: Wait, duration: Option<Duration>) -> Waiting<'_> {
        self.observer.wait_began(wait, duration);
        Waiting { observer: self.observer.as_ref(), wait }
    }
}

/// A wait that ends when this is dropped.
pub(crate) struct Waiting<'a> {
    observer: &'a dyn Observer,
    wait: Wait,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.observer.wait_ended(self.wait);
    }
}
