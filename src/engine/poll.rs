//! Answers that say that the work goes on: 202, and asynchronous operations (RPC, "Asynchronous Operations").
//!
//! Customer subscriptions are declared synchronous, so this is for a service that changes its mind.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;

use super::{Answer, Call, Engine, Run, Wait};
use crate::error::{Category, Error, Result};
use crate::wire::{header, retry_after};

/// How long to wait between polls where the service does not say (RPC).
const DEFAULT_PAUSE: Duration = Duration::from_secs(60);
/// How often an operation is polled before its end is called unknown.
const MOST_POLLS: u32 = 120;

/// Where the end of a write shows that goes on after its answer.
enum Follow {
    /// At the operation, by its status.
    Operation(String),
    /// At a link that answers 202 until the end.
    Location(String),
    /// At the resource, by its provisioningState.
    Resource,
    /// Nowhere: the caller looks whether it took effect.
    Nowhere,
}

impl Answer {
    /// Where to follow a successful write whose answer says that the work goes on; `None` where it is done.
    fn follow(&self) -> Option<Follow> {
        if let Some(operation) = header(&self.headers, "azure-asyncoperation") {
            return Some(Follow::Operation(operation));
        }
        if self.status == StatusCode::ACCEPTED {
            return Some(header(&self.headers, "location").map_or(Follow::Nowhere, Follow::Location));
        }
        self.provisioning_state().is_some_and(|state| !state.has_ended()).then_some(Follow::Resource)
    }

    /// Whether the work goes on after this answer.
    pub(super) fn goes_on(&self) -> bool {
        self.follow().is_some()
    }

    fn provisioning_state(&self) -> Option<State> {
        let state = self.object()?.get("properties")?.get("provisioningState")?.as_str()?;
        Some(State::read(state))
    }
}

/// A state of an operation or a resource. All but three of them mean that it goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Succeeded,
    Failed,
    GoesOn,
}

impl State {
    fn read(text: &str) -> State {
        match text.to_ascii_lowercase().as_str() {
            "succeeded" => State::Succeeded,
            "failed" | "canceled" => State::Failed,
            _ => State::GoesOn,
        }
    }

    fn has_ended(self) -> bool {
        self != State::GoesOn
    }
}

impl Engine {
    /// Follows a write that goes on to its end. An error leaves the end open: a status that cannot be read says nothing
    /// about the operation.
    pub(super) async fn follow(&self, run: &Run, answer: Answer, call: &Call) -> Result<Followed> {
        let target = &call.target;
        let follow = answer.follow().unwrap_or(Follow::Nowhere);
        let poll = match &follow {
            Follow::Operation(link) | Follow::Location(link) => Call::link(self, link, target)?,
            Follow::Resource => Call::link(self, call.url.as_str(), target)?,
            Follow::Nowhere => return Ok(Followed::Unsaid),
        };
        let mut pause = retry_after(&answer.headers, self.clock.unix_time()).unwrap_or(DEFAULT_PAUSE);
        for _ in 0..MOST_POLLS {
            if self.sleep(run, Wait::Throttled, pause).await.is_err() {
                return Err(super::cancelled());
            }
            let answer = self.get(&run.with_new_patience(), &poll).await?;
            pause = retry_after(&answer.headers, self.clock.unix_time()).unwrap_or(DEFAULT_PAUSE);
            let state = match &follow {
                Follow::Location(_) if answer.status == StatusCode::ACCEPTED => State::GoesOn,
                Follow::Location(_) => return Ok(Followed::Done(answer)),
                Follow::Resource => answer.provisioning_state().unwrap_or(State::Succeeded),
                Follow::Operation(_) | Follow::Nowhere => {
                    let status =
                        answer.object().and_then(|object| object.get("status")).and_then(Value::as_str);
                    State::read(status.unwrap_or_default())
                }
            };
            match state {
                State::Succeeded => return Ok(Followed::Unsaid),
                State::Failed => return Ok(Followed::Failed(failed(&answer, target))),
                State::GoesOn => {}
            }
        }
        let message =
            format!("The service accepted {call} and had not ended it when it was asked {MOST_POLLS} times.");
        Err(Error::new(Category::Timeout, "OperationNotEnded", message).with_target(target))
    }
}

/// How an accepted write ended.
pub(super) enum Followed {
    /// With this answer.
    Done(Answer),
    /// The service says that it succeeded, or nothing: a look-up has to show what became of it.
    Unsaid,
    /// The service says that it failed.
    Failed(Error),
}

fn failed(answer: &Answer, target: &str) -> Error {
    let arm = crate::wire::ArmError::read(&answer.body);
    let message = arm
        .message
        .unwrap_or_else(|| "The service ended the operation as failed, without a message.".to_owned());
    Error::new(Category::Refused, arm.code.as_deref().unwrap_or("OperationFailed"), message)
        .with_target(target)
}
