//! Loads an emulator and says what it stands: requests a second, and on Linux, given its process id, its processor time for each.
//!
//! `cargo run --release -p azs-emulator --example load -- DIR [CONNECTIONS [SECONDS [PROCESS]]]`: the emulator's
//! directory and its process id.
//! Each connection is HTTP/1.1 over TLS, kept alive, with one request at a time: PUTs and, every fourth, a GET.

#![allow(clippy::print_stdout, reason = "what it measured is what it is for")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use azs_emulator::{Manifest, MappingSeed};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("the emulator's directory is missing")?;
    let connections: u64 = arguments.next().as_deref().unwrap_or("64").parse()?;
    let seconds: u64 = arguments.next().as_deref().unwrap_or("5").parse()?;
    let process = arguments.next();
    let manifest: Manifest =
        serde_json::from_slice(&std::fs::read(Path::new(&directory).join("emulator.json"))?)?;
    let manifest = Arc::new(manifest);
    let mut senders = Vec::new();
    for _ in 0..connections {
        senders.push(open(&manifest).await?);
    }
    let before = processor_seconds(process.as_deref());
    let started = Instant::now();
    let end = started + Duration::from_secs(seconds);
    let mut clients = JoinSet::new();
    for (number, sender) in (0..).zip(senders) {
        clients.spawn(send_until(end, Arc::clone(&manifest), sender, (number + 1) * 1_000_000));
    }
    let mut answered = 0_u32;
    while let Some(count) = clients.join_next().await {
        answered += count??;
    }
    let elapsed = started.elapsed().as_secs_f64();
    println!("{answered} answers in {elapsed:.2} s: {:.0} requests/s", f64::from(answered) / elapsed);
    if let (Some(before), Some(after)) = (before, processor_seconds(process.as_deref())) {
        let spent = (after - before) * 1e6 / f64::from(answered);
        println!("{spent:.0} us of the emulator's processor time for each");
    }
    Ok(())
}

async fn open(manifest: &Manifest) -> Outcome<SendRequest<Full<Bytes>>> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&manifest.ca_file)? {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(("127.0.0.1", port(manifest)?)).await?;
    stream.set_nodelay(true)?;
    let stream =
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("localhost")?, stream).await?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

fn port(manifest: &Manifest) -> Outcome<u16> {
    let endpoint = manifest.arm_endpoint.trim_end_matches('/');
    Ok(endpoint.rsplit(':').next().unwrap_or_default().parse()?)
}

/// Sends one request after the other until the time is over; returns how many were answered well.
async fn send_until(
    end: Instant,
    manifest: Arc<Manifest>,
    mut sender: SendRequest<Full<Bytes>>,
    first: u64,
) -> Outcome<u32> {
    let collection = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.AzureStack/registrations/{}/customerSubscriptions",
        manifest.subscription_id, manifest.resource_group, manifest.registration_name
    );
    let mut answered = 0;
    for (index, seed) in (0_u64..).zip(MappingSeed::generate(first..u64::MAX)) {
        if Instant::now() >= end {
            break;
        }
        let (method, body) = if index % 4 == 3 { ("GET", "") } else { ("PUT", "{}") };
        let request = Request::builder()
            .method(method)
            .uri(format!("{collection}/{}?api-version=2017-06-01", seed.customer_subscription_id))
            .header("host", format!("localhost:{}", port(&manifest)?))
            .header("authorization", format!("Bearer {}", manifest.token))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from_static(body.as_bytes())))?;
        sender.ready().await?;
        let response = sender.send_request(request).await?;
        let expected = if method == "GET" { 404 } else { 201 };
        if response.status() != expected {
            return Err(format!("{method} was answered {}", response.status()).into());
        }
        response.into_body().collect().await?;
        answered += 1;
    }
    Ok(answered)
}

/// The processor time that the process of this id has spent; none where there is no `/proc` to tell.
fn processor_seconds(process: Option<&str>) -> Option<f64> {
    let process = process?;
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}
