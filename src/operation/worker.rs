//! Works off the requests of an operation.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc;

use super::queue::Queue;
use super::resolving::resolve;
use super::{Event, Report, Request};
use crate::audit::{self, Attempted, AuditLog};
use crate::client::Client;
use crate::engine::Run;
use crate::error::{AUDIT_LOG_NOT_WRITABLE, Category, Error};
use crate::guid::Guid;
use crate::plan::{self, SpelledDifference};
use crate::registrations::{self, Registration};
use crate::resource_id::RegistrationId;
use crate::tenants::{
    self, Expectation, FailedListing, Finished, Mapping, Outcome, Purpose, RequestTurn, Session, Target,
    TargetInput,
};

/// What a request is about that has no target.
static NO_TARGET: TargetInput = TargetInput {
    resource_id: None,
    registration_subscription_id: None,
    resource_group_name: None,
    registration_name: None,
    customer_subscription_id: None,
    tenant_id: None,
    subscription_id: None,
    row: 0,
};

/// An accepted request.
pub(super) struct Job {
    pub(super) tag: u64,
    pub(super) request: Request,
    /// Its number in the report, where it is a change.
    pub(super) reported: Option<u64>,
}

/// What the requests of an operation have in common.
struct Operation {
    client: Client,
    queue: Arc<Queue>,
    run: Run,
    session: Session,
    default: Option<Arc<RegistrationId>>,
    report: Report,
    audit: Option<AuditLog>,
}

impl Operation {
    /// Checks what a request is about, and gives it its place: here, and not in a task of its own, for places are given in
    /// the order of the input. `None`: it needs none.
    fn place(&self, request: &Request) -> Result<Option<Place>, Error> {
        if matches!(request, Request::Registrations { .. } | Request::Resolve { .. }) {
            return Ok(None);
        }
        let target = request.target().resolve(self.default.as_ref(), request.purpose())?;
        let turn = self.session.turn(&target, request.purpose(), request.replaces());
        Ok(Some(Place { target, turn }))
    }

    fn finish(&self, job: &Job, mut finished: Finished, held: Option<FailedListing>) {
        // The report has it first: it never says less than the caller was told.
        if let Some(number) = job.reported {
            finished.entry = number;
            // The caller gets the end in any case.
            let _ = catch_unwind(AssertUnwindSafe(|| self.report.end(number, &finished)));
        }
        // The report and the audit log needed them.
        (finished.doubtful, finished.intended) = (None, None);
        self.queue.finish(job.tag, finished, held);
    }

    /// Accounts for a change that was attempted. Where the library fails at that, the request has its end all the same.
    async fn account_for_in_any_case(&self, run: &Run, request: &Request, finished: &mut Finished) {
        if unless_panicking(self.account_for(run, request, finished)).await.is_some() {
            return;
        }
        if self.audit.is_some() && request.changes_something() {
            let message =
                "The library failed while it wrote a line of the audit log. Nothing is changed without one.";
            self.queue.warn(message);
            run.close_accounting(Error::new(Category::Internal, AUDIT_LOG_NOT_WRITABLE, message));
            finished.audit_missing = true;
        }
        run.account.settle();
    }

    /// Writes the line about a change that was attempted. Where it cannot be written, nothing is written to the service any
    /// more, the end says so, and the caller is told what the line would have said.
    async fn account_for(&self, run: &Run, request: &Request, finished: &mut Finished) {
        let (Some(audit), true) = (&self.audit, request.changes_something()) else { return };
        if let Some(sent) = &run.account.sent() {
            let correlation_id = &run.correlation_id;
            let line = audit::line(&Attempted { purpose: request.purpose(), finished, sent, correlation_id });
            if let Err(error) = audit.write(&line).await {
                self.queue
                    .warn(&format!("{error} A change has no line there, which is: {}", line.trim_end()));
                run.close_accounting(error);
                finished.audit_missing = true;
            }
        }
        run.account.settle();
    }
}

/// Works until the operation is gone and everything accepted has ended. Holding the client keeps the runtime. Requests
/// begin at once; whose turn it is, and how many are sent at a time, is decided below.
pub(super) async fn work(
    client: Client,
    queue: Arc<Queue>,
    run: Run,
    default: Option<Arc<RegistrationId>>,
    report: Report,
    audit: Option<AuditLog>,
    mut jobs: mpsc::UnboundedReceiver<Job>,
) {
    let session = Session::default();
    let operation = Arc::new(Operation { client, queue, run, session, default, report, audit });
    let mut order = 0;
    while let Some(job) = jobs.recv().await {
        order += 1;
        // A panic here would leave all that come after without an end.
        let placed = catch_unwind(AssertUnwindSafe(|| operation.place(&job.request)));
        let place = match placed {
            Ok(Ok(place)) => place,
            Ok(Err(error)) => {
                operation.finish(&job, refused(job.request.target(), error), None);
                continue;
            }
            Err(_) => {
                operation.finish(&job, panicked(job.request.target(), false), None);
                continue;
            }
        };
        tokio::spawn(work_off(operation.clone(), job, place, order));
    }
}

/// What a request is about, and its place among those that came before.
struct Place {
    target: Target,
    turn: RequestTurn,
}

