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

impl Engine {
    /// Follows an accepted write to its end. An error of the operation itself is an answer of the service; an error that
    /// leaves the end open has category `Timeout`, `Connection` or another one that is not the service's own.
    pub(super) async fn follow(&self, run: &Run, accepted: Answer, target: &str) -> Result<Followed> {
        let operation = header(&accepted.headers, "azure-asyncoperation");
        let location = header(&accepted.headers, "location");
        let (link, by_status) = match (operation, location) {
            (Some(operation), _) => (operation, true),
            (None, Some(location)) => (location, false),
            // Nothing to follow: the caller looks whether it took effect.
            (None, None) => return Ok(Followed::Unsaid),
        };
        let mut pause = retry_after(&accepted.headers, self.clock.unix_time()).unwrap_or(DEFAULT_PAUSE);
        for _ in 0..MOST_POLLS {
            if self.sleep(run, Wait::Throttled, pause).await.is_err() {
                return Err(super::cancelled());
            }
            let answer = self.get(run, &Call::link(self, &link, target)?).await?;
            pause = retry_after(&answer.headers, self.clock.unix_time()).unwrap_or(DEFAULT_PAUSE);
            if !by_status {
                if answer.status != StatusCode::ACCEPTED {
                    return Ok(Followed::Done(answer));
                }
                continue;
            }
            let status = answer
                .object()
                .and_then(|object| object.get("status"))
                .and_then(Value::as_str)
                .unwrap_or_default();
            match status.to_ascii_lowercase().as_str() {
                "succeeded" => return Ok(Followed::Unsaid),
                "failed" | "canceled" => return Ok(Followed::Failed(failed(&answer, status, target))),
                _ => {}
            }
        }
        let message = "The service accepted the request and had not ended it after two hours of asking.";
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

fn failed(answer: &Answer, status: &str, target: &str) -> Error {
    let arm = crate::wire::ArmError::read(&answer.body);
    let message = arm
        .message
        .unwrap_or_else(|| format!("The service ended the operation as {status} without a message."));
    let code = arm.code.unwrap_or_else(|| format!("Operation{status}"));
    Error::new(Category::Refused, &code, message).with_target(target)
}
