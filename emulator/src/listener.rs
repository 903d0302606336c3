//! Listening: sockets, TLS, HTTP/1.1 and HTTP/2, and the way of a request from a connection to the service and back.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::connection::{Connection, Wire};
use crate::outage::Outage;
use crate::reply::{Delivery, ReplyBody};
use crate::request::ServiceRequest;
use crate::service::Service;
use crate::{control, faults};

/// How often a free port is looked for that the other loopback address has free too.
const PORT_ATTEMPTS: u32 = 20;

/// Binds the loopback addresses: the IPv4 one, and beside it the IPv6 one where there is one, so that a client that
/// tries `::1` for `localhost` first neither waits nor meets a stranger.
pub(crate) async fn bind(port: u16) -> io::Result<Vec<TcpListener>> {
    let mut attempt = 1;
    loop {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        match TcpListener::bind((Ipv6Addr::LOCALHOST, v4.local_addr()?.port())).await {
            Ok(v6) => return Ok(vec![v4, v6]),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                if port != 0 || attempt == PORT_ATTEMPTS {
                    return Err(error);
                }
                attempt += 1;
            }
            Err(_) => return Ok(vec![v4]),
        }
    }
}

/// Binds a port, or where it does not matter which, the one of the last time if that is free.
pub(crate) async fn bind_again(port: u16, before: Option<u16>) -> io::Result<Vec<TcpListener>> {
    if let (0, Some(before)) = (port, before)
        && let Ok(listeners) = bind(before).await
    {
        return Ok(listeners);
    }
    bind(port).await
}

/// The IPv4 address of the listeners.
pub(crate) fn address(listeners: &[TcpListener]) -> io::Result<SocketAddr> {
    listeners.first().ok_or(io::ErrorKind::AddrNotAvailable)?.local_addr()
}

/// Accepts connections on one listener until the emulator stops; then none is left. Without `tls` it is the managed
/// identity endpoint.
pub(crate) async fn accept(service: Arc<Service>, listener: TcpListener, tls: Option<TlsAcceptor>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = service.stopped.cancelled() => break,
            // Ended connections are taken out, so that the set holds those that live.
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // The managed identity endpoint is another machine's, which has no outage.
                    let outage = tls.as_ref().and_then(|_| service.outages.now());
                    match outage {
                        None => {
                            connections.spawn(greet(Arc::clone(&service), stream, tls.clone()));
                        }
                        // Without it the close is a mild one, which refuses the connection just the same.
                        Some((Outage::Refuse, _)) => drop(stream.set_zero_linger()),
                        Some((Outage::AcceptOnly, _)) => {
                            connections.spawn(swallow(stream));
                        }
                    }
                }
                // One connection that is gone already, or no descriptors, which come back.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            },
        }
    }
    drop(listener);
    connections.shutdown().await;
}

/// Takes a connection from its acceptance to its end.
async fn greet(service: Arc<Service>, stream: TcpStream, tls: Option<TlsAcceptor>) {
    // The answers are small: waiting to fill packets would only slow them.
    let _ = stream.set_nodelay(true);
    let secure = tls.is_some();
    let connection = Connection::new(next_connection_number(&service));
    let wire = Wire::new(stream, Arc::clone(&connection));
    let cut_by_outage = async {
        service.outages.cut(&connection).await;
        // Before the wire is dropped, which asks for it.
        connection.reset();
    };
    let talk = async {
        match tls {
            Some(tls) => {
                // A handshake that fails is the client's to tell.
                if let Ok(stream) = tls.accept(wire).await {
                    serve(&service, &connection, stream, false).await;
                }
            }
            None => serve(&service, &connection, wire, true).await,
        }
    };
    tokio::select! {
        () = talk => {}
        () = connection.is_cut() => {}
        () = cut_by_outage, if secure => {}
    }
}

/// Reads whatever comes and says nothing, until the client gives up.
async fn swallow(mut stream: TcpStream) {
    // However it ends: the client is gone.
    let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
}

fn next_connection_number(service: &Service) -> u64 {
    service.connections.fetch_add(1, Ordering::Relaxed) + 1
}

/// Serves one connection until either side ends it.
async fn serve<S>(service: &Arc<Service>, connection: &Arc<Connection>, stream: S, imds: bool)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    let handler = service_fn(|request| handle(Arc::clone(service), Arc::clone(connection), request, imds));
    // A connection that fails has told its client so; there is nobody else to tell.
    let mut talk = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), handler));
    tokio::select! {
        _ = talk.as_mut() => return,
        () = connection.is_leaving() => {}
    }
    talk.as_mut().graceful_shutdown();
    let _ = talk.await;
}

/// Reads a request, has it answered and delivers the answer.
async fn handle(
    service: Arc<Service>,
    connection: Arc<Connection>,
    request: Request<Incoming>,
    imds: bool,
) -> Result<Response<ReplyBody>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let (method, version) = (parts.method.clone(), parts.version);
    let request = ServiceRequest {
        body: body.collect().await?.to_bytes(),
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        version: parts.version,
        imds,
        late: false,
    };
    if !imds && request.path.starts_with(control::PREFIX) {
        connection.spare();
        return Ok(control::answer(&service, &request).await.into_response());
    }
    let authenticated = request.bearer().is_some_and(|token| service.world().tokens.is_valid(token));
    let n = service.journal.received(&request, authenticated, connection.number);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let work = {
        let service = Arc::clone(&service);
        async move {
            // Nobody may be waiting any more: that is what the work is detached for.
            let _ = sender.send(faults::respond(service, request).await);
        }
    };
    service.detach(work);
    let Ok(mut reply) = receiver.await else {
        // The emulator is stopping, or answering panicked: an answer would be a lie.
        connection.reset();
        return std::future::pending().await;
    };
    if reply.last {
        connection.leave();
        if version != Version::HTTP_2 {
            reply.headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }
    match reply.delivery {
        Delivery::Whole | Delivery::Truncated => {
            service.journal.answered(n, &method, reply.status);
            Ok(reply.into_response())
        }
        Delivery::Reset => {
            connection.reset();
            std::future::pending().await
        }
        Delivery::Hang => std::future::pending().await,
        Delivery::HalfOpen => {
            connection.die();
            std::future::pending().await
        }
    }
}
