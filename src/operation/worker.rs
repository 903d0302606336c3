//! Works off the requests of an operation.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::queue::Queue;
use super::{Event, Request};
use crate::client::Client;
use crate::engine::Run;
use crate::error::{Category, Error};
use crate::plan::{self, SpelledDifference};
use crate::registrations::{self, Registration};
use crate::resource_id::RegistrationId;
use crate::tenants::{self, FailedListing, Finished, Mapping, Outcome, Purpose, Session, TargetInput};

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
}

/// Works until the operation is gone and everything accepted has ended. Holding the client keeps the runtime.
pub(super) async fn work(
    client: Client,
    queue: Arc<Queue>,
    run: Run,
    default: Option<Arc<RegistrationId>>,
    mut jobs: mpsc::UnboundedReceiver<Job>,
) {
    let mut session = Arc::new(Session::default());
    while let Some(Job { tag, request }) = jobs.recv().await {
        let (client, run, own, default) = (client.clone(), run.clone(), session.clone(), default.clone());
        let (input, changes) = (request.target().clone(), request.changes_something());
        let mut items = QueuedItems { queue: queue.clone(), tag, stop: run.clone(), failed: None };
        // A task of its own, so that a panic ends this request and nothing else.
        let end = tokio::spawn(async move {
            let finished = handle(&client, &own, &run, default.as_ref(), request, &mut items).await;
            (finished, items.failed)
        });
        let (finished, held) = end.await.unwrap_or_else(|_| {
            // What the session knows may be half of a change.
            session = Arc::new(Session::default());
            (panicked(&input, changes), None)
        });
        queue.finish(tag, finished, held);
    }
}

async fn handle(
    client: &Client,
    session: &Session,
    run: &Run,
    default: Option<&Arc<RegistrationId>>,
    request: Request,
    items: &mut QueuedItems,
) -> Finished {
    if let Request::Registrations { scope } = &request {
        return client.registrations().list(run, scope, default, items).await;
    }
    let input = request.target();
    let target = match input.resolve(default, request.purpose()) {
        Ok(target) => target,
        Err(error) => return refused(input, error),
    };
    let tenants = client.tenants();
    match &request {
        Request::Add { expectation, preserve_case, .. } => {
            tenants.add(session, run, &target, expectation, *preserve_case).await
        }
        Request::List { .. } => tenants.list(run, &target, items).await,
        Request::Get { .. } => tenants.get(run, &target, items).await,
        Request::Remove { .. } => tenants.remove(session, run, &target).await,
        Request::Compare { desired, options, .. } => {
            plan::compare(tenants, run, &target, desired, *options, items).await
        }
        Request::Registrations { .. } => unreachable!("it has no target, and was answered above"),
    }
}

impl Request {
    fn target(&self) -> &TargetInput {
        match self {
            Request::Add { target, .. }
            | Request::List { target }
            | Request::Get { target }
            | Request::Remove { target }
            | Request::Compare { target, .. } => target,
            Request::Registrations { .. } => &NO_TARGET,
        }
    }

    fn purpose(&self) -> Purpose {
        match self {
            Request::Add { .. } => Purpose::Add,
            Request::List { .. } => Purpose::List,
            Request::Get { .. } => Purpose::Get,
            Request::Remove { .. } => Purpose::Remove,
            Request::Compare { .. } | Request::Registrations { .. } => Purpose::List,
        }
    }

    fn changes_something(&self) -> bool {
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
