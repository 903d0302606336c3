//! A client over TLS to an emulator of its own.

use std::time::Duration;

use azs_emulator::{Emulator, JournalQuery, Options, RegistrationSeed, Switches};
use azs_registration::client::{Client, ClientOptions};
use azs_registration::cloud::Cloud;
use azs_registration::credential::{AccessToken, SuppliedToken};
use azs_registration::operation::{Event, Log, Next, Operation, OperationOptions, Request, Submitted};
use azs_registration::plan::SpelledDifference;
use azs_registration::registrations::Registration;
use azs_registration::tenants::{Expectation, Finished, Mapping, Outcome, TargetInput};

/// Long enough for a slow machine; no test waits for it to pass.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

/// What came of one request.
pub(crate) struct Ended {
    pub(crate) finished: Finished,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) registrations: Vec<Registration>,
    pub(crate) differences: Vec<SpelledDifference>,
    pub(crate) log: Vec<Log>,
}

impl World {
    pub(crate) fn new() -> World {
        World::with(|_| {})
    }

    /// A world whose service behaves as `change` says.
    pub(crate) fn with(change: impl FnOnce(&mut Switches)) -> World {
        World::asking(false, change)
    }

    /// A world whose client may be asked for a credential, and has none.
    pub(crate) fn asking(may_ask: bool, change: impl FnOnce(&mut Switches)) -> World {
        let world = World::made(Options::default(), may_ask, |_| {});
        world.emulator.switches(change);
        world
    }

    /// A world of an emulator and a client with options of their own.
    pub(crate) fn made(options: Options, may_ask: bool, change: impl FnOnce(&mut ClientOptions)) -> World {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let emulator = runtime.block_on(Emulator::start(options)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, emulator.ca_pem()).unwrap();
        let cloud = Cloud::new(Some(&emulator.arm_endpoint()), Some(&emulator.authority_host())).unwrap();
        let mut options = ClientOptions::new(cloud, SuppliedToken::new(may_ask));
        options.ca_certificate_path = Some(ca);
        change(&mut options);
        let client = Client::new(options).unwrap();
        if !may_ask {
            client.set_token(AccessToken::new(emulator.token().to_owned(), 0).unwrap());
        }
        World { emulator, client, runtime, _folder: folder }
    }

    /// Stops the emulator and starts another one in its place: with the same state file and port the client meets what it
    /// met before.
    pub(crate) fn restarted(self, options: Options) -> World {
        let World { emulator, client, runtime, _folder } = self;
        runtime.block_on(emulator.stop());
        let emulator = runtime.block_on(Emulator::start(options)).unwrap();
        World { emulator, client, runtime, _folder }
    }

    /// Waits until no effect of a request is outstanding.
    pub(crate) fn settle(&self) {
        assert!(self.runtime.block_on(self.emulator.settled(PATIENCE)), "an effect never lands");
    }

    /// An operation on the emulator's registration.
    pub(crate) fn operation(&self) -> Operation {
        self.operation_on(&registration_input(self.emulator.registration()), |_| {})
    }

    pub(crate) fn operation_on(
        &self,
        registration: &TargetInput,
        change: impl FnOnce(&mut OperationOptions),
    ) -> Operation {
        let mut options = OperationOptions { want_log: true, ..OperationOptions::default() };
        options = options.with_inputs(registration, None).unwrap();
        change(&mut options);
        Operation::new(&self.client, options).unwrap()
    }

    /// Runs one request to its end.
    pub(crate) fn run(&self, request: Request) -> Ended {
        run(&self.operation(), request)
    }

    pub(crate) fn add(&self, customer: &str) -> Finished {
        self.run(add(customer)).finished
    }

    pub(crate) fn list(&self) -> Vec<Mapping> {
        let ended = self.run(Request::List { target: TargetInput::default() });
        assert_eq!(ended.finished.outcome, Outcome::Read, "{:?}", ended.finished.error);
        assert_eq!(ended.finished.item_count, ended.mappings.len() as u64);
        ended.mappings
    }

