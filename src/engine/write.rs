//! Writes: each ends as done, as failed, as not started or as unknown, and only evidence decides which.
//!
//! | evidence | conclusion |
//! |---|---|
//! | never written to a socket | nothing happened; may be sent again |
//! | 2xx of a valid shape | done |
//! | 429, or a code that asks for patience | refused for now; may be sent again |
//! | another 4xx but 408 | this sending did nothing; failed, where none was in doubt before |
//! | anything else | in doubt: read before it is sent again |
//!
//! A write in doubt that is not sent again is looked at once more when it can take effect no more: the service may work on
//! what it received although its answer never came.

use std::future::Future;
use std::time::Duration;

use http::StatusCode;
use tokio::time::Instant;

use super::poll::Followed;
use super::retry::asks_for_patience;
use super::{Answer, Attempt, Call, Engine, Run, Wait, cancelled, transport_error};
use crate::error::{Category, Error, Result};
use crate::transport::Reach;
use crate::wire::retry_after;

/// How long after it was written a write can still take effect: the resource provider has 60 s (RPC), and a little.
const EFFECT_AT_MOST_AFTER: Duration = Duration::from_secs(70);
/// The same for one that the service accepted and says to be at work on, where its end cannot be followed.
const ACCEPTED_AT_MOST_FOR: Duration = Duration::from_secs(600);

/// What a look-up of a write in doubt shows.
pub(crate) enum Seen<T> {
    /// What the write wants.
    Wanted(T),
    /// What was there before.
    Old,
    /// What was there before, which is what the write wants too: it proves nothing.
    Unclear,
    /// Neither: somebody else's change.
    Other(T),
}

/// How a write ended.
pub(crate) enum WriteEnd<T> {
    /// It took effect: the answer says so.
    Done(Answer),
    /// It took effect: a look-up shows it.
    Confirmed(T),
    /// It did not take effect.
    Failed(Error),
    /// It was never sent, or refused without effect, and then nothing more was to be sent.
    NotStarted(Error),
    /// Nobody can tell. What comes first in what is said of it is [`in_doubt_still`].
    Unknown(Error),
    /// Somebody else changed the same thing meanwhile.
    ChangedByAnother(T),
    /// Not sent: what the caller knew is too old by now, or it is of no use any more. The caller decides again.
    Stale,
}

/// A write that has ended.
pub(crate) struct Written<T> {
    /// How.
    pub(crate) end: WriteEnd<T>,
    /// When the last of its sendings can take effect no more whose answer never came, whatever another one did since.
    pub(crate) settled_at: Option<Instant>,
    /// What is known about its sendings that may have taken effect.
    pub(crate) doubt: Option<Doubt>,
}

/// What the next step of a write is.
struct Step {
    /// Why there has to be one.
    error: Error,
    /// Whether a sending may have taken effect, so that a look comes first.
    look: bool,
    /// Whether this sending may have taken effect, now or later.
    doubtful: bool,
    /// Whether it is not sent again: this sending did nothing, and another would do no more.
    last: bool,
    /// The pause that the service asked for.
    asked: Option<Duration>,
}

impl Step {
    fn again(error: Error, asked: Option<Duration>) -> Step {
        Step { error, look: false, doubtful: false, last: false, asked }
    }

    fn end(error: Error) -> Step {
        Step { last: true, ..Step::again(error, None) }
    }

    fn look(error: Error) -> Step {
        Step { look: true, ..Step::again(error, None) }
    }

    fn doubtful(self) -> Step {
        Step { doubtful: true, ..self }
    }
}

/// What is known about the sendings of a write that may have taken effect.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Doubt {
    /// When the last of them can take effect no more, unless the work on it goes on.
    until: Instant,
    /// Whether the service accepted one and said that the work goes on: then nothing says how long.
    goes_on: bool,
}

impl Doubt {
    #[cfg(test)]
    pub(crate) fn for_tests() -> Doubt {
        Doubt { until: Instant::now(), goes_on: false }
    }

    fn settled_at(self) -> Instant {
        let longer = if self.goes_on { ACCEPTED_AT_MOST_FOR - EFFECT_AT_MOST_AFTER } else { Duration::ZERO };
        self.until + longer
    }
}

