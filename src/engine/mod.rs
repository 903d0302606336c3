//! Sends requests to Azure Resource Manager: authorization, headers, retries, and what became of each attempt.
//!
//! The workflows above it say what is wanted; the transport below it says how far a request got. What is concluded
//! from that, and what is sent again, is decided here.

mod call;
mod poll;
mod retry;
mod run;
mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::{HeaderMap, StatusCode};

pub(crate) use call::Call;
pub use retry::RetryPolicy;
pub use run::{LogLevel, Observer, Run, Silent, Wait};
pub(crate) use write::{Seen, WriteEnd};

use crate::clock::{Clock, Random};
use crate::cloud::{ApiVersion, Cloud};
use crate::credential::TokenSource;
use crate::error::{Category, Error, Parts, Result};
use crate::transport::{HttpResponse, Reach, Transport, TransportError, TransportFault};
use crate::wire::{ArmError, Body, read_body, retry_after};

/// Sends requests to one cloud with one credential.
pub struct Engine {
    pub(crate) cloud: Cloud,
    pub(crate) api_version: ApiVersion,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) tokens: Arc<dyn TokenSource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    policy: RetryPolicy,
    /// Whether the endpoint has ever answered: before that, a connection that cannot be made is most likely a mistyped
    /// endpoint, and fails at once.
    answered: AtomicBool,
}

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// What became of one sending.
pub(crate) enum Attempt {
    /// A whole answer.
    Answered(Answer),
    /// No whole answer.
    Lost(TransportError),
    /// Given up while in flight, because of a cancellation.
    Abandoned,
    /// Not sent: no token, or cancelled before.
    NotSent(Error),
    /// Not sent: what the caller knew when it decided to is too old by now.
    Stale,
}

