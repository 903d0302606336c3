//! A connection to the emulator: HTTP/1.1 over TLS, kept alive, with one request at a time.

use std::sync::Arc;

use azs_emulator::Manifest;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::Outcome;

/// A connection, open.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    authorization: String,
}

impl Connection {
    /// Opens one.
    pub(crate) async fn open(manifest: &Manifest) -> Outcome<Self> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(&manifest.ca_file)? {
            roots.add(certificate?)?;
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let port = port(manifest)?;
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let stream =
            TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost")?, stream).await?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            sender,
            host: format!("localhost:{port}"),
            authorization: format!("Bearer {}", manifest.token),
        })
    }

    /// Sends a request with the token, a body where it is a PUT, and reads the answer whole.
    pub(crate) async fn send(&mut self, method: &str, target: &str) -> Outcome<(StatusCode, Bytes)> {
        self.exchange(method, target, true).await
    }

    /// Sends a GET without the token.
    pub(crate) async fn ask_unknown(&mut self, target: &str) -> Outcome<(StatusCode, Bytes)> {
        self.exchange("GET", target, false).await
    }

    async fn exchange(&mut self, method: &str, target: &str, known: bool) -> Outcome<(StatusCode, Bytes)> {
        let mut request = Request::builder().method(method).uri(target).header("host", &self.host);
        if known {
            request = request.header("authorization", &self.authorization);
        }
        let body = if method == "PUT" { "{}" } else { "" };
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        let request = request.body(Full::new(Bytes::from_static(body.as_bytes())))?;
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        Ok((status, response.into_body().collect().await?.to_bytes()))
    }
}

/// The path of the registration's customer subscriptions.
pub(crate) fn collection(manifest: &Manifest) -> String {
    format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.AzureStack/registrations/{}/customerSubscriptions",
        manifest.subscription_id, manifest.resource_group, manifest.registration_name
    )
}

fn port(manifest: &Manifest) -> Outcome<u16> {
    let endpoint = manifest.arm_endpoint.trim_end_matches('/');
    Ok(endpoint.rsplit(':').next().unwrap_or_default().parse()?)
}
