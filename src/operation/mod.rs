//! An operation: takes requests, gives events.
//!
//! Submitting never blocks, and no question is asked: a write that would replace something ends as such, and the
//! caller submits it again after asking. Requests begin in the order in which they came and are worked off side by side;
//! those that touch the same subscription or tenant one after the other (`tenants/turns.rs`).

mod event;
mod progress;
mod queue;
mod report;
mod resolving;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

pub use event::{CredentialNeeded, Event, Log};
pub use progress::{CurrentWait, Progress};
pub use report::{Entries, Entry, Report, Summary};

use crate::audit::AuditLog;
use crate::client::Client;
use crate::engine::{Accounting, DEFAULT_THROTTLE_LIMIT, Run};
use crate::error::{Error, Result};
use crate::guid::Guid;
use crate::plan::{CompareOptions, Desired};
use crate::registrations::ScopeInput;
use crate::resource_id::RegistrationId;
use crate::tenants::{Expectation, Mapping, Purpose, TargetInput};
use queue::Queue;
use worker::Job;

/// How long a write in flight is waited for after a cancellation.
const GRACE: Duration = Duration::from_secs(10);

/// How an operation works.
#[derive(Debug, Clone)]
pub struct OperationOptions {
    /// Requests that may be accepted and not ended.
    pub max_outstanding: usize,
    /// Items of lists that are kept for the caller before reading pauses.
    pub max_items: usize,
    /// HTTP requests that may be on their way at once. It is a limit: how many there are depends on what the service bears.
    pub throttle_limit: usize,
    /// How long one request may take for sending and backing off.
    pub item_timeout: Duration,
    /// Whether [`Event::Progress`] is wanted.
    pub want_progress: bool,
    /// Whether [`Event::Log`] is wanted. What a line of the audit log would have said that cannot be written comes in any
    /// case.
    pub want_log: bool,
    /// The registration to take for requests that name none.
    pub default_registration: Option<Arc<RegistrationId>>,
    /// Sent as `x-ms-correlation-request-id`; `None`: a new one.
    pub correlation_id: Option<String>,
    /// A file that gets a line (JSON, UTF-8) for each change that was attempted: for which a write may have left this machine,
    /// and for no other. It is opened to append to, and made where there is none. A line is on the disk before its
    /// [`Event::Finished`] is given; where one cannot be written, nothing is changed any more, and what was not sent ends as
    /// [`Outcome::NotStarted`](crate::tenants::Outcome::NotStarted). At most `throttle_limit` changes are under way without a
    /// line.
    pub audit_log: Option<PathBuf>,
}

impl Default for OperationOptions {
    fn default() -> Self {
        OperationOptions {
            max_outstanding: 256,
            max_items: 1024,
            throttle_limit: DEFAULT_THROTTLE_LIMIT,
            item_timeout: Duration::from_secs(120),
            want_progress: false,
            want_log: false,
            default_registration: None,
            correlation_id: None,
            audit_log: None,
        }
    }
}

impl OperationOptions {
    /// The options with what an operator gave, checked.
    pub fn with_inputs(
        mut self,
        registration: &TargetInput,
        correlation_id: Option<&str>,
    ) -> Result<OperationOptions> {
        self.default_registration = registration.registration_only()?;
        if let Some(id) = correlation_id {
            let Some(id) = Guid::parse(id.trim()) else {
                let message = format!("CorrelationId '{id}' is not a GUID.");
                return Err(Error::input("CorrelationIdNotValid", "CorrelationId", id, message));
            };
            self.correlation_id = Some(id.lower());
        }
        Ok(self)
    }
}

/// A request.
#[derive(Debug, Clone)]
pub enum Request {
    /// Add a mapping, or change one.
    Add {
        /// What to map.
        target: TargetInput,
        /// What may be replaced.
        expectation: Expectation,
        /// Whether the customer subscription goes out in the given spelling.
        preserve_case: bool,
    },
    /// List the mappings of a registration.
    List {
        /// The registration, and the tenant or customer subscription where only its mappings are wanted.
        target: TargetInput,
    },
    /// Get one mapping.
    Get {
        /// Which one.
        target: TargetInput,
    },
    /// Remove a mapping.
    Remove {
        /// Which one.
        target: TargetInput,
    },
    /// List the registrations of a subscription or a resource group.
    Registrations {
        /// Where to look.
        scope: ScopeInput,
    },
    /// Compare what is wanted with what a registration holds. Nothing is written.
    Compare {
        /// The registration.
        target: TargetInput,
        /// What is wanted.
        desired: Arc<Desired>,
        /// What to compare.
        options: CompareOptions,
    },
    /// Look up what became of a change that ended as unknown, or is about to. Its entry in the report is replaced by what the
    /// look shows. Nothing is written, and no other request of the operation is waited for.
    Resolve {
        /// The report of the operation that made the change.
        report: Report,
        /// The number of the change in it.
        number: u64,
    },
}

