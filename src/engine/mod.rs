//! Sends requests to Azure Resource Manager: authorization, headers, retries, and what became of each attempt.
//!
//! The workflows above it say what is wanted; the transport below it says how far a request got. What is concluded
//! from that, and what is sent again, is decided here.

mod accounting;
mod call;
mod outage;
mod pacer;
mod poll;
mod retry;
mod run;
mod slots;
mod write;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

pub(crate) use accounting::{Accounting, Sent};
pub(crate) use call::{Call, Fresh};
pub use retry::RetryPolicy;
pub use run::{DEFAULT_THROTTLE_LIMIT, LogLevel, Observer, Run, Silent, Wait};
pub(crate) use write::{Doubt, Seen, WriteEnd, Written, in_doubt_still};

use crate::changes::at_once;
use crate::clock::{Clock, Random};
use crate::cloud::{ApiVersion, Cloud};
use crate::credential::{Authorization, TokenSource};
use crate::error::{Category, Error, Parts, Result};
use crate::transport::{HttpResponse, Reach, Transport, TransportError, TransportFault};
use crate::wire::{ArmError, Body, read_body, retry_after};
use outage::{Next, Outage, Probe};
use pacer::{Pacer, Pass};
use retry::Pause;
use slots::Slot;

/// Sends requests to one cloud with one credential.
pub struct Engine {
    pub(crate) cloud: Cloud,
    pub(crate) api_version: ApiVersion,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) tokens: Arc<dyn TokenSource>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    policy: RetryPolicy,
    /// How long a connection may take to be made.
    connect_timeout: Duration,
    outage: Outage,
    pacer: Pacer,
}

/// The longest pause between two tries to reach an endpoint that is out of reach.
const LONGEST_PROBE_PAUSE: Duration = Duration::from_secs(10);

/// How long a connection may take to be made where the caller does not say.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(20);

/// By when a connection that could not be made has been reported, after the time that it may take.
const CONNECT_TIMEOUT_MARGIN: Duration = Duration::from_secs(1);

/// What a request has before it goes out.
struct Leave {
    pass: Option<Pass>,
    slot: Slot,
    authorization: Option<Authorization>,
}

/// A request was given up in flight.
struct Abandoned;

/// What a request remembers while the endpoint is out of reach.
#[derive(Default)]
struct OutOfReach<'a> {
    probe: Option<Probe<'a>>,
    tries: u32,
    /// How it failed while another request keeps trying.
    lost: Option<TransportError>,
}

