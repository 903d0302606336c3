//! A client with one operation: requests in, reports out, Ctrl+C and the log on the way.

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
        if let Some(seconds) = self.arguments.connection.timeout {
            options.item_timeout = Duration::from_secs(seconds);
        }
        let operation = Operation::new(&self.client, options)?;
        let verbose = self.arguments.verbose;
        if verbose {
            let id = operation.correlation_id();
            messages::line(format_args!("verbose: All requests have the correlation id {id}."));
        }
        Ok(Session { operation, interrupt: Interrupt::watch(), verbose, cancelled: false })
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
            if self.interrupt.pressed() && !self.cancelled {
                messages::line(
                    "Ctrl+C: nothing more is started. Waiting up to 10 s for what is in flight; Ctrl+C again leaves at once.",
                );
                self.cancel();
            }
            match self.operation.next(Some(LOOK)) {
                Next::Event(Event::Mapping { tag, mapping }) => return Some(Report::Mapping(tag, mapping)),
                Next::Event(Event::Finished { tag, finished }) => {
                    return Some(Report::Finished(tag, finished));
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
                Next::Idle | Next::Drained => return None,
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
    options.caller = Some(concat!("azsreg/", env!("CARGO_PKG_VERSION")).to_owned());
    if let Some(seconds) = arguments.timeout {
        let most = Duration::from_secs(seconds);
        options.connect_timeout = options.connect_timeout.min(most);
        options.answer_timeout = options.answer_timeout.min(most);
    }
    Ok(options)
}
