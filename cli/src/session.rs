//! A client with one operation: requests in, reports out, interruptions, progress and the log on the way.

use std::collections::HashMap;
use std::mem;
use std::path::PathBuf;
use std::time::Duration;

use azs_registration::advice::Words;
use azs_registration::client::{Client, ClientOptions};
use azs_registration::cloud::{ApiVersion, Cloud, CloudInput};
use azs_registration::engine::LogLevel;
use azs_registration::operation::{Event, Next, Operation, OperationOptions, Request, Submitted};
use azs_registration::tenants::{Finished, Mapping, Outcome};

use crate::arguments::CommonArguments;
use crate::ends::left_over;
use crate::environment::variable;
use crate::failure::Result;
use crate::input_order::InputOrder;
use crate::interrupt::Interrupt;
use crate::messages;
use crate::progress::{Counts, ProgressDisplay};
use crate::sign_in::{Auth, sign_in};
use crate::token::TokenPlace;

/// How often an interruption is looked for while Azure works.
const LOOK: Duration = Duration::from_millis(50);

/// How many items are begun whose result was not given. It bounds the memory; and because results keep the order of the input,
/// it is how far the work gets ahead of an item that takes long: a change in doubt can take 90 s, in which Azure Resource
/// Manager lets 900 others through.
const WINDOW: usize = 1024;

/// The tag of a request: which of the command's items it is about, counted from 0.
pub(crate) type Tag = u64;

/// What a request comes to.
pub(crate) enum Report {
    /// A mapping that a read found.
    Mapping(Tag, Mapping),
    /// The end of a request, and what it was.
    Finished(Tag, Request, Box<Finished>),
}

/// What goes in.
pub(crate) enum Entry {
    /// A request.
    Request(Request),
    /// What would have been one, and was refused before it could be: its end takes its turn among the others.
    Refused(Request, Box<Finished>),
    /// The next one is still to come: results that are there are not to wait for it.
    NotYet,
}

impl From<Request> for Entry {
    fn from(request: Request) -> Entry {
        Entry::Request(request)
    }
}

/// A connection that is checked and not signed in: nothing is sent with it.
pub(crate) struct Connection<'a> {
    client: Client,
    arguments: &'a CommonArguments,
    audit_log: Option<PathBuf>,
}

/// The work of one command.
pub(crate) struct Session {
    operation: Operation,
    pub(crate) interrupt: Interrupt,
    verbose: bool,
    cancelled: bool,
    order: InputOrder,
    /// Requests that have not ended.
    open: HashMap<Tag, Request>,
    /// Items that were begun and whose end was not given.
    begun: usize,
    next_tag: Tag,
    /// The change whose result was given last: by its number in the report, 0 where it has none.
    last_given: u64,
    counts: Counts,
    display: ProgressDisplay,
}

impl<'a> Connection<'a> {
    /// Checks the options.
    pub(crate) fn new(arguments: &'a CommonArguments) -> Result<Connection<'a>> {
        let client = Client::new(client_options(arguments)?)?;
        Ok(Connection { client, arguments, audit_log: None })
    }

    /// The same, with a file that gets a line for each change that was attempted; a dry run attempts none.
    pub(crate) fn with_audit_log(mut self, file: Option<&str>, is_dry_run: bool) -> Connection<'a> {
        self.audit_log = file.filter(|_| !is_dry_run).map(PathBuf::from);
        self
    }

    /// Reads the token and begins the work.
    pub(crate) fn sign_in(self) -> Result<Session> {
        let connection = &self.arguments.connection;
        if connection.sign_in.auth()? == Auth::AccessToken {
            self.client.set_token(TokenPlace::of(connection)?.read()?);
        }
        let display = ProgressDisplay::new(!self.arguments.no_progress);
        let mut options = OperationOptions {
            // One that is submitted again after a question has had its end given.
            max_outstanding: WINDOW + 1,
            want_log: true,
            want_progress: display.is_wanted(),
            audit_log: self.audit_log,
            ..OperationOptions::default()
        };
        if let Some(limit) = self.arguments.connection.throttle_limit {
            options.throttle_limit = limit.into();
        }
        if let Some(seconds) = self.arguments.connection.timeout {
            options.item_timeout = Duration::from_secs(seconds);
        }
        let operation = Operation::new(&self.client, options)?;
        if self.arguments.verbose {
            let id = operation.correlation_id();
            messages::line(format_args!("verbose: All requests have the correlation id {id}."));
        }
        let interrupt = Interrupt::watch(operation.report());
        Ok(Session::new(operation, interrupt, display, self.arguments.verbose))
    }
}

