//! Works off the requests of an operation.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::queue::Queue;
use super::{Report, Request};
use crate::client::Client;
use crate::engine::Run;
use crate::error::{Category, Error};
use crate::resource_id::RegistrationId;
use crate::tenants::{
    FailedListing, Finished, Items, Mapping, Outcome, Purpose, RequestTurn, Session, Target, TargetInput,
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
}

impl Operation {
    fn finish(&self, job: &Job, finished: Finished, held: Option<FailedListing>) {
        // Before the caller can learn of it, so that the report never says less.
        if let Some(number) = job.reported {
            self.report.end(number, &finished);
        }
        self.queue.finish(job.tag, finished, held);
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
    mut jobs: mpsc::UnboundedReceiver<Job>,
) {
    let operation = Arc::new(Operation { client, queue, run, session: Session::default(), default, report });
    let mut order = 0;
    while let Some(job) = jobs.recv().await {
        order += 1;
        let request = &job.request;
        let target = match request.target().resolve(operation.default.as_ref(), request.purpose()) {
            Ok(target) => target,
            Err(error) => {
                operation.finish(&job, refused(request.target(), error), None);
                continue;
            }
        };
        // Here, and not in a task: places are given in the order of the input.
        let turn = operation.session.turn(&target, request.purpose());
        tokio::spawn(work_off(operation.clone(), job, target, turn, order));
    }
}

/// Works off one request, in a task of its own, so that a panic ends this request and nothing else.
async fn work_off(operation: Arc<Operation>, job: Job, target: Target, turn: RequestTurn, order: u64) {
    let registration = target.registration.clone();
    let job = Arc::new(job);
    let end = tokio::spawn({
        let (operation, job) = (operation.clone(), job.clone());
        async move {
            let run = operation.run.at(order);
            let mut items = QueuedItems {
                queue: operation.queue.clone(),
                tag: job.tag,
                stop: operation.run.clone(),
                failed: None,
            };
            let finished = handle(&operation, &run, &job.request, &target, turn, &mut items).await;
            (finished, items.failed)
        }
    });
    let (finished, held) = end.await.unwrap_or_else(|_| {
        operation.session.distrust(&registration);
        (panicked(job.request.target(), job.request.changes_something()), None)
    });
    operation.finish(&job, finished, held);
}

async fn handle(
    operation: &Operation,
    run: &Run,
    request: &Request,
    target: &Target,
    turn: RequestTurn,
    items: &mut QueuedItems,
) -> Finished {
    let tenants = operation.client.tenants();
    let session = &operation.session;
    match request {
        Request::Add { expectation, preserve_case, .. } => {
            tenants.add(session, turn, run, target, expectation, *preserve_case).await
        }
        Request::List { .. } => tenants.list(turn, run, target, items).await,
        Request::Get { .. } => tenants.get(turn, run, target, items).await,
        Request::Remove { .. } => tenants.remove(session, turn, run, target).await,
    }
}

impl Request {
    pub(super) fn target(&self) -> &TargetInput {
        match self {
            Request::Add { target, .. }
            | Request::List { target }
            | Request::Get { target }
            | Request::Remove { target } => target,
        }
    }

    pub(super) fn purpose(&self) -> Purpose {
        match self {
            Request::Add { .. } => Purpose::Add,
            Request::List { .. } => Purpose::List,
            Request::Get { .. } => Purpose::Get,
            Request::Remove { .. } => Purpose::Remove,
        }
    }

    pub(super) fn changes_something(&self) -> bool {
        matches!(self, Request::Add { .. } | Request::Remove { .. })
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

struct QueuedItems {
    queue: Arc<Queue>,
    tag: u64,
    stop: Run,
    failed: Option<FailedListing>,
}

impl Items for QueuedItems {
    fn hold(&mut self, failed: FailedListing) {
        self.failed = Some(failed);
    }

    async fn take(&mut self, mapping: Mapping, hurried: impl Future<Output = ()> + Send) -> bool {
        tokio::select! {
            biased;
            () = self.stop.stop.cancelled() => false,
            () = self.queue.item(self.tag, mapping, hurried) => true,
        }
    }
}
