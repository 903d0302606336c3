//! ARM's errors: their shape, and the ones that more than one place answers.

use hyper::StatusCode;
use hyper::header::HeaderName;
use serde_json::json;

use crate::reply::Reply;

/// An error in the shape that ARM's RPC lays down: `{"error":{"code","message"}}`.
#[derive(Debug)]
pub(crate) struct ArmError {
    status: StatusCode,
    code: String,
    message: String,
    headers: Vec<(HeaderName, String)>,
}

impl ArmError {
    pub(crate) fn new(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status, code: code.into(), message: message.into(), headers: Vec::new() }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn bad_request(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn not_found(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    /// An address that ARM does not have. The code is one of ARM's common ones; its wording here is the emulator's.
    pub(crate) fn not_found_at(path: &str) -> Self {
        Self::not_found("NotFound", format!("There is nothing at '{path}'."))
    }

    pub(crate) fn subscription_not_found(subscription: &str) -> Self {
        Self::not_found(
            "SubscriptionNotFound",
            format!("The subscription '{subscription}' could not be found."),
        )
    }

    pub(crate) fn into_reply(self) -> Reply {
        let mut reply =
            Reply::json(self.status, &json!({ "error": { "code": self.code, "message": self.message } }));
        for (name, value) in self.headers {
            reply.set_header(name, &value);
        }
        reply
    }
}
