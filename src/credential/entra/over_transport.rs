//! The requests of azure_identity over this library's transport, and its errors in this library's words.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use azure_core::error::{Error as AzureError, ErrorKind};
use azure_core::http::headers::Headers;
use azure_core::http::request::Body;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Deserialize;

use crate::credential::refreshing::unusable;
use crate::error::{Category, Error};
use crate::transport::{HttpRequest, Transport};

/// What a request of a sign-in is called in messages.
const SIGN_IN: &str = "the sign-in request";

/// azure_core's view of a transport.
pub(super) struct OverTransport(pub(super) Arc<dyn Transport>);

impl fmt::Debug for OverTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OverTransport")
    }
}

/// An error of ours on its way through azure_core.
#[derive(Debug)]
struct Carried(Error);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Carried {}

/// An error of ours as one of azure_core's.
pub(super) fn carry(error: Error) -> AzureError {
    AzureError::new(ErrorKind::Other, Carried(error))
}

#[async_trait::async_trait]
impl HttpClient for OverTransport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let host = request.url().authority().to_owned();
        let response = self.0.send(to_ours(request)?).await;
        let response = response.map_err(|lost| carry(lost.to_error(&host, &SIGN_IN)))?;
        let status = response.status.as_u16();
        // A proxy's page, which azure_identity would only call no JSON.
        if serde_json::from_slice::<serde::de::IgnoredAny>(&response.body).is_err() {
            return Err(carry(no_json(&host, status, &response.body)));
        }
        let mut headers = Headers::new();
        for (name, value) in &response.headers {
            if let Ok(value) = value.to_str() {
                headers.insert(name.as_str().to_owned(), value.to_owned());
            }
        }
        Ok(AsyncRawResponse::from_bytes(status.into(), headers, response.body))
    }
}

fn to_ours(request: &Request) -> azure_core::Result<HttpRequest> {
    let unusable =
        || carry(Error::new(Category::Internal, "InternalFault", "The sign-in request cannot be sent."));
    let mut headers = HeaderMap::new();
    for (name, value) in request.headers().iter() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes()).map_err(|_| unusable())?;
        let mut value = HeaderValue::from_str(value.as_str()).map_err(|_| unusable())?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let body = match request.body() {
        Body::Bytes(bytes) => Bytes::copy_from_slice(bytes),
        Body::SeekableStream(_) => return Err(unusable()),
    };
    let method = Method::from_bytes(request.method().as_ref().as_bytes()).map_err(|_| unusable())?;
    Ok(HttpRequest { method, url: request.url().clone(), headers, body: (!body.is_empty()).then_some(body) })
}

fn no_json(host: &str, status: u16, body: &[u8]) -> Error {
    if (500..600).contains(&status) {
        return Error::new(
            Category::Service,
            "SignInServiceFailed",
            format!("{host} answered {SIGN_IN} with {status}."),
        );
    }
    let begin: String = String::from_utf8_lossy(body).split_whitespace().collect::<Vec<_>>().join(" ");
    let begin: String = begin.chars().take(120).collect();
    unusable(&format!(
        "{host} answered {SIGN_IN} with {status} and no JSON, as the sign-in service does, but with: '{begin}'."
    ))
}

/// What Microsoft Entra ID says of a sign-in that it refuses (OAuth 2.0, section 5.2, and its own fields).
#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    error: String,
    #[serde(default)]
    error_description: String,
    #[serde(default)]
    error_codes: Vec<u32>,
    #[serde(default)]
    correlation_id: Option<String>,
    #[serde(default)]
    trace_id: Option<String>,
}

/// An error of azure_identity in this library's words.
pub(super) fn error_of(error: &AzureError) -> Error {
    if let Some(carried) = chain(error).find_map(|error| error.downcast_ref::<Carried>()) {
        return carried.0.clone();
    }
    let answer = chain(error).find_map(|error| match error.downcast_ref::<AzureError>()?.kind() {
        ErrorKind::HttpResponse { status, raw_response: Some(response), .. } => {
            Some((u16::from(*status), serde_json::from_slice::<Refusal>(response.body()).ok()?))
        }
        _ => None,
    });
    if let Some((status, refusal)) = answer {
        return refused(status, refusal);
    }
    // The innermost cause: those around it name the parts of the library that it went through.
    let said = chain(error).last().map(ToString::to_string).unwrap_or_default();
    Error::new(
        Category::Authentication,
        "SignInFailed",
        format!("Signing in failed: {}.", said.trim_end_matches('.')),
    )
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'a (dyn StdError + 'static)| (*error).source())
}

fn refused(status: u16, refusal: Refusal) -> Error {
    let code =
        refusal.error_codes.first().map_or_else(|| refusal.error.clone(), |code| format!("AADSTS{code}"));
    // Behind the sentence come ids and the time, which have places of their own.
    let said = refusal.error_description.split(" Trace ID:").next().unwrap_or_default();
    let said = said.lines().next().unwrap_or_default();
    let said = said.strip_prefix(&format!("{code}: ")).unwrap_or(said).trim();
    let said = if said.is_empty() { refusal.error.as_str() } else { said };
    let category = match status {
        429 => Category::Throttled,
        500.. => Category::Service,
        _ => Category::Authentication,
    };
    let code = if code.is_empty() { "SignInFailed".to_owned() } else { code };
    let mut parts = Error::new(category, &code, format!("The sign-in was refused: {said}")).parts().clone();
    parts.http_status = Some(status);
    parts.correlation_id = refusal.correlation_id;
    parts.request_id = refusal.trace_id;
    Error::from_parts(parts)
}