impl Engine {
    /// Sends a write until its end is known, within the patience of the policy. `look` reads what is there now, with
    /// the run that it is given.
    pub(crate) async fn write<T, F>(&self, run: &Run, call: &Call, look: impl Fn(Run) -> F) -> Written<T>
    where
        F: Future<Output = Result<Seen<T>>>,
    {
        let mut doubt = None;
        let end = self.write_in_doubt(run, call, look, &mut doubt).await;
        Written { end, settled_at: doubt.map(Doubt::settled_at), doubt }
    }

    /// When a write that goes out now can take effect no more, if nothing else is known.
    pub(crate) fn settled_from_now(&self) -> Instant {
        self.doubt(self.clock.now(), false).settled_at()
    }

    fn doubt(&self, sent: Instant, goes_on: bool) -> Doubt {
        // It may have been written only when the connection was made.
        Doubt { until: sent + self.connect_timeout + EFFECT_AT_MOST_AFTER, goes_on }
    }

    /// What became of a write that ended as unknown some time ago: at once where a look shows that it took effect, or that
    /// somebody changed something since, else when it can take effect no more.
    pub(crate) async fn look_again<T, F>(
        &self,
        run: &Run,
        doubt: Doubt,
        error: Error,
        look: impl Fn(Run) -> F,
    ) -> WriteEnd<T>
    where
        F: Future<Output = Result<Seen<T>>>,
    {
        if self.clock.now() < doubt.until {
            match look(run.for_look()).await {
                Ok(Seen::Wanted(found)) => return WriteEnd::Confirmed(found),
                Ok(Seen::Other(found)) => return WriteEnd::ChangedByAnother(found),
                Ok(Seen::Old | Seen::Unclear) => {}
                Err(unread) => return WriteEnd::Unknown(unread_too(unread, &error)),
            }
        }
        self.settle(run, doubt, error, look).await
    }

    async fn write_in_doubt<T, F>(
        &self,
        run: &Run,
        call: &Call,
        look: impl Fn(Run) -> F,
        doubt: &mut Option<Doubt>,
    ) -> WriteEnd<T>
    where
        F: Future<Output = Result<Seen<T>>>,
    {
        let named = |error: Error| super::named(error, run, call);
        let mut call = call.clone();
        let mut retries = self.policy.start(run);
        let mut goes_on = false;
        loop {
            let step = match self.attempt(run, &call).await {
                Attempt::Answered(answer) if answer.is_success() && answer.goes_on() => {
                    match self.follow(run, answer, &call).await {
                        Ok(Followed::Done(answer)) if answer.is_success() => return WriteEnd::Done(answer),
                        // What an earlier sending did is not said.
                        Ok(Followed::Failed(error)) if doubt.is_none() => {
                            return WriteEnd::Failed(named(error));
                        }
                        Ok(Followed::Failed(error)) => Step::look(error),
                        Ok(Followed::Done(_) | Followed::Unsaid) => Step::look(not_shown(&call)).doubtful(),
                        Err(error) => {
                            goes_on = true;
                            Step::look(error).doubtful()
                        }
                    }
                }
                Attempt::Answered(answer) if answer.is_success() => return WriteEnd::Done(answer),
                Attempt::Answered(answer) => self.after_refusal(answer, &call, doubt.is_some()),
                Attempt::Lost(lost) if lost.reach == Reach::NeverWritten => {
                    let mut error = transport_error(&lost, &call);
                    if doubt.is_some() {
                        error = error.preceded_by("An earlier sending had no clear answer.");
                    }
                    // What could be waited for was waited for.
                    if lost.found_no_connection() { Step::end(error) } else { Step::again(error, None) }
                }
                Attempt::Lost(lost) => Step::look(transport_error(&lost, &call)).doubtful(),
                Attempt::Abandoned => {
                    let error = cancelled().preceded_by("The service had not answered when it was given up.");
                    *doubt = Some(self.doubt(run.sent_at(), goes_on));
                    return WriteEnd::Unknown(named(error));
                }
                Attempt::Stale => match *doubt {
                    None => return WriteEnd::Stale,
                    // A look comes before anything is sent again, and it reads anew.
                    Some(_) => Step::look(waited_too_long(&call)),
                },
                Attempt::NotSent(error) => {
                    return match *doubt {
                        // Nothing is written any more, and reading goes on.
                        Some(doubt) if error.starts_nothing() && error.category() != Category::Cancelled => {
                            let error = error.preceded_by("An earlier sending had no clear answer.");
                            self.settle(run, doubt, named(error), look).await
                        }
                        Some(_) => WriteEnd::Unknown(named(error)),
                        None if error.starts_nothing() => WriteEnd::NotStarted(named(error)),
                        None => WriteEnd::Failed(named(error)),
                    };
                }
            };
            let Step { error, look: unclear, doubtful, last, asked } = step;
            if doubtful {
                *doubt = Some(self.doubt(run.sent_at(), goes_on));
                // What was begun is brought to its end.
                call.pointless = None;
            }
            if let (true, Some(doubt)) = (unclear, *doubt) {
                run.verbose(|| format!("{error} Looking whether {call} took effect."));
                // What the look shows is known anew.
                call.renew(self.clock.now());
                match look(run.for_look()).await {
                    Ok(Seen::Wanted(found)) => return WriteEnd::Confirmed(found),
                    Ok(Seen::Other(found)) => return WriteEnd::ChangedByAnother(found),
                    Ok(Seen::Old | Seen::Unclear) => {}
                    Err(unread) => {
                        return self.settle(run, doubt, named(unread_too(unread, &error)), look).await;
                    }
                }
            }
            let pause =
                if last { None } else { retries.pause(asked, error.category(), self.random.as_ref()) };
            let Some(pause) = pause else {
                return match *doubt {
                    Some(doubt) => self.settle(run, doubt, named(error), look).await,
                    None => WriteEnd::Failed(named(error)),
                };
            };
            run.verbose(|| format!("{error} Sending {call} again in {:.1} s.", pause.duration.as_secs_f64()));
            if self.rest(run, &call, pause).await.is_err() {
                let error = named(cancelled().preceded_by(&format!("{error}")));
                return match *doubt {
                    Some(_) => WriteEnd::Unknown(error),
                    None => WriteEnd::NotStarted(error),
                };
            }
        }
    }