/// What became of a submit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// It was accepted: exactly one terminal event will come.
    Accepted,
    /// Take an event first.
    Full,
    /// The operation was cancelled.
    Cancelled,
}

/// What [`Operation::next`] gives.
#[derive(Debug)]
pub enum Next {
    /// An event.
    Event(Event),
    /// Nothing happened in time, or a cancellation ended the wait.
    Timeout,
    /// Nothing is outstanding.
    Idle,
    /// Cancelled, and nothing is left.
    Drained,
}

/// An operation. Dropping it cancels it.
pub struct Operation {
    client: Client,
    queue: Arc<Queue>,
    run: Run,
    default_registration: Option<Arc<RegistrationId>>,
    report: Report,
    jobs: mpsc::UnboundedSender<Job>,
}

impl Operation {
    /// Makes an operation. Nothing is sent yet. It fails where the audit log cannot be opened.
    pub fn new(client: &Client, options: OperationOptions) -> Result<Operation> {
        let audit = options.audit_log.as_deref().map(AuditLog::open).transpose()?;
        let queue = Arc::new(Queue::new(&options, client.tokens().clone(), client.clock().clone()));
        let correlation_id = options.correlation_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let mut run = Run::new(correlation_id, options.item_timeout, queue.clone())
            .with_throttle_limit(options.throttle_limit);
        if audit.is_some() {
            run = run.with_accounting(Accounting::of_at_most(options.throttle_limit));
        }
        let report = Report::default();
        let (jobs, taken) = mpsc::unbounded_channel();
        client.handle().spawn(worker::work(
            client.clone(),
            queue.clone(),
            run.clone(),
            options.default_registration.clone(),
            report.clone(),
            audit,
            taken,
        ));
        Ok(Operation {
            client: client.clone(),
            queue,
            run,
            default_registration: options.default_registration,
            report,
            jobs,
        })
    }

    /// Submits a request. Never blocks. Its terminal event has the same tag.
    pub fn submit(&self, tag: u64, request: Request) -> Submitted {
        match self.queue.accept() {
            Submitted::Accepted => {}
            refused => return refused,
        }
        let target = request.target();
        let reported = request
            .changes_something()
            .then(|| self.report.begin(tag, self.resolve_or_read(target, request.purpose()), target.row));
        // The worker ends with the operation, so there is one to take it.
        let _ = self.jobs.send(Job { tag, request, reported });
        Submitted::Accepted
    }

    /// The next event. `None` as timeout waits for ever.
    pub fn next(&self, timeout: Option<Duration>) -> Next {
        self.queue.next(timeout)
    }

    /// The next event, awaited: for callers that are asynchronous themselves. One call at a time.
    pub async fn wait_next(&self) -> Next {
        self.queue.wait_next().await
    }

    /// What a target comes to, exactly as submitting would take it. Nothing is sent.
    pub fn resolve(&self, purpose: Purpose, target: &TargetInput) -> Result<Mapping> {
        target.resolve(self.default_registration.as_ref(), purpose).map(|target| target.mapping())
    }

    /// What a target is about, as far as it can be read.
    fn resolve_or_read(&self, target: &TargetInput, purpose: Purpose) -> Mapping {
        self.resolve(purpose, target).unwrap_or_else(|_| target.as_mapping())
    }

    /// What becomes of each change. It stays when the operation is gone, and goes on with what is still in flight.
    pub fn report(&self) -> Report {
        self.report.clone()
    }

    /// The id that all requests of the operation are sent with as `x-ms-correlation-request-id`.
    pub fn correlation_id(&self) -> &str {
        &self.run.correlation_id
    }

    /// Takes no more requests, gives up what can be given up without doubt, and wakes [`Operation::next`].
    pub fn cancel(&self) {
        if !self.queue.cancel() {
            return;
        }
        self.run.stop.cancel();
        let abandon = self.run.abandon.clone();
        self.client.handle().spawn(async move {
            tokio::time::sleep(GRACE).await;
            abandon.cancel();
        });
    }
}

impl Drop for Operation {
    fn drop(&mut self) {
        self.cancel();
    }
}
