//! Acting on faults: the one place between a request and the service that answers it.

use std::sync::Arc;
use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{LOCATION, RETRY_AFTER};
use serde_json::{Value, json};

use super::{ChangeTime, FaultAction, FaultStatus, another_writer};
use crate::arm::{self, ArmError};
use crate::reply::{Delivery, Reply};
use crate::request::ServiceRequest;
use crate::service::{Service, answer};

/// Answers a request, with the faults that it meets.
///
/// Runs detached from the connection, so that neither the delays nor the effect depend on a client that stays.
pub(crate) async fn respond(service: Arc<Service>, request: ServiceRequest) -> Reply {
    let met = service.world().faults.take(request.method.as_str(), &request.target());
    for action in &met {
        if let FaultAction::Delay { ms } = action {
            tokio::time::sleep(Duration::from_millis(*ms)).await;
        }
    }
    another_writer::write(&service, &request, &met, ChangeTime::Before);
    if met.contains(&FaultAction::ExpireTokens) {
        service.world().expire_tokens();
    }
    let mut effect = Effect { service, request, reply: None };
    for action in &met {
        effect.meet(action).await;
    }
    let Effect { service, request, reply } = effect;
    let mut reply = match reply {
        Some(reply) => reply,
        None => answer(&service, &request).await,
    };
    another_writer::write(&service, &request, &met, ChangeTime::After);
    reply.last = met.contains(&FaultAction::Goaway);
    reply
}

/// A request on its way through the faults, and the answer as far as one is settled.
struct Effect {
    service: Arc<Service>,
    request: ServiceRequest,
    reply: Option<Reply>,
}

impl Effect {
    async fn meet(&mut self, action: &FaultAction) {
        match action {
            // These happen before the request or after it, whatever else it meets.
            FaultAction::Delay { .. }
            | FaultAction::AnotherWriter { .. }
            | FaultAction::ExpireTokens
            | FaultAction::Goaway => {}
            FaultAction::ClaimsChallenge { claims } => {
                let reply = arm::claims_challenge(&self.service, &self.request, claims);
                self.instead(reply, false).await;
            }
            FaultAction::HalfOpen { after_effect } => {
                self.instead(Reply::undelivered(Delivery::HalfOpen), *after_effect).await;
            }
            FaultAction::Status(status) => self.instead(status_reply(status), status.after_effect).await,
            FaultAction::NonJsonBody { status, after_effect } => {
                self.instead(block_page(*status), *after_effect).await;
            }
            FaultAction::Redirect { status, location } => {
                let mut reply = Reply::empty(status_code(*status));
                reply.set_header(LOCATION, location);
                self.instead(reply, false).await;
            }
            FaultAction::ResetBeforeEffect { effect_after_ms } => {
                if let (None, Some(ms)) = (&self.reply, effect_after_ms) {
                    self.land_later(Duration::from_millis(*ms));
                }
                self.instead(Reply::undelivered(Delivery::Reset), false).await;
            }
            FaultAction::ResetAfterEffect => self.answered().await.delivery = Delivery::Reset,
            FaultAction::TruncatedBody => self.answered().await.delivery = Delivery::Truncated,
            FaultAction::Hang { after_effect } => {
                self.instead(Reply::undelivered(Delivery::Hang), *after_effect).await;
            }
            FaultAction::WrongNextLink { host } => {
                let link = format!("https://{host}{}", self.request.target());
                self.edit_list(|list| list["nextLink"] = json!(link)).await;
            }
            FaultAction::LoopingNextLink => {
                let link = self.own_link();
                self.edit_list(|list| list["nextLink"] = json!(link)).await;
            }
            FaultAction::EmptyPage => {
                let page = json!({ "value": [], "nextLink": self.own_link() });
                self.edit_list(|list| *list = page).await;
            }
        }
    }

    /// The service's own answer, which is asked for once.
    async fn answered(&mut self) -> &mut Reply {
        let reply = match self.reply.take() {
            Some(reply) => reply,
            None => answer(&self.service, &self.request).await,
        };
        self.reply.insert(reply)
    }

    /// Another answer than the service's. The first such fault decides.
    async fn instead(&mut self, reply: Reply, after_effect: bool) {
        if self.reply.is_some() {
            return;
        }
        if after_effect {
            answer(&self.service, &self.request).await;
        }
        self.reply = Some(reply);
    }

    /// The request takes effect after a while, though its client is told otherwise.
    fn land_later(&self, after: Duration) {
        let service = Arc::clone(&self.service);
        let request = ServiceRequest { late: true, ..self.request.clone() };
        self.service.effect(async move {
            tokio::time::sleep(after).await;
            answer(&service, &request).await;
        });
    }

    /// The absolute address of the request itself.
    fn own_link(&self) -> String {
        self.service.addresses.arm_url(&self.request.target())
    }

    /// Changes an answer that is a list; other answers stay as they are.
    async fn edit_list(&mut self, edit: impl FnOnce(&mut Value)) {
        let reply = self.answered().await;
        if let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body)
            && body.get("value").is_some_and(Value::is_array)
        {
            edit(&mut body);
            reply.set_json(&body);
        }
    }
}

fn status_reply(fault: &FaultStatus) -> Reply {
    let status = status_code(fault.status);
    let code = fault.code.as_deref().unwrap_or_else(|| usual_code(fault.status));
    let message = fault.message.as_deref().unwrap_or("The emulator was told to answer with this error.");
    let mut reply = ArmError::new(status, code, message).into_reply();
    if let Some(seconds) = fault.retry_after_seconds {
        reply.set_header(RETRY_AFTER, &seconds.to_string());
    }
    reply
}

/// ARM's usual code for a status: its article on common deployment errors, and on throttling for 429.
fn usual_code(status: u16) -> &'static str {
    match status {
        401 => "ExpiredAuthenticationToken",
        403 => "AuthorizationFailed",
        404 => "NotFound",
        408 => "RequestTimeout",
        409 => "AnotherOperationInProgress",
        412 => "PreconditionFailed",
        429 => "SubscriptionRequestsThrottled",
        400..=499 => "BadRequest",
        502 => "BadGateway",
        503 => "ServiceUnavailable",
        504 => "GatewayTimeout",
        _ => "InternalServerError",
    }
}

fn block_page(status: u16) -> Reply {
    let page = "<!DOCTYPE html><html><head><title>Access denied</title></head>\
                <body><h1>This page was blocked by your organisation's proxy</h1></body></html>";
    Reply::text(status_code(status), "text/html; charset=utf-8", page)
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
