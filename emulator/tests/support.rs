//! What the tests share: a plain HTTP client over TLS that trusts one emulator, and short ways to say common things.

use std::sync::Arc;
use std::time::Duration;

use azs_emulator::{Emulator, Options, Switches};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper::{HeaderMap, Request, StatusCode, Uri};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The customer subscription of the OpenAPI examples.
pub(crate) const CUSTOMER: &str = "E09A4E93-29A7-4EBA-A6D4-76202383F07F";
/// Another one.
pub(crate) const OTHER: &str = "0b9c2f5e-6f0d-4b53-a2c5-54a4e4a2d9a1";
/// The tenant of the OpenAPI examples.
pub(crate) const TENANT: &str = "dbab3982-796f-4d03-9908-044c08aef8a2";
/// The api-version of the articles.
pub(crate) const VERSION: &str = "api-version=2017-06-01";
/// Long enough for anything that is to happen at once.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// An emulator with its defaults.
pub(crate) async fn start() -> Emulator {
    Emulator::start(Options::default()).await.unwrap()
}

/// An emulator with some switches set.
pub(crate) async fn start_with(change: impl FnOnce(&mut Switches)) -> Emulator {
    let mut options = Options::default();
    change(&mut options.switches);
    Emulator::start(options).await.unwrap()
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The code of an ARM error.
    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no error: {}", self.text()))
            .to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap().to_owned()
    }

    /// The customer subscription ids of a list, taken from the ends of its ids.
    pub(crate) fn listed(&self) -> Vec<String> {
        let items = self.json()["value"].as_array().unwrap().clone();
        items.iter().map(|item| item["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
    }
}

/// A request in the making.
#[derive(Clone)]
pub(crate) struct Call<'a> {
    emulator: &'a Emulator,
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    http2: bool,
}

/// A request to an absolute URL, with the run's token.
pub(crate) fn call<'a>(emulator: &'a Emulator, method: &str, url: impl Into<String>) -> Call<'a> {
    Call {
        emulator,
        method: method.to_owned(),
        url: url.into(),
        headers: vec![("authorization".to_owned(), format!("Bearer {}", emulator.token()))],
        body: None,
        http2: false,
    }
}

/// A request to a path below ARM's address, with the run's token and the usual api-version.
pub(crate) fn arm<'a>(emulator: &'a Emulator, method: &str, path: &str) -> Call<'a> {
    call(emulator, method, format!("{}{}?{VERSION}", emulator.arm_endpoint(), path.trim_start_matches('/')))
}

/// The ARM id of the first registration's collection of customer subscriptions.
pub(crate) fn collection(emulator: &Emulator) -> String {
    format!("{}/customerSubscriptions", emulator.registration().resource_id())
}

/// A request for the first registration's list.
pub(crate) fn list(emulator: &Emulator) -> Call<'_> {
    arm(emulator, "GET", &collection(emulator))
}

pub(crate) fn get<'a>(emulator: &'a Emulator, id: &str) -> Call<'a> {
    arm(emulator, "GET", &format!("{}/{id}", collection(emulator)))
}

/// A PUT with `{}`, as New-AzResource sends it.
pub(crate) fn put<'a>(emulator: &'a Emulator, id: &str) -> Call<'a> {
    arm(emulator, "PUT", &format!("{}/{id}", collection(emulator))).json(&serde_json::json!({}))
}

/// A PUT that names a tenant.
pub(crate) fn put_tenant<'a>(emulator: &'a Emulator, id: &str, tenant: &str) -> Call<'a> {
    put(emulator, id).json(&serde_json::json!({ "properties": { "tenantId": tenant } }))
}

pub(crate) fn delete<'a>(emulator: &'a Emulator, id: &str) -> Call<'a> {
    arm(emulator, "DELETE", &format!("{}/{id}", collection(emulator)))
}

/// A request to the control API.
pub(crate) fn control<'a>(emulator: &'a Emulator, method: &str, call_path: &str) -> Call<'a> {
    call(emulator, method, format!("{}{call_path}", emulator.control_endpoint())).without("authorization")
}

/// The customer subscription ids of the first registration, in the order of adding.
pub(crate) fn stored(emulator: &Emulator) -> Vec<String> {
    emulator
        .mappings(emulator.registration())
        .into_iter()
        .map(|mapping| mapping.customer_subscription_id)
        .collect()
}

impl Call<'_> {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    pub(crate) fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self = self.header("content-type", content_type);
        self.body = Some(body.into());
        self
    }

    /// Another query than the usual api-version.
    pub(crate) fn query(mut self, query: &str) -> Self {
        let path = self.url.split('?').next().unwrap().to_owned();
        self.url = if query.is_empty() { path } else { format!("{path}?{query}") };
        self
    }

    pub(crate) fn http2(mut self) -> Self {
        self.http2 = true;
        self
    }

    /// Sends the request on a connection of its own; panics if no whole answer comes.
    pub(crate) async fn send(self) -> Answer {
        self.try_send().await.unwrap()
    }

    /// Sends the request on a connection of its own. An error is a broken connection or a broken answer.
    pub(crate) async fn try_send(self) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
        let uri: Uri = self.url.parse()?;
        let mut request = Request::builder().method(self.method.as_str());
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = Full::new(Bytes::from(self.body.clone().unwrap_or_default()));
        let response = if self.http2 {
            let stream = connect(self.emulator.ca_pem(), port(&uri), &[b"h2"]).await?;
            let (mut sender, connection) =
                http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            sender.send_request(request.uri(uri).body(body)?).await?
        } else {
            let target = uri.path_and_query().unwrap().as_str().to_owned();
            let host = uri.authority().unwrap().as_str().to_owned();
            let request = request.uri(target).header("host", host).body(body)?;
            if uri.scheme_str() == Some("http") {
                let stream = TcpStream::connect(("127.0.0.1", port(&uri))).await?;
                let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                sender.send_request(request).await?
            } else {
                let stream = connect(self.emulator.ca_pem(), port(&uri), &[b"http/1.1"]).await?;
                let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                sender.send_request(request).await?
            }
        };
        let (parts, body) = response.into_parts();
        Ok(Answer { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() })
    }
}

fn port(uri: &Uri) -> u16 {
    uri.port_u16().unwrap()
}

/// A TLS connection to a port of localhost that trusts one authority and offers these protocols.
pub(crate) async fn connect(
    ca_pem: &str,
    port: u16,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}
