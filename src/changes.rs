//! Waiting for a change of something that is kept elsewhere, and looking whether there is anything to wait for.

use std::pin::Pin;

use tokio::sync::Notify;

/// What a future gives without waiting; `None` where it would wait. It goes on where it is awaited afterwards.
pub(crate) async fn at_once<F: Future + ?Sized>(mut future: Pin<&mut F>) -> Option<F::Output> {
    tokio::select! {
        biased;
        given = &mut future => Some(given),
        () = std::future::ready(()) => None,
    }
}

/// Tells those who wait that something has changed. They look in the order in which they began to wait, so that a
/// schedule in simulated time is the same each time; a watch channel of tokio wakes in random order.
#[derive(Debug, Default)]
pub(crate) struct Changes(Notify);

impl Changes {
    /// Something has changed.
    pub(crate) fn tell(&self) {
        self.0.notify_waiters();
    }

    /// Waits until `look` finds something. It is called at once and after each change.
    pub(crate) async fn wait_for<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.0.notified());
            // From here on no change is missed.
            changed.as_mut().enable();
            if let Some(found) = look() {
                return found;
            }
            changed.await;
        }
    }
}