impl Engine {
    /// An engine over a transport, with the clock and the chance that it is to use.
    pub fn new(
        cloud: Cloud,
        api_version: ApiVersion,
        transport: Arc<dyn Transport>,
        tokens: Arc<dyn TokenSource>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Engine {
        let answered = AtomicBool::new(false);
        Engine {
            cloud,
            api_version,
            transport,
            tokens,
            clock,
            random,
            policy: RetryPolicy::default(),
            answered,
        }
    }

    /// Sends a request once, a second time only where the service did not accept the token and another can be had:
    /// an answer of 401 says that nothing was done.
    pub(crate) async fn attempt(&self, run: &Run, call: &Call) -> Attempt {
        let mut refused_before = None;
        loop {
            if run.stop.is_cancelled() {
                return Attempt::NotSent(cancelled());
            }
            let authorization = match self.authorize(run, call).await {
                Ok(authorization) => authorization,
                Err(error) if error.category() == Category::Cancelled => return Attempt::NotSent(error),
                // The answer of the service says more than that there is no other token.
                Err(error) => return refused_before.map_or(Attempt::NotSent(error), Attempt::Answered),
            };
            // Waiting for a token, or for the service's leave to send again, can take hours.
            if call.not_after.is_some_and(|not_after| self.clock.now() > not_after) {
                return Attempt::Stale;
            }
            let generation = authorization.as_ref().map(|authorization| authorization.generation);
            let request = call.request(run, self.random.as_ref(), authorization.map(|it| it.header));
            run.count_request();
            let give_up = if call.changes_something() { &run.abandon } else { &run.stop };
            let began = self.clock.now();
            let sent = tokio::select! {
                biased;
                sent = self.transport.send(request) => sent,
                () = give_up.cancelled() => return Attempt::Abandoned,
            };
            run.spend(self.clock.now() - began);
            let answer = match sent {
                Ok(response) => self.read(response),
                Err(error) => return Attempt::Lost(error),
            };
            if let (StatusCode::UNAUTHORIZED, Some(generation)) = (answer.status, generation) {
                let another = self.tokens.rejected(generation, claims(&answer.headers));
                if another && refused_before.is_none() {
                    run.verbose(|| {
                        format!("The service did not accept the token for {call}; asking for another.")
                    });
                    refused_before = Some(answer);
                    continue;
                }
            }
            return Attempt::Answered(answer);
        }
    }

    async fn authorize(&self, run: &Run, call: &Call) -> Result<Option<crate::credential::Authorization>> {
        if !call.authenticated {
            return Ok(None);
        }
        let mut waiting = self.tokens.authorization(self.clock.unix_time());
        tokio::select! {
            biased;
            authorization = &mut waiting => return authorization.map(Some),
            () = std::future::ready(()) => {}
        }
        let _wait = run.waiting(Wait::Credential, None);
        tokio::select! {
            biased;
            authorization = waiting => authorization.map(Some),
            () = run.stop.cancelled() => Err(cancelled()),
        }
    }

    fn read(&self, response: HttpResponse) -> Answer {
        self.answered.store(true, Ordering::Relaxed);
        Answer { body: read_body(&response.body), status: response.status, headers: response.headers }
    }

    /// Reads until there is an answer that says something, within the patience of the policy.
    pub(crate) async fn get(&self, run: &Run, call: &Call) -> Result<Answer> {
        let mut retries = self.policy.start(run);
        loop {
            let (error, wait) = match self.attempt(run, call).await {
                Attempt::Answered(answer) if answer.is_success() => return Ok(answer),
                Attempt::Answered(answer) => {
                    let wait = retry_after(&answer.headers, self.clock.unix_time());
                    let error = answer.into_error(call);
                    let again = wait.is_some() || retry::may_read_again(&error);
                    (error, if again { Some(wait) } else { None })
                }
                Attempt::Lost(lost) => {
                    let first_contact =
                        !self.answered.load(Ordering::Relaxed) && lost.reach == Reach::NeverWritten;
                    (transport_error(&lost, call), if first_contact { None } else { Some(None) })
                }
                Attempt::Abandoned => (cancelled(), None),
                Attempt::NotSent(error) => (error, None),
                // Reads have no such limit.
                Attempt::Stale => (cancelled(), None),
            };
            let error = error.with_target(call.target.clone()).with_correlation_id(&run.correlation_id);
            let pause = match wait {
                Some(asked) => retries.pause(asked, error.category(), self.random.as_ref()),
                None => None,
            };
            let Some(pause) = pause else { return Err(error) };
            run.verbose(|| format!("{error} Sending {call} again in {:.1} s.", pause.duration.as_secs_f64()));
            if self.sleep(run, pause.wait, pause.duration).await.is_err() {
                return Err(cancelled().with_target(call.target.clone()));
            }
        }
    }

    /// Waits, unless the run is cancelled.
    async fn sleep(
        &self,
        run: &Run,
        wait: Wait,
        duration: std::time::Duration,
    ) -> std::result::Result<(), ()> {
        let _wait = run.waiting(wait, Some(duration));
        tokio::select! {
            biased;
            () = run.stop.cancelled() => Err(()),
            () = self.clock.sleep(duration) => Ok(()),
        }
    }
}

impl Answer {
    /// A 2xx with a body that Azure Resource Manager could have sent: none, or a JSON object that is no error. A
    /// proxy's page has status 200 too.
    pub(crate) fn is_success(&self) -> bool {
        self.status.is_success()
            && match &self.body {
                Body::Empty => true,
                Body::Object(object) => {
                    !object.contains_key("error")
                        || ["id", "properties", "status", "value"].iter().any(|it| object.contains_key(*it))
                }
                Body::Other(_) => false,
            }
    }

    /// The JSON object, where there is one.
    pub(crate) fn object(&self) -> Option<&serde_json::Map<String, serde_json::Value>> {
        match &self.body {
            Body::Object(object) => Some(object),
            Body::Empty | Body::Other(_) => None,
        }
    }

