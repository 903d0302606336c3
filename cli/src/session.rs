//! A client with one operation: requests in, reports out, Ctrl+C and the log on the way.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::time::Duration;

use azs_registration::client::{Client, ClientOptions};
use azs_registration::cloud::{ApiVersion, Cloud};
use azs_registration::credential::SuppliedToken;
use azs_registration::engine::LogLevel;
use azs_registration::operation::{Event, Next, Operation, OperationOptions, Request, Submitted};
use azs_registration::tenants::{Finished, Mapping};

use crate::arguments::{CommonArguments, ConnectionArguments};
use crate::environment::variable;
use crate::failure::Result;
use crate::interrupt::Interrupt;
use crate::messages;
use crate::token::TokenPlace;

/// How often Ctrl+C is looked for while Azure works.
const LOOK: Duration = Duration::from_millis(50);

/// The tag of a request: which of the command's items it is about.
pub(crate) type Tag = u64;

/// What a request comes to.
pub(crate) enum Report {
    /// A mapping that a read found.
    Mapping(Tag, Mapping),
    /// The end of a request.
    Finished(Tag, Box<Finished>),
}

/// A connection that is checked and not signed in: nothing is sent with it.
pub(crate) struct Connection<'a> {
    client: Client,
    arguments: &'a CommonArguments,
}

/// The work of one command.
pub(crate) struct Session {
    operation: Operation,
    pub(crate) interrupt: Interrupt,
    verbose: bool,
    cancelled: bool,
    order: InputOrder,
}

/// Gives reports in the order of the input: requests are worked off side by side, and whoever reads the results compares
/// them with what was typed.
#[derive(Default)]
struct InputOrder {
    /// The item whose reports are given as they come; those before it have ended once.
    current: Tag,
    held: BTreeMap<Tag, VecDeque<Report>>,
}

impl InputOrder {
    /// Takes a report, and gives it back where it is not held.
    fn take(&mut self, tag: Tag, report: Report) -> Option<Report> {
        if tag <= self.current {
            return Some(self.pass(tag, report));
        }
        self.held.entry(tag).or_default().push_back(report);
        None
    }

    /// What was held and need not be any more.
    fn held(&mut self) -> Option<Report> {
        let tag = self.current;
        let report = self.held.get_mut(&tag)?.pop_front()?;
        Some(self.pass(tag, report))
    }

    fn pass(&mut self, tag: Tag, report: Report) -> Report {
        if tag == self.current && matches!(report, Report::Finished(..)) {
            self.held.remove(&tag);
            self.current += 1;
        }
        report
    }

    /// What is left when nothing more comes: behind an item that was never accepted.
    fn rest(&mut self) -> Option<Report> {
        self.current = *self.held.first_key_value()?.0;
        self.held()
    }
}

impl<'a> Connection<'a> {
    /// Checks the options.
    pub(crate) fn new(arguments: &'a CommonArguments) -> Result<Connection<'a>> {
        Ok(Connection { client: Client::new(client_options(&arguments.connection)?)?, arguments })
    }

    /// Reads the token and begins the work of so many items.
    pub(crate) fn sign_in(self, items: usize) -> Result<Session> {
        let token = TokenPlace::of(&self.arguments.connection)?.read()?;
        self.client.set_token(token);
        let mut options = OperationOptions {
            // All items at once: none is ever left unaccepted, and so without an end.
            max_outstanding: items,
            want_log: true,
            ..OperationOptions::default()
        };
        if let Some(limit) = self.arguments.connection.throttle_limit {
            options.throttle_limit = limit.into();
        }
        if let Some(seconds) = self.arguments.connection.timeout {
            options.item_timeout = Duration::from_secs(seconds);
        }
        let operation = Operation::new(&self.client, options)?;
        let verbose = self.arguments.verbose;
        if verbose {
            let id = operation.correlation_id();
            messages::line(format_args!("verbose: All requests have the correlation id {id}."));
        }
        Ok(Session {
            operation,
            interrupt: Interrupt::watch(),
            verbose,
            cancelled: false,
            order: InputOrder::default(),
        })
    }
}

impl Session {
    /// Submits a request. `false`: it was not taken, because of Ctrl+C, and nothing will come of it.
    pub(crate) fn submit(&self, tag: Tag, request: Request) -> bool {
        !self.interrupt.pressed() && self.operation.submit(tag, request) == Submitted::Accepted
    }

    /// What comes next; `None` when everything submitted has ended.
    pub(crate) fn next(&mut self) -> Option<Report> {
        loop {
            if let Some(report) = self.order.held() {
                return Some(report);
            }
            if self.interrupt.pressed() && !self.cancelled {
                messages::line(
                    "Ctrl+C: nothing more is started. Waiting up to 10 s for what is in flight; Ctrl+C again leaves at once, without saying what became of it.",
                );
                self.cancel();
            }
            match self.operation.next(Some(LOOK)) {
                Next::Event(Event::Mapping { tag, mapping }) => {
                    if let Some(report) = self.order.take(tag, Report::Mapping(tag, mapping)) {
                        return Some(report);
                    }
                }
                Next::Event(Event::Finished { tag, finished }) => {
                    if let Some(report) = self.order.take(tag, Report::Finished(tag, finished)) {
                        return Some(report);
                    }
                }
                Next::Event(Event::Log(log)) => match log.level {
                    LogLevel::Warning => messages::log(&log, "warning"),
                    LogLevel::Verbose if self.verbose => messages::log(&log, "verbose"),
                    LogLevel::Verbose => {}
                },
                // None was asked for: there is no bar, and the token cannot be replaced.
                Next::Event(
                    Event::Registration { .. }
                    | Event::Difference { .. }
                    | Event::Progress(_)
                    | Event::CredentialNeeded(_),
                )
                | Next::Timeout => {}
                Next::Idle | Next::Drained => return self.order.rest(),
            }
        }
    }

    /// Starts nothing more.
    pub(crate) fn cancel(&mut self) {
        self.cancelled = true;
        self.operation.cancel();
    }
}

fn client_options(arguments: &ConnectionArguments) -> Result<ClientOptions> {
    let given =
        |option: &Option<String>, name| option.clone().map_or_else(|| variable(name), |it| Ok(Some(it)));
    let arm_endpoint = given(&arguments.arm_endpoint, "AZSREG_ARM_ENDPOINT")?;
    let cloud = Cloud::new(arm_endpoint.as_deref(), arguments.authority_host.as_deref())?;
    let mut options = ClientOptions::new(cloud, SuppliedToken::new(false));
    if let Some(version) = &arguments.api_version {
        options.api_version = version.parse::<ApiVersion>()?;
    }
    options.ca_certificate_path =
        given(&arguments.ca_certificate, "AZSREG_CA_CERTIFICATE")?.map(PathBuf::from);
    options.tenant_discovery = !arguments.no_tenant_discovery;
    options.caller = Some(concat!("azsreg/", env!("CARGO_PKG_VERSION")).to_owned());
    if let Some(seconds) = arguments.timeout {
        let most = Duration::from_secs(seconds);
        options.connect_timeout = options.connect_timeout.min(most);
        options.answer_timeout = options.answer_timeout.min(most);
    }
    Ok(options)
}