/// Works off one request, in a task of its own, so that a panic ends this request and nothing else.
async fn work_off(operation: Arc<Operation>, job: Job, place: Option<Place>, order: u64) {
    let registration = place.as_ref().map(|place| place.target.registration.clone());
    let job = Arc::new(job);
    let run = operation.run.at(order);
    let end = tokio::spawn({
        let (operation, job, run) = (operation.clone(), job.clone(), run.clone());
        async move {
            let mut items = QueuedItems {
                queue: operation.queue.clone(),
                tag: job.tag,
                stop: operation.run.clone(),
                failed: None,
            };
            let finished = handle(&operation, &run, &job.request, place, &mut items).await;
            (finished, items.failed)
        }
    });
    let (mut finished, held) = end.await.unwrap_or_else(|_| {
        if let Some(registration) = registration {
            operation.session.distrust(&registration);
        }
        (panicked(job.request.target(), job.request.is_about_change()), None)
    });
    operation.account_for_in_any_case(&run, &job.request, &mut finished).await;
    operation.finish(&job, finished, held);
}

async fn handle(
    operation: &Operation,
    run: &Run,
    request: &Request,
    place: Option<Place>,
    items: &mut QueuedItems,
) -> Finished {
    let (tenants, session) = (operation.client.tenants(), &operation.session);
    match (request, place) {
        (Request::Registrations { scope }, _) => {
            operation.client.registrations().list(run, scope, operation.default.as_ref(), items).await
        }
        (Request::Add { expectation, preserve_case, .. }, Some(Place { target, turn })) => {
            tenants.add(session, turn, run, &target, expectation, *preserve_case).await
        }
        (Request::List { .. }, Some(Place { target, turn })) => tenants.list(turn, run, &target, items).await,
        (Request::Get { .. }, Some(Place { target, turn })) => tenants.get(turn, run, &target, items).await,
        (Request::Remove { .. }, Some(Place { target, turn })) => {
            tenants.remove(session, turn, run, &target).await
        }
        (Request::Compare { desired, options, .. }, Some(Place { target, turn })) => {
            plan::compare(tenants, turn, run, &target, desired, *options, items).await
        }
        (Request::Resolve { report, number }, _) => {
            resolve(&operation.client, session, run, report, *number).await
        }
        (_, None) => unreachable!("all requests about a registration have a place"),
    }
}

impl Request {
    pub(super) fn target(&self) -> &TargetInput {
        match self {
            Request::Add { target, .. }
            | Request::List { target }
            | Request::Get { target }
            | Request::Remove { target }
            | Request::Compare { target, .. } => target,
            Request::Registrations { .. } | Request::Resolve { .. } => &NO_TARGET,
        }
    }

    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Request::Add { .. } => Purpose::Add,
            Request::List { .. } => Purpose::List,
            Request::Get { .. } => Purpose::Get,
            Request::Remove { .. } => Purpose::Remove,
            Request::Compare { .. } | Request::Registrations { .. } | Request::Resolve { .. } => {
                Purpose::List
            }
        }
    }

    /// The customer subscription whose mapping an add expects to replace.
    fn replaces(&self) -> Option<uuid::Uuid> {
        match self {
            Request::Add { expectation: Expectation::Exactly(id), .. } => {
                Some(Guid::parse(id.trim())?.value())
            }
            _ => None,
        }
    }

    pub(super) fn changes_something(&self) -> bool {
        matches!(self, Request::Add { .. } | Request::Remove { .. })
    }

    /// Whether its end says what became of a change.
    fn is_about_change(&self) -> bool {
        self.changes_something() || matches!(self, Request::Resolve { .. })
    }
}

fn refused(input: &TargetInput, error: Error) -> Finished {
    let mut finished = Finished::with_error(Outcome::Failed, input.as_mapping(), error);
    finished.row = input.row;
    finished
}

/// The end of a request whose task panicked: a write may have been sent.
fn panicked(input: &TargetInput, changes: bool) -> Finished {
    let message = if changes {
        "The library failed while it worked on this item. Look whether the change took effect before you repeat it."
    } else {
        "The library failed while it worked on this item."
    };
    let error = Error::new(Category::Internal, "InternalFault", message).with_row(input.row);
    let outcome = if changes { Outcome::Unknown } else { Outcome::Failed };
    Finished { outcome, ..refused(input, error) }
}

/// What a future gives; `None` where it panics.
async fn unless_panicking<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    })
    .await
}

struct QueuedItems {
    queue: Arc<Queue>,
    tag: u64,
    stop: Run,
    failed: Option<FailedListing>,
}

impl QueuedItems {
    async fn give(&self, item: Event, hurried: impl Future<Output = ()> + Send) -> bool {
        tokio::select! {
            biased;
            () = self.stop.stop.cancelled() => false,
            () = self.queue.item(item, hurried) => true,
        }
    }
}

impl registrations::Items for QueuedItems {
    async fn take(&mut self, registration: Registration) -> bool {
        let item = Event::Registration { tag: self.tag, registration: Box::new(registration) };
        self.give(item, std::future::pending()).await
    }
}

impl plan::Items for QueuedItems {
    async fn take(&mut self, difference: SpelledDifference) -> bool {
        let item = Event::Difference { tag: self.tag, difference: Box::new(difference) };
        self.give(item, std::future::pending()).await
    }
}

impl tenants::Items for QueuedItems {
    fn hold(&mut self, failed: FailedListing) {
        self.failed = Some(failed);
    }

    async fn take(&mut self, mapping: Mapping, hurried: impl Future<Output = ()> + Send) -> bool {
        self.give(Event::Mapping { tag: self.tag, mapping }, hurried).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_known_after_a_wait_too() {
        assert_eq!(unless_panicking(async { tokio::task::yield_now().await }).await, Some(()));
        let panics = async {
            tokio::task::yield_now().await;
            panic!("on purpose");
        };
        assert_eq!(unless_panicking(panics).await, None::<()>);
    }
}