impl Session {
    fn new(operation: Operation, interrupt: Interrupt, display: ProgressDisplay, verbose: bool) -> Session {
        Session {
            operation,
            interrupt,
            verbose,
            cancelled: false,
            order: InputOrder::default(),
            open: HashMap::new(),
            begun: 0,
            next_tag: 0,
            last_given: 0,
            counts: Counts::default(),
            display,
        }
    }

    /// What comes next of the requests of `input`, which are taken from it as there is room for them; `None` when all of them
    /// have ended. Results come in the order of the input; those of a request that was submitted again, when it ends. After an
    /// interruption they come as they end, and what was not begun ends as not started. Whoever asks for the next one has dealt
    /// with the one before.
    pub(crate) fn next(&mut self, input: &mut impl Iterator<Item = impl Into<Entry>>) -> Option<Report> {
        self.interrupt.note_given(mem::take(&mut self.last_given));
        let report = self.next_in_order(input);
        match &report {
            Some(Report::Finished(_, _, finished)) => {
                self.begun = self.begun.saturating_sub(1);
                self.last_given = finished.entry;
            }
            Some(Report::Mapping(..)) => {}
            None => self.display.end(),
        }
        report
    }

    fn next_in_order(&mut self, input: &mut impl Iterator<Item = impl Into<Entry>>) -> Option<Report> {
        loop {
            self.fill(input);
            if self.interrupt.pressed() && !self.cancelled {
                messages::line(
                    "Interrupted: nothing more is started. Waiting up to 10 s for what is in flight; Ctrl+C again leaves at \
                     once, and names what it leaves open.",
                );
                self.cancel();
                // One that hangs is not to hold up the results of others.
                self.order.give_up();
            }
            if let Some(report) = self.order.held() {
                return Some(report);
            }
            let (tag, report) = match self.operation.next(Some(LOOK)) {
                Next::Event(Event::Mapping { tag, mapping }) => (tag, Report::Mapping(tag, mapping)),
                Next::Event(Event::Finished { tag, finished }) => {
                    self.count(&finished);
                    // Each request ends once.
                    let Some(request) = self.open.remove(&tag) else { continue };
                    (tag, Report::Finished(tag, request, finished))
                }
                Next::Event(Event::Progress(progress)) => {
                    self.display.show(&progress, self.counts);
                    continue;
                }
                Next::Event(Event::Log(log)) => {
                    match log.level {
                        LogLevel::Warning => messages::log(&log, "warning"),
                        LogLevel::Verbose if self.verbose => messages::log(&log, "verbose"),
                        LogLevel::Verbose => {}
                    }
                    continue;
                }
                // None was asked for, and the token cannot be replaced.
                Next::Event(
                    Event::Registration { .. } | Event::Difference { .. } | Event::CredentialNeeded(_),
                )
                | Next::Timeout => continue,
                end @ (Next::Idle | Next::Drained) => {
                    let entry = input.next()?.into();
                    if matches!(end, Next::Idle) && !self.cancelled && !self.interrupt.pressed() {
                        // It came after the look for it.
                        self.begin(entry);
                        continue;
                    }
                    let (request, end) = match entry {
                        Entry::Request(request) => {
                            let end = left_over(&request);
                            (request, Box::new(end))
                        }
                        Entry::Refused(request, end) => (request, end),
                        Entry::NotYet => continue,
                    };
                    return Some(Report::Finished(self.next_tag(), request, end));
                }
            };
            if let Some(report) = self.order.take(tag, report) {
                return Some(report);
            }
        }
    }

    /// Begins what there is room for.
    fn fill(&mut self, input: &mut impl Iterator<Item = impl Into<Entry>>) {
        while self.begun < WINDOW && !self.cancelled && !self.interrupt.pressed() {
            let Some(entry) = input.next() else {
                self.counts.total = Some(self.next_tag);
                return;
            };
            if !self.begin(entry.into()) {
                return;
            }
        }
        if let (least, Some(most)) = input.size_hint()
            && least == most
        {
            self.counts.total = Some(self.next_tag + least as u64);
        }
    }

    /// Begins an item. `false`: there is none yet.
    fn begin(&mut self, entry: Entry) -> bool {
        let request = match entry {
            Entry::Request(request) => request,
            Entry::Refused(request, end) => {
                let tag = self.next_tag();
                self.begun += 1;
                self.count(&end);
                self.order.hold(tag, Report::Finished(tag, request, end));
                return true;
            }
            Entry::NotYet => return false,
        };
        let tag = self.next_tag();
        self.begun += 1;
        // There is room, and nobody else cancels; whatever the reason, what is not taken has an end all the same.
        if self.operation.submit(tag, request.clone()) == Submitted::Accepted {
            self.open.insert(tag, request);
        } else {
            let end = left_over(&request);
            self.count(&end);
            self.order.hold(tag, Report::Finished(tag, request, Box::new(end)));
        }
        true
    }

