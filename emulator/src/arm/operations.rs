//! Asynchronous operations (ARM's RPC, asynchronous API reference): what a 202 leads to.

use std::collections::HashMap;

use hyper::StatusCode;
use hyper::header::{HeaderName, LOCATION, RETRY_AFTER};
use serde_json::json;
use uuid::Uuid;

use super::ArmError;
use crate::reply::Reply;
use crate::request::ServiceRequest;
use crate::service::Service;

/// The operations started so far.
#[derive(Debug, Default)]
pub(crate) struct Operations {
    started: HashMap<String, Operation>,
}

#[derive(Debug)]
struct Operation {
    /// Polls that will find it running, though its effect has landed.
    polls_left: u32,
    landed: bool,
    /// What it would have answered had it been synchronous.
    result: Reply,
}

impl Operations {
    /// Starts an operation and returns its id.
    pub(crate) fn start(&mut self, result: Reply, polls: u32, landed: bool) -> String {
        let id = Uuid::new_v4().to_string();
        self.started.insert(id.clone(), Operation { polls_left: polls, landed, result });
        id
    }

    /// Its effect has landed.
    pub(crate) fn landed(&mut self, id: &str) {
        if let Some(operation) = self.started.get_mut(id) {
            operation.landed = true;
        }
    }

    /// Polls it: the result if it has ended, else `None` inside.
    fn poll(&mut self, id: &str) -> Option<Option<Reply>> {
        let operation = self.started.get_mut(&id.to_ascii_lowercase())?;
        if operation.polls_left > 0 {
            operation.polls_left -= 1;
            return Some(None);
        }
        Some(operation.landed.then(|| operation.result.clone()))
    }
}

/// The answer 202 of an operation, polled by status or by result.
pub(crate) fn accepted(
    service: &Service,
    subscription: &str,
    id: &str,
    by_status: bool,
    version: &str,
) -> Reply {
    let mut reply = Reply::empty(StatusCode::ACCEPTED);
    let url = poll_url(service, subscription, id, by_status, version);
    reply
        .set_header(if by_status { HeaderName::from_static("azure-asyncoperation") } else { LOCATION }, &url);
    add_retry_after(service, &mut reply);
    reply
}

/// Answers a poll.
pub(crate) fn poll(
    service: &Service,
    request: &ServiceRequest,
    id: &str,
    by_status: bool,
) -> Result<Reply, ArmError> {
    let polled = service.world().operations.poll(id);
    let Some(result) = polled else {
        return Err(ArmError::not_found("NotFound", format!("The operation '{id}' was not found.")));
    };
    Ok(match (result, by_status) {
        (Some(result), false) => result,
        (Some(_), true) => {
            Reply::json(StatusCode::OK, &json!({ "id": request.path, "name": id, "status": "Succeeded" }))
        }
        (None, true) => {
            let mut reply = Reply::json(
                StatusCode::OK,
                &json!({ "id": request.path, "name": id, "status": "InProgress" }),
            );
            add_retry_after(service, &mut reply);
            reply
        }
        (None, false) => {
            let mut reply = Reply::empty(StatusCode::ACCEPTED);
            reply.set_header(LOCATION, &service.addresses.arm_url(&request.target()));
            add_retry_after(service, &mut reply);
            reply
        }
    })
}

fn add_retry_after(service: &Service, reply: &mut Reply) {
    let seconds = service.world().switches.operation_retry_after_seconds;
    reply.set_header(RETRY_AFTER, &seconds.to_string());
}

fn poll_url(service: &Service, subscription: &str, id: &str, by_status: bool, version: &str) -> String {
    let kind = if by_status { "operationStatuses" } else { "operationResults" };
    service.addresses.arm_url(&format!(
        "/subscriptions/{subscription}/providers/Microsoft.AzureStack/locations/global/{kind}/{id}?api-version={version}"
    ))
}
