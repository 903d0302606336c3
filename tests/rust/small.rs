//! Operations in simulated time over the small service of `doubts`, which answers otherwise where a test says so.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use azs_registration::client::{Client, ClientOptions, Surroundings};
use azs_registration::clock::{BoxFuture, Clock};
use azs_registration::cloud::Cloud;
use azs_registration::credential::{AccessToken, SuppliedToken};
use azs_registration::engine::LogLevel;
use azs_registration::operation::{Event, Next, Operation, OperationOptions, Request, Submitted};
use azs_registration::tenants::{Finished, TargetInput};
use azs_registration::transport::HttpRequest;
use tokio::time::Instant;

use crate::doubts::{Stored, serve, stored};
use crate::scripted::{Answer, NoChance, Scripted};

pub(crate) const REGISTRATION: &str = "/subscriptions/dd8597b4-8739-4467-8b10-f8679f62bfbf/resourceGroups/azurestack/providers/\
                                       Microsoft.AzureStack/registrations/hub";
pub(crate) const CORRELATION: &str = "c0ffee00-0000-4000-8000-000000000000";

/// Simulated time with a calendar that begins on 2026-11-21 at 22:10:00 UTC.
struct Calendar(Instant);

impl Clock for Calendar {
    fn now(&self) -> Instant {
        Instant::now()
    }
    fn unix_time(&self) -> u64 {
        self.since_1970().as_secs()
    }
    fn since_1970(&self) -> Duration {
        Duration::from_secs(1_795_299_000) + self.0.elapsed()
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A service and a client of it.
pub(crate) struct Small {
    pub(crate) client: Client,
    pub(crate) stored: Stored,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Small {
    pub(crate) fn new(
        mappings: &[(&str, Option<&str>)],
        other: impl Fn(&Stored, &HttpRequest) -> Option<Option<Answer>> + Send + Sync + 'static,
    ) -> Small {
        let stored = stored(mappings);
        let seen = Arc::default();
        let service = stored.clone();
        let answer = move |_, request: &HttpRequest| {
            other(&service, request).unwrap_or_else(|| serve(&service, request))
        };
        let transport = Arc::new(Scripted { answer, seen: Arc::clone(&seen) });
        let client = client_of(transport, None);
        Small { client, stored, seen }
    }

    /// A client of the same service by another name.
    pub(crate) fn by_another_endpoint(&self) -> Client {
        let (stored, seen) = (self.stored.clone(), self.seen.clone());
        let answer = move |_, request: &HttpRequest| serve(&stored, request);
        client_of(Arc::new(Scripted { answer, seen }), Some("https://management.example/"))
    }

    pub(crate) fn operation(&self, change: impl FnOnce(&mut OperationOptions)) -> Operation {
        operation_of(&self.client, change)
    }

    pub(crate) fn sent(&self, method: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|line| line.starts_with(method)).count()
    }

    /// Waits until so many requests of this method were sent.
    pub(crate) async fn await_sent(&self, method: &str, count: usize) {
        while self.sent(method) < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

fn client_of(transport: Arc<dyn azs_registration::transport::Transport>, endpoint: Option<&str>) -> Client {
    let clock = Arc::new(Calendar(Instant::now()));
    let options = ClientOptions::new(Cloud::new(endpoint, None).unwrap(), SuppliedToken::new(false));
    let client = Client::within(Surroundings { transport, clock, random: Arc::new(NoChance) }, options);
    client.set_token(AccessToken::new("opaque".to_owned(), 0).unwrap());
    client
}

pub(crate) fn operation_of(client: &Client, change: impl FnOnce(&mut OperationOptions)) -> Operation {
    let registration = TargetInput { resource_id: Some(REGISTRATION.to_owned()), ..TargetInput::default() };
    let mut options = OperationOptions { want_log: true, ..OperationOptions::default() };
    options = options.with_inputs(&registration, Some(CORRELATION)).unwrap();
    change(&mut options);
    Operation::new(client, options).unwrap()
}

/// Runs requests side by side to their ends, which come by the requests' places, and what was warned of.
pub(crate) async fn run(
    operation: &Operation,
    requests: impl IntoIterator<Item = Request>,
) -> (Vec<Finished>, Vec<String>) {
    for (tag, request) in requests.into_iter().enumerate() {
        assert_eq!(operation.submit(tag as u64, request), Submitted::Accepted);
    }
    ends(operation).await
}

/// The ends of what was submitted, by tags, and what was warned of.
pub(crate) async fn ends(operation: &Operation) -> (Vec<Finished>, Vec<String>) {
    let (mut ends, mut warnings) = (Vec::new(), Vec::new());
    loop {
        match operation.wait_next().await {
            Next::Event(Event::Finished { tag, finished }) => ends.push((tag, *finished)),
            Next::Event(Event::Log(log)) if log.level == LogLevel::Warning => {
                warnings.extend(log.text.lines().map(str::to_owned));
            }
            Next::Event(_) | Next::Timeout => {}
            Next::Idle | Next::Drained => break,
        }
    }
    ends.sort_by_key(|(tag, _)| *tag);
    (ends.into_iter().map(|(_, end)| end).collect(), warnings)
}

pub(crate) async fn run_one(operation: &Operation, request: Request) -> Finished {
    run(operation, [request]).await.0.remove(0)
}