    fn next_tag(&mut self) -> Tag {
        let tag = self.next_tag;
        self.next_tag += 1;
        tag
    }

    fn count(&mut self, finished: &Finished) {
        self.counts.ended += 1;
        // That a question is to be asked is no failure.
        let is_open = matches!(finished.outcome, Outcome::WouldReplace);
        self.counts.failed += u64::from(!finished.outcome.is_reached() && !is_open);
    }

    /// Submits the request of an item again that has ended. `false`: it was not taken, because of an interruption, and nothing
    /// will come of it.
    pub(crate) fn submit_again(&mut self, tag: Tag, request: Request) -> bool {
        let is_taken =
            !self.interrupt.pressed() && self.operation.submit(tag, request.clone()) == Submitted::Accepted;
        if is_taken {
            self.counts.ended -= 1;
            self.begun += 1;
            self.open.insert(tag, request);
        }
        is_taken
    }

    /// Whether it starts nothing more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled
    }

    /// Starts nothing more.
    pub(crate) fn cancel(&mut self) {
        self.cancelled = true;
        self.operation.cancel();
    }
}

fn client_options(arguments: &CommonArguments) -> Result<ClientOptions> {
    let registration = &arguments.registration;
    let arguments = &arguments.connection;
    let given =
        |option: &Option<String>, name| option.clone().map_or_else(|| variable(name), |it| Ok(Some(it)));
    let cloud = Cloud::from_input(&CloudInput {
        name: given(&arguments.cloud, "AZSREG_CLOUD")?,
        arm_endpoint: given(&arguments.arm_endpoint, "AZSREG_ARM_ENDPOINT")?,
        authority_host: arguments.authority_host.clone(),
        audience: None,
    })?;
    let mut options = ClientOptions::signing_in(cloud, sign_in(arguments, registration)?);
    if let Some(version) = &arguments.api_version {
        options.api_version = version.parse::<ApiVersion>()?;
    }
    options.ca_certificate_path =
        given(&arguments.ca_certificate, "AZSREG_CA_CERTIFICATE")?.map(PathBuf::from);
    options.tenant_discovery = !arguments.no_tenant_discovery;
    options.advice_words = Words::CommandLine;
    options.caller = Some(concat!("azsreg/", env!("CARGO_PKG_VERSION")).to_owned());
    if let Some(seconds) = arguments.timeout {
        let most = Duration::from_secs(seconds);
        options.connect_timeout = options.connect_timeout.min(most);
        options.answer_timeout = options.answer_timeout.min(most);
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use azs_registration::credential::SuppliedToken;
    use azs_registration::tenants::TargetInput;

    use super::*;

    #[test]
    fn what_is_not_taken_has_an_end() {
        let cloud = Cloud::new(None, None).expect("the public cloud");
        let client =
            Client::new(ClientOptions::new(cloud, SuppliedToken::new(false))).expect("nothing is sent");
        let operation = Operation::new(&client, OperationOptions::default()).expect("sound options");
        operation.cancel();
        let mut session = Session::new(operation, Interrupt::default(), ProgressDisplay::new(false), false);
        let mut input = (0..2).map(|_| Request::Remove { target: TargetInput::default() });
        let ends: Vec<Outcome> = std::iter::from_fn(|| session.next(&mut input))
            .map(|report| match report {
                Report::Finished(_, _, finished) => finished.outcome,
                Report::Mapping(..) => unreachable!("nothing is read"),
            })
            .collect();
        assert_eq!(ends, [Outcome::NotStarted; 2]);
    }

    #[test]
    fn no_more_is_begun_than_there_is_room_for() {
        let cloud = Cloud::new(None, None).expect("the public cloud");
        // Without a token nothing is sent.
        let client =
            Client::new(ClientOptions::new(cloud, SuppliedToken::new(false))).expect("nothing is sent");
        let options = OperationOptions { max_outstanding: WINDOW + 1, ..OperationOptions::default() };
        let operation = Operation::new(&client, options).expect("sound options");
        let mut session = Session::new(operation, Interrupt::default(), ProgressDisplay::new(false), false);
        let mut input = (0..WINDOW + 3).map(|_| Request::Get { target: TargetInput::default() });
        session.fill(&mut input);
        session.fill(&mut input);
        assert_eq!(input.len(), 3);
        assert_eq!(session.counts.total, Some(WINDOW as u64 + 3));
        assert!(session.next(&mut input).is_some());
        assert_eq!(input.len(), 3, "the result that makes room comes first");
        session.fill(&mut input);
        assert_eq!(input.len(), 2);
        let rest = std::iter::from_fn(|| session.next(&mut input)).count();
        assert_eq!(rest, WINDOW + 2);
    }
}
