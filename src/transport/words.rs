//! What went wrong on the way, in words: where to look, and whether the request can have been received.

use std::fmt;

use super::{Reach, TransportError, TransportFault};
use crate::error::{Category, Error};

impl TransportError {
    /// The error for an operator: what happened between here and `host`, and whether `request` can have been received.
    pub(crate) fn to_error(&self, host: &str, request: &dyn fmt::Display) -> Error {
        let unsent = |what: String| format!("{what}, so {request} was not sent");
        let (code, message) = match self.fault {
            TransportFault::NameNotResolved => {
                ("NameNotResolved", unsent(format!("The name {host} was not resolved")))
            }
            TransportFault::ConnectionRefused => {
                ("ConnectionRefused", unsent(format!("{host} refused the connection")))
            }
            TransportFault::CertificateNotTrusted => {
                ("CertificateNotTrusted", unsent(format!("The certificate of {host} is not trusted")))
            }
            TransportFault::CertificateWrongName => (
                "CertificateWrongName",
                unsent(format!("The certificate that {host} shows is for another name")),
            ),
            TransportFault::CertificateOutOfDate => (
                "CertificateOutOfDate",
                unsent(format!("The certificate of {host} has expired, or does not hold yet")),
            ),
            TransportFault::TlsNotSpoken => {
                ("TlsNotSpoken", unsent(format!("What answers at {host} does not speak TLS")))
            }
            TransportFault::ProxyFailed => {
                ("ProxyFailed", unsent(format!("The proxy made no connection to {host}")))
            }
            TransportFault::ConnectionFailed => {
                ("ConnectionFailed", unsent(format!("No connection to {host} could be made")))
            }
            TransportFault::ConnectTimeout => {
                ("ConnectionTimeout", unsent(format!("No connection to {host} was made in time")))
            }
            TransportFault::AnswerTimeout => (
                "AnswerTimeout",
                format!("{host} did not answer {request} in time, and may have received it"),
            ),
            TransportFault::ConnectionLost if self.reach == Reach::NeverWritten => {
                ("ConnectionLost", unsent(format!("The connection to {host} broke")))
            }
            TransportFault::ConnectionLost => (
                "ConnectionLost",
                format!(
                    "The connection to {host} broke before {request} was answered, and it may have been received"
                ),
            ),
            TransportFault::AnswerTruncated => {
                ("AnswerTruncated", format!("{host} received {request}, but its answer broke off"))
            }
            TransportFault::AnswerTooLarge => {
                ("AnswerTooLarge", format!("{host} received {request}, but its answer is too large"))
            }
        };
        let category = match self.fault {
            TransportFault::ConnectTimeout | TransportFault::AnswerTimeout => Category::Timeout,
            TransportFault::AnswerTruncated | TransportFault::AnswerTooLarge => Category::InvalidAnswer,
            _ => Category::Connection,
        };
        Error::new(category, code, format!("{message}: {}.", self.cause.trim_end_matches('.')))
    }
}
