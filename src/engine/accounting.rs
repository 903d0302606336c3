//! Changes that have to be accounted for: what each of them sent, how many may be under way that are not accounted for yet,
//! and the end of all changes where accounting has failed.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::credential::Principal;
use crate::error::{Error, Result};
use crate::transport::{HttpRequest, HttpResponse, Reach, TransportError};
use crate::wire::header;

/// What the changes of an operation share that accounts for them. Without a limit nothing is held up.
#[derive(Clone, Default)]
pub(crate) struct Accounting(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// As many changes may be under way that are not accounted for; `None`: any number.
    room: Option<Arc<Semaphore>>,
    failed: OnceLock<Error>,
    closing: CancellationToken,
}

impl Accounting {
    /// At most so many changes are under way that are not accounted for.
    pub(crate) fn of_at_most(limit: usize) -> Accounting {
        let room = Arc::new(Semaphore::new(limit.clamp(1, Semaphore::MAX_PERMITS)));
        Accounting(Arc::new(Shared { room: Some(room), ..Shared::default() }))
    }

    /// Accounting has failed: nothing is written to the service any more.
    pub(crate) fn close(&self, why: Error) {
        // The first reason is the one that is told.
        let _ = self.0.failed.set(why);
        self.0.closing.cancel();
    }

    /// Why nothing is written to the service any more.
    pub(super) fn check(&self) -> Result<()> {
        self.0.failed.get().map_or(Ok(()), |why| Err(why.clone()))
    }

    /// Waits, unless nothing is written to the service any more.
    pub(super) async fn unless_closed<T>(&self, wait: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.0.closing.cancelled() => {}
            given = wait => return Ok(given),
        }
        // The reason is there before the word that there is one.
        self.check().and_then(|()| Err(super::cancelled()))
    }

    async fn room(&self) -> Option<OwnedSemaphorePermit> {
        // It is never closed.
        self.0.room.clone()?.acquire_owned().await.ok()
    }
}

/// What is known of the writes of a change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent {
    /// When the last of them was answered or given up, since 1970-01-01 UTC.
    pub(crate) ended_at: Duration,
    /// Who the token of the last one was issued to.
    pub(crate) principal: Option<Arc<Principal>>,
    /// `x-ms-client-request-id` of the last one.
    pub(crate) client_request_id: Option<String>,
    /// The status of the last one that was answered.
    pub(crate) http_status: Option<u16>,
    /// Its `x-ms-request-id`.
    pub(crate) request_id: Option<String>,
}

/// What one change has to account for.
#[derive(Clone, Default)]
pub(crate) struct Account(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    sent: Sent,
    /// Whether a write of it may have left.
    went_out: bool,
    /// The one that is on its way.
    under_way: Option<UnderWay>,
    room: Option<OwnedSemaphorePermit>,
}

struct UnderWay {
    began_at: Duration,
    principal: Option<Arc<Principal>>,
    client_request_id: Option<String>,
}

impl State {
    /// The write that is on its way may have left.
    fn left(&mut self, ended_at: Option<Duration>) {
        let Some(UnderWay { began_at, principal, client_request_id }) = self.under_way.take() else { return };
        self.went_out = true;
        self.sent.ended_at = ended_at.unwrap_or(began_at);
        self.sent.principal = principal;
        self.sent.client_request_id = client_request_id;
    }
}

impl Account {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the change may go out.
    pub(super) async fn open(&self, accounting: &Accounting) -> Result<()> {
        accounting.check()?;
        if self.state().room.is_some() {
            return Ok(());
        }
        let room = accounting.unless_closed(accounting.room()).await?;
        self.state().room = room;
        // Who made room may have done so because accounting has failed.
        accounting.check()
    }

    /// The change has ended and is accounted for.
    pub(crate) fn settle(&self) {
        self.state().room = None;
    }

    /// What was sent; `None` where no write has left.
    pub(crate) fn sent(&self) -> Option<Sent> {
        let mut state = self.state();
        // Where the work on it ended in a panic, its end was never noted.
        state.left(None);
        state.went_out.then(|| state.sent.clone())
    }

    /// A write goes out.
    pub(super) fn begin(&self, request: &HttpRequest, principal: Option<Arc<Principal>>, began_at: Duration) {
        let client_request_id = header(&request.headers, "x-ms-client-request-id");
        self.state().under_way = Some(UnderWay { began_at, principal, client_request_id });
    }

    /// It has ended; `None`: it was given up.
    pub(super) fn end(
        &self,
        end: Option<&std::result::Result<HttpResponse, TransportError>>,
        ended_at: Duration,
    ) {
        let mut state = self.state();
        match end {
            Some(Err(lost)) if lost.reach == Reach::NeverWritten => state.under_way = None,
            Some(Ok(response)) => {
                state.left(Some(ended_at));
                state.sent.http_status = Some(response.status.as_u16());
                state.sent.request_id = header(&response.headers, "x-ms-request-id");
            }
            Some(Err(_)) | None => state.left(Some(ended_at)),
        }
    }
}
