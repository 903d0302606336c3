//! The one error type: complete enough to be shown to an operator and acted on.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::advice::{self, Words};

/// What kind of thing went wrong, for callers that branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Category {
    /// The input is wrong; nothing was sent.
    Input,
    /// The service did not accept who is asking (401), or no credential was at hand.
    Authentication,
    /// The one who asks may not do it (403).
    Permission,
    /// What was asked for does not exist (404).
    NotFound,
    /// The state of the service forbids it: a lock, another operation, an expectation that does not hold.
    Conflict,
    /// Too many requests (429), still after waiting.
    Throttled,
    /// The service refused the request for another reason (4xx).
    Refused,
    /// The service failed (5xx).
    Service,
    /// The network, TLS or a proxy: no answer came.
    Connection,
    /// No answer came in time.
    Timeout,
    /// An answer came that is none of Azure Resource Manager's.
    InvalidAnswer,
    /// The caller cancelled it.
    Cancelled,
    /// A fault of this library.
    Internal,
}

/// An error. Its `Display` is `code: message`, as operators and old scripts look for Azure Resource Manager's code.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .0.code, .0.message)]
pub struct Error(Box<Parts>);

/// The parts of an [`Error`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// What kind of thing went wrong.
    pub category: Category,
    /// Azure Resource Manager's code, or one of this library's own. Never empty.
    pub code: String,
    /// What happened, as one or more sentences. Never empty.
    pub message: String,
    /// HTTP status of the answer, where there was one.
    pub http_status: Option<u16>,
    /// What the error is about: a resource id, a URL without its query, or the given value.
    pub target: Option<String>,
    /// The column or parameter at fault, by its PowerShell name.
    pub column: Option<Cow<'static, str>>,
    /// The row that the error is about, counted from 1; 0 where it is about no row.
    pub row: u64,
    /// `x-ms-request-id` of the answer.
    pub request_id: Option<String>,
    /// `x-ms-correlation-request-id` of the answer, else of the request.
    pub correlation_id: Option<String>,
    /// What to do about it, where that depends on more than the code.
    #[serde(default)]
    pub action: Option<Cow<'static, str>>,
}

impl Error {
    /// An error of this library's own.
    pub fn new(category: Category, code: &str, message: impl Into<String>) -> Error {
        Error(Box::new(Parts {
            category,
            code: code.to_owned(),
            message: message.into(),
            http_status: None,
            target: None,
            column: None,
            row: 0,
            request_id: None,
            correlation_id: None,
            action: None,
        }))
    }

    /// An input that was refused: which column, which value, and why.
    pub(crate) fn input(code: &str, column: &'static str, given: &str, message: impl Into<String>) -> Error {
        let mut error = Error::new(Category::Input, code, message);
        error.0.column = Some(column.into());
        error.0.target = Some(given.to_owned());
        error
    }

    pub(crate) fn from_parts(parts: Parts) -> Error {
        Error(Box::new(parts))
    }

    pub(crate) fn with_target(mut self, target: impl Into<String>) -> Error {
        self.0.target.get_or_insert_with(|| target.into());
        self
    }

    pub(crate) fn with_correlation_id(mut self, correlation_id: &str) -> Error {
        self.0.correlation_id.get_or_insert_with(|| correlation_id.to_owned());
        self
    }

    /// Says what to do about it, in place of the table's advice for the code.
    pub(crate) fn with_action(mut self, action: &'static str) -> Error {
        self.0.action = Some(action.into());
        self
    }

    /// Names a row of a file in front of the message, and the line that it begins in.
    pub(crate) fn with_place(mut self, row: u64, line: u64) -> Error {
        self.0.row = row;
        self.0.message = format!("Row {row} (line {line}): {}", self.0.message);
        self
    }

    /// Names the row in front of the message, once.
    pub(crate) fn with_row(mut self, row: u64) -> Error {
        if row > 0 && self.0.row == 0 {
            self.0.row = row;
            self.0.message = format!("Row {row}: {}", self.0.message);
        }
        self
    }

    /// The same error with a sentence in front of its message.
    pub(crate) fn preceded_by(mut self, sentence: &str) -> Error {
        self.0.message = format!("{sentence} {}", self.0.message);
        self
    }

    /// The same error of a sign-in.
    pub(crate) fn into_authentication(mut self) -> Error {
        self.0.category = Category::Authentication;
        self
    }

    /// The parts of the error.
    pub fn parts(&self) -> &Parts {
        &self.0
    }

    /// Azure Resource Manager's code, or one of this library's own.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What kind of thing went wrong.
    pub fn category(&self) -> Category {
        self.0.category
    }

    /// What to do about it, in the words of whoever shows it: its own advice, else that of the table in
    /// [`advice`](crate::advice).
    pub fn recommended_action(&self, words: Words) -> Option<Cow<'static, str>> {
        match &self.0.action {
            Some(action) => Some(Cow::Owned(advice::fill(action, words))),
            None => advice::recommended_action(&self.0.code, self.0.category, words).map(Cow::Borrowed),
        }
    }

    /// Whether the service says that the thing asked for is not there, and means that thing: a 404 can also be about the
    /// registration, the api-version or the route.
    pub(crate) fn says_absent(&self) -> bool {
        self.0.category == Category::NotFound
            && matches!(
                self.0.code.as_str(),
                "NotFound" | "ResourceNotFound" | "CustomerSubscriptionNotFound"
            )
    }

    /// Whether it says that nothing more is to be started: what was not sent has not failed.
    pub(crate) fn starts_nothing(&self) -> bool {
        self.0.category == Category::Cancelled || self.0.code == AUDIT_LOG_NOT_WRITABLE
    }

    /// Whether the error is about the registration, about who asks, or about the way there, so that every other change of
    /// the same registration would meet it too.
    pub(crate) fn ends_batch(&self) -> bool {
        matches!(self.0.category, Category::Authentication | Category::Permission)
            // Also where the answer is a proxy's page.
            || matches!(self.0.http_status, Some(401 | 403))
            || matches!(
                self.0.code.as_str(),
                "SubscriptionNotFound"
                    | "ResourceGroupNotFound"
                    | "RegistrationNotFound"
                    | "ParentResourceNotFound"
                    | "UnauthorizedCspRegistration"
                    | "CustomerSubscriptionsNotAllowed"
                    | "MissingSubscriptionRegistration"
                    // No connection could be made for as long as one item may take.
                    | "CertificateNotTrusted"
                    | "CertificateOutOfDate"
                    | "CertificateWrongName"
                    | "ConnectionFailed"
                    | "ConnectionRefused"
                    | "ConnectionTimeout"
                    | "NameNotResolved"
                    | "ProxyFailed"
                    | "TlsNotSpoken"
            )
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The code of what is not done because the audit log cannot be written.
pub(crate) const AUDIT_LOG_NOT_WRITABLE: &str = "AuditLogNotWritable";

/// The result of this library's functions.
pub type Result<T> = std::result::Result<T, Error>;