    /// The server's mappings: customer subscription and tenant.
    pub(crate) fn stored(&self) -> Vec<(String, String)> {
        let stored = self.emulator.mappings(self.emulator.registration());
        stored.into_iter().map(|mapping| (mapping.customer_subscription_id, mapping.tenant_id)).collect()
    }

    /// How many requests of this method the service received.
    pub(crate) fn received(&self, method: &str) -> usize {
        self.emulator.journal_of(&JournalQuery::method(method)).len()
    }

    /// What the service received, a line for each request.
    fn requests(&self) -> String {
        let line = |entry: azs_emulator::JournalEntry| {
            format!("{} ms {} {} {:?}\n", entry.elapsed_ms, entry.method, entry.path, entry.status)
        };
        self.emulator.journal().into_iter().map(line).collect()
    }

    /// Waits until the service has received so many requests of this method.
    pub(crate) fn await_received(&self, method: &str, count: usize) {
        let query = JournalQuery::method(method);
        let came = self.runtime.block_on(self.emulator.wait_for(&query, count, PATIENCE));
        assert!(came, "no {count} {method}, but:\n{}", self.requests());
    }
}

pub(crate) fn registration_input(seed: &RegistrationSeed) -> TargetInput {
    TargetInput {
        registration_subscription_id: Some(seed.subscription_id.clone()),
        resource_group_name: Some(seed.resource_group.clone()),
        registration_name: Some(seed.name.clone()),
        ..TargetInput::default()
    }
}

pub(crate) fn customer(id: &str) -> TargetInput {
    TargetInput { customer_subscription_id: Some(id.to_owned()), ..TargetInput::default() }
}

pub(crate) fn customer_of(id: &str, tenant: &str) -> TargetInput {
    TargetInput { tenant_id: Some(tenant.to_owned()), ..customer(id) }
}

pub(crate) fn add(id: &str) -> Request {
    adding(customer(id), Expectation::NothingReplaced)
}

pub(crate) fn adding(target: TargetInput, expectation: Expectation) -> Request {
    Request::Add { target, expectation, preserve_case: false }
}

pub(crate) fn remove(id: &str) -> Request {
    Request::Remove { target: customer(id) }
}

/// A made-up customer subscription.
pub(crate) fn id(number: u32) -> String {
    format!("11111111-2222-4333-8444-{number:012}")
}

pub(crate) fn run(operation: &Operation, request: Request) -> Ended {
    assert_eq!(operation.submit(7, request), Submitted::Accepted);
    let (mut mappings, mut registrations) = (Vec::new(), Vec::new());
    let (mut differences, mut log) = (Vec::new(), Vec::new());
    loop {
        match next(operation) {
            Event::Mapping { tag: 7, mapping } => mappings.push(mapping),
            Event::Registration { tag: 7, registration } => registrations.push(*registration),
            Event::Difference { tag: 7, difference } => differences.push(*difference),
            Event::Log(lines) => log.push(lines),
            Event::Finished { tag: 7, finished } => {
                return Ended { finished: *finished, mappings, registrations, differences, log };
            }
            other => panic!("unexpected event {other:?}"),
        }
    }
}

pub(crate) fn next(operation: &Operation) -> Event {
    loop {
        match operation.next(Some(PATIENCE)) {
            Next::Event(event) => return event,
            // A cancellation wakes a wait once.
            Next::Timeout => continue,
            end => panic!("no event but {end:?}"),
        }
    }
}

/// The ends of the requests that are outstanding, by their tags: requests are worked off side by side.
pub(crate) fn ends(operation: &Operation) -> Vec<(u64, Finished)> {
    let mut ends = Vec::new();
    loop {
        match operation.next(Some(PATIENCE)) {
            Next::Event(Event::Finished { tag, finished }) => ends.push((tag, *finished)),
            Next::Event(_) | Next::Timeout => {}
            Next::Idle | Next::Drained => break,
        }
    }
    ends.sort_by_key(|(tag, _)| *tag);
    ends
}

pub(crate) fn code(finished: &Finished) -> &str {
    finished.error.as_ref().map(|error| error.code()).unwrap_or_default()
}
