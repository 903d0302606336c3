//! The transport over the network: reqwest with rustls and ring.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use bytes::BytesMut;

use super::{HttpRequest, HttpResponse, Reach, Transport, TransportError, TransportFault};
use crate::clock::BoxFuture;
use crate::error::{Category, Error, Result};

/// Azure Resource Manager passes on at most 8 MB of a resource provider (RPC, "common API details"); this is room enough.
const LARGEST_ANSWER: usize = 16 << 20;

/// How to reach the network.
#[derive(Debug, Clone)]
pub struct HttpClientOptions {
    /// The User-Agent header.
    pub user_agent: String,
    /// Certificates (PEM) that are trusted beside those of the system.
    pub ca_certificate_path: Option<PathBuf>,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long a request may take from its sending to the end of the answer.
    pub answer_timeout: Duration,
}

/// The transport over the network.
pub struct HttpClient {
    client: reqwest::Client,
}

impl HttpClient {
    /// Reads the certificates and makes the client. Nothing is sent.
    pub fn new(options: &HttpClientOptions) -> Result<HttpClient> {
        // reqwest takes the provider of the process; the static is this library's own, so nothing else is affected.
        // An error says that it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            // HTTP/2 is not faster here, and one broken connection would put every write on it in doubt.
            .http1_only()
            .https_only(true)
            // The token must not follow a redirect.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_timeout)
            .timeout(options.answer_timeout)
            // A repetition is decided from evidence, in the engine.
            .retry(reqwest::retry::never())
            .tcp_keepalive(Duration::from_secs(30))
            .pool_idle_timeout(Duration::from_secs(60));
        if let Some(path) = &options.ca_certificate_path {
            builder = builder.tls_certs_merge(read_certificates(path)?);
        }
        let client = builder.build().map_err(|why| {
            Error::new(
                Category::Internal,
                "HttpClientFailed",
                format!("The HTTP client could not be made: {}.", causes(&why)),
            )
        })?;
        Ok(HttpClient { client })
    }
}

fn read_certificates(path: &std::path::Path) -> Result<Vec<reqwest::Certificate>> {
    let refuse = |why: String| {
        let shown = path.display().to_string();
        let message = format!(
            "CaCertificatePath '{shown}' {why}. Expected a file with one or more certificates in PEM form \
             (-----BEGIN CERTIFICATE-----)."
        );
        Error::input("CaCertificateNotValid", "CaCertificatePath", &shown, message)
    };
    let pem = std::fs::read(path).map_err(|why| refuse(format!("cannot be read ({why})")))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem)
        .map_err(|why| refuse(format!("is not PEM ({})", causes(&why))))?;
    if certificates.is_empty() {
        return Err(refuse("holds no certificate".to_owned()));
    }
    Ok(certificates)
}

impl Transport for HttpClient {
    fn send(&self, request: HttpRequest) -> BoxFuture<'_, std::result::Result<HttpResponse, TransportError>> {
        Box::pin(async move {
            let mut builder = self.client.request(request.method, request.url).headers(request.headers);
            if let Some(body) = request.body {
                builder = builder.body(body);
            }
            let mut response = builder.send().await.map_err(|why| lost(&why))?;
            let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
            let mut body = BytesMut::new();
            while let Some(chunk) = response.chunk().await.map_err(|why| broke_off(&why))? {
                if body.len() + chunk.len() > LARGEST_ANSWER {
                    let cause = format!("more than {} MB", LARGEST_ANSWER >> 20);
                    return Err(TransportError {
                        reach: Reach::Answered,
                        fault: TransportFault::AnswerTooLarge,
                        cause,
                    });
                }
                body.extend_from_slice(&chunk);
            }
            Ok(HttpResponse { status, headers, body: body.freeze() })
        })
    }
}

/// Classifies a request that got no answer.
fn lost(error: &reqwest::Error) -> TransportError {
    let never_written = error.is_connect() || error.is_builder() || error.is_request() && is_unsent(error);
    let reach = if never_written { Reach::NeverWritten } else { Reach::Written };
    let fault = match (never_written, error.is_timeout()) {
        (true, true) => TransportFault::ConnectTimeout,
        (false, true) => TransportFault::AnswerTimeout,
        (false, false) => TransportFault::ConnectionLost,
        (true, false) => connect_fault(error),
    };
    TransportError { reach, fault, cause: causes(error) }
}

/// Classifies an answer that broke off.
fn broke_off(error: &reqwest::Error) -> TransportError {
    let fault =
        if error.is_timeout() { TransportFault::AnswerTimeout } else { TransportFault::AnswerTruncated };
    TransportError { reach: Reach::Answered, fault, cause: causes(error) }
}

/// hyper says of a request that a pooled connection closed before taking it that it was cancelled.
fn is_unsent(error: &reqwest::Error) -> bool {
    chain(error).any(|cause| cause.to_string().starts_with("operation was canceled"))
}

fn connect_fault(error: &reqwest::Error) -> TransportFault {
    // What fails inside a tunnel error is the proxy's, not the endpoint's.
    if chain(error).any(|cause| cause.to_string().starts_with("tunnel error")) {
        return TransportFault::ProxyFailed;
    }
    for cause in chain(error) {
        let cause = innermost(cause);
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return match tls {
                rustls::Error::InvalidCertificate(_) => TransportFault::CertificateNotTrusted,
                _ => TransportFault::ConnectionFailed,
            };
        }
        if cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
            return TransportFault::ConnectionRefused;
        }
        if cause.to_string().starts_with("dns error") {
            return TransportFault::NameNotResolved;
        }
    }
    TransportFault::ConnectionFailed
}

/// An io::Error can carry another error, which its source() passes over: rustls's travels so, twice wrapped.
fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => innermost(inner),
        None => error,
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

/// The causes below the outermost error, which only names the URL.
fn causes(error: &(dyn StdError + 'static)) -> String {
    // Some libraries end their message with the address of their documentation.
    let said = |cause: &(dyn StdError + 'static)| {
        let said = cause.to_string();
        said.split_once(": https://").map_or_else(|| said.clone(), |(before, _)| before.to_owned())
    };
    let mut causes: Vec<String> = chain(error).skip(1).map(said).collect();
    causes.dedup();
    if causes.is_empty() { "no cause was given".to_owned() } else { causes.join(": ") }
}
