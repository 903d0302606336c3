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

/// How hyper's errors begin that a proxy is at fault for.
const TUNNEL: &str = "tunnel error: ";

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
        HttpClient::made(options, |builder| builder.https_only(true))
    }

    /// The same for what is on this machine or next to it, as the endpoint of a managed identity: never over a proxy, and
    /// without TLS where the address says so.
    pub fn without_proxy(options: &HttpClientOptions) -> Result<HttpClient> {
        HttpClient::made(options, reqwest::ClientBuilder::no_proxy)
    }

    fn made(
        options: &HttpClientOptions,
        choose: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
    ) -> Result<HttpClient> {
        // reqwest takes the provider of the process; the static is this library's own, so nothing else is affected.
        // An error says that it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            // HTTP/2 is not faster here, and one broken connection would put every write on it in doubt.
            .http1_only()
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
        let client = choose(builder).build().map_err(|why| {
            Error::new(
                Category::Internal,
                "HttpClientFailed",
                format!("The HTTP client could not be made: {}.", cause(&why)),
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
        .map_err(|why| refuse(format!("is not PEM ({})", cause(&why))))?;
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
    let cause = if fault == TransportFault::ProxyFailed { proxy_cause(error) } else { cause(error) };
    TransportError { reach, fault, cause }
}

/// What the proxy did, for hyper names its own steps alone.
fn proxy_cause(error: &reqwest::Error) -> String {
    let innermost = cause(error);
    match innermost.strip_prefix(TUNNEL) {
        None => format!("it was not reached itself ({innermost})"),
        Some("proxy authorization required") => "it wants another sign-in (407)".to_owned(),
        Some("unsuccessful") => "it refused to make one".to_owned(),
        Some("unexpected end of file") => "its answer broke off".to_owned(),
        Some(other) => other.to_owned(),
    }
}

/// Classifies an answer that broke off.
fn broke_off(error: &reqwest::Error) -> TransportError {
    let fault =
        if error.is_timeout() { TransportFault::AnswerTimeout } else { TransportFault::AnswerTruncated };
    TransportError { reach: Reach::Answered, fault, cause: cause(error) }
}

/// hyper says of a request that a pooled connection closed before taking it that it was cancelled.
fn is_unsent(error: &reqwest::Error) -> bool {
    chain(error).any(|cause| cause.to_string().starts_with("operation was canceled"))
}

fn connect_fault(error: &reqwest::Error) -> TransportFault {
    // What fails inside a tunnel error is the proxy's, not the endpoint's.
    if chain(error).any(|cause| cause.to_string().starts_with(TUNNEL)) {
        return TransportFault::ProxyFailed;
    }
    for cause in chain(error) {
        let cause = innermost(cause);
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return tls_fault(tls);
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

fn tls_fault(error: &rustls::Error) -> TransportFault {
    use rustls::CertificateError;
    match error {
        rustls::Error::InvalidCertificate(why) => match why {
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                TransportFault::CertificateWrongName
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => TransportFault::CertificateOutOfDate,
            _ => TransportFault::CertificateNotTrusted,
        },
        rustls::Error::InvalidMessage(_) => TransportFault::TlsNotSpoken,
        _ => TransportFault::ConnectionFailed,
    }
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

/// The innermost cause: those around it only name the parts of the libraries that it went through.
fn cause(error: &(dyn StdError + 'static)) -> String {
    let said = chain(error).skip(1).last().map(ToString::to_string).unwrap_or_default();
    // Some libraries end their message with the address of their documentation.
    let said = said.split_once(": https://").map_or(said.as_str(), |(before, _)| before);
    match said {
        "" => "no cause was given".to_owned(),
        "tls handshake eof" => "it was closed during the TLS handshake".to_owned(),
        said => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;
    use rustls::pki_types::{ServerName, UnixTime};

    use super::*;

    #[test]
    fn what_is_wrong_with_a_certificate_is_told_apart() {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1));
        let expired = CertificateError::ExpiredContext { time: now, not_after: now };
        let early = CertificateError::NotValidYetContext { time: now, not_before: now };
        let expected = ServerName::try_from("a.example").unwrap().to_owned();
        let another = CertificateError::NotValidForNameContext { expected, presented: Vec::new() };
        for (why, fault) in [
            (expired, TransportFault::CertificateOutOfDate),
            (early, TransportFault::CertificateOutOfDate),
            (another, TransportFault::CertificateWrongName),
            (CertificateError::UnknownIssuer, TransportFault::CertificateNotTrusted),
            (CertificateError::Revoked, TransportFault::CertificateNotTrusted),
        ] {
            assert_eq!(tls_fault(&rustls::Error::InvalidCertificate(why)), fault);
        }
    }
}