/// An answer with its body read.
#[derive(Debug, Clone)]
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
    /// Not sent: what the caller knew when it decided to is too old by now, or it is of no use any more.
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
        Engine {
            cloud,
            api_version,
            transport,
            tokens,
            clock,
            random,
            policy: RetryPolicy::default(),
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            outage: Outage::new(),
            pacer: Pacer::default(),
        }
    }

    /// The same engine over a transport whose connections may take so long to be made.
    pub fn with_connect_timeout(mut self, connect_timeout: Duration) -> Engine {
        self.connect_timeout = connect_timeout;
        self
    }

    /// Sends a request once, a second time only where the service did not accept the token and another can be had
    /// (an answer of 401 says that nothing was done), or where nothing was written because the endpoint is out of reach
    /// for a while.
    pub(crate) async fn attempt(&self, run: &Run, call: &Call) -> Attempt {
        let mut refused_before = None;
        let mut out_of_reach = OutOfReach::default();
        loop {
            if run.stop.is_cancelled() {
                return Attempt::NotSent(cancelled());
            }
            if self.outage.is_probed() && out_of_reach.probe.is_none() {
                let _wait = run.waiting(Wait::Outage, None);
                if let Err(cancelled) = run.unless_stopped(self.outage.probed()).await {
                    return Attempt::NotSent(cancelled);
                }
                if let Some(lost) = out_of_reach.lost.take()
                    && self.outage.is_given_up()
                {
                    return Attempt::Lost(lost);
                }
            }
            let mut leave = std::pin::pin!(self.leave(run, call));
            let leave = match at_once(leave.as_mut()).await {
                Some(leave) => leave,
                None => {
                    // Who waits for something else does not keep the others from finding out.
                    out_of_reach.probe = None;
                    leave.await
                }
            };
            let leave = match leave {
                Ok(leave) => leave,
                Err(error) if error.starts_nothing() => return Attempt::NotSent(error),
                // The answer of the service says more than that there is no other token.
                Err(error) => return refused_before.map_or(Attempt::NotSent(error), Attempt::Answered),
            };
            // It went out of reach meanwhile: what was taken is given back.
            if self.outage.is_probed() && out_of_reach.probe.is_none() {
                continue;
            }
            // Both may have come at one moment.
            if run.stop.is_cancelled() {
                return Attempt::NotSent(cancelled());
            }
            if call.changes_something()
                && let Err(closed) = run.may_change()
            {
                return Attempt::NotSent(closed);
            }
            // Waiting for leave to send, or for a token, can take hours.
            if call.fresh.is_some_and(|fresh| self.clock.now() > fresh.until)
                || call.pointless.as_ref().is_some_and(|pointless| pointless.is_cancelled())
            {
                return Attempt::Stale;
            }
            let generation = leave.authorization.as_ref().map(|authorization| authorization.generation);
            let is_probe = out_of_reach.probe.is_some();
            let answer = match self.send(run, call, leave, is_probe).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(lost)) if lost.found_no_connection() => {
                    match self.wait_for_reach(run, call, &lost, &mut out_of_reach).await {
                        Ok(true) => {
                            out_of_reach.lost = Some(lost);
                            continue;
                        }
                        Ok(false) => return Attempt::Lost(lost),
                        Err(cancelled) => return Attempt::NotSent(cancelled),
                    }
                }
                Ok(Err(lost)) => return Attempt::Lost(lost),
                Err(Abandoned) => return Attempt::Abandoned,
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

    /// Sends a request that has leave to go out. `is_probe`: the others wait until it has found a connection.
    async fn send(
        &self,
        run: &Run,
        call: &Call,
        leave: Leave,
        is_probe: bool,
    ) -> std::result::Result<std::result::Result<Answer, TransportError>, Abandoned> {
        let Leave { mut pass, slot, authorization } = leave;
        let (authorization, principal) = authorization.map(|it| (it.header, it.principal)).unzip();
        let request = call.request(run, self.random.as_ref(), authorization);
        run.count_request();
        let sending = run.sending();
        if let Some(pass) = &mut pass {
            pass.sent();
        }
        let give_up = if call.changes_something() { &run.abandon } else { &run.stop };
        let began = self.clock.now();
        if call.changes_something() {
            run.note_sent(began);
            run.account.begin(&request, principal.flatten(), self.clock.since_1970());
        }
        let connected = async {
            if is_probe {
                // It would have failed by then if it had found no connection. That it is not answered keeps nobody
                // else waiting.
                self.clock.sleep(self.connect_timeout + CONNECT_TIMEOUT_MARGIN).await;
                self.outage.reached();
            }
            std::future::pending::<Infallible>().await
        };
        let sent = tokio::select! {
            biased;
            sent = self.transport.send(request) => sent,
            () = self.clock.sleep(self.longest_answer(run)) => Err(TransportError {
                reach: Reach::Written,
                fault: TransportFault::AnswerTimeout,
                cause: "it is longer than one item may take".to_owned(),
            }),
            () = give_up.cancelled() => {
                if call.changes_something() {
                    run.account.end(None, self.clock.since_1970());
                }
                return Err(Abandoned);
            }
            never = connected => match never {},
        };
        drop(sending);
        if call.changes_something() {
            run.account.end(Some(&sent), self.clock.since_1970());
        }
        let now = self.clock.now();
        drop(slot);
        if let Some(pass) = pass {
            pass.ended(sent.as_ref().ok().map(|response| &response.headers), now);
        }
        match &sent {
            Ok(response) => {
                let too_much =
                    response.status == StatusCode::TOO_MANY_REQUESTS || response.status.is_server_error();
                run.slots.note(too_much, began, now);
            }
            Err(lost) if lost.fault == TransportFault::AnswerTimeout => run.slots.note(true, began, now),
            // It says nothing about what the service bears.
            Err(_) => {}
        }
        match &sent {
            // The time of an outage is nobody's.
            Err(lost) if lost.reach == Reach::NeverWritten => {}
            _ => {
                run.spend(now - began);
                self.outage.reached();
            }
        }
        Ok(sent.map(whole))
    }

    /// How long an answer is waited for: as long as one item may take. Within the time for a connection it would not be known
    /// whether anything was written.
    fn longest_answer(&self, run: &Run) -> Duration {
        run.item_timeout.max(self.connect_timeout + CONNECT_TIMEOUT_MARGIN)
    }

    /// Waits until a request may go out: for the service's limit, for a token, and for a free slot.
    async fn leave(&self, run: &Run, call: &Call) -> Result<Leave> {
        let leave = run.unless_stopped(self.wait_for_leave(run, call));
        if call.changes_something() { run.accounting.unless_closed(leave).await?? } else { leave.await? }
    }

    async fn wait_for_leave(&self, run: &Run, call: &Call) -> Result<Leave> {
        let lane = self.pacer.lane(call, self.clock.now());
        let wait = |why, duration| run.waiting(why, Some(duration));
        let mut pass = match &lane {
            Some(lane) => Some(lane.pass(self.clock.as_ref(), wait).await),
            None => None,
        };
        loop {
            let slot = run.slots.take(run.order).await;
            if let Some(lane) = &lane
                && lane.is_paused(self.clock.now())
            {
                // The service asked for a pause while this one waited for its slot.
                drop((slot, pass.take()));
                pass = Some(lane.pass(self.clock.as_ref(), wait).await);
                continue;
            }
            if !call.authenticated {
                return Ok(Leave { pass, slot, authorization: None });
            }
            let mut waiting = self.tokens.authorization(self.clock.unix_time());
            if let Some(authorization) = at_once(waiting.as_mut()).await {
                return Ok(Leave { pass, slot, authorization: Some(authorization?) });
            }
            // A slot is never held across a wait.
            drop(slot);
            let _wait = run.waiting(Wait::Credential, None);
            waiting.await?;
        }
    }

    /// After a request found no connection: whether to send it again, once the endpoint may be in reach again.
    async fn wait_for_reach<'a>(
        &'a self,
        run: &Run,
        call: &Call,
        lost: &TransportError,
        out_of_reach: &mut OutOfReach<'a>,
    ) -> Result<bool> {
        let now = self.clock.now();
        let probe = match out_of_reach.probe.take() {
            Some(probe) => probe,
            None => match self.outage.not_reached(now) {
                Next::Fail => return Ok(false),
                Next::Wait => return Ok(true),
                Next::Probe(probe) => {
                    if probe.is_first {
                        let error = transport_error(lost, call);
                        let most = outage::LONGEST.as_secs();
                        run.warning(|| {
                            format!("{error} It answered before, so it is tried again for up to {most} s.")
                        });
                    }
                    probe
                }
            },
        };
        if now >= probe.until {
            probe.give_up();
            return Ok(false);
        }
        out_of_reach.tries += 1;
        let longest = LONGEST_PROBE_PAUSE.min(Duration::from_millis(500) * (1 << out_of_reach.tries.min(8)));
        let pause = longest.mul_f64(0.5 + 0.5 * self.random.fraction()).min(probe.until - now);
        out_of_reach.probe = Some(probe);
        self.sleep(run, Wait::Outage, pause).await.map(|()| true)
    }

    /// Reads until there is a success or an answer that says something else, within the patience of the policy.
    pub(crate) async fn get(&self, run: &Run, call: &Call) -> Result<Answer> {
        let answer = self.read(run, call).await?;
        if answer.is_success() {
            return Ok(answer);
        }
        Err(named(answer.into_error(call), run, call))
    }

    /// Reads until there is an answer that is worth no repetition, whatever it says.
    pub(crate) async fn read(&self, run: &Run, call: &Call) -> Result<Answer> {
        let mut retries = self.policy.start(run);
        loop {
            let (answer, error, asked) = match self.attempt(run, call).await {
                Attempt::Answered(answer) => {
                    let asked = retry_after(&answer.headers, self.clock.unix_time());
                    let error = answer.clone().into_error(call);
                    if answer.is_success() || asked.is_none() && !retry::may_read_again(&error) {
                        return Ok(answer);
                    }
                    (Some(answer), error, asked)
                }
                // What could be waited for was waited for.
                Attempt::Lost(lost) if lost.found_no_connection() => {
                    return Err(named(transport_error(&lost, call), run, call));
                }
                Attempt::Lost(lost) => (None, transport_error(&lost, call), None),
                Attempt::NotSent(error) => return Err(named(error, run, call)),
                // Reads have no age.
                Attempt::Abandoned | Attempt::Stale => return Err(named(cancelled(), run, call)),
            };
            let Some(pause) = retries.pause(asked, error.category(), self.random.as_ref()) else {
                return answer.ok_or_else(|| named(error, run, call));
            };
            run.verbose(|| format!("{error} Sending {call} again in {:.1} s.", pause.duration.as_secs_f64()));
            if self.rest(run, call, pause).await.is_err() {
                return Err(named(cancelled(), run, call));
            }
        }
    }

    /// Waits before a request is sent again, unless the run is cancelled. What the service asked for holds for every
    /// request of the kind.
    async fn rest(&self, run: &Run, call: &Call, pause: Pause) -> Result<()> {
        if pause.wait == Wait::Throttled
            && let Some(lane) = self.pacer.lane(call, self.clock.now())
        {
            lane.pause(self.clock.now(), pause.duration);
        }
        self.sleep(run, pause.wait, pause.duration).await
    }

    /// Waits, unless the run is cancelled.
    async fn sleep(&self, run: &Run, wait: Wait, duration: Duration) -> Result<()> {
        let _wait = run.waiting(wait, Some(duration));
        run.unless_stopped(self.clock.sleep(duration)).await
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
            action: None,
        })
    }
}

/// What a cancelled request ends with.
pub(crate) fn cancelled() -> Error {
    Error::new(Category::Cancelled, "Cancelled", "It was cancelled.")
}

/// The error with what it is about.
fn named(error: Error, run: &Run, call: &Call) -> Error {
    error.with_target(&call.target).with_correlation_id(&run.correlation_id)
}

fn whole(response: HttpResponse) -> Answer {
    Answer { body: read_body(&response.body), status: response.status, headers: response.headers }
}

/// The error that a request without a whole answer comes to.
fn transport_error(lost: &TransportError, call: &Call) -> Error {
    lost.to_error(&call.host(), call)
}

/// The claims of a challenge: `WWW-Authenticate: Bearer …, claims="base64"`.
fn claims(headers: &HeaderMap) -> Option<String> {
    let challenge = crate::wire::header(headers, "www-authenticate")?;
    let (_, rest) = challenge.split_once("claims=\"")?;
    rest.split_once('"').map(|(claims, _)| claims.to_owned())
}
