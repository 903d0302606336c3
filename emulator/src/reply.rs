//! Answers, and how they reach the client.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};
use serde::Serialize;
use tokio::time::{Sleep, sleep};

/// How an answer reaches the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// As it is.
    Whole,
    /// It breaks off in the middle of its body.
    Truncated,
    /// Not at all: the connection is cut.
    Reset,
    /// Not at all: the connection stays open.
    Hang,
    /// Not at all: the connection stays open and is dead for all else too.
    HalfOpen,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) delivery: Delivery,
    /// Whether its connection ends in order after it.
    pub(crate) last: bool,
}

impl Reply {
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), delivery: Delivery::Whole, last: false }
    }

    pub(crate) fn undelivered(delivery: Delivery) -> Self {
        Self { delivery, ..Self::empty(StatusCode::INTERNAL_SERVER_ERROR) }
    }

    pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Self {
        let mut reply = Self::empty(status);
        reply.set_json(body);
        reply
    }

    pub(crate) fn text(status: StatusCode, content_type: &'static str, body: &'static str) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        reply.body = Bytes::from_static(body.as_bytes());
        reply
    }

    pub(crate) fn set_json(&mut self, body: &impl Serialize) {
        // What is serialised here are values and plain structs, which always have a JSON form.
        self.body = serde_json::to_vec(body).map(Bytes::from).unwrap_or_default();
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }

    /// Sets a header; a value that HTTP does not allow is left out.
    pub(crate) fn set_header(&mut self, name: impl Into<HeaderName>, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name.into(), value);
        }
    }

    /// The answer as hyper sends it. Only for answers that are delivered.
    pub(crate) fn into_response(self) -> Response<ReplyBody> {
        let truncated = self.delivery == Delivery::Truncated;
        let mut headers = self.headers;
        let body = if truncated {
            // An empty answer promises a body too, else there would be nothing to break off.
            let promised = self.body.len().max(64);
            headers.insert(CONTENT_LENGTH, HeaderValue::from(promised));
            ReplyBody::broken_off(self.body.slice(..self.body.len() / 2))
        } else {
            ReplyBody::whole(self.body)
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        response
    }
}

/// The body of an answer, which may break off.
pub(crate) struct ReplyBody {
    data: Option<Bytes>,
    breaks_off: Option<Pin<Box<Sleep>>>,
}

impl ReplyBody {
    fn whole(data: Bytes) -> Self {
        Self { data: Some(data).filter(|data| !data.is_empty()), breaks_off: None }
    }

    /// hyper drops what it has not flushed when a body fails: the pause lets the first part reach the client.
    fn broken_off(data: Bytes) -> Self {
        let pause = Box::pin(sleep(Duration::from_millis(50)));
        Self { data: Some(data).filter(|data| !data.is_empty()), breaks_off: Some(pause) }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        match &mut self.breaks_off {
            None => Poll::Ready(None),
            Some(pause) => {
                ready!(pause.as_mut().poll(context));
                Poll::Ready(Some(Err(io::Error::other("the emulator breaks this answer off"))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.data.is_none() && self.breaks_off.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match (&self.data, &self.breaks_off) {
            (_, Some(_)) => SizeHint::new(),
            (Some(data), None) => SizeHint::with_exact(data.len() as u64),
            (None, None) => SizeHint::with_exact(0),
        }
    }
}
