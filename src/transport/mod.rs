//! How HTTP requests leave the process: a trait, because the tests run against an Azure Resource Manager in memory.
//!
//! A transport says *how far a request got*. That is the evidence from which the engine concludes whether a write can
//! have taken effect; the error types of HTTP libraries hide it.

mod http_client;
mod words;

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use url::Url;

pub use http_client::{HttpClient, HttpClientOptions};

use crate::clock::BoxFuture;

/// A request, ready to be sent. Its `Debug` leaves out the headers: one of them is the token.
#[derive(Clone)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// The headers; a secret one is marked as sensitive.
    pub headers: HeaderMap,
    /// The body, where there is one.
    pub body: Option<Bytes>,
}

impl fmt::Debug for HttpRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)
    }
}

/// An answer that was read whole.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body, decompressed.
    pub body: Bytes,
}

/// How far a request got that has no whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Not a byte of it was written: nothing can have happened.
    NeverWritten,
    /// Some of it may have been written: anything can have happened.
    Written,
    /// An answer began to arrive and broke off.
    Answered,
}

/// What went wrong on the way, in the words that tell an operator where to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransportFault {
    /// The host's name was not resolved.
    NameNotResolved,
    /// Nothing listens there.
    ConnectionRefused,
    /// The certificate of the server is not trusted.
    CertificateNotTrusted,
    /// The certificate of the server is for another name.
    CertificateWrongName,
    /// The certificate of the server has expired, or does not hold yet.
    CertificateOutOfDate,
    /// What answers there does not speak TLS.
    TlsNotSpoken,
    /// The proxy on the way did not let the connection through.
    ProxyFailed,
    /// The connection could not be made for another reason.
    ConnectionFailed,
    /// The connection was not made in time.
    ConnectTimeout,
    /// The answer did not come in time.
    AnswerTimeout,
    /// The connection broke.
    ConnectionLost,
    /// The answer broke off.
    AnswerTruncated,
    /// The answer is larger than any of Azure Resource Manager's.
    AnswerTooLarge,
}

/// A request without a whole answer.
#[derive(Debug, Clone)]
pub struct TransportError {
    /// How far it got.
    pub reach: Reach,
    /// What went wrong.
    pub fault: TransportFault,
    /// The innermost cause in the words of the one who found it, without URL and secrets.
    pub cause: String,
}

impl TransportError {
    /// Whether no connection to the endpoint could be made, so that nothing was written.
    pub fn found_no_connection(&self) -> bool {
        self.reach == Reach::NeverWritten
            && match self.fault {
                TransportFault::NameNotResolved
                | TransportFault::ConnectionRefused
                | TransportFault::CertificateNotTrusted
                | TransportFault::CertificateWrongName
                | TransportFault::CertificateOutOfDate
                | TransportFault::TlsNotSpoken
                | TransportFault::ProxyFailed
                | TransportFault::ConnectionFailed
                | TransportFault::ConnectTimeout => true,
                // A connection that was there, and closed before it took the request.
                TransportFault::AnswerTimeout
                | TransportFault::ConnectionLost
                | TransportFault::AnswerTruncated
                | TransportFault::AnswerTooLarge => false,
            }
    }
}

/// Sends requests. A future that is dropped gives its request up, however far it got.
pub trait Transport: Send + Sync {
    /// Sends one request, once, and reads the answer whole. Redirects are answers like others.
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, Result<HttpResponse, TransportError>>;
}