    /// The end of a write in doubt that is not sent again: a look when it can take effect no more, where the caller's time
    /// for an item allows for it. Until then the service may still be working on it.
    async fn settle<T, F>(
        &self,
        run: &Run,
        doubt: Doubt,
        error: Error,
        look: impl Fn(Run) -> F,
    ) -> WriteEnd<T>
    where
        F: Future<Output = Result<Seen<T>>>,
    {
        let left = doubt.until.saturating_duration_since(self.clock.now());
        // Who allows an item less time than that does not want to wait for it.
        if left > run.item_timeout {
            return WriteEnd::Unknown(error);
        }
        if !left.is_zero() && self.sleep(run, Wait::Settling, left).await.is_err() {
            return WriteEnd::Unknown(error.preceded_by("Cancelled."));
        }
        match look(run.for_look()).await {
            Ok(Seen::Wanted(found)) => WriteEnd::Confirmed(found),
            Ok(Seen::Other(found)) => WriteEnd::ChangedByAnother(found),
            Ok(Seen::Unclear) => WriteEnd::Unknown(error),
            Ok(Seen::Old) if doubt.goes_on => WriteEnd::Unknown(error),
            Ok(Seen::Old) => WriteEnd::Failed(error),
            Err(unread) => WriteEnd::Unknown(unread_too(unread, &error)),
        }
    }

    /// What to do after an answer that is no success.
    fn after_refusal(&self, answer: Answer, call: &Call, in_doubt: bool) -> Step {
        let asked = retry_after(&answer.headers, self.clock.unix_time());
        let status = answer.status;
        let error = answer.into_error(call);
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_client_error() && asks_for_patience(&error) {
            // A repetition of a write that may have taken effect must not undo somebody else's change.
            return Step { look: in_doubt, ..Step::again(error, asked) };
        }
        if status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT {
            return Step { look: in_doubt, ..Step::end(error) };
        }
        Step { asked, ..Step::look(error).doubtful() }
    }
}

/// The error of a look-up after that of the write.
fn unread_too(unread: Error, error: &Error) -> Error {
    unread.preceded_by(&format!("{error} A look-up whether it took effect failed too:"))
}

/// What an end in doubt has to say before anything else.
pub(crate) fn in_doubt_still(error: Error) -> Error {
    error.preceded_by("The change may have taken effect. Run the same command again when the service answers: what is done is left as it is.")
}

fn waited_too_long(call: &Call) -> Error {
    Error::new(
        Category::Timeout,
        "AnswerUnclear",
        format!("{call} was sent without a clear answer, and could not be sent again in time."),
    )
}

fn not_shown(call: &Call) -> Error {
    Error::new(
        Category::Timeout,
        "OperationNotShown",
        format!("The service accepted {call} and nothing shows its effect."),
    )
}
