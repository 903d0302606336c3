//! One connection of a client, and the ways to end it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// A connection's number, and the handle by which its requests can cut it.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) number: u64,
    cut: CancellationToken,
    reset: AtomicBool,
    leaving: CancellationToken,
    dead: AtomicBool,
    spared: AtomicBool,
}

impl Connection {
    pub(crate) fn new(number: u64) -> Arc<Self> {
        Arc::new(Self {
            number,
            cut: CancellationToken::new(),
            reset: AtomicBool::new(false),
            leaving: CancellationToken::new(),
            dead: AtomicBool::new(false),
            spared: AtomicBool::new(false),
        })
    }

    /// Cuts the connection with a TCP reset: nothing more is sent, not even a TLS goodbye.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Release);
        self.cut.cancel();
    }

    /// Ends the connection in order, when the requests on it are answered.
    pub(crate) fn leave(&self) {
        self.leaving.cancel();
    }

    /// Returns when the connection is to end in order.
    pub(crate) async fn is_leaving(&self) {
        self.leaving.cancelled().await;
    }

    /// From now on nothing is read or written, and the connection stays open.
    pub(crate) fn die(&self) {
        self.dead.store(true, Ordering::Release);
    }

    fn is_dead(&self) -> bool {
        self.dead.load(Ordering::Acquire)
    }

    /// Outages do not cut this connection.
    pub(crate) fn spare(&self) {
        self.spared.store(true, Ordering::Release);
    }

    pub(crate) fn is_spared(&self) -> bool {
        self.spared.load(Ordering::Acquire)
    }

    /// Returns when the connection is to be dropped.
    pub(crate) async fn is_cut(&self) {
        self.cut.cancelled().await;
    }
}

/// The socket of a connection. It is the last to be dropped, below HTTP and TLS, and so the place where a reset is made.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    connection: Arc<Connection>,
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, connection: Arc<Connection>) -> Self {
        Self { stream, connection }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.connection.reset.load(Ordering::Acquire) {
            // Without it the close is a mild one, which ends the connection just the same.
            let _ = self.stream.set_zero_linger();
        }
    }
}

// On a dead connection these wait for what never comes: whoever waits is dropped with the emulator.
impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.connection.is_dead() {
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        if self.connection.is_dead() {
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.connection.is_dead() {
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.connection.is_dead() {
            return Poll::Pending;
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
