//! One request, before it is sent.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, IF_MATCH};
use http::{HeaderMap, HeaderValue, Method};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Engine, Run};
use crate::clock::Random;
use crate::error::{Category, Error, Result};
use crate::transport::HttpRequest;

const CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-client-request-id");
const RETURN_CLIENT_REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-return-client-request-id");
const CORRELATION_ID: HeaderName = HeaderName::from_static("x-ms-correlation-request-id");

/// How long something that was read may be acted on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fresh {
    /// Until then.
    pub(crate) until: Instant,
    /// How long it is from a reading on.
    pub(crate) lasts: Duration,
}

impl Fresh {
    /// From that moment on, for so long.
    pub(crate) fn since(read: Instant, lasts: Duration) -> Fresh {
        Fresh { until: read + lasts, lasts }
    }
}

/// One request. Its `Display` is the method and the last segment that names something, for messages.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) body: Option<Bytes>,
    pub(crate) if_match: Option<String>,
    pub(crate) authenticated: bool,
    /// How long what the caller knows about the service's state may be acted on.
    pub(crate) fresh: Option<Fresh>,
    /// Cancelled when the request is of no use any more.
    pub(crate) pointless: Option<CancellationToken>,
    /// What it is about, for errors: a resource id.
    pub(crate) target: String,
}

impl Call {
    /// A request to the resource with these path segments, which are percent-encoded here.
    pub(crate) fn new(engine: &Engine, method: Method, segments: &[&str], target: String) -> Call {
        let mut url = engine.cloud.arm_endpoint().clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.clear().extend(segments);
        }
        url.query_pairs_mut().append_pair("api-version", &engine.api_version.to_string());
        Call::to(method, url, target)
    }

    fn to(method: Method, url: Url, target: String) -> Call {
        Call {
            method,
            url,
            body: None,
            if_match: None,
            authenticated: true,
            fresh: None,
            pointless: None,
            target,
        }
    }

    /// A GET of a link that an answer gave: verbatim, but only on the endpoint's own host, for the token goes with it.
    pub(crate) fn link(engine: &Engine, link: &str, target: &str) -> Result<Call> {
        let refuse = |why: &str| {
            let message = format!("The service gave a link that is not followed: {why}.");
            Error::new(Category::InvalidAnswer, "LinkRefused", message).with_target(target)
        };
        let endpoint = engine.cloud.arm_endpoint();
        // Relative links are tolerated; an absolute one replaces the endpoint.
        let url = endpoint.join(link).map_err(|_| refuse("it is no URL"))?;
        if url.origin() != endpoint.origin() || !url.username().is_empty() || url.password().is_some() {
            let host = url.host_str().unwrap_or("another host");
            return Err(refuse(&format!(
                "it leads to {host}, and the token is only for {}",
                endpoint.authority()
            )));
        }
        Ok(Call::to(Method::GET, url, target.to_owned()))
    }

    /// Notes that what the caller knows is read anew from now on.
    pub(super) fn renew(&mut self, now: Instant) {
        self.fresh = self.fresh.map(|fresh| Fresh::since(now, fresh.lasts));
    }

    /// Whether sending it can change something.
    pub(crate) fn changes_something(&self) -> bool {
        self.method != Method::GET
    }

    /// Host and port that it goes to.
    pub(crate) fn host(&self) -> String {
        self.url.authority().to_owned()
    }

    /// The request with its headers (RPC, "Common API Request Details").
    pub(super) fn request(
        &self,
        run: &Run,
        random: &dyn Random,
        authorization: Option<HeaderValue>,
    ) -> HttpRequest {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(RETURN_CLIENT_REQUEST_ID, HeaderValue::from_static("true"));
        let ids =
            [(CLIENT_REQUEST_ID, random.guid().to_string()), (CORRELATION_ID, run.correlation_id.clone())];
        for (name, id) in ids {
            // GUIDs are valid header values; a given correlation id was checked.
            if let Ok(id) = HeaderValue::from_str(&id) {
                headers.insert(name, id);
            }
        }
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization);
        }
        if let Some(Ok(etag)) = self.if_match.as_deref().map(HeaderValue::from_str) {
            headers.insert(IF_MATCH, etag);
        }
        if self.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        HttpRequest { method: self.method.clone(), url: self.url.clone(), headers, body: self.body.clone() }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
        write!(f, "{} {last}", self.method)
    }
}
