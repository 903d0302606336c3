//! Writes: each ends as done, as failed, as not started or as unknown, and only evidence decides which.
//!
//! | evidence | conclusion |
//! |---|---|
//! | never written to a socket | nothing happened; may be sent again |
//! | 2xx of a valid shape | done |
//! | 429, or a code that asks for patience | refused for now; may be sent again |
//! | another 4xx but 408, nothing in doubt before | failed |
//! | anything else | in doubt: read before it is sent again |

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;

use super::poll::Followed;
use super::retry::asks_for_patience;
use super::{Answer, Attempt, Call, Engine, Run, cancelled, transport_error};
use crate::error::{Category, Error, Result};
use crate::transport::Reach;
use crate::wire::retry_after;

/// What a look-up of a write in doubt shows.
pub(crate) enum Seen<T> {
    /// What the write wants.
    Wanted(T),
    /// What was there before.
    Old,
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
    /// It was never sent, or refused without effect, and then cancelled.
    NotStarted(Error),
    /// Nobody can tell.
    Unknown(Error),
    /// Somebody else changed the same thing meanwhile.
    ChangedByAnother(T),
    /// Not sent: what the caller knew is too old by now. It reads anew and decides again.
    Stale,
}

/// What the next step of a write is.
struct Step {
    /// Why there has to be one.
    error: Error,
    /// Whether the last sending may have taken effect, so that a look comes first.
    look: bool,
    /// The pause that the service asked for.
    asked: Option<Duration>,
}

impl Step {
    fn again(error: Error, asked: Option<Duration>) -> Step {
        Step { error, look: false, asked }
    }

    fn look(error: Error) -> Step {
        Step { error, look: true, asked: None }
    }
}

impl Engine {
    /// Sends a write until its end is known, within the patience of the policy. `look` reads what is there now.
    pub(crate) async fn write<T, F>(&self, run: &Run, call: &Call, look: impl Fn() -> F) -> WriteEnd<T>
    where
        F: Future<Output = Result<Seen<T>>>,
    {
        let mut retries = self.policy.start(run);
        let mut in_doubt = false;
        loop {
            let attempt = self.attempt(run, call).await;
            let named = |error: Error| {
                error.with_target(call.target.clone()).with_correlation_id(&run.correlation_id)
            };
            let step = match attempt {
                Attempt::Answered(answer) if answer.is_success() && answer.goes_on() => {
                    match self.follow(run, answer, call).await {
                        Ok(Followed::Done(answer)) if answer.is_success() => return WriteEnd::Done(answer),
                        // What an earlier sending did is not said.
                        Ok(Followed::Failed(error)) if !in_doubt => return WriteEnd::Failed(named(error)),
                        Ok(Followed::Failed(error)) => Step::look(error),
                        Ok(Followed::Done(_) | Followed::Unsaid) => {
                            in_doubt = true;
                            Step::look(not_shown(call))
                        }
                        Err(error) => {
                            in_doubt = true;
                            Step::look(error)
                        }
                    }
                }
                Attempt::Answered(answer) if answer.is_success() => return WriteEnd::Done(answer),
                Attempt::Answered(answer) => self.after_refusal(answer, call, in_doubt),
                Attempt::Lost(lost) if lost.reach == Reach::NeverWritten => {
                    let error = transport_error(&lost, call);
                    if !self.answered.load(Ordering::Relaxed) {
                        return WriteEnd::Failed(named(error));
                    }
                    Step::again(error, None)
                }
                Attempt::Lost(lost) => Step::look(transport_error(&lost, call)),
                Attempt::Abandoned => {
                    let error = cancelled().preceded_by("The service had not answered when it was given up.");
                    return WriteEnd::Unknown(named(in_doubt_still(error)));
                }
                Attempt::Stale if !in_doubt => return WriteEnd::Stale,
                // A look comes before anything is sent again, and it reads anew.
                Attempt::Stale => Step::look(not_shown(call)),
                Attempt::NotSent(error) if in_doubt => {
                    return WriteEnd::Unknown(named(in_doubt_still(error)));
                }
                Attempt::NotSent(error) if error.category() == Category::Cancelled => {
                    return WriteEnd::NotStarted(named(error));
                }
                Attempt::NotSent(error) => return WriteEnd::Failed(named(error)),
            };
            let Step { error, look: unclear, asked } = step;
            if unclear && !in_doubt && refused_for_good(&error) {
                return WriteEnd::Failed(named(error));
            }
            if unclear {
                in_doubt = true;
                run.verbose(|| format!("{error} Looking whether {call} took effect."));
                match look().await {
                    Ok(Seen::Wanted(found)) => return WriteEnd::Confirmed(found),
                    Ok(Seen::Other(found)) => return WriteEnd::ChangedByAnother(found),
                    Ok(Seen::Old) => {}
                    Err(unread) => {
                        let why = format!("{error} A look-up whether it took effect failed too:");
                        return WriteEnd::Unknown(named(in_doubt_still(unread.preceded_by(&why))));
                    }
                }
            }
            let Some(pause) = retries.pause(asked, error.category(), self.random.as_ref()) else {
                return if in_doubt {
                    WriteEnd::Unknown(named(error))
                } else {
                    WriteEnd::Failed(named(error))
                };
            };
            run.verbose(|| format!("{error} Sending {call} again in {:.1} s.", pause.duration.as_secs_f64()));
            if self.sleep(run, pause.wait, pause.duration).await.is_err() {
                let error = named(cancelled().preceded_by(&format!("{error}")));
                return if in_doubt {
                    WriteEnd::Unknown(in_doubt_still(error))
                } else {
                    WriteEnd::NotStarted(error)
                };
            }
        }
    }

    /// What to do after an answer that is no success.
    fn after_refusal(&self, answer: Answer, call: &Call, in_doubt: bool) -> Step {
        let asked = retry_after(&answer.headers, self.clock.unix_time());
        let status = answer.status;
        let error = answer.into_error(call);
        let for_now =
            status == StatusCode::TOO_MANY_REQUESTS || status.is_client_error() && asks_for_patience(&error);
        // A repetition of a write that may have taken effect must not undo somebody else's change.
        Step { error, look: in_doubt || !for_now, asked }
    }
}

/// What an end in doubt has to say before anything else.
fn in_doubt_still(error: Error) -> Error {
    error.preceded_by("The change may have taken effect. Run the same command again when the service answers: what is done is left as it is.")
}

/// An answer that says that nothing was done.
fn refused_for_good(error: &Error) -> bool {
    error.parts().http_status.is_some_and(|status| (400..500).contains(&status) && status != 408)
}

fn not_shown(call: &Call) -> Error {
    Error::new(
        Category::Timeout,
        "OperationNotShown",
        format!("The service accepted {call} and nothing shows its effect."),
    )
}