    /// The error that an answer comes to which is no success.
    pub(crate) fn into_error(self, call: &Call) -> Error {
        if self.status.is_redirection() {
            let location = crate::wire::header(&self.headers, "location").unwrap_or_default();
            let to = url::Url::parse(&location).ok().and_then(|url| url.host_str().map(str::to_owned));
            let to = to.map_or_else(String::new, |host| format!(" to {host}"));
            return self.not_understood(
                "RedirectRefused",
                format!("{call} was answered with a redirect{to}, which is not followed."),
            );
        }
        if self.status.is_success() {
            let Body::Other(beginning) = &self.body else {
                let said = ArmError::read(&self.body).message.unwrap_or_default();
                let message = format!("{call} was answered with {} and an error: {said}", self.status);
                return self.not_understood("AnswerNotUnderstood", message);
            };
            let message = format!(
                "The answer to {call} ({}) is not Azure Resource Manager's. It begins with: {beginning}",
                self.status
            );
            return self.not_understood("AnswerNotUnderstood", message);
        }
        ArmError::read(&self.body).into_error(self.status, &self.headers, &self.body)
    }

    /// An answer that says nothing about what became of the request.
    pub(crate) fn not_understood(&self, code: &str, message: String) -> Error {
        Error::from_parts(Parts {
            category: Category::InvalidAnswer,
            code: code.to_owned(),
            message,
            http_status: Some(self.status.as_u16()),
            target: None,
            column: None,
            row: 0,
            request_id: crate::wire::header(&self.headers, "x-ms-request-id"),
            correlation_id: crate::wire::header(&self.headers, "x-ms-correlation-request-id"),
        })
    }
}

/// What a cancelled request ends with.
pub(crate) fn cancelled() -> Error {
    Error::new(Category::Cancelled, "Cancelled", "It was cancelled.")
}

/// A request without an answer, in the words that tell where to look.
fn transport_error(lost: &TransportError, call: &Call) -> Error {
    let host = call.host();
    let (code, message) = match lost.fault {
        TransportFault::NameNotResolved => ("NameNotResolved", format!("The name {host} was not resolved")),
        TransportFault::ConnectionRefused => ("ConnectionRefused", format!("{host} refused the connection")),
        TransportFault::CertificateNotTrusted => {
            ("CertificateNotTrusted", format!("The certificate of {host} is not trusted"))
        }
        TransportFault::ProxyFailed => {
            ("ProxyFailed", format!("The proxy let no connection to {host} through"))
        }
        TransportFault::ConnectionFailed => {
            ("ConnectionFailed", format!("No connection to {host} could be made"))
        }
        TransportFault::ConnectTimeout => {
            ("ConnectionTimeout", format!("No connection to {host} was made in time; nothing was sent"))
        }
        TransportFault::AnswerTimeout => ("AnswerTimeout", format!("{host} did not answer {call} in time")),
        TransportFault::ConnectionLost => {
            ("ConnectionLost", format!("The connection to {host} broke before {call} was answered"))
        }
        TransportFault::AnswerTruncated => {
            ("AnswerTruncated", format!("The answer of {host} to {call} broke off"))
        }
        TransportFault::AnswerTooLarge => {
            ("AnswerTooLarge", format!("The answer of {host} to {call} is too large"))
        }
    };
    let category = match lost.fault {
        TransportFault::ConnectTimeout | TransportFault::AnswerTimeout => Category::Timeout,
        TransportFault::AnswerTruncated | TransportFault::AnswerTooLarge => Category::InvalidAnswer,
        _ => Category::Connection,
    };
    Error::new(category, code, format!("{message}: {}.", lost.cause.trim_end_matches('.')))
}

/// The claims of a challenge: `WWW-Authenticate: Bearer …, claims="base64"`.
fn claims(headers: &HeaderMap) -> Option<String> {
    let challenge = crate::wire::header(headers, "www-authenticate")?;
    let (_, rest) = challenge.split_once("claims=\"")?;
    rest.split_once('"').map(|(claims, _)| claims.to_owned())
}
